import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Foundation
import NIOCore
import TestSupport
import Testing

/// Peers that mean harm, over real sockets: the broker stays alive, small and quiet, and serves everybody else.
@Suite(.serialized) struct HostileTests {
    /// How much the broker's memory may grow in any of these tests.
    static let growth = 96 << 20

    /// The bytes of a real client's first message.
    static func hello(_ broker: RunningBroker) throws -> [UInt8] {
        var stream = CEDARStream()
        var client = ClientHandshake(
            command: .queryStartdAds, policy: SecurityPolicy(methods: [.fs]), connectSinful: broker.sinful,
            server: PeerAddress(host: "127.0.0.1", port: broker.port))
        for case .send(let payload) in client.start(now: 0) {
            return Array(try stream.encode(payload).readableBytesView)
        }
        return []
    }

    /// The broker runs, answers its administrator, and takes a real pilot's ad.
    static func expectServing(
        _ broker: RunningBroker, _ pilot: PilotFiles, name: String = "slot1@well", grownFrom before: Int? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(broker.process.isRunning, sourceLocation: location)
        _ = try await broker.status()
        let client = try RealClient()
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"], names: [name])
        #expect(events.last?.event == "advertised", sourceLocation: location)
        let seen = try await client.query(broker, "Startd", constraint: "Name == \"\(name)\"", projection: ["Name"])
        #expect(seen.count == 1, sourceLocation: location)
        if let before {
            let grown = broker.residentMemory - before
            #expect(grown < growth, "grown by \(grown >> 20) MiB", sourceLocation: location)
        }
    }

    // MARK: Strangers

    @Test func strangersWhoTalkNonsenseAreCountedAndGetFewLines() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let hello = try Self.hello(broker)
        let before = broker.residentMemory
        var random = SeededRandom(for: "nonsense of strangers")
        for round in 0..<400 {
            let stranger = try RawSocket(port: broker.port)
            stranger.send(Self.nonsense(round, hello, &random))
            stranger.finish()
            #expect(stranger.isClosed(within: 10_000), "round \(round)")
        }
        let refusals = try await broker.refusals()
        #expect(refusals.count == 400)
        // Not more than some of each reason, and none twice.
        #expect((1..<200).contains(refusals.lines.count))
        try await Self.expectServing(broker, pilot, grownFrom: before)
    }

    /// Random bytes, a packet of random bytes, a cut or damaged first message, lengths that lie.
    private static func nonsense(
        _ round: Int, _ hello: [UInt8], _ random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) } }
        switch round % 5 {
        case 0:
            return bytes(Int.random(in: 1...2000, using: &random))
        case 1:
            let count = Int.random(in: 1...255, using: &random)
            return [1, 0, 0, 0, UInt8(count)] + bytes(count)
        case 2:
            return Array(hello[..<Int.random(in: 1..<hello.count, using: &random)])
        case 3:
            // The command number stays: next to it are commands that harm nobody and are answered.
            var damaged = hello
            for _ in 0..<3 { damaged[Int.random(in: 13..<hello.count, using: &random)] = bytes(1)[0] }
            return damaged
        default:
            let length: [UInt32] = [0, 1, 1 << 20, 1 << 20 + 1, 1 << 31, .max]
            let chosen = length[Int.random(in: 0..<length.count, using: &random)]
            return [UInt8(round % 2)] + withUnsafeBytes(of: chosen.bigEndian) { Array($0) } + bytes(3)
        }
    }

    @Test func thoseWhoSitAndWaitKeepNobodyOut() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let before = broker.residentMemory
        let idle = try (0..<200).map { _ in try RawSocket(port: broker.port) }
        // The beginning of a message of a megabyte, and never its end.
        let slow = try (0..<50).map { _ in try RawSocket(port: broker.port) }
        for socket in slow { socket.send([1, 0, 16, 0, 0] + [UInt8](repeating: 0, count: 100_000)) }
        try await Self.expectServing(broker, pilot, grownFrom: before)
        for socket in idle + slow { socket.finish() }
        for socket in idle + slow { #expect(socket.isClosed(within: 10_000)) }
        let refusals = try await broker.refusals()
        #expect(refusals.count == 50)
        #expect(refusals.lines.count == 1 && refusals.lines.allSatisfy { $0.contains("in the middle of a message") })
    }

    @Test func anEndlessMessageIsCutOff() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let before = broker.residentMemory
        let packet = [0, 0, 1, 0, 0] + [UInt8](repeating: 0x41, count: 1 << 16)
        for _ in 0..<20 {
            let stranger = try RawSocket(port: broker.port)
            for _ in 0..<64 { stranger.send(packet) }
            stranger.finish()
            #expect(stranger.isClosed(within: 10_000))
        }
        #expect(try await broker.refusals().count == 20)
        try await Self.expectServing(broker, pilot, grownFrom: before)
    }

    @Test func aFloodOfUnknownCapabilitiesGetsSomeLinesWithoutASecret() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let before = broker.residentMemory
        let guesses = (0..<60).map { number in
            let id = String(repeating: "0", count: 28) + String(1000 + number)
            return (id: id, text: "annexcap1.\(id)." + String(repeating: "GUESS", count: 8) + "ABC")
        }
        await withTaskGroup(of: Void.self) { tasks in
            for (index, guess) in guesses.enumerated() {
                if index >= 8 { await tasks.next() }
                tasks.addTask {
                    await #expect(throws: (any Error).self) {
                        var stranger = try HostilePilot(broker, pilot, bearer: guess.text)
                        _ = try await stranger.open(.updateStartdAd)
                    }
                }
            }
        }
        let refusals = try await broker.refusals()
        #expect(refusals.count == guesses.count)
        for guess in guesses { #expect(refusals.lines.count { $0.contains("capability=\(guess.id)") } <= 1) }
        #expect(refusals.lines.count == RefusalThrottle.linesPerReason)
        #expect(!broker.process.errorLines.contains { $0.contains("GUESS") })
        try await Self.expectServing(broker, pilot, grownFrom: before)
    }

    // MARK: Holders of a capability

    @Test func damagedUpdatesAreTakenWholeOrRefusedWithOneLine() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        var hostile = try HostilePilot(broker, pilot)
        var slot = try Self.recordedSlot()
        slot.set("Name", "slot1@hostile")
        slot.set("ClaimId", "<127.0.0.1:1>#1#2#UNSPEAKABLE")
        var writer = MessageWriter(encrypted: true)
        writer.write(slot)
        writer.write(slot, options: .includePrivate)
        let payload = Array(writer.payload.readableBytesView)
        let before = broker.residentMemory
        var random = SeededRandom(for: "damaged updates")
        var refused = 0
        for _ in 0..<300 {
            let damaged = PayloadDamage.random(payload, &random)
            if damaged.isEmpty { continue }
            if try await !hostile.isAcknowledged({ $0.writeBytes(damaged) }) { refused += 1 }
        }
        #expect(refused > 0)
        #expect(try await broker.refusals().count == refused)
        let secret = try HostilePilot.secret(of: pilot).split(separator: ".").last ?? ""
        #expect(!secret.isEmpty)
        #expect(!broker.process.errorLines.contains { $0.contains("UNSPEAKABLE") || $0.contains(secret) })
        try await Self.expectServing(broker, pilot, grownFrom: before)
    }

    static func recordedSlot() throws -> ClassAd {
        var ad = ClassAd()
        let text = try String(contentsOfFile: Programs.ads("startd_pslot_cpu.ad"), encoding: .utf8)
        for line in text.split(separator: "\n") where line.contains("=") { try ad.insert(line: String(line)) }
        return ad
    }

    /// Expressions that are deep, long, or work for ever, where the broker looks at them and where it passes them on.
    static let bombs: [String] = {
        func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        return [
            times("(", 60_000) + "1" + times(")", 60_000), times("!", 100_000) + "true", times("-", 100_000) + "1",
            times("{", 60_000) + times("}", 60_000), times("[a=", 30_000) + "1" + times("]", 30_000),
            "1" + times("+1", 100_000), "true" + times("||true", 30_000),
            times("true?", 20_000) + "1" + times(":2", 20_000),
            "a" + times(".a", 100_000), "a" + times("[0]", 60_000),
            times("strcat(", 20_000) + "\"\"" + times(")", 20_000),
            "1" + times("+1", 2900), times("(", 490) + "1" + times(")", 490), "\"" + times("x", 200_000) + "\"",
            "regexp(\"(a+)+$\", \"" + times("a", 40) + "b\")", "regexp(\"" + times("(", 30_000) + "\", Name)",
            "B0", "evalInEachContext(B0, {[x=1],[x=2]})", "{" + times("1,", 60_000) + "1}",
            "size(join(\",\", split(\"" + times("a ", 50_000) + "\")))",
        ]
    }()

    @Test func expressionsMayBeAnything() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        var hostile = try HostilePilot(broker, pilot)
        let before = broker.residentMemory
        var accepted = 0
        var refused = 0
        for (index, bomb) in Self.bombs.enumerated() {
            for attribute in ["Name", "Requirements", "State"] {
                let isTaken = try await hostile.isAcknowledged { writer in
                    let lines = [
                        attribute == "Name" ? "Machine = \"m\"" : "Name = \"slot\(index)-\(attribute)\"",
                        "MyType = \"Machine\"", "B0 = strcat(B1, B1)", "B1 = strcat(B2, B2)", "B2 = strcat(B0, \"x\")",
                        "\(attribute) = \(bomb)",
                    ]
                    writer.write(lines.count)
                    for line in lines { writer.write(line) }
                    writer.write("Machine")
                    writer.write("")
                }
                if isTaken { accepted += 1 } else { refused += 1 }
            }
        }
        #expect(accepted > 0 && refused > 0)
        #expect(try await broker.refusals().count == refused)
        // Everybody's queries meet what was accepted.
        let client = try RealClient()
        #expect(try await client.query(broker, "Startd", projection: ["Name"]).count <= accepted)
        _ = try await client.query(broker, "Startd", constraint: "State == \"Claimed\" || size(Requirements) > 3")
        try await Self.expectServing(broker, pilot, grownFrom: before)
    }

    @Test func hugeAdsAreRefused() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        var hostile = try HostilePilot(broker, pilot)
        let before = broker.residentMemory
        let sizes = [(1, 300 << 10), (1, 8 << 20), (1001, 10), (9999, 10), (10_001, 10)]
        for (count, size) in sizes {
            let isTaken = try await hostile.isAcknowledged { writer in
                writer.write(count + 2)
                writer.write("Name = \"huge\"")
                writer.write("MyType = \"Machine\"")
                for number in 0..<count { writer.write("A\(number) = \"\(String(repeating: "x", count: size))\"") }
                writer.write("")
                writer.write("")
            }
            #expect(!isTaken, "\(count) attributes of \(size) bytes")
        }
        #expect(try await broker.refusals().count == sizes.count)
        try await Self.expectServing(broker, pilot, grownFrom: before)
    }

    /// A condition of many patterns, each of which goes astray just not far enough to be given up.
    @Test func aQueryThatIsHardToAnswerHoldsUpNobody() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        var hostile = try HostilePilot(broker, pilot)
        for number in 0..<40 {
            let ad: ClassAd = ["MyType": "Machine", "Name": Expression("slot\(number)@m")]
            let isTaken = try await hostile.isAcknowledged { $0.write(ad) }
            #expect(isTaken)
        }
        let pattern = "regexp(\"^(a*)*$\", \"aaaaaaaaaaaaaaaab\")"
        let condition = Array(repeating: pattern, count: 2000).joined(separator: " || ")
        let client = try RealClient()
        let asked = ContinuousClock.now
        async let first = client.query(broker, "Startd", constraint: condition, projection: ["Name"])
        async let second = client.query(broker, "Startd", constraint: condition, projection: ["Name"])
        try await Self.expectServing(broker, pilot)
        let answers = try await [first, second]
        #expect(answers.map(\.count) == [0, 0])
        // Without a bound on the work, both would take minutes.
        #expect(ContinuousClock.now - asked < .patience)
    }

    /// What waits behind a command is left in the sender's buffers.
    @Test func whoeverSendsFasterThanTheBrokerWorksIsHeldUp() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        var hostile = try HostilePilot(broker, pilot)
        let connection = try await hostile.open(.updateStartdAd)
        let before = broker.residentMemory
        let slot = try Self.recordedSlot()
        for number in 0..<400 {
            try await connection.send { writer in
                if number > 0 { writer.write(CommandNumber.updateStartdAd) }
                var ad = slot
                ad.set("Name", "slot\(number % 40)@flood")
                ad.set("State", number % 2 == 0 ? "Claimed" : "Unclaimed")
                writer.write(ad)
            }
        }
        connection.close()
        try await Self.expectServing(broker, pilot, grownFrom: before)
        #expect(try await broker.refusals().count == 0)
    }

    @Test func anAnnexThatFloodsHurtsNoOther() async throws {
        let broker = try await RunningBroker(settings: ["FLOCK_BROKER_MAX_ADS_PER_ANNEX": "50"])
        let well = try await broker.createAnnex("well", owner: "alice")
        let flooded = try await broker.createAnnex("flood", owner: "mallory")
        try await Self.expectServing(broker, well, name: "slot1@before")
        var hostile = try HostilePilot(broker, flooded)
        let before = broker.residentMemory
        var taken = 0
        for number in 0..<120 {
            let isTaken = try await hostile.isAcknowledged { writer in
                // The well-behaved annex's name among them: it is another ad.
                let ad: ClassAd = [
                    "MyType": "Machine", "Name": Expression(number == 0 ? "slot1@before" : "slot\(number)@flood"),
                ]
                writer.write(ad)
            }
            if isTaken { taken += 1 }
        }
        #expect(taken == 50)
        let refusals = try await broker.refusals()
        #expect(refusals.count == 70)
        #expect(refusals.lines.count == 1 && refusals.lines.allSatisfy { $0.contains("too many ads") })
        try await Self.expectServing(broker, well, name: "slot1@after", grownFrom: before)
        let client = try RealClient()
        let alices = try await client.query(
            broker, "Startd", constraint: "AuthenticatedIdentity == \"alice@demo.example\"", projection: ["Name"])
        #expect(alices.compactMap { $0["Name"]?.string }.sorted() == ["slot1@after", "slot1@before"])
    }
}
