import BrokerCore
import ClassAds
import TestSupport
import Testing

@Suite struct ResourceRequestTests {
    @Test func aRecordedRequestIsRead() throws {
        let recording: RecordedNegotiation = try vectors("nego-negotiate-static")
        let lines = try #require(recording.conversation.first { $0.decoded?.op == 419 }?.decoded?.ad)
        let request = ResourceRequest(ad: try ClassAd(lines: lines), uidDomain: "ap.test", now: Fixture.now)
        #expect(request.jobID == "1.0")
        #expect(request.autocluster == 2)
        #expect(request.count == 3)
        #expect(request.user == "alice@ap.test")
        #expect(request.tag == nil)
        #expect(request.diagnostics == 3)
        #expect(request.isJob)
        #expect(!request.hasConcurrencyLimits)
    }

    @Test func theUserIsUserAndElseTheOwnerInTheScheddsDomain() throws {
        #expect(try Fixture.request(lines: ["User = \"bob@other.test\""]).user == "bob@other.test")
        #expect(try Fixture.request(lines: ["User = undefined"]).user == "alice@ap.test")
    }

    @Test(arguments: ["User = \"nodomain\"", "User = \"\"", "User = \"a@b@c\"", "User = \"a b@c\""])
    func aUserOfAnotherFormIsNoUser(line: String) throws {
        #expect(try Fixture.request(lines: [line]).user == nil)
    }

    /// Spec 05, 2.5: evaluated in the job alone, anything but a string means untagged.
    @Test(
        arguments: [
            ("FlockTarget = \"green\"", "green"), ("FlockTarget = strcat(\"gr\", \"een\")", "green"),
            ("FlockTarget = MY.Owner", "alice"), ("FlockTarget = 5", nil), ("FlockTarget = undefined", nil),
            ("FlockTarget = error", nil), ("FlockTarget = TARGET.AnnexName", nil), ("FlockTarget = \"\"", nil),
            ("FlockTarget = \"a|b\"", nil), ("FlockTarget = { \"green\" }", nil),
        ] as [(String, String?)])
    func theTagIsAStringThatCanNameAnAnnex(line: String, tag: String?) throws {
        #expect(try Fixture.request(lines: [line]).tag == tag)
    }

    @Test func targetAnnexNameCountsOnlyWithoutFlockTarget() throws {
        let name = "TargetAnnexName = \"green\""
        #expect(try Fixture.request(lines: [name]).tag == "blue")
        #expect(try Fixture.request(lines: [name, "FlockTarget = undefined"]).tag == "green")
        #expect(try Fixture.request(lines: [name, "FlockTarget = 5"]).tag == nil)
    }

    @Test(arguments: ["ProcId = -99", "ProcId = -1", "IsOCUHolder = true", "ClusterId = undefined"])
    func holdersAreNotJobs(line: String) throws {
        #expect(!(try Fixture.request(lines: [line]).isJob))
    }

    @Test(arguments: [
        ("-1", 1), ("0", 1), ("9223372036854775807", Int.max), ("undefined", 1), ("\"many\"", 1),
    ])
    func theCountIsAtLeastOne(text: String, count: Int) throws {
        #expect(try Fixture.request(lines: ["_condor_RESOURCE_COUNT = \(text)"]).count == count)
    }

    @Test(arguments: [
        ("ConcurrencyLimits = \"a\"", true), ("ConcurrencyLimits = \"\"", false),
        ("ConcurrencyLimits = undefined", false),
        ("ConcurrencyLimits = TARGET.Limit", true), ("ConcurrencyLimits = 5", true),
    ])
    func limitsAreAnythingButNothing(line: String, hasLimits: Bool) throws {
        #expect(try Fixture.request(lines: [line]).hasConcurrencyLimits == hasLimits)
    }
}
