import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

/// Random queues of three users on random annexes, among them attempts to get onto a foreign one.
@Suite struct NegotiatorPropertyTests {
    private static let users = ["alice", "bob", "mallory"]
    private static let names = ["blue", "green"]

    private struct World {
        var annexes: [OfferingAnnex] = []
        var offers: [SlotOffer] = []
        var requests: [ResourceRequest] = []
    }

    private func world(_ generator: inout SeededRandom) throws -> World {
        var world = World()
        for user in Self.users {
            for name in Self.names where Bool.random(using: &generator) {
                let guests: Set<String> =
                    Int.random(in: 0..<4, using: &generator) == 0 ? ["\(pick(Self.users, &generator))@ap.test"] : []
                world.annexes.append(Fixture.annex(name, owner: "\(user)@ap.test", guests: guests))
            }
        }
        for number in 0..<Int.random(in: 1...12, using: &generator) {
            guard let annex = world.annexes.randomElement(using: &generator) else { break }
            let forged = pick([[], MatchAdTests.forged, ["Start = TARGET.RequestCpus < 3"]], &generator)
            world.offers.append(
                Bool.random(using: &generator)
                    ? try Fixture.slot("s\(number)", of: annex, claim: number, lines: forged)
                    : try Fixture.partitionable("s\(number)", of: annex, claim: number, lines: forged))
        }
        for number in 0..<Int.random(in: 1...20, using: &generator) {
            world.requests.append(try request(number, &generator))
        }
        return world
    }

    private func request(_ number: Int, _ generator: inout SeededRandom) throws -> ResourceRequest {
        let user = pick(Self.users, &generator)
        let tag = pick(
            [
                "FlockTarget = \"blue\"", "FlockTarget = \"green\"", "FlockTarget = undefined", "FlockTarget = 1",
                "FlockTarget = TARGET.AnnexName", "FlockTarget = TARGET.NegotiatorMatchExprFlockTarget",
                "FlockTarget = strcat(\"bl\", \"ue\")", "FlockTarget = \"nosuch\"",
            ], &generator)
        let trick = pick(
            [
                "Requirements = true", "Requirements = TARGET.Cpus > 0", "TargetAnnexName = \"green\"",
                "AnnexName = \"blue\"", "Rank = TARGET.Memory", "Rank = TARGET.Cpus - TARGET.Memory",
            ], &generator)
        return try Fixture.request(
            "\(number + 1).0", autocluster: number, count: Int.random(in: 1...4, using: &generator),
            lines: [
                "User = \"\(user)@ap.test\"", "Owner = \"\(user)\"", tag, trick,
                "RequestCpus = \(Int.random(in: 1...4, using: &generator))",
            ])
    }

    private func pick<T>(_ choices: [T], _ generator: inout SeededRandom) -> T {
        choices[Int.random(in: choices.indices, using: &generator)]
    }

    /// A job on an annex that does not admit its user, or whose name is not the job's tag.
    private func isWrong(_ matching: Negotiator.Matching) -> (user: Bool, tag: Bool) {
        let annex = matching.offer.annex
        let user = matching.request.ad.string("User") ?? ""
        return (user != annex.key.owner && !annex.guests.contains(user), matching.request.tag != annex.key.name)
    }

    private func wrongMatches(locks: FlockLocks, seed: UInt64, rounds: Int) throws -> (
        matches: Int, user: Int, tag: Int
    ) {
        var generator = SeededRandom(seed: seed)
        var count = (matches: 0, user: 0, tag: 0)
        for _ in 0..<rounds {
            let world = try world(&generator)
            var ledger = HandOutLedger()
            let plan = Negotiator(policy: .init(locks: locks)).plan(
                world.requests, for: Fixture.party, offers: world.offers, annexes: world.annexes, ledger: &ledger,
                now: Fixture.now)
            for case .match(let matching) in plan.decisions {
                let wrong = isWrong(matching)
                count.matches += 1
                count.user += wrong.user ? 1 : 0
                count.tag += wrong.tag ? 1 : 0
            }
        }
        return count
    }

    @Test func withAllLocksNoWrongJobIsEverMatched() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of withAllLocksNoWrongJobIsEverMatched: \(seed)")
        let count = try wrongMatches(locks: .all, seed: seed, rounds: 150)
        #expect(count.matches > 20, "seed \(seed)")
        #expect(count.user == 0, "seed \(seed)")
        #expect(count.tag == 0, "seed \(seed)")
    }

    @Test func withoutTheOwnerCheckOtherUsersJobsAreMatched() throws {
        #expect(try wrongMatches(locks: FlockLocks.all.subtracting(.ownerCheck), seed: 1, rounds: 50).user > 0)
    }

    /// A tag that depends on the slot is the name of every annex: only the job alone tells what it asks for.
    @Test func withoutTheTagCheckWronglyTaggedJobsAreMatched() throws {
        #expect(try wrongMatches(locks: FlockLocks.all.subtracting(.tagCheck), seed: 2, rounds: 50).tag > 0)
    }

    @Test func withoutTheTagCheckTheRewrittenRequirementsStillKeepOtherTagsOut() throws {
        let both: FlockLocks = [.tagCheck, .rewrittenRequirements]
        let one = try wrongMatches(locks: FlockLocks.all.subtracting(.tagCheck), seed: 3, rounds: 50).tag
        let two = try wrongMatches(locks: FlockLocks.all.subtracting(both), seed: 3, rounds: 50).tag
        #expect(two > one)
    }

    @Test func noClaimIsHandedOutTwiceAndNoCountIsExceeded() throws {
        var generator = SeededRandom(seed: 4)
        for _ in 0..<100 {
            let world = try world(&generator)
            var ledger = HandOutLedger()
            let plan = Negotiator().plan(
                world.requests, for: Fixture.party, offers: world.offers, annexes: world.annexes, ledger: &ledger,
                now: Fixture.now)
            var claims: Set<String> = []
            var used: [String: Int] = [:]
            for case .match(let matching) in plan.decisions {
                #expect(claims.insert(matching.offer.claim.publicForm).inserted)
                used[matching.request.jobID, default: 0] += 1
            }
            for request in world.requests { #expect(used[request.jobID, default: 0] <= request.count) }
        }
    }

    /// Whatever is handed out, both sides agree on exactly that ad, and the restriction names the job's user.
    @Test func everyMatchHoldsOnTheAdThatIsHandedOut() throws {
        var generator = SeededRandom(seed: 5)
        for _ in 0..<100 {
            let world = try world(&generator)
            var ledger = HandOutLedger()
            let plan = Negotiator().plan(
                world.requests, for: Fixture.party, offers: world.offers, annexes: world.annexes, ledger: &ledger,
                now: Fixture.now)
            for case .match(let matching) in plan.decisions {
                #expect(ClassAd.symmetricMatch(matching.request.ad, matching.ad))
                #expect(matching.ad.string("AuthenticatedIdentity") == matching.request.user)
                #expect(matching.ad.boolean("RestrictToAuthenticatedIdentity") == true)
                #expect(matching.ad.string("NegotiatorMatchExprFlockTarget") == matching.offer.annex.key.name)
            }
        }
    }
}
