/// Why a handshake did not lead to what the client wanted: for the log, never for the peer.
///
/// Holds no secret: `detail` is our own text, or one that the decoder has bounded.
public struct SecurityRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; what code, counters and tests compare.
    public enum Kind: String, Sendable, CaseIterable {
        /// Bytes that are no message of this protocol.
        case malformedMessage
        /// A well-formed message at the wrong moment.
        case unexpectedMessage
        /// No such command.
        case unknownCommand
        /// A daemon's message to itself, which we never send.
        case ownCookie
        /// Neither a new nor a resumed session was asked for.
        case noSessionWanted
        /// The wishes of both sides exclude each other.
        case policyConflict
        /// Authentication is required and there is no common method.
        case noCommonMethod
        /// No AES key can be agreed.
        case noKeyAgreement
        /// The policy does not let this command in without a handshake.
        case rawCommandRefused
        /// The session to resume is not known, or has ended.
        case sessionNotFound
        /// A command without payload on a resumed session would run unproven.
        case proofMissing
        /// A method failed in its orderly way.
        case methodFailed
        /// TLS failed.
        case tlsFailed
        /// A credential was not accepted.
        case credentialRefused
        /// The client could not prove what it claimed.
        case proofWrong
        /// All methods failed, and authentication is required.
        case authenticationFailed
        /// The user may not run the command.
        case denied
        /// The session could not be stored.
        case storageFailed
        /// The server closed the connection.
        case connectionClosed
    }

    /// What went wrong.
    public var kind: Kind
    /// The method in use.
    public var method: AuthenticationMethod?
    /// The user, as far as it was proven.
    public var user: String?
    /// The public id of the capability presented.
    public var capabilityID: String?
    /// The command wanted.
    public var command: Int?
    /// More about it.
    public var detail: String

    /// A refusal.
    public init(
        _ kind: Kind, method: AuthenticationMethod? = nil, user: String? = nil, capabilityID: String? = nil,
        command: Int? = nil, _ detail: String = ""
    ) {
        self.kind = kind
        self.method = method
        self.user = user
        self.capabilityID = capabilityID
        self.command = command
        self.detail = detail
    }

    /// The facts as key and value, for a log line.
    public var metadata: [(key: String, value: String)] {
        var facts: [(key: String, value: String)] = [("reason", kind.rawValue)]
        if let method { facts.append(("method", method.displayName)) }
        if let user { facts.append(("user", user)) }
        if let capabilityID { facts.append(("capability", capabilityID)) }
        if let command { facts.append(("command", String(command))) }
        if !detail.isEmpty { facts.append(("detail", detail)) }
        return facts
    }

    /// The facts in one line.
    public var description: String { metadata.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
}
