import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import NIOCore

/// A server's connection under a script of messages, bytes and events.
///
/// The script speaks for a client that knows the keys of the sessions it got, but none of the credentials.
struct HandshakeTarget {
    private let environment: FuzzEnvironment
    private var connection: ServerConnection
    /// The client's end.
    private var client = CEDARStream(limits: .authenticated, random: FuzzRandom())
    private var now = FuzzEnvironment.now
    private var storesSessions = true
    private var keepsOpen = true
    private var finds = true
    private var closes = 0
    private var refusals = 0
    private var isOver: Bool { closes > 0 }

    /// A session that the client holds from an earlier connection, and one of which it knows only the name.
    private static let ours = SecuritySession(
        id: "ours", key: SecretBytes([UInt8](repeating: 1, count: 32)),
        identity: Identity(user: "ours@example.org", method: .fs), createdAt: FuzzEnvironment.now, lease: 3600)
    private static let foreign = SecuritySession(
        id: "foreign", key: SecretBytes([UInt8](repeating: 2, count: 32)),
        identity: Identity(user: "other@example.org", method: .fs), createdAt: FuzzEnvironment.now)
    private static let withoutKey = SecuritySession(
        id: "keyless", key: nil, identity: .unauthenticated, createdAt: FuzzEnvironment.now)

    private init(_ options: UInt8) {
        let methods: [AuthenticationMethod] =
            options & 4 == 0 ? [.sciTokens, .ssl, .idTokens, .fs] : [.fs, .claimToBe, .anonymous, .idTokens]
        let wishes: [Wish] = [.never, .optional, .preferred, .required]
        environment = FuzzEnvironment(
            methods: methods, reading: wishes[Int(options & 3)], handsOver: options & 8 == 0)
        for session in [Self.ours, Self.foreign, Self.withoutKey] { environment.sessions.insert(session) }
        connection = ServerConnection(
            security: environment, random: FuzzRandom(), peer: FuzzEnvironment.client, local: FuzzEnvironment.server)
    }

    /// The first byte holds the policy, the rest is the script.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        var target = HandshakeTarget(input.byte())
        for _ in 0..<64 where !input.isEmpty { try target.step(&input) }
        try target.perform(target.connection.peerClosed(now: target.now))
        try target.perform(target.connection.connectionLost())
        try require(target.closes <= 1 && target.refusals <= 1, "\(target.closes) closes, \(target.refusals) refusals")
        try require(
            target.connection.received(ByteBuffer(bytes: [1, 0, 0, 0, 1, 0]), now: target.now).isEmpty
                || !target.isOver, "acts after its end")
    }

    private mutating func step(_ input: inout FuzzInput) throws(BrokenRule) {
        switch input.byte() % 12 {
        case 0: try send(FuzzMessages.scripted(&input))
        case 1: try feed(ByteBuffer(bytes: input.chunk()))
        case 2: try send(FuzzMessages.first(input.chunk()))
        case 3:
            try send(
                FuzzMessages.newSession(
                    command: Int(input.integer()), methods: String(decoding: input.chunk(), as: UTF8.self)))
        case 4:
            let session = [Self.ours, Self.foreign, Self.withoutKey][Int(input.byte() % 3)]
            try send(
                FuzzMessages.resumption(
                    command: Int(input.integer()), id: session.id, isEncrypted: session.key != nil,
                    wantsResponse: input.byte() & 1 != 0))
            if connection.isEncrypted { follow(session) }
        case 5: try send(command: Int(input.integer()), lines: input.chunk())
        case 6: try send(command: nil, lines: input.chunk())
        case 7: try perform(connection.deadlinePassed())
        case 8: now += Int64(input.short())
        case 9: storesSessions.toggle()
        case 10: keepsOpen.toggle()
        default: finds.toggle()
        }
    }

    // MARK: The client

    private mutating func send(_ payload: ByteBuffer) throws(BrokenRule) {
        guard payload.readableBytes > 0, let packets = try? client.encode(payload) else { return }
        try feed(packets)
    }

    /// An ad of these lines, after a command number if there is one, in the coding of the moment.
    private mutating func send(command: Int?, lines: [UInt8]) throws(BrokenRule) {
        var payload = ByteBuffer()
        if let command { payload.writeInteger(Int64(command)) }
        payload.writeImmutableBuffer(ClassAdWireTarget.message(ofLines: lines, encrypted: client.isEncrypted))
        try send(payload)
    }

    private mutating func feed(_ bytes: ByteBuffer) throws(BrokenRule) {
        try perform(connection.received(bytes, now: now))
    }

    /// Follows the server into encryption with the key of a session the client may have.
    private mutating func follow(_ session: SecuritySession) {
        guard let key = session.key, !client.isEncrypted, session.id != Self.foreign.id else { return }
        // A client whose stream broke says nothing sensible any more, which is as good as any other input.
        while let _ = try? client.nextMessage() {}
        try? client.enableEncryption(key: key)
    }

    // MARK: The server

    private mutating func perform(_ actions: [ServerConnection.Action]) throws(BrokenRule) {
        var pending = actions[...]
        while let action = pending.popFirst() {
            try require(!isOver, "acts after closing")
            switch action {
            case .write(let bytes):
                client.append(bytes)
            case .run(let command):
                try check(command)
                pending += connection.commandFinished(keepsOpen ? .keepOpen([]) : .close([]), now: now)
            case .store(let session):
                try check(session, isAuthenticated: true)
                if storesSessions { environment.sessions.insert(session) }
                follow(session)
                pending += connection.sessionStored(storesSessions, now: now)
            case .cache(let session):
                try check(session, isAuthenticated: false)
                environment.sessions.insert(session)
                follow(session)
            case .bind(let session):
                follow(session)
            case .inspectDirectory(let path):
                try require(
                    path.hasPrefix("/tmp/FS_") && path.split(separator: "/").count == 2, "looks at \(path)")
                let owner = DirectoryOwner(
                    userName: "alice", userID: 1000, isDirectory: true, permissions: 0o700, linkCount: 2)
                pending += connection.directoryInspected(finds ? owner : nil, now: now)
            case .removeDirectory(let path):
                try require(path.hasPrefix("/tmp/FS_"), "removes \(path)")
            case .methodFailed:
                break
            case .refused:
                refusals += 1
                guard case .close? = pending.first else { throw BrokenRule("no close after a refusal") }
            case .close:
                closes += 1
            }
        }
    }

    private func check(_ session: SecuritySession, isAuthenticated: Bool) throws(BrokenRule) {
        try require(
            session.key?.count == 32 && !session.id.isEmpty && session.isAlive(at: now)
                && session.identity.isAuthenticated == isAuthenticated, "an invalid session")
        switch session.identity.method {
        case .ssl where isAuthenticated, .idTokens, .sciTokens:
            throw BrokenRule("authenticated without a credential: \(session.identity)")
        default: break
        }
    }

    /// A command runs for whom it may run.
    private func check(_ command: ServerConnection.PendingCommand) throws(BrokenRule) {
        try require(
            environment.isAuthorized(command.entry, command.session, peer: FuzzEnvironment.client), "not authorized")
        try require(
            command.session.id != Self.foreign.id || !command.entry.hasPayload || !connection.isEncrypted,
            "a command of a session whose key the client does not have")
        guard var payload = command.payload else { return }
        do {
            _ = try payload.readClassAd()
            try payload.finish()
        } catch {
            return
        }
    }
}
