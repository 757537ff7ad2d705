import CEDAR
import ClassAds
import CondorSecurity
import NIOCore
import TestSupport
import Testing

@testable import CondorNet

/// The rules of one connection: when commands run, what a deadline is for, and how it ends.
@Suite struct ServerConnectionTests {
    static let ad: ClassAd = ["MyType": "Machine", "Name": "slot1@node1"]

    /// A raw message of a command, with an ad or without.
    static func raw(_ number: Int, _ ad: ClassAd? = nil) throws -> ByteBuffer {
        var stream = CEDARStream()
        var writer = stream.makeWriter()
        writer.write(number)
        if let ad { writer.write(ad) }
        return try stream.encode(writer.payload)
    }

    /// A server that lets anybody in without a handshake.
    static var open: TestEnvironment {
        var environment = Pilot.server
        environment.policy = SecurityPolicy(
            authentication: .optional, encryption: .optional, integrity: .optional, methods: [])
        return environment
    }

    static func update(_ pilot: Pilot, _ command: CommandNumber? = nil) -> ByteBuffer {
        pilot.payload {
            if let command { $0.write(command) }
            $0.write(ad)
        }
    }

    // MARK: Commands

    @Test func aCommandWithoutPayloadRunsAtOnce() throws {
        let pilot = try Pilot(.noOperation, [.sciTokens])
        #expect(pilot.victim.commands.map(\.entry.number) == [CommandNumber.noOperation.rawValue])
        #expect(pilot.victim.closes == 1 && pilot.victim.refusals == [])
    }

    @Test func aCommandWithPayloadWaitsForIt() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        #expect(pilot.victim.commands.isEmpty && pilot.victim.connection.waiting == .message)
        try pilot.send(Self.update(pilot))
        #expect(pilot.victim.commands.count == 1)
    }

    @Test func aRawCommandBringsItsPayloadInTheSameMessage() throws {
        var victim = Victim(Self.open)
        victim.feed(try Self.raw(CommandNumber.queryStartdAds.rawValue, Self.ad))
        var payload = try #require(victim.commands.first?.payload)
        #expect(try payload.readClassAd() == Self.ad)
    }

    @Test func aRawCommandIsRefusedWhereThePolicyInsistsOnAnything() throws {
        var victim = Victim(Pilot.server)
        victim.feed(try Self.raw(CommandNumber.queryStartdAds.rawValue, Self.ad))
        #expect(victim.refusals == ["rawCommandRefused"] && victim.closes == 1 && victim.commands.isEmpty)
    }

    @Test func aKeptConnectionTakesFurtherCommands() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        try pilot.send(Self.update(pilot))
        try pilot.send(Self.update(pilot, .invalidateStartdAds))
        try pilot.send(Self.update(pilot, .updateStartdAd))
        let expected: [CommandNumber] = [.updateStartdAd, .invalidateStartdAds, .updateStartdAd]
        #expect(pilot.victim.commands.map(\.entry.number) == expected.map(\.rawValue))
        #expect(Set(pilot.victim.commands.map(\.session.id)).count == 1)
    }

    @Test func commandsThatWaitBehindOneThatRunsComeInTheirOrder() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        try pilot.send(Self.update(pilot, .invalidateStartdAds))
        #expect(pilot.victim.commands.count == 1 && pilot.victim.connection.waiting == .ourselves)
        pilot.happen { $0.finish(.keepOpen([])) }
        #expect(pilot.victim.commands.count == 2)
    }

    @Test func aFurtherCommandIsAuthorizedAnew() throws {
        let mayGoOn = ReplayEnvironment.Counter()
        var server = Pilot.server
        server.allows = { _, _ in mayGoOn.value == 0 }
        var pilot = try Pilot(.updateStartdAd, [.sciTokens], server: server)
        try pilot.send(Self.update(pilot))
        mayGoOn.increase()
        try pilot.send(Self.update(pilot, .updateStartdAd))
        #expect(pilot.victim.refusals == ["not authorized"] && pilot.victim.commands.count == 1)
        #expect(pilot.victim.details.first?["capability"] == "0123456789abcdef")
        #expect(pilot.victim.closes == 1)
    }

    @Test func aFurtherCommandBeyondTheCapabilityIsRefused() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        try pilot.send(Self.update(pilot))
        try pilot.send(Self.update(pilot, .flockAnnexCreate))
        #expect(pilot.victim.refusals == ["not authorized"] && pilot.victim.commands.count == 1)
    }

    @Test(arguments: [-1, 100, 60010, 78099, Int(Int32.max), .max, .min])
    func anUnknownFurtherCommandIsRefused(number: Int) throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        try pilot.send(Self.update(pilot))
        try pilot.send(pilot.payload { $0.write(number) })
        #expect(pilot.victim.refusals == ["unknown command"] && pilot.victim.closes == 1)
        #expect(pilot.victim.details == [["command": "\(number)"]])
    }

    // MARK: Outcomes

    @Test func aFinishedCommandMayAnswerAndClose() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        let answers = [pilot.payload { $0.write(1) }, pilot.payload { $0.write(2) }]
        pilot.happen { $0.finish(.close(answers)) }
        #expect(pilot.victim.closes == 1 && pilot.victim.refusals == [])
        #expect(try pilot.answers().map(\.payload) == answers)
    }

    @Test func aRefusedCommandClosesWithoutALineOfTheMachine() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        pilot.happen { $0.finish(.refuse(reason: "no")) }
        #expect(pilot.victim.closes == 1 && pilot.victim.refusals == [])
        #expect(try pilot.answers() == [])
    }

    @Test func anAnswerThatComesAfterTheEndIsDropped() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        pilot.happen { $0.finish(.close([])) }
        let answer = pilot.payload { $0.write(1) }
        pilot.happen { $0.finish(.keepOpen([answer])) }
        #expect(pilot.victim.closes == 1 && pilot.victim.faults == [])
        #expect(try pilot.answers() == [])
    }

    @Test func aSessionThatCannotBeStoredIsNotAcknowledged() throws {
        let pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.storesSessions = false }
        #expect(pilot.victim.refusals == ["storageFailed"] && pilot.victim.closes == 1)
        #expect(pilot.victim.bound.isEmpty && pilot.victim.commands.isEmpty)
    }

    // MARK: Refusals

    @Test func aRefusedCapabilityIsOneLineThatNamesIt() throws {
        let pilot = try Pilot(.updateStartdAd, [.sciTokens], bearer: "annexcap1.0123456789abcdef.other")
        #expect(pilot.victim.refusals == ["credentialRefused"] && pilot.victim.closes == 1)
        let details = try #require(pilot.victim.details.first)
        #expect(details["capability"] == "0123456789abcdef" && details["detail"] == "revoked")
        #expect(!details.values.contains { $0.contains("other") })
    }

    @Test func aMethodThatFailsBeforeAnotherSucceedsIsNoRefusal() throws {
        let pilot = try Pilot(
            .updateStartdAd, [.sciTokens, .idTokens], bearer: "annexcap1.0123456789abcdef.other")
        #expect(pilot.victim.refusals == [] && pilot.victim.failedMethods == ["credentialRefused"])
        #expect(pilot.victim.bound.map(\.identity.method) == [.idTokens])
    }

    // MARK: The peer's end

    @Test func aPeerThatNeverSaidAnythingMayGoWithoutALine() {
        var victim = Victim(Pilot.server)
        victim.end()
        #expect(victim.refusals == [] && victim.closes == 1 && victim.faults == [])
    }

    @Test func aPeerThatGoesDuringItsHandshakeIsReported() throws {
        var stream = CEDARStream()
        var client = Pilot.client(.updateStartdAd, [.sciTokens])
        var victim = Victim(Pilot.server)
        for case .send(let payload) in client.start(now: ReplayEnvironment.now) {
            victim.feed(try stream.encode(payload))
        }
        victim.end()
        #expect(victim.refusals == ["connection closed during the handshake"])
    }

    @Test func aPeerThatOwesAPayloadAndGoesIsReported() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        pilot.happen { $0.end() }
        #expect(pilot.victim.refusals == ["connection closed before the payload"])
        #expect(pilot.victim.details.first?["capability"] == "0123456789abcdef")
    }

    @Test func whatArrivedBeforeThePeerClosedIsWorkedOff() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        try pilot.send(Self.update(pilot, .invalidateStartdAds))
        pilot.happen { victim in _ = victim.connection.peerClosed(now: ReplayEnvironment.now) }
        #expect(pilot.victim.closes == 0)
        pilot.happen { $0.finish(.keepOpen([])) }
        #expect(pilot.victim.commands.count == 2 && pilot.victim.closes == 0)
        pilot.happen { $0.finish(.keepOpen([])) }
        #expect(pilot.victim.closes == 1 && pilot.victim.refusals == [])
    }

    @Test func halfAMessageBeforeThePeerClosedIsReported() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        try pilot.send(Self.update(pilot))
        let next = try pilot.encode(Self.update(pilot, .updateStartdAd))
        pilot.happen {
            $0.feed(next.readableBytesView.dropLast())
            $0.end()
        }
        #expect(pilot.victim.refusals == ["connection closed in the middle of a message"])
        #expect(pilot.victim.commands.count == 1)
    }

    @Test func aConnectionThatIsLostInItsHandshakeIsReported() throws {
        var victim = Victim(Pilot.server)
        victim.feed([1, 0, 0])
        let actions = victim.connection.connectionLost()
        guard case .refused(let reason, _)? = actions.first, case .close? = actions.last, actions.count == 2 else {
            Issue.record("no refusal")
            return
        }
        #expect(reason == "connection closed in the middle of a message")
        #expect(victim.connection.connectionLost().isEmpty)
    }

    // MARK: Deadlines

    @Test func aHandshakeMayNotTakeForEver() {
        var victim = Victim(Pilot.server)
        #expect(victim.connection.waiting == .beginning)
        victim.passDeadline()
        #expect(victim.refusals == ["handshake took too long"] && victim.closes == 1)
    }

    @Test func aPayloadMayNotTakeForEver() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        #expect(pilot.victim.connection.waiting == .message)
        pilot.happen { $0.passDeadline() }
        #expect(pilot.victim.refusals == ["message was not completed in time"] && pilot.victim.closes == 1)
    }

    @Test func aKeptConnectionMayBeIdleButNotStopWithinAMessage() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        try pilot.send(Self.update(pilot))
        #expect(pilot.victim.connection.waiting == .nothing)
        pilot.happen { $0.feed([1]) }
        #expect(pilot.victim.connection.waiting == .message)
        pilot.happen { $0.passDeadline() }
        #expect(pilot.victim.refusals == ["message was not completed in time"])
    }

    @Test func aKeptConnectionOfSomebodyWhoHasProvenNothingIsClosedWithoutALine() throws {
        var victim = Victim(Self.open)
        victim.feed(try Self.raw(CommandNumber.queryStartdAds.rawValue, Self.ad))
        #expect(victim.commands.count == 1 && victim.connection.waiting == .message)
        victim.passDeadline()
        #expect(victim.closes == 1 && victim.refusals == [])
    }

    @Test func aCommandThatRunsHasNoDeadline() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        pilot.happen { $0.passDeadline() }
        #expect(pilot.victim.connection.waiting == .ourselves && pilot.victim.closes == 0)
    }

    // MARK: Bounds

    /// A message that never ends: its packets are cut off where the limit for strangers is.
    @Test func aMessageOfAStrangerIsBounded() {
        var victim = Victim(Pilot.server)
        let packet = [0, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 1 << 16)
        var packets = 0
        while victim.closes == 0, packets < 64 {
            victim.feed(packet)
            packets += 1
        }
        #expect(packets == 17 && victim.refusals == ["malformed message: messageTooLarge"])
        #expect(victim.mostBuffered <= StreamLimits.unauthenticated.maximumMessageBytes)
        #expect(victim.connection.bufferedBytes == 0)
    }

    @Test func theLengthOfAPacketIsBelievedOnlyWithinItsBound() {
        var victim = Victim(Pilot.server)
        victim.feed([1, 0, 16, 0, 1])
        #expect(victim.refusals == ["malformed message: badLength"] && victim.connection.bufferedBytes == 0)
    }

    @Test func nothingMoreIsWantedWhileEnoughWaitsBehindACommand() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens]) { $0.isHoldingCommands = true }
        try pilot.send(Self.update(pilot))
        #expect(pilot.victim.connection.wantsInput)
        pilot.happen { $0.feed([UInt8](repeating: 0, count: ServerConnection.maximumWaitingInput)) }
        #expect(!pilot.victim.connection.wantsInput)
        pilot.happen { $0.finish(.keepOpen([])) }
        #expect(pilot.victim.connection.wantsInput)
    }

    @Test func aMessageOfAnAuthenticatedPeerIsBounded() throws {
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        let payload = ByteBuffer(repeating: 0, count: 4 << 20 + 1)
        try pilot.send(payload)
        #expect(pilot.victim.refusals == ["malformed message: messageTooLarge"] && pilot.victim.commands.isEmpty)
    }
}
