import AnnexModel
import BrokerCore
import CEDAR
import ClassAds

/// Two annexes, the access point, and short ways to talk to a registry.
enum Sender {
    static let gpu = Annex(id: "annex-1", key: key("alice@example.net", "gpu"), createdAt: 0, expiresAt: 100_000)
    static let other = Annex(id: "annex-2", key: key("bob@example.net", "gpu"), createdAt: 0, expiresAt: 100_000)

    static let alice = AdSource.annex(gpu, capabilityID: "cap-1", method: "SCITOKENS")
    static let bob = AdSource.annex(other, capabilityID: "cap-2", method: "IDTOKENS")
    static let accessPoint = AdSource.accessPoint(user: "condor@example.net", method: "FS")

    private static func key(_ owner: String, _ name: String) -> AnnexKey {
        AnnexKey(owner: owner, name: name)!  // both are valid
    }
}

extension Registry {
    /// Brings an ad and makes it visible.
    @discardableResult
    func bring(
        _ kind: UpdateKind, _ ad: ClassAd, private privateAd: ClassAd? = nil, from source: AdSource = Sender.alice,
        now: Int64 = 1000
    ) throws -> PreparedUpdate {
        let prepared = try prepare(
            AdUpdate(kind: kind, ad: ad, privateAd: privateAd, wireBytes: 1000), from: source, now: now)
        publish(prepared)
        return prepared
    }

    @discardableResult
    func invalidate(
        _ kind: AdInvalidation.Kind, _ ad: ClassAd, from source: AdSource = Sender.alice, now: Int64 = 1000
    ) throws -> PreparedRemoval {
        let removal = try prepare(AdInvalidation(kind: kind, ad: ad), from: source, now: now)
        publish(removal)
        return removal
    }

    func ask(
        _ kind: AdQuery.Kind, _ ad: ClassAd = [:], for reader: QueryReader = .anybody, now: Int64 = 1000
    ) throws -> [QueryAnswer] {
        var cursor = try query(AdQuery(kind: kind, ad: ad), for: reader, now: now)
        return cursor.all()
    }

    /// The names of the ads in an answer, in alphabetical order.
    func names(_ kind: AdQuery.Kind, _ ad: ClassAd = [:], now: Int64 = 1000) throws -> [String] {
        try ask(kind, ad, now: now).map { $0.ad.string("Name") ?? "?" }.sorted()
    }
}

/// A slot ad as startds before 23.8 or `condor_advertise` send it, without a daemon ad of its own.
func slot(_ name: String = "slot1@node1", state: String = "Unclaimed", more: ClassAd = [:]) -> ClassAd {
    var ad: ClassAd = [
        "MyType": "Machine", "Machine": "node1", "MyAddress": "<192.0.2.1:9618>", "Activity": "Idle",
        "HasStartDaemonAd": true, "Cpus": 4,
    ]
    ad.set("Name", name)
    ad.set("State", state)
    ad.merge(more)
    return ad
}

func claim(_ text: String = "<192.0.2.1:9618>#1#1#secret") -> ClassAd {
    var ad: ClassAd = ["MyType": "Machine", "MyAddress": "<192.0.2.1:9618>"]
    ad.set("ClaimId", text)
    return ad
}

let master: ClassAd = [
    "MyType": "DaemonMaster", "Name": "node1", "Machine": "node1", "MyAddress": "<192.0.2.1:9618>",
    "_condor_PrivRemoteAdminCapability": "admin_<192.0.2.1:9618>#1#1#[]00ff",
]
