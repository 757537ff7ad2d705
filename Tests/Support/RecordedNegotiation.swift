package import CEDAR
package import ClassAds
import Foundation

/// A recorded conversation of two real daemons: `Vectors/nego-*.json`.
package struct RecordedNegotiation: Decodable, Sendable {
    /// A message, decrypted.
    package struct Message: Decodable, Sendable {
        /// What a reference reader found in it.
        package struct Decoded: Decodable, Sendable {
            package let op: Int?
            package let ad: [String]?
            package let claim: String?
            package let reason: String?
            package let count: Int?
        }

        package let from: String
        package let encrypted: Bool
        package let plaintext: String
        package let decoded: Decoded?

        /// The message as the other side gets it.
        package var inbound: InboundMessage {
            get throws { InboundMessage(payload: try buffer(plaintext), encrypted: encrypted) }
        }

        /// A reader of the message.
        package var reader: MessageReader { get throws { try inbound.reader() } }
    }

    package let messages: [Message]

    /// The messages after the session stands.
    package var conversation: [Message] { messages.filter(\.encrypted) }
}

/// Ads as a collector held them while the conversations were recorded: `Vectors/nego-ads.json`.
package struct RecordedAds: Sendable {
    package let submitter: ClassAd
    package let publicPartitionable: ClassAd
    package let privatePartitionable: ClassAd
    package let publicDynamic: ClassAd

    private struct Lines: Decodable {
        var submitter: [[String]]
        var privatePslot: [[String]]
        var publicPslot: [[String]]
        var publicDslot: [[String]]
    }

    package init() throws {
        let lines: Lines = try vectors("nego-ads")
        submitter = try ClassAd(lines: lines.submitter[0])
        publicPartitionable = try ClassAd(lines: lines.publicPslot[0])
        privatePartitionable = try ClassAd(lines: lines.privatePslot[0])
        publicDynamic = try ClassAd(lines: lines.publicDslot[0])
    }
}

extension ClassAd {
    /// The ad that lines in old syntax describe.
    package init(lines: [String]) throws {
        self.init()
        for line in lines { try insert(line: line) }
    }
}
