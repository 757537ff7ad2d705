import CEDAR
import CondorSecurity
import Cryptography
import NIOCore

/// A client's authentication methods: under the script of a hostile server, or facing an honest one whose messages
/// change on their way.
struct ClientMethodTarget {
    private let method: AuthenticationMethod
    private var client: ClientHandshake
    private var isEncrypted = false
    private var ends = 0
    private var makes = true
    private var made: [String] = []

    /// A letter for the method, one for the manner (`d` is damage), options, then the script.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        guard let method = ServerMethodTarget.method(input.byte()) else { return }
        let manner = input.byte()
        let options = input.byte()
        if manner == UInt8(ascii: "d") {
            let environment = FuzzEnvironment(methods: [method], handsOver: options & 1 == 0)
            var duel = MethodDuel(method, environment, damages: .server)
            return try duel.run(&input)
        }
        var target = ClientMethodTarget(method, policy: SecurityPolicy(methods: [method]))
        try target.perform(target.client.start(now: FuzzEnvironment.now))
        if manner != UInt8(ascii: "r") {
            try target.receive(target.actionAd(withKey: options & 1 != 0))
            var choice = MessageWriter(encrypted: false)
            choice.write(method.rawValue)
            try target.receive(choice.payload)
        }
        for _ in 0..<300 where !input.isEmpty && target.ends == 0 {
            switch input.byte() {
            case UInt8(ascii: "!"): target.makes.toggle()
            case UInt8(ascii: "."): try target.perform(target.client.peerClosed())
            default: try target.receive(FuzzMessages.scripted(&input))
            }
        }
    }

    private init(_ method: AuthenticationMethod, policy: SecurityPolicy) {
        self.method = method
        client = ClientHandshake(
            command: .queryStartdAds, credentials: FuzzCredentials.all, policy: policy,
            connectSinful: "<127.0.0.1:9618?alias=broker.example.org>", server: FuzzEnvironment.server,
            random: FuzzRandom())
    }

    /// A server's decision for this method.
    private func actionAd(withKey: Bool) -> ByteBuffer {
        let key = withKey ? "ECDHPublicKey = \"\(FuzzMessages.publicKey)\"\nCryptoMethods = \"AES\"" : ""
        return ClassAdWireTarget.message(
            ofLines: Array(
                """
                Authentication = "YES"
                Encryption = "YES"
                Integrity = "YES"
                Enact = "YES"
                AuthMethods = "\(method.wireName)"
                AuthMethodsList = "\(method.wireName)"
                TrustDomain = "flock.example.org"
                \(key)
                """.utf8), encrypted: false)
    }

    private mutating func receive(_ payload: ByteBuffer) throws(BrokenRule) {
        guard payload.readableBytes > 0, ends == 0 else { return }
        try perform(
            client.received(InboundMessage(payload: payload, encrypted: isEncrypted), now: FuzzEnvironment.now))
    }

    private mutating func perform(_ actions: [ClientHandshake.Action]) throws(BrokenRule) {
        var pending = actions[...]
        while let action = pending.popFirst() {
            try require(ends == 0, "acts after its end")
            switch action {
            case .send, .refused:
                break
            case .enableEncryption(let key):
                try require(!isEncrypted && key.count == 32, "a second or bad key")
                isEncrypted = true
            case .makeDirectory(let path):
                try require(
                    path.hasPrefix("/") && path.contains("/FS_") && path.contains("127.0.0.1")
                        && !path.split(separator: "/").contains(".."), "makes \(path)")
                if makes { made.append(path) }
                pending += client.directoryMade(makes, now: FuzzEnvironment.now)
            case .removeDirectory(let path):
                try require(made.contains(path), "removes \(path), which it has not made")
            case .established(let session, _):
                ends += 1
                // A server proves nothing to FS, CLAIMTOBE and ANONYMOUS; the others it cannot talk into anything.
                let method = session.identity.method
                try require(
                    method.map { ![.ssl, .sciTokens, .idTokens, .password].contains($0) } ?? true,
                    "believed a server that proved nothing")
            case .failed:
                ends += 1
            }
        }
    }
}
