import CEDAR
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// A client and a server machine in memory, with real packets between them.
struct Conversation {
    static let now: Int64 = 1_800_000_000
    static let clientEnd = PeerAddress(host: "127.0.0.1", port: 40_000)
    static let serverEnd = PeerAddress(host: "127.0.0.1", port: 9618)

    /// What came of it.
    struct Outcome {
        var started: StartedCommand?
        var established: SecuritySession?
        var validCommands: [CommandNumber] = []
        var clientFailure: SecurityRefusal?
        var serverClosed = false
        var serverRefusal: SecurityRefusal?
        /// What the server said on the way.
        var refusals: [SecurityRefusal] = []
        var stored: [SecuritySession] = []
        var cached: [SecuritySession] = []
        /// Names of what was sent, in order: `C` and `S`.
        var order = ""
        /// Directories that are left over.
        var directories: Set<String> = []
        /// Messages of the server after the client was content.
        var replies: [InboundMessage] = []
    }

    var client: ClientHandshake
    var server: ServerHandshake
    var clientStream = CEDARStream()
    var serverStream = CEDARStream()
    var outcome = Outcome()
    var now = Self.now
    let environment: TestEnvironment
    /// What the server finds where a directory is; `nil` plays a client whose directory is not there.
    var owner: DirectoryOwner? = DirectoryOwner(
        userName: "alice", userID: 1000, isDirectory: true, permissions: 0o700, linkCount: 2)

    /// Changes the client's messages on their way, by their number.
    var damage: ((Int, InboundMessage) -> InboundMessage)?
    private var received = 0

    init(_ client: ClientHandshake, _ environment: TestEnvironment, random: any RandomSource = SystemRandom()) {
        self.client = client
        self.environment = environment
        server = ServerHandshake(
            environment: environment, random: random, peer: Self.clientEnd, local: Self.serverEnd)
    }

    /// Runs both machines until neither has anything to say.
    mutating func run() throws -> Outcome {
        try perform(client.start(now: now))
        for _ in 0..<1000 {
            if let message = try serverStream.nextMessage() {
                if outcome.started != nil || outcome.serverClosed { continue }
                let arriving = damage?(received, message) ?? message
                received += 1
                try perform(server.received(arriving, now: now))
            } else if let message = try clientStream.nextMessage() {
                if outcome.established != nil {
                    outcome.replies.append(message)
                } else if outcome.clientFailure == nil {
                    try perform(client.received(message, now: now))
                }
            } else {
                return outcome
            }
        }
        Issue.record("the machines talk for ever")
        return outcome
    }

    private mutating func perform(_ actions: [ClientHandshake.Action]) throws {
        for action in actions {
            switch action {
            case .send(let payload):
                outcome.order += "C"
                serverStream.append(try clientStream.encode(payload))
            case .enableEncryption(let key):
                try clientStream.enableEncryption(key: key)
            case .makeDirectory(let path):
                outcome.directories.insert(path)
                try perform(client.directoryMade(true, now: now))
            case .removeDirectory(let path):
                outcome.directories.remove(path)
            case .refused(let refusal):
                outcome.refusals.append(refusal)
            case .established(let session, let validCommands):
                outcome.established = session
                outcome.validCommands = validCommands
            case .failed(let refusal):
                outcome.clientFailure = refusal
            }
        }
    }

    private mutating func perform(_ actions: [ServerHandshake.Action]) throws {
        for action in actions {
            switch action {
            case .send(let payload):
                outcome.order += "S"
                clientStream.append(try serverStream.encode(payload))
            case .enableEncryption(let key):
                try serverStream.enableEncryption(key: key)
            case .inspectDirectory(let path):
                let found = outcome.directories.contains(path) ? owner : nil
                try perform(server.directoryInspected(found, now: now))
            case .removeDirectory:
                break
            case .storeSession(let session):
                environment.sessions.insert(session)
                outcome.stored.append(session)
                try perform(server.sessionStored(now: now))
            case .cacheSession(let session):
                environment.sessions.insert(session)
                outcome.cached.append(session)
            case .refused(let refusal):
                outcome.refusals.append(refusal)
            case .ready(let command):
                outcome.started = command
            case .close(let refusal):
                outcome.serverClosed = true
                outcome.serverRefusal = refusal
            }
        }
    }

    /// Sends a text from the client to the server through the streams of the established connection.
    mutating func sendText(_ text: String) throws -> String? {
        var writer = clientStream.makeWriter()
        writer.write(text)
        serverStream.append(try clientStream.encode(writer.payload))
        var reader = try #require(try serverStream.nextMessage()).reader()
        return try reader.readString()
    }
}

/// A client for a command of ``TestEnvironment``.
func makeClient(
    _ command: CommandNumber = .queryStartdAds, authCommand: CommandNumber? = nil,
    credentials: ClientCredentials = ClientCredentials(), policy: SecurityPolicy, resume: SecuritySession? = nil,
    alias: String = "broker.example.org", random: any RandomSource = SystemRandom()
) -> ClientHandshake {
    ClientHandshake(
        command: command, authCommand: authCommand, credentials: credentials, policy: policy, resume: resume,
        connectSinful: "<127.0.0.1:9618?alias=\(alias)>", server: Conversation.serverEnd, random: random)
}
