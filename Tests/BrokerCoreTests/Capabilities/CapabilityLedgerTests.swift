import AnnexModel
import BrokerCore
import Synchronization
import Testing

/// Values with stable content and a hash that is none, but tells texts apart.
private enum LedgerFixture {
    static let alice = AnnexKey(owner: "alice@example.net", name: "gpu")!  // a valid name
    static let bob = AnnexKey(owner: "bob@example.net", name: "gpu")!  // a valid name

    /// As long as SHA-256 and different for different texts of these tests.
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0x5A, count: 32)
        for (index, byte) in bytes.enumerated() { hash[index % 32] = hash[index % 32] &* 31 &+ byte }
        return hash
    }

    static func ledger(_ limits: LedgerLimits = LedgerLimits()) -> CapabilityLedger {
        CapabilityLedger(limits: limits, digest: digest)
    }

    /// Bytes that never repeat.
    static let counter = Mutex<UInt64>(0)

    static func random(_ count: Int) -> [UInt8] {
        let number = counter.withLock { counter -> UInt64 in
            counter += 1
            return counter
        }
        return (0..<count).map { UInt8(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> (UInt64($0 % 8) * 8)) }
    }
}

extension CapabilityLedger {
    fileprivate func make(
        _ key: AnnexKey = LedgerFixture.alice, lifetime: Int64 = 3600, form: CapabilityForm = .opaque, now: Int64 = 1000
    ) throws -> NewRequest {
        let new = try prepareAnnex(key, lifetime: lifetime, form: form, now: now, random: LedgerFixture.random)
        publish(new)
        return new
    }

    fileprivate func refusal(_ text: String, now: Int64 = 1001) -> CapabilityRefusal? {
        if case .failure(let refused) = verify(bearer: Array(text.utf8), now: now) { refused.refusal } else { nil }
    }
}

@Suite struct CapabilityVerificationTests {
    @Test func theRightTextIsAcceptedUntilItsEnd() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        let text = try #require(new.text).text
        #expect(try ledger.verify(bearer: Array(text.utf8), now: 1001).get() == new.capability)
        #expect(ledger.refusal(text, now: 1000 + 3600 + 3599) == nil)
        #expect(ledger.refusal(text, now: 1000 + 3600 + 3600) == .expired)
    }

    @Test func everyOtherTextIsRefusedForItsReason() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        let text = try #require(new.text).text
        let other = CapabilityText.mint(random: LedgerFixture.random)
        #expect(ledger.refusal("") == .malformed)
        #expect(ledger.refusal(text + "\n") == .malformed)
        #expect(ledger.refusal(other.text) == .unknown)
        let mixed = "annexcap1.\(new.capability.id).\(String(decoding: other.secret, as: UTF8.self))"
        #expect(ledger.refusal(mixed) == .wrongSecret)
    }

    @Test func aWrongSecretLearnsNothingOfTheStanding() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        _ = try ledger.revoke(capabilityID: new.capability.id, by: "root", now: 1001)
        let other = CapabilityText.mint(random: LedgerFixture.random)
        let mixed = "annexcap1.\(new.capability.id).\(String(decoding: other.secret, as: UTF8.self))"
        #expect(ledger.refusal(mixed) == .wrongSecret)
        #expect(ledger.refusal(try #require(new.text).text) == .revoked)
    }

    @Test func aRefusalCarriesThePublicIDOnly() throws {
        let ledger = LedgerFixture.ledger()
        let text = CapabilityText.mint(random: LedgerFixture.random)
        #expect(throws: RefusedCapability.self) { try ledger.verify(bearer: Array(text.text.utf8), now: 0).get() }
        guard case .failure(let refused) = ledger.verify(bearer: Array(text.text.utf8), now: 0) else { return }
        #expect(refused.id == text.id)
        #expect(!"\(refused)".contains(String(decoding: text.secret, as: UTF8.self)))
    }

    @Test func tokensAreAcceptedByIDAndKey() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make(form: .token(kid: "flockbroker-1"))
        func refusal(_ id: String, _ kid: String = "flockbroker-1", now: Int64 = 1001) -> CapabilityRefusal? {
            if case .failure(let refused) = ledger.verify(tokenID: id, kid: kid, now: now) {
                refused.refusal
            } else {
                nil
            }
        }
        #expect(new.text == nil)
        #expect(refusal(new.capability.id) == nil)
        #expect(refusal(new.capability.id, "POOL") == .wrongSecret)
        #expect(refusal("no such id") == .unknown)
        #expect(refusal(new.capability.id, now: 99_999) == .expired)
    }

    @Test func aCapabilityIsGoodForItsOwnMethodOnly() throws {
        let ledger = LedgerFixture.ledger()
        let opaque = try ledger.make()
        let token = try ledger.make(LedgerFixture.bob, form: .token(kid: "k"))
        guard case .failure(let first) = ledger.verify(tokenID: opaque.capability.id, kid: "k", now: 1001) else {
            Issue.record("an opaque capability is no token")
            return
        }
        #expect(first.refusal == .wrongMethod)
        let text = "annexcap1.\(token.capability.id).\(String(repeating: "A", count: 43))"
        #expect(ledger.refusal(text) == .wrongMethod)
    }

    @Test func anUnreadableTokenIDIsNotRepeated() {
        guard case .failure(let refused) = LedgerFixture.ledger().verify(tokenID: "x\ny", kid: "k", now: 0) else {
            return
        }
        #expect(refused == RefusedCapability(id: nil, refusal: .unknown))
    }
}

@Suite struct AnnexLedgerTests {
    @Test func anAnnexComesWithItsFirstRequestAndCapability() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        #expect(new.isNewAnnex)
        #expect(new.annex.expiresAt == 4600)
        #expect(new.request.annexID == new.annex.id)
        #expect(new.capability.requestID == new.request.id)
        #expect(new.capability.expiresAt == 4600 + 3600)
        #expect(new.capability.scopes == ["ADVERTISE_STARTD", "ADVERTISE_MASTER", "READ"])
        #expect([new.annex.id, new.request.id, new.capability.id].allSatisfy { $0.utf8.count == 32 })
        #expect(ledger.annex(LedgerFixture.alice) == new.annex)
        #expect(ledger.annex(ofCapability: new.capability.id) == new.annex)
        #expect(ledger.requests(ofAnnex: new.annex.id) == [new.request])
        #expect(ledger.capabilities(ofAnnex: new.annex.id) == [new.capability])
    }

    @Test func nothingCountsBeforeItIsPublishedButTheNameIsTaken() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.prepareAnnex(LedgerFixture.alice, form: .opaque, now: 0, random: LedgerFixture.random)
        #expect(ledger.annex(LedgerFixture.alice) == nil)
        #expect(ledger.refusal(try #require(new.text).text) == .unknown)
        #expect(throws: LedgerRefusal.annexExists) { try ledger.make() }
        ledger.abandon(new)
        _ = try ledger.make()
    }

    @Test func namesAreFreeForOtherOwnersAndAfterTheEnd() throws {
        let ledger = LedgerFixture.ledger()
        let first = try ledger.make()
        _ = try ledger.make(LedgerFixture.bob)
        #expect(throws: LedgerRefusal.annexExists) { try ledger.make() }
        _ = try ledger.close(annexID: first.annex.id, by: "alice@example.net", now: 2000)
        let second = try ledger.make(now: 2001)
        #expect(second.annex.id != first.annex.id)
        #expect(ledger.annex(LedgerFixture.alice) == second.annex)
        #expect(ledger.annexes(of: "alice@example.net").map(\.id) == [first.annex.id, second.annex.id])
    }

    @Test func aFurtherRequestMovesTheEndLaterAndNeverEarlier() throws {
        let ledger = LedgerFixture.ledger()
        let id = try ledger.make().annex.id
        func add(_ lifetime: Int64) throws {
            ledger.publish(
                try ledger.prepareRequest(
                    annexID: id, lifetime: lifetime, form: .opaque, now: 1000, random: LedgerFixture.random))
        }
        try add(7200)
        #expect(ledger.annex(id: id)?.expiresAt == 8200)
        try add(60)
        #expect(ledger.annex(id: id)?.expiresAt == 8200)
        #expect(ledger.requests(ofAnnex: id).count == 3)
    }

    @Test func onlyActiveAnnexesTakeRequests() throws {
        let ledger = LedgerFixture.ledger()
        let id = try ledger.make().annex.id
        func add(_ now: Int64) throws {
            _ = try ledger.prepareRequest(annexID: id, form: .opaque, now: now, random: LedgerFixture.random)
        }
        #expect(throws: LedgerRefusal.annexNotActive) { try add(4600) }
        _ = try ledger.close(annexID: id, by: "alice@example.net", now: 2000)
        #expect(throws: LedgerRefusal.annexNotActive) { try add(2001) }
        #expect(throws: LedgerRefusal.noSuchAnnex) {
            try ledger.prepareRequest(annexID: "x", form: .opaque, now: 0, random: LedgerFixture.random)
        }
    }

    @Test func aRequestPublishedAfterTheAnnexWasClosedDoesNotOpenItAgain() throws {
        let ledger = LedgerFixture.ledger()
        let id = try ledger.make().annex.id
        let late = try ledger.prepareRequest(annexID: id, form: .opaque, now: 1001, random: LedgerFixture.random)
        _ = try ledger.close(annexID: id, by: "alice@example.net", now: 1002)
        ledger.publish(late)
        #expect(ledger.annex(id: id)?.state == .closed)
    }

    @Test(arguments: [Int64.min, -1, 0, 366 * 24 * 3600 + 1, .max])
    func lifetimesOutsideOfTheirBoundsAreRefused(lifetime: Int64) {
        #expect(throws: LedgerRefusal.lifetimeOutOfRange) { try LedgerFixture.ledger().make(lifetime: lifetime) }
    }

    @Test func numbersOfAnnexesAndRequestsAreBounded() throws {
        var limits = LedgerLimits()
        limits.annexesPerOwner = 1
        limits.requestsPerAnnex = 1
        let ledger = LedgerFixture.ledger(limits)
        let id = try ledger.make().annex.id
        let second = try #require(AnnexKey(owner: "alice@example.net", name: "cpu"))
        #expect(throws: LedgerRefusal.tooMany) { try ledger.make(second) }
        #expect(throws: LedgerRefusal.tooMany) {
            try ledger.prepareRequest(annexID: id, form: .opaque, now: 1001, random: LedgerFixture.random)
        }
    }

    @Test func revocationCountsAtOnceAndOnce() throws {
        let ledger = LedgerFixture.ledger()
        let id = try ledger.make().capability.id
        #expect(ledger.isValid(capabilityID: id, now: 1001))
        let first = try ledger.revoke(capabilityID: id, by: "root@example.net", now: 1002)
        #expect(!ledger.isValid(capabilityID: id, now: 1002))
        #expect(try ledger.revoke(capabilityID: id, by: "bob@example.net", now: 1003) == first)
        #expect(throws: LedgerRefusal.noSuchCapability) { try ledger.revoke(capabilityID: "x", by: "", now: 0) }
    }

    @Test func closingDoesNotRevoke() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        let closed = try ledger.close(annexID: new.annex.id, by: "alice@example.net", now: 1002)
        #expect(closed.state == .closed)
        #expect(ledger.refusal(try #require(new.text).text) == nil)
        #expect(ledger.annex(ofCapability: new.capability.id)?.permits(.match) == false)
    }

    @Test func whatTimeEndsIsReportedOnce() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        #expect(ledger.nextDeadline == 4600)
        #expect(ledger.expire(now: 4599).isEmpty)
        let first = ledger.expire(now: 4600)
        #expect(first.annexes.map(\.state) == [.expired])
        #expect(first.capabilities == [])
        #expect(ledger.nextDeadline == 8200)
        let second = ledger.expire(now: 8200)
        #expect(second.annexes == [])
        #expect(second.capabilities.map(\.id) == [new.capability.id])
        #expect(ledger.expire(now: 9999).isEmpty)
        #expect(ledger.nextDeadline == nil)
    }

    @Test func anAnnexIsForgottenWhenNobodyCanComeWithItAnyMore() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        _ = try ledger.close(annexID: new.annex.id, by: "alice@example.net", now: 2000)
        #expect(ledger.forgettable(now: 8200 + 100, history: 100) == [])
        #expect(ledger.forgettable(now: 8200 + 101, history: 100) == [new.annex.id])
        ledger.forget(annexID: new.annex.id)
        #expect(ledger.annexes().isEmpty)
        #expect(ledger.annex(LedgerFixture.alice) == nil)
        #expect(ledger.capability(id: new.capability.id) == nil)
        #expect(ledger.request(id: new.request.id) == nil)
    }

    @Test func requestsMoveOnAndUsesAreNoted() throws {
        let ledger = LedgerFixture.ledger()
        let new = try ledger.make()
        #expect(ledger.advance(requestID: new.request.id, to: .enrolled)?.state == .enrolled)
        #expect(ledger.advance(requestID: new.request.id, to: .enrolled) == nil)
        #expect(ledger.request(id: new.request.id)?.state == .enrolled)
        #expect(ledger.noteUse(capabilityID: new.capability.id, peer: "192.0.2.1", now: 1005))
        #expect(ledger.capability(id: new.capability.id)?.lastUsed == 1005)
        #expect(!ledger.noteUse(capabilityID: "x", peer: "192.0.2.1", now: 1005))
    }

    @Test func aLedgerMadeFromStoredRowsKnowsTheSame() throws {
        let first = LedgerFixture.ledger()
        let new = try first.make()
        _ = try first.revoke(capabilityID: new.capability.id, by: "root", now: 1002)
        let second = CapabilityLedger(
            annexes: first.annexes(), requests: first.requests(ofAnnex: new.annex.id),
            capabilities: first.capabilities(ofAnnex: new.annex.id), digest: LedgerFixture.digest)
        #expect(second.refusal(try #require(new.text).text) == .revoked)
        #expect(throws: LedgerRefusal.annexExists) { try second.make() }
        #expect(second.expire(now: 9999).capabilities == [], "revoked ones end only once")
    }
}
