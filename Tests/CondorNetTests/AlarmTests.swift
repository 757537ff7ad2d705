import CondorNet
import Testing

/// Whatever does not ring is cut off by the time limit.
@Suite(.timeLimit(.minutes(1))) struct AlarmTests {
    private static let never = Duration.seconds(86_400)
    private let alarm = Alarm()

    @Test func itRingsForWhatHappens() async {
        alarm.ring(after: Self.never)
        alarm.ring()
        await expectRing()
    }

    @Test func aNearerMomentCounts() async {
        alarm.ring(after: Self.never)
        alarm.ring(after: .milliseconds(1))
        await expectRing()
    }

    @Test func aLaterMomentDoesNotPutItOff() async {
        alarm.ring(after: .milliseconds(1))
        alarm.ring(after: Self.never)
        await expectRing()
    }

    @Test func aMomentInThePastIsNow() async {
        alarm.ring(after: .seconds(-1))
        await expectRing()
    }

    @Test func whenItHasRungItCanBeSetAgain() async {
        for _ in 1...3 {
            alarm.ring(after: .milliseconds(1))
            await expectRing()
        }
    }

    @Test func cancellationEndsTheWait() async {
        let waiting = Task { [alarm] in
            for await _ in alarm.rings {}
        }
        waiting.cancel()
        await waiting.value
    }

    private func expectRing() async {
        for await _ in alarm.rings { return }
        Issue.record("the alarm has ended")
    }
}
