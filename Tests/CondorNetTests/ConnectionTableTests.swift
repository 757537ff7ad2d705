import CondorSecurity
import Cryptography
import NIOCore
import NIOEmbedded
import Testing

@testable import CondorNet

/// Who leaves when there is no more room for those who have proven nothing.
@Suite struct ConnectionTableTests {
    static func session(_ user: String, capability: String? = nil) -> SecuritySession {
        SecuritySession(
            id: "s", key: SecretBytes([UInt8](repeating: 1, count: 32)), identity: Identity(user: user, method: .fs),
            capabilityID: capability, createdAt: 0)
    }

    static func table(_ change: (inout ConnectionLimits) -> Void) -> ConnectionTable {
        var limits = ConnectionLimits()
        change(&limits)
        return ConnectionTable(limits: limits)
    }

    private static func open(_ table: ConnectionTable, from host: String = "192.0.2.1") -> ConnectionTable.Opening {
        table.open(EmbeddedChannel(), peer: PeerAddress(host: host, port: 1), now: 0)
    }

    @Test func theOldestOfAnAddressWithTooManyLeaves() {
        let table = Self.table { $0.unprovenPerAddress = 2 }
        let first = Self.open(table)
        let other = Self.open(table, from: "192.0.2.2")
        let second = Self.open(table)
        #expect(first.eviction == nil && other.eviction == nil && second.eviction == nil)
        let third = Self.open(table)
        #expect(third.eviction?.handle == first.handle)
        #expect(Self.open(table).eviction?.handle == second.handle)
        #expect(table.unprovenCount == 3)
    }

    @Test func theOldestOfTheAddressWithMostLeavesWhenThereAreTooManyInAll() {
        let table = Self.table { $0.unproven = 4 }
        let quiet = Self.open(table, from: "192.0.2.9")
        let crowd = (0..<3).map { _ in Self.open(table) }
        let next = Self.open(table, from: "192.0.2.8")
        #expect(next.eviction?.handle == crowd[0].handle)
        #expect(quiet.eviction == nil && table.unprovenCount == 4)
    }

    @Test func whoeverProvesWhoHeIsDoesNotCountAnyMore() {
        let table = Self.table { $0.unprovenPerAddress = 2 }
        for _ in 0..<5 {
            let opening = Self.open(table)
            #expect(opening.eviction == nil)
            table.bind(opening.handle, to: Self.session("a@b", capability: "42"))
        }
        #expect(table.unprovenCount == 0 && table.count == 5 && table.count(ofCapability: "42") == 5)
    }

    @Test func aSessionThatProvesNothingCountsOn() {
        let table = Self.table { $0.unprovenPerAddress = 2 }
        for _ in 0..<2 { table.bind(Self.open(table).handle, to: Self.session(Identity.unauthenticatedUser)) }
        #expect(Self.open(table).eviction != nil)
    }

    @Test func whoeverHoldsMostLeavesWhenAllHoldTooMuch() {
        let table = Self.table { $0.unprovenBytes = 1000 }
        let openings = (0..<4).map { _ in Self.open(table) }
        #expect(table.hold(openings[0].handle, bytes: 300) == nil)
        #expect(table.hold(openings[1].handle, bytes: 600) == nil)
        #expect(table.hold(openings[2].handle, bytes: 50) == nil)
        let eviction = table.hold(openings[3].handle, bytes: 100)
        #expect(eviction?.handle == openings[1].handle)
        #expect(table.hold(openings[3].handle, bytes: 650) == nil)
        // The one that had to leave counts no more, whatever it reports.
        #expect(table.hold(openings[1].handle, bytes: 5000) == nil)
        table.bind(openings[3].handle, to: Self.session("a@b"))
        #expect(table.hold(openings[0].handle, bytes: 950) == nil)
    }

    @Test func nothingIsLeftBehind() {
        let table = Self.table { $0.unprovenBytes = 10 }
        for number in 0..<1000 {
            let opening = Self.open(table, from: "10.0.0.\(number % 7)")
            _ = table.hold(opening.handle, bytes: 10)
            if number % 3 == 0 { table.bind(opening.handle, to: Self.session("a@b", capability: "42")) }
            table.remove(opening.handle)
            table.remove(opening.handle)
        }
        #expect(table.count == 0 && table.unprovenCount == 0 && table.count(ofCapability: "42") == 0)
        #expect(table.hold(Self.open(table).handle, bytes: 10) == nil)
    }

    @Test func theRateOfThisMachineIsItsOwnAffair() {
        let table = Self.table {
            $0.connectionsPerSecond = 1
            $0.burst = 1
            $0.longestDelay = .zero
        }
        #expect((0..<10).allSatisfy { _ in Self.open(table, from: "127.0.0.1").verdict == .served(after: 0) })
        #expect(Self.open(table).verdict == .served(after: 0))
        #expect(Self.open(table).verdict == .refused)
    }

    @Test func failuresMakeTheNextConnectionsWait() {
        let table = Self.table { $0.burst = 10 }
        let opening = Self.open(table)
        #expect(opening.verdict == .served(after: 0))
        for _ in 0..<2 { table.countFailure(of: PeerAddress(host: "192.0.2.1", port: 1), now: 0) }
        guard case .served(let delay) = Self.open(table).verdict else {
            Issue.record("refused")
            return
        }
        #expect(delay > 0)
    }
}
