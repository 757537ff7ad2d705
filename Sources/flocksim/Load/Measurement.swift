import Foundation

/// What one workload came to; printed as a line of JSON.
struct Measurement: Encodable {
    /// Which workload.
    var step: String
    /// What its cost is divided by: updates, queries, handshakes, connections.
    var operations: Int
    /// Seconds of processor time of the server and of the children it has waited for.
    var server: Double
    /// Seconds of our own processor time.
    var client: Double
    /// Seconds from the first byte to the last.
    var wall: Double
    /// The server's resident memory afterwards, in KiB.
    var residentKiB: Int
    /// The server's resident memory before, in KiB.
    var residentBeforeKiB: Int
    /// Bytes of payload that went over the wire.
    var bytes: Int?
    /// Ads that came back.
    var results: Int?
    /// Seconds until the first byte of an answer, the median.
    var firstByte: Double?
    /// Further figures of the workload, by name.
    var details: [String: Double] = [:]
    /// Whether the server did what it should.
    var isRight = true
    /// What went wrong.
    var complaint: String?

    /// Prints it on standard output.
    func print() {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Numbers and short texts can always be encoded; whoever reads no further has got what he wanted.
        guard var line = try? encoder.encode(self) else { return }
        line.append(UInt8(ascii: "\n"))
        try? FileHandle.standardOutput.write(contentsOf: line)
    }
}

extension [Double] {
    /// The value below which the share `rank` of all values lies; 0 without values.
    func quantile(_ rank: Double) -> Double {
        guard !isEmpty else { return 0 }
        return sorted()[Swift.min(count - 1, Int(Double(count) * rank))]
    }
}
