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
    private var clientStream = CEDARStream(random: FuzzRandom())
    private var serverStream = CEDARStream(random: FuzzRandom())
    /// Packets on their way, one message each.
    private var toServer: [ByteBuffer] = []
    private var toClient: [ByteBuffer] = []
    /// Whether anything arrived other than it was sent.
    private var hasChanged = false
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
                var packets = toServer.removeFirst()
                if damages == .client, !serverStream.isEncrypted { packets = damaged(packets, &input) }
                serverStream.append(packets)
                // A stream that broke is a connection that ends; nothing comes out of it any more.
                while serverEnds == 0, let message = try? serverStream.nextMessage() {
                    try perform(server.received(message, now: FuzzEnvironment.now))
                }
            } else if !toClient.isEmpty {
                var packets = toClient.removeFirst()
                if damages == .server, !clientStream.isEncrypted { packets = damaged(packets, &input) }
                clientStream.append(packets)
                while clientEnds == 0, let message = try? clientStream.nextMessage() {
                    try perform(client.received(message, now: FuzzEnvironment.now))
                }
            } else {
                break
            }
        }
        guard let established, established.key != nil else { return }
        try require(opened?.key == established.key, "two keys")
        try require(!hasChanged, "established although a message changed on its way")
    }

    /// A message in clear as it arrives.
    private mutating func damaged(_ packets: ByteBuffer, _ input: inout FuzzInput) -> ByteBuffer {
        let original = Array(packets.readableBytesView.dropFirst(Self.headerSize))
        var bytes = original
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
        default: return packets
        }
        if bytes != original { hasChanged = true }
        guard !bytes.isEmpty else { return ByteBuffer() }
        var arriving = ByteBuffer(integer: UInt8(1))
        arriving.writeInteger(UInt32(bytes.count))
        arriving.writeBytes(bytes)
        return arriving
    }

    /// Bytes of a packet's header; a message of a handshake is one packet.
    private static let headerSize = 5

    private mutating func perform(_ actions: [ClientHandshake.Action]) throws(BrokenRule) {
        var pending = actions[...]
        while let action = pending.popFirst() {
            try require(clientEnds == 0, "the client acts after its end")
            switch action {
            case .send(let payload):
                guard let packets = try? clientStream.encode(payload) else { return }  // a stream that broke
                toServer.append(packets)
            case .enableEncryption(let key):
                try require(!clientStream.isEncrypted, "a second key")
                try? clientStream.enableEncryption(key: key)  // fails for a stream that broke
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
                guard let packets = try? serverStream.encode(payload) else { return }  // a stream that broke
                toClient.append(packets)
            case .enableEncryption(let key):
                try require(!serverStream.isEncrypted, "a second key")
                try? serverStream.enableEncryption(key: key)  // fails for a stream that broke
            case .inspectDirectory(let path):
                let owner = DirectoryOwner(
                    userName: "alice", userID: 1000, isDirectory: true, permissions: 0o700, linkCount: 2)
                let found = directories.contains(path) ? owner : nil
                pending += server.directoryInspected(found, now: FuzzEnvironment.now)
            case .storeSession(let session):
                try check(session)
                opened = session
                pending += server.sessionStored(now: FuzzEnvironment.now)
            case .cacheSession(let session):
                opened = session
            case .removeDirectory, .refused:
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
