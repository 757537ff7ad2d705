/// Bytes or texts of a peer that do not follow the protocol.
///
/// `kind` says what went wrong and is what code and tests compare; `detail` is for the log, short, and never holds
/// attribute values or secrets.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: Sendable, Hashable {
        /// An end flag above 10 (spec 01, 3.1).
        case badEndFlag
        /// A packet length of zero, above 1 MiB, or too short for what encryption adds (spec 01, 3.1 and 6.3).
        case badLength
        /// A message above the limit of the moment (spec 01, 3.2).
        case messageTooLarge
        /// A message that ends before the value wanted from it.
        case truncated
        /// A message with more in it than the protocol step has.
        case trailingBytes
        /// A string without its NUL, or with an impossible length (spec 01, 4.3).
        case badString
        /// An ad with more attributes than accepted (spec 01, 5.1 and 5.5).
        case tooManyAttributes
        /// An ad that does not parse, or holds what its place does not allow.
        case badClassAd
        /// A packet that the key does not open: altered, replayed, or another transcript (spec 01, 6.5).
        case notDecrypted
        /// A direction of an encrypted connection that has used up its packet numbers (spec 01, 6.4).
        case counterExhausted
        /// Something well-formed that does not belong here.
        case unexpectedMessage
        /// A number outside the range of its place (spec 01, 4.1).
        case outOfRange
        /// Our own attempt to send a secret on a stream without encryption (spec 01, 4.5).
        case secretOnClearStream
    }

    /// What went wrong.
    public var kind: Kind
    /// More for the log.
    public var detail: String

    /// An error of a kind.
    public init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    /// Kind and detail in one line.
    public var description: String { detail.isEmpty ? "\(kind)" : "\(kind): \(detail)" }

    /// Two errors are equal if they are of the same kind.
    public static func == (left: WireError, right: WireError) -> Bool { left.kind == right.kind }
}
