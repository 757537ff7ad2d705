package import Cryptography

/// Plays one side of a recorded TLS conversation: the records it sends are given, the peer's are kept.
package final class ScriptedTLSEngine: TLSEngine {
    /// What the recorded side did on its turns.
    package struct Turn {
        package var isComplete: Bool
        package var records: [UInt8]

        package init(isComplete: Bool = false, records: [UInt8]) {
            self.isComplete = isComplete
            self.records = records
        }
    }

    private var turns: [Turn]
    private var plaintexts: [[UInt8]]
    private var output: [UInt8] = []
    package private(set) var received: [[UInt8]] = []
    package private(set) var written: [[UInt8]] = []
    package let peerCertificate: TLSPeerCertificate?

    /// - Parameter turns: the recorded messages of this side, in order.
    /// - Parameter plaintexts: what reading yields, a text for each message with records after the handshake.
    package init(turns: [Turn], plaintexts: [[UInt8]] = [], peerCertificate: TLSPeerCertificate? = nil) {
        self.turns = turns
        self.plaintexts = plaintexts
        self.peerCertificate = peerCertificate
    }

    private var isHandshakeDone = false
    private var readable: [UInt8] = []

    package func receive(_ bytes: [UInt8]) {
        received.append(bytes)
        if isHandshakeDone, !bytes.isEmpty, !plaintexts.isEmpty { readable += plaintexts.removeFirst() }
    }

    package func handshake() throws(TLSFailure) -> TLSProgress {
        let turn = try next()
        isHandshakeDone = turn.isComplete
        return turn.isComplete ? .complete : .needsInput
    }

    package func drainOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    package func write(_ bytes: [UInt8]) throws(TLSFailure) {
        written.append(bytes)
        _ = try next()
    }

    package func read(upTo limit: Int) throws(TLSFailure) -> [UInt8] {
        defer { readable.removeFirst(min(limit, readable.count)) }
        return Array(readable.prefix(limit))
    }

    private func next() throws(TLSFailure) -> Turn {
        guard !turns.isEmpty else { throw TLSFailure(operation: "script", reasons: ["over"]) }
        let turn = turns.removeFirst()
        output += turn.records
        return turn
    }
}
