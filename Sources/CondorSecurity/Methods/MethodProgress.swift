import CEDAR
import Cryptography
import NIOCore

/// What an authentication method wants done after an event.
struct MethodProgress {
    /// Things to do, in this order.
    enum Action {
        case send(ByteBuffer)
        case inspectDirectory(path: String)
        case makeDirectory(path: String)
        case removeDirectory(path: String)
        /// Worth a line in the log; the handshake goes on.
        case refused(SecurityRefusal)
    }

    /// How a method ends.
    enum Outcome {
        case succeeded(MethodResult)
        /// It failed in its orderly way: both sides know, and another method may be tried (spec 03, 1.2).
        case failed
    }

    var actions: [Action] = []
    var outcome: Outcome?

    /// A message, then the peer's turn.
    static func send(_ message: ByteBuffer) -> MethodProgress { MethodProgress(actions: [.send(message)]) }

    /// A message, then the end.
    static func send(_ message: ByteBuffer, then outcome: Outcome?) -> MethodProgress {
        MethodProgress(actions: [.send(message)], outcome: outcome)
    }

    /// Nothing to do but to wait for the peer.
    static var nothing: MethodProgress { MethodProgress() }

    /// The orderly end, without a further message.
    static var failed: MethodProgress { MethodProgress(outcome: .failed) }

    /// This, then that.
    func followed(by next: MethodProgress) -> MethodProgress {
        MethodProgress(actions: actions + next.actions, outcome: next.outcome)
    }
}

/// What a successful method has found out about the peer.
struct MethodResult {
    /// The peer, and what limits it.
    var credential: VerifiedCredential
    /// The secret shared through TLS, under which a key can be handed over (spec 03, 1.3).
    var tlsSecret: SecretBytes?
    /// The token presented.
    var token: TokenAttributes?
    /// Levels the method itself limits the session to.
    var limits: [AuthorizationLevel]?
}

/// One run of an authentication method, at either end.
///
/// A method's messages are all in clear.
protocol AuthenticationRun {
    /// What to do before the peer's first message.
    mutating func start() throws(SecurityRefusal) -> MethodProgress
    /// A message of the peer. Throwing means that the connection cannot go on.
    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress
    /// The answer to `.inspectDirectory`.
    mutating func directoryInspected(_ owner: DirectoryOwner?, now: Int64) throws(SecurityRefusal) -> MethodProgress
    /// The answer to `.makeDirectory`.
    mutating func directoryMade(_ made: Bool) throws(SecurityRefusal) -> MethodProgress
}

extension AuthenticationRun {
    /// Only FS inspects directories.
    mutating func directoryInspected(_ owner: DirectoryOwner?, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        preconditionFailure("this method asked for no directory")
    }

    /// Only FS makes directories.
    mutating func directoryMade(_ made: Bool) throws(SecurityRefusal) -> MethodProgress {
        preconditionFailure("this method asked for no directory")
    }
}

/// Reads from a message; what cannot be read makes the peer's message malformed.
func decoding<T>(_ body: () throws(WireError) -> T) throws(SecurityRefusal) -> T {
    do {
        return try body()
    } catch {
        throw SecurityRefusal(.malformedMessage, error.description)
    }
}

/// The payload of a clear message.
func clearMessage(_ write: (inout MessageWriter) -> Void) -> ByteBuffer {
    var writer = MessageWriter(encrypted: false)
    write(&writer)
    return writer.payload
}
