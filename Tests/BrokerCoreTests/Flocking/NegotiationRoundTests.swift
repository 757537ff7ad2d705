import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

/// Actions in words.
private func words(_ actions: [NegotiationRound.Action]) -> [String] {
    actions.map { action in
        switch action {
        case .send(.header(_, let withCommand)): withCommand ? "416 header" : "header"
        case .send(.requestList(let count)): "518 \(count)"
        case .send(.match(let claim, let ad)):
            "472 \(claim.publicForm.suffix(6)) \(ad.integer("_condor_RESOURCE_CLUSTER") ?? -1).\(ad.integer("_condor_RESOURCE_PROC") ?? -1)"
        case .send(.rejectWithReason(let reason, _)): "476 \(reason)"
        case .send(.reject): "426"
        case .send(.end): "425"
        case .plan(let requests): "plan \(requests.map(\.jobID).joined(separator: " "))"
        case .finished(let outcome):
            "finished \(outcome.requests) requests \(outcome.matches.count) matches \(outcome.rejections) rejections"
                + (outcome.endedBySchedd ? " by schedd" : "") + (outcome.mustClose ? " close" : "")
        case .fail(let failure, _): "fail \(failure)"
        }
    }
}

@Suite struct NegotiationRoundTests {
    private static let header = NegotiationHeader(
        submitter: "alice@ap.test", tag: "t", significantAttributes: "Owner", negotiatorName: "broker")

    private func round(
        listSize: Int = 2, maximum: Int = 10, neutral: Bool = false
    ) -> NegotiationRound {
        NegotiationRound(
            header: Self.header, locks: .all, uidDomain: "ap.test",
            settings: .init(listSize: listSize, maximumRequests: maximum, endsNeutrally: neutral))
    }

    private func job(_ id: String) throws -> NegotiationReply { .jobInfo(try Fixture.request(id).ad) }

    private func matching(_ id: String, claim: Int) throws -> Negotiator.Decision {
        let offer = try Fixture.slot("s\(claim)", claim: claim)
        let request = try Fixture.request(id)
        var ledger = HandOutLedger()
        let plan = Negotiator().plan(
            [request], for: Fixture.party, offers: [offer], annexes: [offer.annex], ledger: &ledger, now: Fixture.now)
        return try #require(plan.decisions.first)
    }

    private func rejection(_ id: String) throws -> Negotiator.Decision {
        .reject(try Fixture.request(id), .noFreeSlot("blue"))
    }

    private func plan(_ decisions: [Negotiator.Decision], more: Bool = true) -> Negotiator.Plan {
        .init(decisions: decisions, hasFreeSlots: more)
    }

    @Test func theFirstRoundOfAConnectionHasNoCommandNumber() {
        var first = round()
        var later = round()
        #expect(words(first.start(isFirstOnConnection: true)) == ["header", "518 2"])
        #expect(words(later.start(isFirstOnConnection: false)) == ["416 header", "518 2"])
    }

    @Test func aShortListIsDealtWithAndTheRoundEnded() throws {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        #expect(words(round.received(try job("1.0"), now: 0)) == [])
        #expect(words(round.received(.noMoreJobs, now: 0)) == ["plan 1.0"])
        #expect(
            words(round.decided(plan([try matching("1.0", claim: 7)]))) == [
                "472 #7#... 1.0", "425", "finished 1 requests 1 matches 0 rejections",
            ])
    }

    /// Spec 05, 2.4: exactly n requests come without an end, and all are dealt with before asking again.
    @Test func aFullListIsDealtWithBeforeMoreIsAskedFor() throws {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        _ = round.received(try job("1.0"), now: 0)
        #expect(words(round.received(try job("2.0"), now: 0)) == ["plan 1.0 2.0"])
        #expect(
            words(round.decided(plan([try rejection("1.0"), try matching("2.0", claim: 7)]))) == [
                "476 annex blue has no free slot |1|1.0|", "472 #7#... 2.0", "518 2",
            ])
    }

    @Test func noMoreJobsAloneEndsTheRoundAndNothingMoreIsSaid() throws {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        #expect(
            words(round.received(.noMoreJobs, now: 0)) == ["finished 0 requests 0 matches 0 rejections by schedd"])
    }

    @Test func noMoreJobsAloneAfterAFullListEndsTheRoundToo() throws {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        _ = round.received(try job("1.0"), now: 0)
        _ = round.received(try job("2.0"), now: 0)
        _ = round.decided(plan([try rejection("1.0"), try matching("2.0", claim: 7)]))
        #expect(
            words(round.received(.noMoreJobs, now: 0)) == ["finished 2 requests 1 matches 1 rejections by schedd"])
    }

    @Test func withoutFreeSlotsNoMoreIsAskedFor() throws {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        _ = round.received(try job("1.0"), now: 0)
        _ = round.received(try job("2.0"), now: 0)
        #expect(
            words(round.decided(plan([], more: false))) == ["425", "finished 2 requests 0 matches 0 rejections"])
    }

    @Test func aRoundTakesABoundedNumberOfRequests() throws {
        var round = round(maximum: 4)
        _ = round.start(isFirstOnConnection: true)
        for list in 0..<2 {
            _ = round.received(try job("1.\(list)"), now: 0)
            _ = round.received(try job("2.\(list)"), now: 0)
            let actions = words(round.decided(plan([])))
            #expect(actions == (list == 0 ? ["518 2"] : ["425", "finished 4 requests 0 matches 0 rejections"]))
        }
    }

    // MARK: Neutral endings (spec 05, 2.9)

    @Test func aNeutralRoundWithMatchesEndsByClosing() throws {
        var round = round(neutral: true)
        _ = round.start(isFirstOnConnection: true)
        _ = round.received(try job("1.0"), now: 0)
        _ = round.received(.noMoreJobs, now: 0)
        #expect(
            words(round.decided(plan([try matching("1.0", claim: 7), try rejection("2.0")]))) == [
                "472 #7#... 1.0", "finished 1 requests 1 matches 0 rejections close",
            ])
    }

    @Test func aNeutralRoundWithoutMatchesEndsNormallyAndWithoutRejections() throws {
        var round = round(neutral: true)
        _ = round.start(isFirstOnConnection: true)
        _ = round.received(try job("1.0"), now: 0)
        _ = round.received(.noMoreJobs, now: 0)
        #expect(
            words(round.decided(plan([try rejection("1.0")]))) == ["425", "finished 1 requests 0 matches 0 rejections"])
    }

    // MARK: Schedds that do not keep to the protocol

    @Test func aForeignNumberBreaksTheRoundOff() {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        #expect(words(round.received(.unexpected(425), now: 0)) == ["fail unexpectedCommand(425)"])
        #expect(words(round.received(.noMoreJobs, now: 0)) == ["fail unaskedMessage"])
    }

    @Test func aMessageBeforeTheStartOrAfterTheEndBreaksTheConnection() throws {
        var early = round()
        #expect(words(early.received(.noMoreJobs, now: 0)) == ["fail unaskedMessage"])
        var late = round()
        _ = late.start(isFirstOnConnection: true)
        _ = late.received(.noMoreJobs, now: 0)
        #expect(words(late.received(try job("1.0"), now: 0)) == ["fail unaskedMessage"])
    }

    @Test func aRequestMoreThanAskedForBreaksTheRoundOff() throws {
        var round = round()
        _ = round.start(isFirstOnConnection: true)
        _ = round.received(try job("1.0"), now: 0)
        _ = round.received(try job("2.0"), now: 0)
        #expect(words(round.received(try job("3.0"), now: 0)) == ["fail unaskedMessage"])
    }
}

/// The recorded rounds again, with us in the place of the real negotiator.
@Suite struct RecordedNegotiationTests {
    private struct Replay {
        var ours: [NegotiationMessage] = []
        var theirs: [RecordedNegotiation.Message.Decoded] = []
    }

    /// Feeds the schedd's answers of the first recorded round to our machine, with the slots that the real
    /// negotiator had, and returns what we say after the list beside what the real one said in its second round.
    private func replay(_ name: String) throws -> Replay {
        let recording: RecordedNegotiation = try vectors(name)
        let conversation = recording.conversation
        let secondHeader = try #require(conversation.firstIndex { $0.decoded?.op == 416 })
        let end = try #require(conversation[secondHeader...].firstIndex { $0.decoded?.op == 425 })
        var result = Replay(theirs: conversation[(secondHeader + 1)...end].compactMap(\.decoded))
        let offers = try result.theirs.filter { $0.op == 472 }.map { match in
            var privateAd = ClassAd()
            privateAd.set("ClaimId", try #require(match.claim))
            let ad = try ClassAd(lines: try #require(match.ad))
            return try SlotOffer(
                publicAd: ad, privateAd: privateAd, annex: Fixture.annex(), key: ad.string("Name") ?? "",
                receivedAt: Fixture.now)
        }
        // The recorded jobs have no tag, and the real negotiator knew none: those locks are open here.
        let locks = FlockLocks.all.subtracting([.tagCheck, .rewrittenRequirements])
        var round = NegotiationRound(
            header: NegotiationHeader(
                submitter: "alice@ap.test", tag: "127.0.0.1:21658", significantAttributes: "", negotiatorName: "x"),
            locks: locks, uidDomain: "ap.test")
        var ledger = HandOutLedger()
        _ = round.start(isFirstOnConnection: true)
        for message in conversation[..<secondHeader] where message.from == "schedd" {
            for action in round.received(try NegotiationReply(message.inbound), now: Fixture.now) {
                guard case .plan(let requests) = action else { continue }
                let plan = Negotiator(policy: .init(locks: locks)).plan(
                    requests, for: Fixture.party, offers: offers, annexes: [Fixture.annex()], ledger: &ledger,
                    now: Fixture.now)
                for case .send(let message) in round.decided(plan) { result.ours.append(message) }
            }
        }
        return result
    }

    /// The real negotiator also rejects a request of which only some jobs got a slot; we reject those that got none.
    @Test(arguments: [
        ("nego-negotiate-static", ["472", "472", "476 |1|2.0|", "425"]),
        ("nego-negotiate-pslot", ["472", "476 |1|2.0|", "425"]),
    ])
    func weSayWhatTheRealNegotiatorSaidButForPartialRejections(name: String, expected: [String]) throws {
        let replay = try replay(name)
        let ours = replay.ours.map { message in
            switch message {
            case .match: "472"
            case .rejectWithReason(let reason, _):
                "476 |" + reason.split(separator: "|").dropFirst().joined(separator: "|") + "|"
            case .end: "425"
            case .header, .requestList, .reject: "?"
            }
        }
        let theirs = replay.theirs.map { message in
            message.reason.map { "476 |" + $0.split(separator: "|").dropFirst().joined(separator: "|") + "|" }
                ?? "\(message.op ?? 0)"
        }
        #expect(ours == expected)
        #expect(theirs.filter { $0 != "476 |2|1.0|" } == expected)
    }

    @Test(arguments: ["nego-negotiate-static", "nego-negotiate-pslot"])
    func weHandOutTheSameClaimsForTheSameJobs(name: String) throws {
        let replay = try replay(name)
        let ours = replay.ours.compactMap { message -> [String]? in
            guard case .match(let claim, let ad) = message else { return nil }
            return [
                claim.text,
                "\(ad.integer("_condor_RESOURCE_CLUSTER") ?? -1).\(ad.integer("_condor_RESOURCE_PROC") ?? -1)",
            ]
        }
        let theirs = try replay.theirs.filter { $0.op == 472 }.map { message in
            let ad = try ClassAd(lines: try #require(message.ad))
            return [
                try #require(message.claim),
                "\(ad.integer("_condor_RESOURCE_CLUSTER") ?? -1).\(ad.integer("_condor_RESOURCE_PROC") ?? -1)",
            ]
        }
        #expect(ours == theirs)
    }

    /// What a real negotiator adds and we do not, and the other way round.
    @Test(arguments: ["nego-negotiate-static", "nego-negotiate-pslot"])
    func ourSlotAdsDifferFromTheRealOnesInKnownAttributesOnly(name: String) throws {
        let replay = try replay(name)
        let theirs = try replay.theirs.filter { $0.op == 472 }.map { try ClassAd(lines: try #require($0.ad)) }
        let ours = replay.ours.compactMap { message -> ClassAd? in
            guard case .match(_, let ad) = message else { return nil }
            return ad
        }
        #expect(ours.count == theirs.count)
        for (our, their) in zip(ours, theirs) {
            let names = Set(our.names).union(their.names).filter { our[$0] != their[$0] }
            #expect(
                names == [
                    "AuthenticatedIdentity", "RestrictToAuthenticatedIdentity", "NegotiatorMatchExprFlockTarget",
                ])
        }
    }
}
