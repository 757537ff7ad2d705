import ClassAds
import Foundation
import Testing

/// A recorded message on a clear stream, read in the simplest way: whole packets, integers, strings ended by a zero byte.
struct RecordedMessage {
    private var bytes: ArraySlice<UInt8>

    /// The message of file `name`, or one side of a recorded exchange (`> ` or `< `).
    init(_ name: String, _ side: String = "") throws {
        let text = try String(contentsOf: recording("wire/\(name)", "hex"), encoding: .utf8)
        var payload: [UInt8] = []
        for line in text.split(separator: "\n") where line.hasPrefix(side) {
            let digits = Array(line.dropFirst(side.utf8.count).utf8)
            let packet = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
            }
            payload += packet.dropFirst(5)  // end flag and length
        }
        bytes = payload[...]
    }

    mutating func integer() -> Int {
        defer { bytes = bytes.dropFirst(8) }
        return Int(bytes.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
    }

    mutating func ad() throws -> ClassAd {
        var ad = ClassAd()
        for _ in 0..<integer() {
            var line = string()
            if line == Array("ZKM".utf8) { line = string() }  // marks a private line
            try ad.insert(line: line)
        }
        _ = string()
        _ = string()
        return ad
    }

    /// The ads of an answer, each as its lines; the order is the server's own.
    mutating func answer() throws -> Set<ClassAdLines> {
        var ads: Set<ClassAdLines> = []
        while integer() == 1 { ads.insert(ClassAdLines(try ad())) }
        return ads
    }

    private mutating func string() -> [UInt8] {
        let text = bytes.prefix { $0 != 0 }
        bytes = bytes.dropFirst(text.count + 1)
        return Array(text)
    }
}

/// An ad as the set of its lines, for comparing answers in any order.
struct ClassAdLines: Hashable, CustomStringConvertible {
    var lines: [String] = []

    init(_ ad: ClassAd) {
        ad.forEachLine { _, line in lines.append(String(decoding: line, as: UTF8.self)) }
        lines.sort()
    }

    init(_ lines: String...) { self.lines = lines.sorted() }

    var description: String { lines.joined(separator: "; ") }
}

/// A file of `Vectors/registry`.
func recording(_ name: String, _ suffix: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Vectors/registry/\(name)", withExtension: suffix))
}

/// The ads of a file of `Vectors/registry/ads`.
func recordedAds(_ name: String) throws -> [ClassAd] {
    try String(contentsOf: recording("ads/\(name)", "ad"), encoding: .utf8)
        .components(separatedBy: "\n\n")
        .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        .filter { !$0.isEmpty }
        .map { try ClassAd(longForm: $0) }
}
