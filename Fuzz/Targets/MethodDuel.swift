import CEDAR
import CondorSecurity
import Cryptography
import NIOCore

/// An honest client and an honest server, with somebody in between who changes messages of one side.
struct MethodDuel {
    /// Whose messages change.
    enum Side { case client, server }

    private let method: AuthenticationMethod
    private let environment: FuzzEnvironment
    private let damages: Side
    private var client: ClientHandshake
    private var server: ServerHandshake
    private var toServer: [InboundMessage] = []
    private var toClient: [InboundMessage] = []
    private var isClientEncrypted = false
    private var isServerEncrypted = false
    private var directories: Set<String> = []
    private var opened: SecuritySession?
    private var established: SecuritySession?
    private var clientEnds = 0
    private var serverEnds = 0

    init(_ method: AuthenticationMethod, _ environment: FuzzEnvironment, damages: Side) {
        self.method = method
        self.environment = environment
        self.damages = damages
        client = ClientHandshake(
            command: .updateStartdAd, credentials: FuzzCredentials.all, policy: SecurityPolicy(methods: [method]),
            connectSinful: "<127.0.0.1:9618?alias=broker.example.org>", server: FuzzEnvironment.server,
            random: FuzzRandom())
        server = ServerHandshake(
            environment: environment, random: FuzzRandom(), peer: FuzzEnvironment.client,
            local: FuzzEnvironment.server)
    }

    /// The script holds, for each message, what happens to it.
    mutating func run(_ input: inout FuzzInput) throws(BrokenRule) {
        try perform(client.start(now: FuzzEnvironment.now))
        for _ in 0..<200 {
            if !toServer.isEmpty {
                var message = toServer.removeFirst()
                if damages == .client { message = damaged(message, &input) }
                guard serverEnds == 0, message.payload.readableBytes > 0 else { continue }
                try perform(server.received(message, now: FuzzEnvironment.now))
            } else if !toClient.isEmpty {
                var message = toClient.removeFirst()
                if damages == .server { message = damaged(message, &input) }
                guard clientEnds == 0, message.payload.readableBytes > 0 else { continue }
                try perform(client.received(message, now: FuzzEnvironment.now))
            } else {
                break
            }
        }
        guard let opened, let established, method.isInsideTLS, opened.isBound else { return }
        try require(opened.key == established.key, "two keys although TLS vouches for the key")
    }

    /// A message as it arrives.
    ///
    /// Encrypted ones have been checked by the packet layer and stay as they are.
    private func damaged(_ message: InboundMessage, _ input: inout FuzzInput) -> InboundMessage {
        guard !message.encrypted else { return message }
        var bytes = Array(message.payload.readableBytesView)
        switch input.byte() % 16 {
        case 8 where !bytes.isEmpty: bytes[input.short() % bytes.count] ^= max(1, input.byte())
        case 9: bytes.removeLast(min(input.short(), bytes.count))
        case 10: bytes += input.chunk()
        case 11: bytes.insert(contentsOf: input.chunk(), at: min(input.short(), bytes.count))
        case 12 where !bytes.isEmpty:
            let start = input.short() % bytes.count
            bytes.removeSubrange(start..<min(bytes.count, start + Int(input.byte())))
        case 13: bytes = Array(FuzzMessages.scripted(&input).readableBytesView)
        case 14 where bytes.count >= 8:
            let place = input.short() % (bytes.count - 7)
            let value = input.integer()
            withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(place..<(place + 8), with: $0) }
        case 15: bytes = []
        default: break
        }
        return InboundMessage(payload: ByteBuffer(bytes: bytes), encrypted: false)
    }

    private mutating func perform(_ actions: [ClientHandshake.Action]) throws(BrokenRule) {
        var pending = actions[...]
        while let action = pending.popFirst() {
            try require(clientEnds == 0, "the client acts after its end")
            switch action {
            case .send(let payload):
                toServer.append(InboundMessage(payload: payload, encrypted: isClientEncrypted))
            case .enableEncryption:
                try require(!isClientEncrypted, "a second key")
                isClientEncrypted = true
            case .makeDirectory(let path):
                directories.insert(path)
                pending += client.directoryMade(true, now: FuzzEnvironment.now)
            case .removeDirectory(let path):
                try require(directories.remove(path) != nil, "removes \(path), which it has not made")
            case .refused:
                break
            case .established(let session, _):
                clientEnds += 1
                established = session
            case .failed:
                clientEnds += 1
            }
        }
    }

    private mutating func perform(_ actions: [ServerHandshake.Action]) throws(BrokenRule) {
        var pending = actions[...]
        while let action = pending.popFirst() {
            try require(serverEnds == 0, "the server acts after its end")
            switch action {
            case .send(let payload):
                toClient.append(InboundMessage(payload: payload, encrypted: isServerEncrypted))
            case .enableEncryption:
                try require(!isServerEncrypted, "a second key")
                isServerEncrypted = true
            case .inspectDirectory(let path):
                let owner = DirectoryOwner(
                    userName: "alice", userID: 1000, isDirectory: true, permissions: 0o700, linkCount: 2)
                let found = directories.contains(path) ? owner : nil
                pending += server.directoryInspected(found, now: FuzzEnvironment.now)
            case .storeSession(let session):
                try check(session)
                opened = session
                pending += server.sessionStored(now: FuzzEnvironment.now)
            case .cacheSession, .removeDirectory, .refused:
                break
            case .ready, .close:
                serverEnds += 1
            }
        }
    }

    /// Whoever is in between can prevent an authentication, but not become another user by it.
    private func check(_ session: SecuritySession) throws(BrokenRule) {
        try require(session.identity.method == method, "authenticated by \(session.identity), not \(method)")
        let expected: String? =
            switch method {
            case .ssl, .sciTokens, .idTokens: FuzzEnvironment.user
            case .fs: "alice@example.org"
            default: nil
            }
        guard let expected else { return }
        try require(session.identity.user == expected, "authenticated as \(session.identity)")
    }
}
