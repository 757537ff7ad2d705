import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct ScheddBookTests {
    private static let now: Int64 = 10_000

    private func record(
        _ submitter: String = "alice@ap.test", schedd: String = "ap", idle: Int = 3, running: Int = 0, session: Int = 1
    ) throws -> SubmitterRecord {
        let capability = ClaimID.make(sessionID: "<127.0.0.1:1>#1#\(session)").text
        let ad: ClassAd = [
            "Name": Expression(submitter), "ScheddName": Expression(schedd), "ScheddIpAddr": "<127.0.0.1:1>",
            "SubmitterTag": "pool:9620", "IdleJobs": Expression(idle), "RunningJobs": Expression(running),
            "Capability": Expression(capability),
        ]
        return try #require(SubmitterRecord(ad, now: Self.now))
    }

    private func book(_ records: [SubmitterRecord], at now: Int64 = now) -> ScheddBook {
        var book = ScheddBook()
        for record in records { book.update(record, now: now) }
        return book
    }

    private func next(_ book: inout ScheddBook, _ now: Int64) throws -> ScheddBook.Task {
        let task = book.next(now: now)
        return try #require(task)
    }

    @Test func aRecordedSubmitterAdIsRead() throws {
        let ads = try RecordedAds()
        let record = try #require(SubmitterRecord(ads.submitter, now: Self.now))
        #expect(record.name == "alice@ap.test")
        #expect(record.scheddName == "ap@localhost")
        #expect(record.tag == "127.0.0.1:21658")
        #expect(record.idleJobs == 3)
        #expect(record.capability?.info?.validCommands == [.negotiate])
        #expect(record.address.description == "<127.0.0.1:41133?addrs=127.0.0.1-41133&alias=127-0-0-1.test>")
    }

    @Test(arguments: [
        "AllSubmittersAtap@localhost", "allsubmittersat", "DedicatedScheduler@ap", "dedicatedscheduler@x",
    ])
    func adsThatStandForAScheddAreIgnored(name: String) {
        let ad: ClassAd = ["Name": Expression(name), "ScheddName": "ap", "MyAddress": "<127.0.0.1:1>", "IdleJobs": 3]
        #expect(SubmitterRecord(ad, now: Self.now) == nil)
    }

    @Test func adsOfScheddsAsSubmittersAreIgnored() {
        let ad: ClassAd = [
            "Name": "alice@x", "ScheddName": "ap", "MyAddress": "<127.0.0.1:1>", "ScheddsAreSubmitters": true,
        ]
        #expect(SubmitterRecord(ad, now: Self.now) == nil)
    }

    @Test(arguments: ["Name", "ScheddName", "ScheddIpAddr"])
    func adsWithoutNameScheddOrAddressAreIgnored(missing: String) {
        var ad: ClassAd = ["Name": "alice@x", "ScheddName": "ap", "ScheddIpAddr": "<127.0.0.1:1>"]
        ad[missing] = nil
        #expect(SubmitterRecord(ad, now: Self.now) == nil)
    }

    @Test func aNewSubmitterWithIdleJobsIsNext() throws {
        var book = book([try record()])
        let task = try next(&book, Self.now)
        #expect(task.submitter == "alice@ap.test")
        #expect(task.tag == "pool:9620")
        #expect(task.party == Negotiator.Party(schedd: "ap", submitter: "alice@ap.test", families: .ipv4))
    }

    @Test func withoutIdleJobsThereIsNothingToDo() throws {
        var book = book([try record(idle: 0)])
        #expect(book.next(now: Self.now) == nil)
        book.slotsBecameFree()
        #expect(book.next(now: Self.now) == nil)
    }

    @Test func anAdIsStaleAfter900Seconds() throws {
        var book = book([try record()])
        #expect(book.next(now: Self.now + 900) == nil)
        #expect(book.next(now: Self.now + 899) != nil)
    }

    @Test func aScheddIsAskedByOneRoundAtATime() throws {
        var book = book([try record("alice@ap"), try record("bob@ap")])
        let task = try next(&book, Self.now)
        #expect(book.next(now: Self.now) == nil)
        book.finished(task, now: Self.now)
        #expect(book.next(now: Self.now)?.submitter == "bob@ap")
    }

    @Test func submittersAndScheddsTakeTurns() throws {
        var book = book([
            try record("alice@ap", schedd: "a"), try record("bob@ap", schedd: "a"), try record("carol@ap", schedd: "b"),
        ])
        var order: [String] = []
        for _ in 0..<6 {
            book.slotsBecameFree()
            let task = try next(&book, Self.now)
            order.append(task.submitter)
            book.finished(task, now: Self.now)
        }
        #expect(order == ["alice@ap", "carol@ap", "bob@ap", "carol@ap", "alice@ap", "carol@ap"])
    }

    @Test func afterARoundOnlyAnEventStartsAnother() throws {
        var book = book([try record()])
        book.finished(try next(&book, Self.now), now: Self.now)
        #expect(book.next(now: Self.now + 500) == nil)
        book.slotsBecameFree()
        #expect(book.next(now: Self.now + 500) != nil)
    }

    @Test func rescheduleIsAnEventForItsSchedd() throws {
        var book = book([try record(schedd: "a"), try record(schedd: "b")])
        while let task = book.next(now: Self.now) { book.finished(task, now: Self.now) }
        book.reschedule("b")
        #expect(book.next(now: Self.now)?.schedd == "b")
        #expect(book.next(now: Self.now) == nil)
    }

    @Test func anAdThatChangesNothingIsAnEventOnlyAfterAWhile() throws {
        var book = book([try record()])
        book.finished(try next(&book, Self.now), now: Self.now)
        #expect(!book.update(try record(), now: Self.now + 5))
        #expect(book.update(try record(), now: Self.now + ScheddBook.quietTime))
    }

    @Test func changedCountersAreAnEvent() throws {
        var book = book([try record(idle: 3)])
        book.finished(try next(&book, Self.now), now: Self.now)
        #expect(book.update(try record(idle: 4), now: Self.now + 5))
        #expect(book.next(now: Self.now + 5) != nil)
    }

    @Test func anAdDuringARoundCountsAfterIt() throws {
        var book = book([try record(idle: 3)])
        let task = try next(&book, Self.now)
        book.update(try record(idle: 4), now: Self.now)
        book.finished(task, now: Self.now)
        #expect(book.next(now: Self.now) != nil)
    }

    @Test func theNewestCapabilityOfTheScheddCountsForAllItsSubmitters() throws {
        var book = book([try record("alice@ap", session: 1), try record("bob@ap", session: 2)])
        #expect(book.next(now: Self.now)?.capability?.sessionID == "<127.0.0.1:1>#1#2")
    }

    /// Spec 05, 1.6: `SID_NOT_FOUND` means wait for the next ad.
    @Test func anUnknownSessionIsNotTriedAgain() throws {
        var book = book([try record(session: 1)])
        let old = try record(session: 1)
        book.update(old, now: Self.now)
        book.failed(try next(&book, Self.now), .sessionUnknown, now: Self.now)
        #expect(book.next(now: Self.now + 800) == nil)
        book.update(try record(session: 2), now: Self.now + 800)
        #expect(book.next(now: Self.now + 800) != nil)
    }

    @Test func withoutACapabilityAnUnknownSessionIsAnErrorLikeOthers() throws {
        let ad: ClassAd = ["Name": "alice@x", "ScheddName": "ap", "ScheddIpAddr": "<127.0.0.1:1>", "IdleJobs": 1]
        var book = book([try #require(SubmitterRecord(ad, now: Self.now))])
        book.failed(try next(&book, Self.now), .sessionUnknown, now: Self.now)
        #expect(book.nextDeadline(after: Self.now) == Self.now + 5)
    }

    @Test func errorsMakeARoundWait() throws {
        var book = book([try record()])
        var waits: [Int64] = []
        var now = Self.now
        for _ in 0..<8 {
            let task = try next(&book, now)
            book.failed(task, .other, now: now)
            let deadline = try #require(book.nextDeadline(after: now))
            #expect(book.next(now: deadline - 1) == nil)
            waits.append(deadline - now)
            now = deadline
            book.update(try task.renewed(), now: now)
        }
        #expect(waits == [5, 10, 20, 40, 80, 160, 300, 300])
    }

    @Test func aSuccessEndsTheWait() throws {
        var book = book([try record()])
        book.failed(try next(&book, Self.now), .other, now: Self.now)
        book.finished(try next(&book, Self.now + 5), now: Self.now + 5)
        book.slotsBecameFree()
        book.failed(try next(&book, Self.now + 5), .other, now: Self.now + 5)
        #expect(book.nextDeadline(after: Self.now + 5) == Self.now + 10)
    }

    @Test func withoutWorkThereIsNoDeadline() throws {
        #expect(book([try record()]).nextDeadline(after: Self.now) == nil)
    }

    @Test func aSubmitterThatWasTakenBackIsForgotten() throws {
        var book = book([try record()])
        book.remove(submitter: "alice@ap.test", schedd: "ap")
        #expect(book.next(now: Self.now) == nil)
    }

    @Test func theNumberOfScheddsIsBounded() throws {
        var book = ScheddBook()
        for number in 0..<ScheddBook.maximumSchedds { book.update(try record(schedd: "s\(number)"), now: Self.now) }
        #expect(!book.update(try record(schedd: "one more"), now: Self.now))
        book.expire(now: Self.now + 900)
        #expect(book.update(try record(schedd: "one more"), now: Self.now + 900))
    }
}

extension ScheddBook.Task {
    /// The submitter's ad once more, unchanged.
    fileprivate func renewed() throws -> SubmitterRecord {
        let ad: ClassAd = [
            "Name": Expression(submitter), "ScheddName": Expression(schedd), "ScheddIpAddr": "<127.0.0.1:1>",
            "SubmitterTag": Expression(tag), "IdleJobs": Expression(Int(idleJobs)),
            "Capability": Expression(try #require(capability).text),
        ]
        return try #require(SubmitterRecord(ad, now: 0))
    }
}
