import CondorSecurity
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import CondorNet

@Suite struct NameLookupTests {
    /// A resolver of two tables; what is in neither cannot be said.
    private static func lookup(_ names: [String: [String]], _ addresses: [String: [String]]) -> NameLookup {
        NameLookup(
            names: { names[$0.description].map(NameLookup.Answer.found) ?? .failed },
            addresses: { addresses[$0].map(NameLookup.Answer.found) ?? .failed })
    }

    private static func names(
        _ address: String, _ names: [String: [String]], _ addresses: [String: [String]], expected: [String] = []
    ) throws -> NameLookup.Answer {
        lookup(names, addresses).confirmedNames(of: try #require(IPAddress(address)), expected: expected)
    }

    @Test func aReverseNameCountsIfItLeadsBack() throws {
        let reverse = ["192.0.2.1": ["Good.x", "forged.x"]]
        let forward = ["good.x": ["192.0.2.9", "192.0.2.1"], "forged.x": ["192.0.2.7"]]
        #expect(try Self.names("192.0.2.1", reverse, forward) == .found(["good.x"]))
    }

    @Test func aNameOfTheRulesCountsIfItLeadsHere() throws {
        let forward = ["alias.x": ["192.0.2.1"], "other.x": ["192.0.2.2"]]
        #expect(
            try Self.names("192.0.2.1", ["192.0.2.1": []], forward, expected: ["alias.x", "other.x"])
                == .found(["alias.x"]))
    }

    @Test func noNameIsAnAnswerAndSilenceIsNone() throws {
        #expect(try Self.names("192.0.2.1", ["192.0.2.1": []], [:]) == .found([]))
        #expect(try Self.names("192.0.2.1", [:], [:]) == .failed)
        #expect(try Self.names("192.0.2.1", ["192.0.2.1": ["a.x"]], [:]) == .failed)
        #expect(try Self.names("192.0.2.1", [:], ["b.x": ["192.0.2.1"]], expected: ["b.x"]) == .found(["b.x"]))
    }

    @Test func aHostHasOnlySoManyNames() throws {
        let many = (0..<100).map { "n\($0).x" }
        let forward = Dictionary(uniqueKeysWithValues: many.map { ($0, ["192.0.2.1"]) })
        guard case .found(let names) = try Self.names("192.0.2.1", ["192.0.2.1": many], forward) else {
            Issue.record("no names")
            return
        }
        #expect(names.count == 16)
    }

    @Test func thisHostHasTheLoopbackAddressAmongItsOwn() {
        #expect(NameLookup.localAddresses().contains { $0.isLoopback })
    }
}

@Suite struct PeerNamesTests {
    /// A resolver that counts its questions and answers when it is told to.
    private final class SlowResolver: Sendable {
        let questions = Atomic<Int>(0)
        private let gate: Gate

        init(isOpen: Bool) { gate = Gate(isOpen: isOpen) }

        func open() { gate.open() }

        var lookup: NameLookup {
            NameLookup(
                names: { [self] _ in
                    questions.add(1, ordering: .relaxed)
                    gate.pass()
                    return .found(["host.x"])
                }, addresses: { _ in .found(["192.0.2.1"]) })
        }
    }

    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    @Test func namesAreKnownWhenTheWaitIsOver() async throws {
        let resolver = SlowResolver(isOpen: true)
        let names = PeerNames(expected: [], lookup: resolver.lookup, threads: 1, clock: { 0 })
        defer { names.stop() }
        #expect(names.names(of: "192.0.2.1") == nil)
        try await names.prepare("192.0.2.1", on: loop)?.get()
        #expect(names.names(of: "192.0.2.1") == ["host.x"])
        #expect(names.names(of: "::ffff:192.0.2.1") == ["host.x"])
        #expect(names.prepare("192.0.2.1", on: loop) == nil)
    }

    @Test func connectionsOfOneHostShareOneQuestion() async throws {
        let resolver = SlowResolver(isOpen: false)
        let names = PeerNames(expected: [], lookup: resolver.lookup, threads: 1, clock: { 0 })
        defer { names.stop() }
        let waiting = (0..<5).compactMap { _ in names.prepare("192.0.2.1", on: loop) }
        #expect(waiting.count == 5)
        resolver.open()
        for future in waiting { try await future.get() }
        #expect(resolver.questions.load(ordering: .relaxed) == 1)
    }

    @Test func anAnswerIsAskedForAgainAfterItsTimeAndStaysUntilThen() async throws {
        let resolver = SlowResolver(isOpen: true)
        let now = Atomic<Int64>(0)
        let names = PeerNames(
            expected: [], lookup: resolver.lookup, threads: 1, clock: { now.load(ordering: .relaxed) })
        defer { names.stop() }
        try await names.prepare("192.0.2.1", on: loop)?.get()
        now.store(PeerNames.lifetime, ordering: .relaxed)
        let again = names.prepare("192.0.2.1", on: loop)
        #expect(again != nil)
        #expect(names.names(of: "192.0.2.1") == ["host.x"])
        try await again?.get()
        #expect(resolver.questions.load(ordering: .relaxed) == 2)
    }

    @Test func tooManyHostsAtOnceAreServedWithoutNames() throws {
        let resolver = SlowResolver(isOpen: false)
        let names = PeerNames(expected: [], lookup: resolver.lookup, threads: 1, clock: { 0 })
        defer {
            resolver.open()
            names.stop()
        }
        for index in 0..<PeerNames.maximumPending { _ = names.prepare("10.0.\(index / 256).\(index % 256)", on: loop) }
        #expect(names.prepare("10.9.9.9", on: loop) == nil)
        #expect(names.names(of: "10.9.9.9") == nil)
    }

    @Test func whatIsNoAddressHasNoNames() {
        let names = PeerNames(expected: [], lookup: SlowResolver(isOpen: true).lookup, threads: 1, clock: { 0 })
        defer { names.stop() }
        #expect(names.prepare("", on: loop) == nil)
        #expect(names.names(of: "") == nil)
    }
}

/// Holds threads until it is opened; they are no event loops, so they may wait.
private final class Gate: Sendable {
    private let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)

    init(isOpen: Bool) { if isOpen { promise.succeed() } }

    func open() { promise.succeed() }
    // It never fails.
    func pass() { try? promise.futureResult.wait() }
}
