import CEDAR
import Cryptography
import NIOCore

/// TLS records carried inside CEDAR messages, strictly alternating (spec 03, 3.3 to 3.5).
///
/// The tunnel runs one task after another: the handshake, then secrets in either direction. A task ends when both
/// sides hold. Whoever's turn it is works on what it has and sends its status with all records TLS has produced.
struct TLSTunnel {
    /// What a side says of its part of the task.
    enum Status: Int64 {
        case error = -1
        case sending = 1
        case receiving = 2
        case quitting = 3
        case holding = 4
    }

    /// What is to be done through TLS.
    enum Task {
        case handshake
        case write(SecretBytes)
        /// Whatever the first record holds, at most so many bytes.
        case readRecord(upTo: Int)
        /// A length of four bytes, then a text of that length, at most so many bytes.
        case readText(upTo: Int)
    }

    /// Where the task is after a message.
    enum State {
        case ongoing
        case complete
        case failed
    }

    /// Most messages of one task (spec 03, 3.3).
    static let maximumMessages = 256
    /// Most bytes of records in one message.
    static let maximumRecords = 1 << 20

    /// Most bytes of records in all; real peers need about ten thousand, and those that TLS never reads pile up.
    static let maximumTotal = 256 << 10

    private let engine: any TLSEngine
    private var task: Task
    private var mine = Status.receiving
    private var theirs = Status.receiving
    private var messages = 0
    private var total = 0
    /// What has been read in a reading task.
    private(set) var input: [UInt8] = []
    /// Why TLS failed on our side.
    private(set) var failure: TLSFailure?

    /// A tunnel at the start of its handshake.
    init(engine: any TLSEngine) {
        self.engine = engine
        task = .handshake
    }

    /// The peer's certificate, once the handshake is complete.
    var peerCertificate: TLSPeerCertificate? { engine.peerCertificate }

    /// Whether our part of the task is done.
    var isHolding: Bool { mine == .holding }

    /// Begins the next task after one that is complete.
    mutating func begin(_ next: Task) {
        task = next
        mine = .receiving
        theirs = .receiving
        messages = 0
        eraseInput()
    }

    /// Takes the peer's message.
    ///
    /// - Returns: `.ongoing` when it is our turn: ``advance()``, then ``turn()``.
    mutating func received(_ reader: inout MessageReader) throws(SecurityRefusal) -> State {
        let (status, records) = try Self.read(&reader)
        try count()
        total += records.count
        guard total <= Self.maximumTotal else {
            throw SecurityRefusal(.tlsFailed, "more than \(Self.maximumTotal) bytes of records")
        }
        engine.receive(records)
        theirs = status
        return state
    }

    /// Works on the task with what has been received.
    mutating func advance() {
        guard mine == .receiving else { return }
        do {
            mine = try work() ? .holding : .receiving
        } catch {
            failure = error
            mine = .quitting
        }
    }

    /// Gives up: the next message says so.
    mutating func quit() { mine = .quitting }

    /// Our message.
    mutating func turn() throws(SecurityRefusal) -> (message: ByteBuffer, state: State) {
        try count()
        return (Self.message(mine, engine.drainOutput()), state)
    }

    /// The message of a side that is not content although TLS is (spec 03, 3.4).
    static let refusal = message(.quitting, [])

    /// Reads a message without looking at its records.
    static func readStatus(_ reader: inout MessageReader) throws(SecurityRefusal) -> Status {
        try read(&reader).status
    }

    /// Overwrites what has been read, since it is a secret.
    mutating func eraseInput() {
        erase(&input)
        input.removeAll()
    }

    private var state: State {
        if mine == .quitting || theirs == .quitting || theirs == .error { return .failed }
        return mine == .holding && theirs == .holding ? .complete : .ongoing
    }

    private mutating func count() throws(SecurityRefusal) {
        messages += 1
        guard messages <= Self.maximumMessages else {
            throw SecurityRefusal(.tlsFailed, "more than \(Self.maximumMessages) messages")
        }
    }

    /// Whether the task is done.
    private mutating func work() throws(TLSFailure) -> Bool {
        switch task {
        case .handshake:
            return try engine.handshake() == .complete
        case .write(let secret):
            var bytes = secret.bytes
            defer { erase(&bytes) }
            try engine.write(bytes)
            return true
        case .readRecord(let limit):
            input = try engine.read(upTo: limit)
            return !input.isEmpty
        case .readText(let limit):
            guard try fill(4) else { return false }
            let length = input[..<4].reduce(0) { $0 << 8 | Int($1) }
            guard 1...limit ~= length else { throw TLSFailure(operation: "length of a text", reasons: []) }
            // At once, since what an array leaves behind when it grows is not erased.
            input.reserveCapacity(4 + length)
            return try fill(4 + length)
        }
    }

    /// Reads until there are so many bytes of input.
    private mutating func fill(_ count: Int) throws(TLSFailure) -> Bool {
        while input.count < count {
            var bytes = try engine.read(upTo: count - input.count)
            guard !bytes.isEmpty else { return false }
            input += bytes
            erase(&bytes)
        }
        return true
    }

    private static func read(
        _ reader: inout MessageReader
    ) throws(SecurityRefusal) -> (status: Status, records: [UInt8]) {
        let (status, records) = try decoding { () throws(WireError) in
            let status = try reader.readInteger()
            let count = try reader.readInteger()
            guard 0...Int64(maximumRecords) ~= count else {
                throw WireError(.badLength, "\(count) bytes of TLS records")
            }
            let records = try reader.readBytes(Int(count))
            try reader.finish()
            return (status, records)
        }
        guard let status = Status(rawValue: status) else {
            throw SecurityRefusal(.malformedMessage, "TLS status \(status)")
        }
        return (status, records)
    }

    private static func message(_ status: Status, _ records: [UInt8]) -> ByteBuffer {
        clearMessage {
            $0.write(status.rawValue)
            $0.write(records.count)
            $0.writeBytes(records)
        }
    }
}
