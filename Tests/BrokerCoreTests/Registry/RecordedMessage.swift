import CEDAR
import ClassAds
import Testing
import TestSupport

/// A recorded message on a clear stream, of `Vectors/wire`.
struct RecordedMessage {
    private var reader: MessageReader

    /// The message of file `name`, or one side of a recorded exchange (`> ` or `< `).
    init(_ name: String, _ side: String = "") throws {
        var stream = CEDARStream()
        for line in try Vectors.text("wire/\(name).hex").split(separator: "\n") where line.hasPrefix(side) {
            stream.append(try buffer(String(line.dropFirst(side.count))))
        }
        reader = try #require(try stream.nextMessage()).reader()
    }

    mutating func command() throws -> CommandNumber { try reader.readCommand() }

    mutating func ad() throws -> ClassAd { try reader.readClassAd() }

    /// The ads of an answer, each as its lines; the order is the server's own.
    mutating func answer() throws -> Set<ClassAdLines> {
        var ads: Set<ClassAdLines> = []
        while try reader.readInteger() == 1 { ads.insert(ClassAdLines(try ad())) }
        return ads
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
