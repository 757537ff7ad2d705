public import CEDAR
public import Cryptography
public import NIOCore

/// The beginning of a connection at the client: until the payload of a command may be sent (spec 02 and 03).
///
/// Decides and never acts, as ``ServerHandshake`` does. After ``Action/established(_:validCommands:)`` or
/// ``Action/failed(_:)``, of which there is one at most, it wants to hear nothing more.
public struct ClientHandshake {
    /// How long a handshake may take in all.
    public static let maximumDuration = Duration.seconds(120)

    /// What the caller has to do.
    public enum Action: Sendable {
        /// Send one message with this payload, in the coding of the moment.
        case send(ByteBuffer)
        /// Encrypt everything from here on, in both directions.
        case enableEncryption(SecretBytes)
        /// Make this directory with mode 0700, then ``directoryMade(_:now:)``.
        case makeDirectory(path: String)
        /// Remove the directory that was made.
        case removeDirectory(path: String)
        /// Worth a line in the log; the handshake goes on.
        case refused(SecurityRefusal)
        /// The server awaits the payload. The commands are those the session may be used for again.
        case established(SecuritySession, validCommands: [CommandNumber])
        /// Nothing came of it; close.
        case failed(SecurityRefusal)
    }

    /// What we tell of ourselves.
    public struct Description: Sendable {
        /// What we are: `TOOL`, `SCHEDD`.
        public var subsystem: String
        /// Our release.
        public var version: CondorVersion
        /// Our own command address, if we have one.
        public var commandSinful: String?

        /// By default a tool.
        public init(subsystem: String = "TOOL", version: CondorVersion = .ours, commandSinful: String? = nil) {
            self.subsystem = subsystem
            self.version = version
            self.commandSinful = commandSinful
        }
    }

    enum State {
        case idle
        case awaitingAction(KeyAgreement)
        case awaitingResumption(SecuritySession)
        case awaitingChoice(Bargain)
        case running(AuthenticationMethod, any AuthenticationRun, Bargain)
        case awaitingKey(AuthenticationMethod, MethodResult, Bargain)
        case awaitingWrappedKey(AuthenticationMethod, MethodResult, Bargain)
        case awaitingVerdict(SecuritySession)
        case over
    }

    /// What the server's first ad came to.
    struct Bargain {
        var mustAuthenticate: Bool
        /// Methods that may still work.
        var methods: [AuthenticationMethod]
        /// `nil` if the server offered no public key.
        var agreedKey: SecretBytes?
        /// Whether the server insists on encryption or integrity, so that there must be a key.
        var mustEncrypt: Bool
        var trustDomain: String?
        var issuerKeys: [String]
        var sessionDuration: Int64
        var sessionLease: Int64
        var peerVersion: CondorVersion?
    }

    let command: CommandNumber
    let authCommand: CommandNumber?
    let credentials: ClientCredentials
    let policy: SecurityPolicy
    let resumed: SecuritySession?
    let connectSinful: String
    let serverName: String
    let sharedPortID: String?
    let server: PeerAddress
    let description: Description
    let random: any RandomSource
    var state = State.idle

    /// A handshake for `command`.
    ///
    /// - Parameter authCommand: the command whose level is meant, for the two special commands (spec 02, 8.2).
    /// - Parameter resume: a session to be used instead of making a new one.
    /// - Parameter connectSinful: the address text as we know it; its alias is the name the server must show, unless
    ///   `serverName` says otherwise.
    /// - Parameter server: the far end of the TCP connection.
    public init(
        command: CommandNumber, authCommand: CommandNumber? = nil, credentials: ClientCredentials = ClientCredentials(),
        policy: SecurityPolicy, resume: SecuritySession? = nil, connectSinful: String, serverName: String? = nil,
        server: PeerAddress, description: Description = Description(), random: any RandomSource = SystemRandom()
    ) {
        self.command = command
        self.authCommand = authCommand
        self.credentials = credentials
        self.policy = policy
        resumed = resume
        self.connectSinful = connectSinful
        let sinful = Sinful(connectSinful)
        self.serverName = serverName ?? sinful?.alias ?? ""
        sharedPortID = sinful?.sharedPortID
        self.server = server
        self.description = description
        self.random = random
    }

    /// Begins the handshake.
    public mutating func start(now: Int64) -> [Action] {
        guard case .idle = state else { preconditionFailure("a handshake starts once") }
        return step { (machine) throws(SecurityRefusal) in
            if let session = machine.resumed { return try machine.resume(session, now: now) }
            return try machine.negotiate()
        }
    }

    /// A message of the server.
    public mutating func received(_ message: InboundMessage, now: Int64) -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            var reader = message.reader()
            let current = machine.state
            switch current {
            case .idle:
                preconditionFailure("the client speaks first")
            case .awaitingAction(let agreement):
                return try machine.receivedAction(try HandshakeAd(reading: &reader), agreement, now: now)
            case .awaitingResumption(let session):
                return try machine.receivedResumption(try HandshakeAd(reading: &reader), session)
            case .awaitingChoice(let bargain):
                return try machine.receivedChoice(&reader, bargain, now: now)
            case .running(let method, var run, let bargain):
                machine.state = .over
                return try machine.act(on: try run.received(&reader, now: now), method, run, bargain)
            case .awaitingKey(let method, let result, let bargain):
                return try machine.receivedKey(&reader, method, result, bargain, now: now)
            case .awaitingWrappedKey(let method, let result, let bargain):
                return try machine.receivedWrappedKey(&reader, method, result, bargain, now: now)
            case .awaitingVerdict(let session):
                return try machine.receivedVerdict(try HandshakeAd(reading: &reader), session)
            case .over:
                return []
            }
        }
    }

    /// The answer to ``Action/makeDirectory(path:)``.
    public mutating func directoryMade(_ made: Bool, now: Int64) -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            guard case .running(let method, var run, let bargain) = machine.state else { return [] }
            machine.state = .over
            return try machine.act(on: try run.directoryMade(made), method, run, bargain)
        }
    }

    /// The server has closed the connection: what that means at this moment (spec 02, 4.1 and 9.4; spec 03, 1.2).
    public mutating func peerClosed() -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            switch machine.state {
            case .over:
                return []
            case .awaitingAction:
                throw SecurityRefusal(
                    .connectionClosed, "unknown command, a policy that does not suit, or the server is gone")
            case .awaitingChoice:
                throw SecurityRefusal(.connectionClosed, "no method suits the server, or it is gone")
            case .idle, .awaitingResumption, .running, .awaitingKey, .awaitingWrappedKey, .awaitingVerdict:
                throw SecurityRefusal(.connectionClosed, "the server is gone")
            }
        }
    }

    /// Runs one step; what it throws is the end.
    private mutating func step(_ body: (inout ClientHandshake) throws(SecurityRefusal) -> [Action]) -> [Action] {
        do {
            return try body(&self)
        } catch {
            state = .over
            var error = error
            error.command = command.rawValue
            return [.failed(error)]
        }
    }
}
