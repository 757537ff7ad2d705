import CEDAR
import ClassAds
import Cryptography
import Foundation
import NIOCore
import Testing

/// A recorded conversation of two real daemons.
struct RecordedExchange: Decodable {
    struct Message: Decodable {
        var from: String
        var encrypted: Bool
        var plaintext: String

        /// A reader of the decrypted message.
        var reader: MessageReader {
            get throws {
                MessageReader(ByteBuffer(bytes: try #require(Hex.decode(plaintext))), encrypted: encrypted)
            }
        }
    }

    var messages: [Message]

    /// The messages after the session stands.
    var encrypted: [Message] { messages.filter(\.encrypted) }

    static func load(_ name: String) throws -> RecordedExchange {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        return try JSONDecoder().decode(RecordedExchange.self, from: Data(contentsOf: url))
    }
}

/// Bytes that are different each time and the same in each run.
final class CountingRandom: RandomSource, @unchecked Sendable {  // guarded by `lock`
    private let lock = NSLock()
    private var last: UInt8 = 0

    func bytes(_ count: Int) -> [UInt8] {
        lock.withLock {
            last &+= 1
            return [UInt8](repeating: last, count: count)
        }
    }
}

extension ClassAd {
    /// The names that only one of two ads has.
    func namesUnlike(_ other: ClassAd) -> [String] {
        let mine = Set(names.map { $0.lowercased() })
        return mine.symmetricDifference(other.names.map { $0.lowercased() }).sorted()
    }

    /// The ad without some attributes.
    func without(_ names: [String]) -> ClassAd {
        var ad = self
        for name in names { ad[name] = nil }
        return ad
    }
}

/// Ads as a collector held them while the exchanges were recorded.
struct RecordedAds {
    var submitter: ClassAd
    var publicPartitionable: ClassAd
    var privatePartitionable: ClassAd
    var publicDynamic: ClassAd

    private struct Lines: Decodable {
        var submitter: [[String]]
        var private_pslot: [[String]]
        var public_pslot: [[String]]
        var public_dslot: [[String]]
    }

    static func load() throws -> RecordedAds {
        let url = try #require(
            Bundle.module.url(forResource: "nego-ads", withExtension: "json", subdirectory: "Vectors"))
        let lines = try JSONDecoder().decode(Lines.self, from: Data(contentsOf: url))
        return RecordedAds(
            submitter: try ad(lines.submitter[0]), publicPartitionable: try ad(lines.public_pslot[0]),
            privatePartitionable: try ad(lines.private_pslot[0]), publicDynamic: try ad(lines.public_dslot[0]))
    }

    private static func ad(_ lines: [String]) throws -> ClassAd {
        var ad = ClassAd()
        for line in lines { try ad.insert(line: line) }
        return ad
    }
}
