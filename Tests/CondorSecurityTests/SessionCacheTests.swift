import Cryptography
import Testing

@testable import CondorSecurity

@Suite struct SessionCacheTests {
    static func session(
        _ id: String, user: String = "a@b", capability: String? = nil, expiresAt: Int64 = SecuritySession.never,
        lease: Int64 = 0
    ) -> SecuritySession {
        SecuritySession(
            id: id, key: nil, identity: Identity(user: user, method: .fs), capabilityID: capability, createdAt: 0,
            expiresAt: expiresAt, lease: lease)
    }

    /// The ids, the longest unused first.
    static func ids(_ cache: SessionCache) -> [String] {
        var ids: [String] = []
        cache.forEach { ids.append($0.id) }
        return ids
    }

    @Test func anIdentityPushesOutItsOwnLongestUnusedSession() {
        var cache = SessionCache(capacity: 10, capacityPerIdentity: 2)
        cache.insert(Self.session("other", user: "c@d"))
        cache.insert(Self.session("1"))
        cache.insert(Self.session("2"))
        _ = cache.use("1", now: 5)
        let evicted = cache.insert(Self.session("3"))
        #expect(evicted == ["2"])
        #expect(Self.ids(cache) == ["other", "1", "3"])
    }

    @Test func aFullCacheTakesFromTheOneWhoInsertsFirst() {
        var cache = SessionCache(capacity: 3, capacityPerIdentity: 3)
        cache.insert(Self.session("victim", user: "c@d"))
        cache.insert(Self.session("1"))
        cache.insert(Self.session("2"))
        let own = cache.insert(Self.session("3"))
        #expect(own == ["1"])
        let others = cache.insert(Self.session("new", user: "e@f"))
        #expect(others == ["victim"])
    }

    @Test func capabilitiesCountTogetherWhateverTheirUser() {
        var cache = SessionCache(capacity: 10, capacityPerIdentity: 1)
        cache.insert(Self.session("1", user: "a@b", capability: "42"))
        let evicted = cache.insert(Self.session("2", user: "c@d", capability: "42"))
        #expect(evicted == ["1"])
    }

    @Test func thoseWhoProvedNothingHaveALimitOfTheirOwn() {
        var cache = SessionCache(capacity: 10, capacityPerIdentity: 5, unauthenticatedCapacity: 1)
        cache.insert(Self.session("1", user: Identity.unauthenticatedUser))
        let evicted = cache.insert(Self.session("2", user: Identity.unauthenticatedUser))
        #expect(evicted == ["1"])
    }

    @Test func insertingTheSameIDReplaces() {
        var cache = SessionCache(capacity: 2)
        cache.insert(Self.session("1"))
        let evicted = cache.insert(Self.session("1", user: "c@d"))
        #expect(evicted.isEmpty)
        #expect(cache.count == 1 && cache["1"]?.identity.user == "c@d")
    }

    @Test(arguments: [(0, 99, true), (0, 100, false), (50, 149, true), (50, 150, false)] as [(Int64, Int64, Bool)])
    func aLeaseIsRenewedByUse(used: Int64, asked: Int64, isAlive: Bool) {
        var cache = SessionCache()
        cache.insert(Self.session("1", lease: 100))
        _ = cache.use("1", now: used)
        let found = cache.use("1", now: asked)
        #expect((found != nil) == isAlive)
        #expect(cache.count == (isAlive ? 1 : 0))
    }

    @Test func lookingRenewsNeitherLeaseNorPlace() {
        var cache = SessionCache(capacity: 10, capacityPerIdentity: 2)
        cache.insert(Self.session("1", lease: 100))
        cache.insert(Self.session("2", lease: 100))
        #expect(cache.live("1", now: 99)?.lastUsed == 0 && cache.live("1", now: 100) == nil)
        let evicted = cache.insert(Self.session("3"))
        #expect(evicted == ["1"] && cache.live("1", now: 5) == nil)
    }

    @Test func expiryIsNotRenewedByUse() {
        var cache = SessionCache()
        cache.insert(Self.session("1", expiresAt: 100))
        let before = cache.use("1", now: 99)
        let after = cache.use("1", now: 100)
        #expect(before != nil && after == nil && cache.count == 0)
    }

    @Test func aCapabilityTakesItsSessionsWithIt() {
        var cache = SessionCache()
        cache.insert(Self.session("1", capability: "42"))
        cache.insert(Self.session("2", capability: "43"))
        cache.insert(Self.session("3", capability: "42"))
        let removed = cache.removeAll(capabilityID: "42")
        #expect(removed == ["1", "3"])
        let nothing = cache.removeAll(capabilityID: "42")
        #expect(nothing.isEmpty)
        #expect(Self.ids(cache) == ["2"])
    }

    @Test func aCapabilityThatIsCutCutsItsSessions() {
        var cache = SessionCache()
        cache.insert(Self.session("1", capability: "42", expiresAt: 50))
        cache.insert(Self.session("2", capability: "42", expiresAt: 500))
        cache.cut(capabilityID: "42", to: 100)
        #expect(cache["1"]?.expiresAt == 50 && cache["2"]?.expiresAt == 100)
    }

    @Test func deadSessionsAreRemovedTogether() {
        var cache = SessionCache()
        cache.insert(Self.session("1", expiresAt: 10))
        cache.insert(Self.session("2", lease: 10))
        cache.insert(Self.session("3"))
        let removed = cache.removeExpired(now: 10)
        #expect(Set(removed) == ["1", "2"])
        #expect(Self.ids(cache) == ["3"])
    }

    @Test func manyInsertionsAndRemovalsKeepBothOrdersConsistent() {
        var cache = SessionCache(capacity: 50, capacityPerIdentity: 8)
        var state: UInt64 = 1
        for step in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let id = String((state >> 33) % 100)
            let user = "u\((state >> 40) % 10)@d"
            switch (state >> 60) % 4 {
            case 0: cache.remove(id)
            case 1: _ = cache.use(id, now: Int64(step))
            default: cache.insert(Self.session(id, user: user))
            }
            #expect(cache.count <= 50)
        }
        let ids = Self.ids(cache)
        #expect(ids.count == cache.count && Set(ids).count == ids.count)
        var perUser: [String: Int] = [:]
        cache.forEach { perUser[$0.identity.user, default: 0] += 1 }
        #expect(perUser.values.allSatisfy { $0 <= 8 })
    }
}
