import CondorSecurity
import Testing

@testable import CondorNet

/// Which refusals are told, and which only counted.
@Suite struct RefusalThrottleTests {
    static func peer(_ number: Int = 1) -> PeerAddress {
        PeerAddress(host: "10.\(number / 65_536).\(number / 256 % 256).\(number % 256)", port: 1000 + number % 100)
    }

    @Test func aCauseIsToldOnceAndAgainAfterAnHour() {
        var throttle = RefusalThrottle()
        let moments: [Int64] = [0, 1, 3599, 3600, 3601]
        let told = moments.map {
            throttle.isWorthALine(from: Self.peer(), reason: "revoked", subject: "capability 42", now: $0)
        }
        #expect(told == [true, false, false, true, false])
    }

    @Test func otherSubjectsReasonsAndAddressesAreOtherCauses() {
        var throttle = RefusalThrottle()
        let causes = [(1, "revoked", "a"), (1, "revoked", "b"), (1, "expired", "a"), (2, "revoked", "a")]
        for expected in [true, false] {
            let told = causes.map {
                throttle.isWorthALine(from: Self.peer($0.0), reason: $0.1, subject: $0.2, now: 0)
            }
            #expect(told == causes.map { _ in expected })
        }
    }

    @Test func somebodyWhoChangesTheSubjectEachTimeGetsFewLines() {
        var throttle = RefusalThrottle()
        let told = (0..<1000).count {
            throttle.isWorthALine(from: Self.peer(), reason: "unknown", subject: "guess \($0)", now: 0)
        }
        #expect(told == RefusalThrottle.linesPerReason)
    }

    @Test func whatWasLeftOutIsToldOnceAMinute() {
        var throttle = RefusalThrottle()
        for _ in 0..<5 { _ = throttle.isWorthALine(from: Self.peer(), reason: "revoked", subject: "a", now: 0) }
        let first = throttle.summaries(now: 1)
        #expect(first == [RefusalThrottle.Summary(address: "10.0.0.1", reason: "revoked", count: 4)])
        _ = throttle.isWorthALine(from: Self.peer(), reason: "revoked", subject: "a", now: 2)
        let counts = [60, 61, 200].map { throttle.summaries(now: $0).map(\.count) }
        #expect(counts == [[], [1], []])
    }

    @Test func manyAddressesNeedNoMoreMemoryAndShareTheirLines() {
        var throttle = RefusalThrottle()
        let told = (0..<10_000).count {
            throttle.isWorthALine(from: Self.peer($0), reason: "unknown", subject: "x", now: 0)
        }
        #expect(told == RefusalThrottle.maximumReasons + 1)
        let summaries = throttle.summaries(now: 0)
        #expect(summaries.map(\.address) == [""] && summaries.first?.count == 10_000 - told)
        // What has been told and is over makes room.
        let later = throttle.isWorthALine(from: Self.peer(10_001), reason: "unknown", subject: "x", now: 4000)
        #expect(later)
    }
}
