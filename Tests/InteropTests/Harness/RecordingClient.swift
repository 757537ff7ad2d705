import CEDAR
import ClassAds
import CondorSecurity
import Cryptography
import Foundation
import Glibc
import NIOCore
import Synchronization
import TestSupport
import Testing

/// Our client on a real socket, which writes down what both sides say and everything our side chose.
///
/// What it writes is a ``Recording``.
struct RecordingClient {
    /// The system's random numbers, and which they were.
    private final class NotedRandom: RandomSource {
        private let notes = Mutex<[[UInt8]]>([])

        func bytes(_ count: Int) -> [UInt8] {
            let bytes = SystemRandom().bytes(count)
            notes.withLock { $0.append(bytes) }
            return bytes
        }

        /// The choices of a size, in order.
        func choices(of size: Int) -> [[UInt8]] { notes.withLock { $0.filter { $0.count == size } } }
    }

    private let socket: RawSocket
    private var stream: CEDARStream
    private var client: ClientHandshake
    private let random: NotedRandom
    private let secrets: NotedTLSEngine.Notes
    private var packets: [[String: String]] = []
    private var key: SecretBytes?
    private(set) var session: SecuritySession?
    private(set) var failure: SecurityRefusal?

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    init(
        _ collector: RealCollector, _ command: CommandNumber, _ methods: [AuthenticationMethod],
        resume: SecuritySession? = nil
    ) throws {
        random = NotedRandom()
        secrets = NotedTLSEngine.Notes()
        let port = try #require(collector.address.port)
        socket = try RawSocket(port: port)
        stream = CEDARStream(limits: .authenticated, random: random)
        let notes = secrets
        var credentials = collector.credentials
        if let tls = credentials.tls {
            credentials.tls = .init { (showsCertificate) throws(TLSFailure) in
                NotedTLSEngine(try tls.makeEngine(showsCertificate), notes: notes)
            }
        }
        client = ClientHandshake(
            command: command, credentials: credentials, policy: SecurityPolicy(methods: methods), resume: resume,
            connectSinful: collector.address.description, server: PeerAddress(host: "127.0.0.1", port: port),
            random: random)
    }

    /// Runs the handshake until there is a session, or none to be had.
    mutating func shakeHands() throws {
        try perform(client.start(now: Self.now))
        while session == nil, failure == nil {
            try perform(client.received(try receive(), now: Self.now))
        }
    }

    /// Sends a query and gives the ads of the answer.
    mutating func ask(_ constraint: String) throws -> [ClassAd] {
        var writer = stream.makeWriter()
        let query: ClassAd = [
            "MyType": "Query", "TargetType": "Any", "Requirements": try Expression(parsing: constraint, syntax: .old),
        ]
        writer.write(query)
        try send(writer.payload)
        var reader = try receive().reader()
        var ads: [ClassAd] = []
        while try reader.readInteger() == 1 { ads.append(try reader.readClassAd()) }
        try reader.finish()
        return ads
    }

    private mutating func perform(_ actions: [ClientHandshake.Action]) throws {
        for action in actions {
            switch action {
            case .send(let payload):
                try send(payload)
            case .enableEncryption(let key):
                self.key = key
                try stream.enableEncryption(key: key)
            case .makeDirectory(let path):
                let isMade = mkdir(path, 0o700) == 0
                try perform(client.directoryMade(isMade, now: Self.now))
            case .removeDirectory(let path):
                rmdir(path)
            case .refused:
                break
            case .established(let session, _):
                self.session = session
            case .failed(let refusal):
                failure = refusal
            }
        }
    }

    private mutating func send(_ payload: ByteBuffer) throws {
        let bytes = Array(try stream.encode(payload).readableBytesView)
        note(bytes, from: "client")
        socket.send(bytes)
    }

    private mutating func receive() throws -> InboundMessage {
        while true {
            if let message = try stream.nextMessage() { return message }
            let header = try socket.receive(5)
            let packet = header + (try socket.receive(header[1...].reduce(0) { $0 << 8 | Int($1) }))
            note(packet, from: "server")
            stream.append(ByteBuffer(bytes: packet))
        }
    }

    private mutating func note(_ bytes: [UInt8], from side: String) {
        var rest = bytes[...]
        while rest.count > 5 {
            let size = 5 + rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            packets.append(["from": side, "raw": Hex.encode(rest.prefix(size))])
            rest = rest.dropFirst(size)
        }
    }

    // MARK: What was recorded

    /// Writes the recording into the folder that `FLOCK_RECORD` names, if it is set.
    func save(_ name: String, _ description: String, token: IDToken? = nil) throws {
        guard let folder = ProcessInfo.processInfo.environment["FLOCK_RECORD"] else { return }
        var record: [String: Any] = [
            "description": description, "packets": packets, "real_peer": "condor_collector", "reference_role": "client",
        ]
        if let key { record["key"] = Hex.encode(key.bytes) }
        if let session { record["sid"] = session.id }
        if let scalar = random.choices(of: 32).first {
            record["ecdh"] = ["reference_private_scalar": Hex.encode(scalar)]
        }
        if !secrets.plaintexts.isEmpty { record["session_secret"] = Hex.encode(secrets.plaintexts.joined()) }
        if let token {
            record["token"] = token.text
            record["derived"] = ["ka": "", "ra": Hex.encode(try #require(random.choices(of: 256).first))]
        }
        let data = try JSONSerialization.data(withJSONObject: record, options: [.prettyPrinted, .sortedKeys])
        try data.write(to: URL(filePath: folder).appending(path: name + ".json"))
    }
}

/// A TLS engine that keeps what it decrypted.
private final class NotedTLSEngine: TLSEngine {
    final class Notes: Sendable {
        private let kept = Mutex<[[UInt8]]>([])
        var plaintexts: [[UInt8]] { kept.withLock { $0 } }
        func add(_ bytes: [UInt8]) { if !bytes.isEmpty { kept.withLock { $0.append(bytes) } } }
    }

    private let engine: any TLSEngine
    private let notes: Notes

    init(_ engine: any TLSEngine, notes: Notes) {
        self.engine = engine
        self.notes = notes
    }

    var peerCertificate: TLSPeerCertificate? { engine.peerCertificate }
    func receive(_ bytes: [UInt8]) { engine.receive(bytes) }
    func handshake() throws(TLSFailure) -> TLSProgress { try engine.handshake() }
    func drainOutput() -> [UInt8] { engine.drainOutput() }
    func write(_ bytes: [UInt8]) throws(TLSFailure) { try engine.write(bytes) }

    func read(upTo limit: Int) throws(TLSFailure) -> [UInt8] {
        let bytes = try engine.read(upTo: limit)
        notes.add(bytes)
        return bytes
    }
}
