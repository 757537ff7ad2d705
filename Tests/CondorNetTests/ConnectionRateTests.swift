import CondorSecurity
import NIOCore
import Testing

@testable import CondorNet

/// How fast strangers are served, and by what they are counted.
@Suite struct ConnectionRateTests {
    static let second: Int64 = 1_000_000_000
    static let limits: ConnectionLimits = {
        var limits = ConnectionLimits()
        limits.connectionsPerSecond = 10
        limits.burst = 3
        limits.longestDelay = .seconds(1)
        return limits
    }()

    static func group(_ host: String) -> AddressGroup { AddressGroup(PeerAddress(host: host, port: 1)) }

    @Test func aBurstIsServedAtOnceAndTheRestAtTheRateUntilTheDelayIsTooLong() {
        var rate = ConnectionRate(Self.limits)
        let verdicts = (0..<15).map { _ in rate.open(Self.group("192.0.2.1"), now: 5 * Self.second) }
        let expected: [ConnectionRate.Verdict] =
            [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map { .served(after: $0 * Self.second / 10) }
            + [.refused, .refused]
        #expect(verdicts == expected)
    }

    @Test func timeGivesBackWhatWasTaken() {
        var rate = ConnectionRate(Self.limits)
        for _ in 0..<13 { _ = rate.open(Self.group("192.0.2.1"), now: 0) }
        let verdict1 = rate.open(Self.group("192.0.2.1"), now: 0)
        #expect(verdict1 == .refused)
        let verdict2 = rate.open(Self.group("192.0.2.1"), now: 2 * Self.second)
        #expect(verdict2 == .served(after: 0))
    }

    @Test func eachAddressHasItsOwn() {
        var rate = ConnectionRate(Self.limits)
        for _ in 0..<20 { _ = rate.open(Self.group("192.0.2.1"), now: 0) }
        let verdict3 = rate.open(Self.group("192.0.2.2"), now: 0)
        #expect(verdict3 == .served(after: 0))
    }

    @Test func failuresCountAsManyButNeverKeepOutForLongerThanTheBucketTakesToFill() {
        var rate = ConnectionRate(Self.limits)
        for _ in 0..<1000 { rate.charge(Self.group("192.0.2.1"), connections: 10, now: 0) }
        let verdict4 = rate.open(Self.group("192.0.2.1"), now: 0)
        #expect(verdict4 == .refused)
        let verdict5 = rate.open(Self.group("192.0.2.1"), now: Self.second * 14 / 10)
        #expect(verdict5 == .served(after: 0))
    }

    @Test func memoryIsBoundedAndWhatIsOverIsForgotten() {
        var rate = ConnectionRate(Self.limits)
        for number in 0..<(ConnectionRate.maximumAddresses + 100) {
            _ = rate.open(Self.group("10.0.\(number / 256).\(number % 256)"), now: 0)
        }
        #expect(rate.count <= ConnectionRate.maximumAddresses + 1)
        // All of those beyond share one bucket, and the addresses known keep their own.
        let verdict6 = rate.open(Self.group("10.9.9.9"), now: 0)
        #expect(verdict6 == .refused)
        let verdict7 = rate.open(Self.group("10.0.0.1"), now: 0)
        #expect(verdict7 == .served(after: 0))
        let verdict8 = rate.open(Self.group("10.9.9.9"), now: 5 * Self.second)
        #expect(verdict8 == .served(after: 0))
        #expect(rate.count < 10)
    }

    static let groups: [(String, String, Bool)] = [
        ("192.0.2.7", "192.0.2.7", false), ("127.0.0.1", "127.0.0.1", true), ("127.8.9.1", "127.8.9.1", true),
        ("::1", "::1", true), ("::ffff:192.0.2.7", "192.0.2.7", false), ("::ffff:127.0.0.1", "127.0.0.1", true),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", false), ("2001:db8:1:2::9", "2001:db8:1:2::/64", false),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64", false), ("", "", false),
    ]

    @Test(arguments: groups) func addressesAreCountedByWhatANetworkIsGiven(group: (String, String, Bool)) {
        let found = Self.group(group.0)
        #expect(found.description == group.1 && found.isLoopback == group.2)
    }
}
