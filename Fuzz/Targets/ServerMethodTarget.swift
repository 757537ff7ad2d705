import CEDAR
import CondorSecurity
import Cryptography
import NIOCore

/// A server's authentication methods: under a script of messages, or facing an honest client whose messages change
/// on their way.
struct ServerMethodTarget {
    /// The letters that choose a method.
    static func method(_ letter: UInt8) -> AuthenticationMethod? {
        switch letter {
        case UInt8(ascii: "s"): .ssl
        case UInt8(ascii: "c"): .sciTokens
        case UInt8(ascii: "i"): .idTokens
        case UInt8(ascii: "f"): .fs
        case UInt8(ascii: "b"): .claimToBe
        case UInt8(ascii: "a"): .anonymous
        case UInt8(ascii: "w"): .password
        default: nil
        }
    }

    private var server: ServerHandshake
    private var isEncrypted = false
    private var ends = 0
    private var finds = true

    /// A letter for the method, one for the manner (`d` is damage), options, then the script.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        guard let method = method(input.byte()) else { return }
        let manner = input.byte()
        let options = input.byte()
        let environment = FuzzEnvironment(methods: [method], handsOver: options & 1 == 0)
        if manner == UInt8(ascii: "d") {
            var duel = MethodDuel(method, environment, damages: .client)
            return try duel.run(&input)
        }
        var target = ServerMethodTarget(
            server: ServerHandshake(
                environment: environment, random: FuzzRandom(), peer: FuzzEnvironment.client,
                local: FuzzEnvironment.server))
        let command = options & 2 == 0 ? CommandNumber.updateStartdAd : .queryStartdAds
        try target.receive(FuzzMessages.newSession(command: command.rawValue, methods: method.wireName))
        var mask = MessageWriter(encrypted: false)
        mask.write(method.rawValue)
        try target.receive(mask.payload)
        for _ in 0..<300 where !input.isEmpty && target.ends == 0 {
            if input.byte() == UInt8(ascii: "!") {
                target.finds.toggle()
            } else {
                try target.receive(FuzzMessages.scripted(&input))
            }
        }
    }

    private mutating func receive(_ payload: ByteBuffer) throws(BrokenRule) {
        guard payload.readableBytes > 0, ends == 0 else { return }
        let message = InboundMessage(payload: payload, encrypted: isEncrypted)
        var pending = server.received(message, now: FuzzEnvironment.now)[...]
        while let action = pending.popFirst() {
            try require(ends == 0, "acts after its end")
            switch action {
            case .send, .removeDirectory, .refused, .cacheSession:
                break
            case .enableEncryption(let key):
                try require(!isEncrypted && key.count == 32, "a second or bad key")
                isEncrypted = true
            case .inspectDirectory(let path):
                try require(path.hasPrefix("/tmp/FS_") && path.split(separator: "/").count == 2, "looks at \(path)")
                let owner = DirectoryOwner(
                    userName: "alice", userID: 1000, isDirectory: true, permissions: 0o700, linkCount: 2)
                pending += server.directoryInspected(finds ? owner : nil, now: FuzzEnvironment.now)
            case .storeSession(let session):
                try require(session.identity.isAuthenticated && session.isAlive(at: FuzzEnvironment.now), "bad session")
                // Nobody can prove by a script what only a credential proves.
                let provable: [AuthenticationMethod?] = [.fs, .claimToBe]
                try require(provable.contains(session.identity.method), "\(session.identity) without a credential")
                pending += server.sessionStored(now: FuzzEnvironment.now)
            case .ready, .close:
                ends += 1
            }
        }
    }
}
