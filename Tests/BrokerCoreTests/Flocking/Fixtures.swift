import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import Foundation
import Testing

/// Ads, annexes and slots that tests of negotiation are made of.
enum Fixture {
    /// The time of the recordings.
    static let now: Int64 = 1_795_387_100

    static func annex(
        _ name: String = "blue", owner: String = "alice@ap.test", guests: Set<String> = [], isOpen: Bool = true
    ) -> OfferingAnnex {
        guard let key = AnnexKey(owner: owner, name: name) else { preconditionFailure("a valid annex key") }
        return OfferingAnnex(id: "\(owner)/\(name)", key: key, guests: guests, isOpen: isOpen)
    }

    static func claim(_ number: Int) -> ClaimID {
        ClaimID.make(sessionID: "<127.0.0.1:35331?addrs=127.0.0.1-35331>#1795387019#\(number)")
    }

    static func ad(_ lines: [String]) throws -> ClassAd {
        var ad = ClassAd()
        for line in lines { try ad.insert(line: line) }
        return ad
    }

    /// A static slot that takes every job, or what `lines` make of it.
    static func slot(
        _ name: String = "slot1@node", of annex: OfferingAnnex = annex(), claim: Int = 1, at receivedAt: Int64 = now,
        lines: [String] = []
    ) throws -> SlotOffer {
        let standard = [
            "Name = \"\(name)\"", "MyAddress = \"<127.0.0.1:35331?addrs=127.0.0.1-35331>\"", "State = \"Unclaimed\"",
            "Cpus = 4", "Memory = 4096", "Disk = 1000000", "Requirements = Start", "Start = true",
        ]
        var privateAd = ClassAd()
        privateAd.set("ClaimId", Self.claim(claim).text)
        return try SlotOffer(
            publicAd: ad(standard + lines), privateAd: privateAd, annex: annex, key: name, receivedAt: receivedAt)
    }

    /// A partitionable slot.
    static func partitionable(
        _ name: String = "slot1@node", of annex: OfferingAnnex = annex(), claim: Int = 1, dynamicSlots: Int = 0,
        lines: [String] = []
    ) throws -> SlotOffer {
        let lines = ["PartitionableSlot = true", "NumDynamicSlots = \(dynamicSlots)"] + lines
        return try slot(name, of: annex, claim: claim, lines: lines)
    }

    /// A request for jobs tagged `blue` of alice, or what `lines` make of it.
    static func request(
        _ job: String = "1.0", autocluster: Int = 1, count: Int = 1, lines: [String] = []
    ) throws -> ResourceRequest {
        let ids = job.split(separator: ".")
        let standard = [
            "ClusterId = \(ids[0])", "ProcId = \(ids[1])", "AutoClusterId = \(autocluster)",
            "_condor_RESOURCE_COUNT = \(count)", "User = \"alice@ap.test\"", "Owner = \"alice\"",
            "FlockTarget = \"blue\"", "RequestCpus = 1", "RequestMemory = 100", "RequestDisk = 10240",
            "Requirements = true", "WantMatchDiagnostics = 3",
        ]
        return ResourceRequest(ad: try ad(standard + lines), uidDomain: "ap.test", now: now)
    }

    static let party = Negotiator.Party(schedd: "ap@localhost", submitter: "alice@ap.test")

    /// A decoded recording in `Vectors/`.
    static func recording<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        return try JSONDecoder().decode(type, from: Data(contentsOf: url))
    }
}

/// `nego-ads.json`: ads as a real collector holds them.
struct RecordedAds: Decodable {
    var submitter: [[String]]
    var private_pslot: [[String]]
    var public_pslot: [[String]]
    var public_dslot: [[String]]

    /// The partitionable slot, as an offer of `annex`.
    static func partitionableSlot(of annex: OfferingAnnex = Fixture.annex(), adding lines: [String] = []) throws
        -> SlotOffer
    {
        let ads: RecordedAds = try Fixture.recording("nego-ads")
        return try SlotOffer(
            publicAd: Fixture.ad(ads.public_pslot[0] + lines), privateAd: Fixture.ad(ads.private_pslot[0]),
            annex: annex, key: "slot1@annex1@localhost", receivedAt: Fixture.now)
    }
}

/// `nego-negotiate-*.json`: a condor_negotiator and a condor_schedd.
struct RecordedNegotiation: Decodable {
    struct Message: Decodable {
        struct Decoded: Decodable {
            var op: Int?
            var ad: [String]?
            var claim: String?
            var reason: String?
            var count: Int?
        }
        var from: String
        var encrypted: Bool
        var plaintext: String?
        var decoded: Decoded?
    }
    var messages: [Message]

    /// The messages after the session was resumed.
    var conversation: [Message] { messages.filter(\.encrypted) }
}

extension RecordedNegotiation.Message {
    /// The message as the other side reads it.
    var inbound: InboundMessage {
        get throws {
            let text = Array(try #require(plaintext).utf8)
            var writer = MessageWriter(encrypted: true)
            writer.writeBytes(
                stride(from: 0, to: text.count, by: 2).compactMap {
                    UInt8(String(decoding: text[$0..<$0 + 2], as: UTF8.self), radix: 16)
                })
            return InboundMessage(payload: writer.payload, encrypted: true)
        }
    }
}

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
