import AnnexModel
import AnnexStore
import Cryptography
import Foundation
import GRDB
import Synchronization

/// A state directory that goes away with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "flockbroker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit {
        // A folder that stays behind in the temporary directory does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }

    var database: String { path + "/state/flockbroker.sqlite" }
    var key: String { path + "/state/broker.key" }
    var state: String { path + "/state" }

    func open(_ change: (inout AnnexStore.Options) -> Void = { _ in }, faults: any FaultInjecting = NoFaults()) throws
        -> AnnexStore
    {
        var options = AnnexStore.Options()
        options.softDelay = .seconds(3600)  // tests say when soft changes are written
        change(&options)
        return try AnnexStore(path: state, options: options, faults: faults)
    }
}

extension TemporaryDirectory {
    /// Another process's connection, which may keep SQLite's write lock from one access to the next.
    func outsider() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: database, configuration: configuration)
    }
}

/// Collects what happens on other threads.
final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func append(_ element: Element) { elements.withLock { $0.append(element) } }

    var all: [Element] { elements.withLock { $0 } }
}

/// Passes every fault point on.
struct FaultRecorder: FaultInjecting {
    let body: @Sendable (FaultPoint) -> Void

    func reached(_ point: FaultPoint) { body(point) }
}

/// Values with stable content.
enum Sample {
    static let annexID = String(repeating: "a", count: 32)
    static let requestID = String(repeating: "b", count: 32)
    static let capabilityID = String(repeating: "c", count: 32)

    static let key = AnnexKey(owner: "alice@example.net", name: "gpu")!  // a valid name
    static let annex = Annex(id: annexID, key: key, createdAt: 1000, expiresAt: 87_400)
    static let request = AnnexRequest(id: requestID, annexID: annexID, createdAt: 1000, lifetime: 86_400)
    static let capability = CapabilityRecord(
        id: capabilityID, requestID: requestID, annexID: annexID, owner: key.owner, annexName: key.name,
        method: .sciTokens, secretHash: Array(0..<32), issuedAt: 1000, expiresAt: 91_000)

    static let domain: [Change] = [.putAnnex(annex), .putRequest(request), .putCapability(capability)]

    static func session(_ id: String = "host:1:2:3", capability: String? = capabilityID) -> StoredSession {
        StoredSession(
            id: id, key: SecretBytes(Array("0123456789abcdef0123456789abcdef".utf8)), user: "alice@example.net",
            method: "SCITOKENS", capabilityID: capability, limits: ["ADVERTISE_STARTD", "READ"], isBound: true,
            peerVersion: "$CondorVersion: 25.14.0 $",
            token: StoredToken(
                issuer: "https://issuer.example.org", subject: "alice", id: "j1", scopes: ["condor:/READ", "a b"],
                groups: ["/cms"], expiresAt: 9000), createdAt: 2000, expiresAt: 5600, lease: 3600, lastUsed: 2000)
    }

    static func ad(
        _ name: String = "slot1@node1", annex: String? = annexID, heard: Int64 = 2000, text: String = "Cpus = 4"
    )
        -> StoredAd
    {
        StoredAd(
            key: StoredAdKey(table: "Machine", annexID: annex, key: name), identity: "alice@example.net",
            method: "SCITOKENS", capabilityID: capabilityID, publicText: Array(text.utf8),
            privateText: SecretBytes(Array("ClaimId = \"<192.0.2.1:9618>#1#1#topsecret\"".utf8)), lastHeardFrom: heard,
            lifetime: 900,
            statistics: .init(total: 3, sequenced: 2, lost: 1, history: "60000000000000000000000000000000"))
    }

    static let match = Match(
        claimPublicID: "<192.0.2.1:9618>#1#1#...", annexID: annexID, slotKey: "slot1@node1", schedd: "ap.example.net",
        submitter: "alice@example.net", user: "alice@example.net", cluster: 7, proc: 0, autocluster: 3,
        handedOutAt: 2100)
    static let order = ShutdownOrder(
        id: String(repeating: "d", count: 32), annexID: annexID, orderedAt: 3000, orderedBy: "alice@example.net",
        speed: .fast)
    static let stop = MasterStop(orderID: order.id, masterName: "node1", state: .ordered, detail: "452 sent", at: 3001)
    static let target = StoredTarget(
        id: 17, annexID: annexID, capabilityID: capabilityID, name: "STARTD <192.0.2.1:9618>",
        cookie: SecretBytes(Array("4711".utf8)), lastSeen: 2000)
}

extension AnnexStore {
    /// What a restart would find.
    func stored() throws -> StoredState { try load().state }
}
