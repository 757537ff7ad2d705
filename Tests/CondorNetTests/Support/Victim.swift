import CEDAR
import ClassAds
import Cryptography
import NIOCore
import TestSupport

@testable import CondorNet
@testable import CondorSecurity

/// A ``ServerConnection`` with the rest of a server around it, all in memory, and a record of what it did.
///
/// A value: a copy goes on by itself.
struct Victim {
    /// How commands end; by default as a collector's do.
    typealias Service = @Sendable (ServerConnection.PendingCommand) -> CommandOutcome

    var connection: ServerConnection
    let environment: TestEnvironment
    var service: Service = { collect($0, ensuresValidity: false) }
    /// Whether sessions can be stored.
    var storesSessions = true
    /// Whether answers of the service come only when a test gives them.
    var isHoldingCommands = false
    /// What FS finds.
    var owner: DirectoryOwner? = DirectoryOwner(
        userName: "root", userID: 0, isDirectory: true, permissions: 0o700, linkCount: 2)

    /// What a client can see of the server.
    enum Output {
        case bytes(ByteBuffer)
        /// A session that both have from here on.
        case session(SecuritySession)
    }

    private var output: [Output] = []
    /// Commands that ran.
    private(set) var commands: [ServerConnection.PendingCommand] = []
    /// Reasons of lines in the log, the machine's and the service's.
    private(set) var refusals: [String] = []
    /// Their details.
    private(set) var details: [[String: String]] = []
    private(set) var failedMethods: [String] = []
    private(set) var bound: [SecuritySession] = []
    private(set) var removedDirectories: [String] = []
    private(set) var closes = 0
    /// The most bytes that waited in the machine.
    private(set) var mostBuffered = 0
    /// What must never be; empty in a sound machine.
    private(set) var faults: [String] = []

    init(_ environment: TestEnvironment, random: FixedRandom = FixedRandom(), local: PeerAddress? = nil) {
        self.environment = environment
        connection = ServerConnection(
            security: environment, random: random, peer: ReplayEnvironment.peer,
            local: local ?? PeerAddress(host: "127.0.0.1", port: 9618))
    }

    /// Whether nobody was turned away.
    var isAccepted: Bool { refusals.isEmpty }

    /// What was written and not yet taken.
    mutating func takeOutput() -> [Output] {
        defer { output = [] }
        return output
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) { feed(ByteBuffer(bytes: bytes)) }

    mutating func feed(_ bytes: ByteBuffer) { perform(connection.received(bytes, now: ReplayEnvironment.now)) }

    /// The peer closes, and everything is over: once, with one line in the log or none.
    mutating func end() {
        perform(connection.peerClosed(now: ReplayEnvironment.now))
        if closes != 1 { faults.append("\(closes) closes") }
        if refusals.count > 1 { faults.append("\(refusals.count) lines: \(refusals)") }
        if connection.waiting != .closed { faults.append("waits for \(connection.waiting) after its end") }
        if !connection.received(ByteBuffer(bytes: [1, 0, 0, 0, 1, 0]), now: ReplayEnvironment.now).isEmpty {
            faults.append("acts after its end")
        }
    }

    mutating func passDeadline() { perform(connection.deadlinePassed()) }

    /// Answers the command that runs.
    mutating func finish(_ outcome: CommandOutcome) {
        perform(connection.commandFinished(outcome, now: ReplayEnvironment.now))
    }

    private mutating func perform(_ actions: [ServerConnection.Action]) {
        var pending = actions
        mostBuffered = max(mostBuffered, connection.bufferedBytes)
        while !pending.isEmpty {
            let action = pending.removeFirst()
            if closes > 0 { faults.append("acts after closing") }
            switch action {
            case .write(let bytes):
                output.append(.bytes(bytes))
            case .run(let command):
                commands.append(command)
                guard !isHoldingCommands else { continue }
                let outcome = service(command)
                if case .refuse(let reason) = outcome { refusals.append(reason) }
                pending += connection.commandFinished(outcome, now: ReplayEnvironment.now)
            case .store(let session):
                check(session, isAuthenticated: true)
                output.append(.session(session))
                if storesSessions { environment.sessions.insert(session) }
                pending += connection.sessionStored(storesSessions, now: ReplayEnvironment.now)
            case .cache(let session):
                check(session, isAuthenticated: false)
                output.append(.session(session))
                environment.sessions.insert(session)
            case .inspectDirectory(let path):
                if !path.hasPrefix(environment.fsDirectory + "/FS_") { faults.append("looks at \(path)") }
                pending += connection.directoryInspected(owner, now: ReplayEnvironment.now)
            case .removeDirectory(let path):
                removedDirectories.append(path)
            case .bind(let session):
                bound.append(session)
                output.append(.session(session))
            case .methodFailed(let reason, _):
                failedMethods.append(reason)
            case .refused(let reason, let metadata):
                refusals.append(reason)
                details.append(metadata)
                guard case .close? = pending.first else {
                    faults.append("no close after a refusal")
                    continue
                }
            case .close:
                closes += 1
            }
        }
    }

    private mutating func check(_ session: SecuritySession, isAuthenticated: Bool) {
        if session.key?.count != sessionKeySize || session.id.isEmpty || !session.isAlive(at: ReplayEnvironment.now)
            || session.identity.isAuthenticated != isAuthenticated
        {
            faults.append("an invalid session")
        }
    }

    /// Does with a payload what a collector does first: reads one ad, of a startd two, and insists on the end.
    ///
    /// - Parameter ensuresValidity: whether ads that were taken must be fit to be sent on.
    static func collect(_ command: ServerConnection.PendingCommand, ensuresValidity: Bool) -> CommandOutcome {
        guard var payload = command.payload else { return .close([]) }
        do {
            let ad = try payload.readClassAd()
            var secrets: ClassAd?
            if [.updateStartdAd, .updateStartdAdWithAck].contains(CommandNumber(rawValue: command.entry.number)),
                !payload.isAtEnd
            {
                secrets = try payload.readClassAd()
            }
            try payload.finish()
            if ensuresValidity {
                guard isValid(ad), secrets.map(isValid) ?? true else {
                    return .refuse(reason: "TEST: ad does not survive")
                }
            }
        } catch {
            return .refuse(reason: "malformed payload: \(error)")
        }
        return .keepOpen([])
    }

    /// Whether an ad that was accepted is one: it can be sent on, with all its attributes.
    ///
    /// The values are not compared: the last digit of a real may be lost on the wire (spec 07, 5.2).
    private static func isValid(_ ad: ClassAd) -> Bool {
        var writer = MessageWriter(encrypted: true)
        writer.write(ad, options: .includePrivate)
        var reader = MessageReader(writer.payload, encrypted: true)
        guard let again = try? reader.readClassAd(), reader.isAtEnd else { return false }
        return again.names.sorted() == ad.names.sorted()
    }
}
