import AnnexModel
import Cryptography
import Testing

@Suite struct AnnexKeyTests {
    @Test(arguments: ["a", "gpu", "9x", "A.b_c-d", String(repeating: "n", count: 64)])
    func namesOfLettersDigitsDotsUnderscoresAndDashesAreValid(name: String) {
        #expect(AnnexKey(owner: "alice@example.net", name: name) != nil)
    }

    @Test(arguments: ["", "-a", ".a", "_a", "a b", "a/b", "ä", "a\"", "a\n", String(repeating: "n", count: 65)])
    func otherNamesAreNot(name: String) {
        #expect(AnnexKey(owner: "alice@example.net", name: name) == nil)
    }

    @Test(arguments: [
        "alice", "@example.net", "alice@", "a@b@c", "a b@c", "a\"@c", "a\\@c",
        String(repeating: "o", count: 250) + "@d.net",
    ])
    func ownersNeedAUserAndADomain(owner: String) {
        #expect(AnnexKey(owner: owner, name: "gpu") == nil)
    }
}

@Suite struct AnnexTests {
    @Test func pilotsOfAClosedAnnexReportAndAreNeverMatched() {
        let closed = Sample.annex.closed(by: "alice@example.net", at: 2000)
        let permitted = Annex.Action.allCases.filter(closed.permits)
        #expect(permitted == [.advertise, .invalidate, .registerForCallbacks])
        #expect(Annex.Action.allCases.filter(Sample.annex.permits) == Annex.Action.allCases)
    }

    @Test func anAnnexExpiresAtItsEndAndNotBefore() {
        #expect(Sample.annex.expired(at: 87_399) == Sample.annex)
        #expect(Sample.annex.expired(at: 87_400).state == .expired)
        #expect(Sample.annex.expired(at: 99_999).closedAt == 87_400)
    }

    @Test func aClosedAnnexStaysClosed() {
        let closed = Sample.annex.closed(by: "alice@example.net", at: 2000)
        #expect(closed.closed(by: "bob@example.net", at: 3000) == closed)
        #expect(closed.expired(at: 99_999) == closed)
    }
}

@Suite struct AnnexRequestTests {
    @Test func aRequestMovesForwardAndOnlyALostOneComesBack() {
        typealias State = AnnexRequest.State
        let moves = State.allCases.map { from in State.allCases.filter(from.mayBecome) }
        #expect(
            moves == [
                [.enrolled, .active, .retired], [.active, .retired, .lost], [.retired, .lost], [], [.active, .retired],
            ])
    }

    @Test func anEndThatDoesNotFitIsNever() {
        #expect(AnnexRequest(id: "", annexID: "", createdAt: 5, lifetime: .max).endsAt == .max)
    }
}

@Suite struct CapabilityRecordTests {
    @Test func itIsValidUntilItsEnd() {
        #expect(Sample.capability.standing(now: 90_999) == .valid)
        #expect(Sample.capability.standing(now: 91_000) == .expired)
    }

    @Test func revocationIsStrongerThanExpiryAndHappensOnce() {
        let revoked = Sample.capability.revoked(by: "a", at: 5000)
        #expect(revoked.standing(now: 5000) == .revoked)
        #expect(revoked.standing(now: 99_999) == .revoked)
        #expect(revoked.revoked(by: "b", at: 6000) == revoked)
    }

    @Test func onlyTheRightHashOfTheRightLengthIsTheSecret() {
        let hash = [UInt8](0..<32)
        #expect(Sample.capability.hasSecret(hashed: hash))
        for index in hash.indices {
            var wrong = hash
            wrong[index] ^= 0x80
            #expect(!Sample.capability.hasSecret(hashed: wrong))
        }
        #expect(!Sample.capability.hasSecret(hashed: []))
        #expect(!Sample.capability.hasSecret(hashed: Array(hash.dropLast())))
    }
}

@Suite struct CapabilityTextTests {
    @Test func theTextIsPrefixIDAndSecretInBase64URL() {
        let text = CapabilityText.mint { count in [UInt8](repeating: 0xFB, count: count) }
        #expect(text.id == String(repeating: "fb", count: 16))
        #expect(text.text == "annexcap1.\(text.id).\(Base64URL.encode([UInt8](repeating: 0xFB, count: 32)))")
        #expect(text.text.utf8.count == CapabilityText.textLength)
    }

    @Test func whatWasMintedIsReadBack() throws {
        let minted = CapabilityText.mint { SystemRandom().bytes($0) }
        let read = try #require(CapabilityText(parsing: Array(minted.text.utf8)))
        #expect(read.id == minted.id)
        #expect(read.secret == minted.secret)
    }

    @Test func everythingElseIsRefused() {
        let good = Array(CapabilityText.mint { [UInt8](repeating: 7, count: $0) }.text.utf8)
        for length in 0..<good.count { #expect(CapabilityText(parsing: good.prefix(length)) == nil) }
        #expect(CapabilityText(parsing: good + [0x0A]) == nil)
        for (index, byte) in [(0, "b"), (8, "2"), (9, "-"), (10, "A"), (41, "g"), (42, "_"), (43, "+"), (85, "=")] {
            var bad = good
            bad[index] = Array(byte.utf8)[0]
            #expect(CapabilityText(parsing: bad) == nil, "byte \(index)")
        }
    }

    @Test func theSecretIsNotPrinted() {
        let text = CapabilityText.mint { SystemRandom().bytes($0) }
        let secret = String(decoding: text.secret, as: UTF8.self)
        var dumped = ""
        dump(text, to: &dumped)
        for shown in ["\(text)", String(reflecting: text), dumped] { #expect(!shown.contains(secret)) }
    }
}

@Suite struct MatchTests {
    @Test func anUnconfirmedMatchIsLostAfterItsTime() {
        #expect(!Sample.match.isLost(now: 2100 + 149))
        #expect(Sample.match.isLost(now: 2100 + 150))
        var confirmed = Sample.match
        confirmed.confirmedAt = 2200
        #expect(!confirmed.isLost(now: 99_999))
    }
}
