/// A text that is not what the ClassAd language allows.
///
/// It never carries any of the text, which may be secret.
public struct ClassAdError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: Sendable, Hashable {
        /// A byte sequence that is no token.
        case badToken
        /// A token that cannot stand where it does.
        case unexpectedToken
        /// Something follows the expression.
        case trailingText
        /// Nesting beyond the limits of spec 07, 10.2.
        case tooDeep
        /// The argument of an `absTime` or `relTime` literal is not acceptable.
        case badTime
        /// A line without `=` or without a name before it.
        case notAnAttribute
        /// A JSON or XML document that does not hold an ad.
        case badDocument
    }

    /// What went wrong.
    public var kind: Kind
    /// Where, in bytes from the start of the text.
    public var position: Int
    /// What would have been acceptable there.
    public var expectation: String

    init(_ kind: Kind, at position: Int, expecting expectation: String) {
        self.kind = kind
        self.position = position
        self.expectation = expectation
    }

    /// One line for a log or a user.
    public var description: String { "expected \(expectation) at byte \(position)" }
}
