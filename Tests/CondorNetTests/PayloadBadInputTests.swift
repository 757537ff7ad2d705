import CEDAR
import ClassAds
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import CondorNet
@testable import CondorSecurity

/// Payloads damaged after a real handshake and before they are encrypted: taken and valid, or one end with one line.
@Suite struct PayloadBadInputTests {
    /// A command, how its sender authenticates, and its payload.
    struct Subject: Sendable, CustomTestStringConvertible {
        var command: CommandNumber
        var methods: [AuthenticationMethod]
        var ads: [ClassAd]
        var testDescription: String { "\(command)" }

        func write(_ writer: inout MessageWriter) {
            for ad in ads { writer.write(ad, options: .includePrivate) }
        }
    }

    static let subjects: [Subject] = {
        let query: ClassAd = [
            "MyType": "Query", "TargetType": "Machine", "LimitResults": 10, "Projection": "Name State",
        ]
        let invalidation: ClassAd = ["MyType": "Query", "TargetType": "Machine", "Name": "slot1@node1"]
        do {
            // A third of the attributes: of every kind there is one, and each byte is tried.
            let slot = [try ad("startd_pslot_cpu", attributes: 50), try ad("startd_private")]
            let small: ClassAd = ["MyType": "Machine", "Name": "slot1@node1", "Machine": "node1", "SlotID": 1]
            let condition = try Expression(parsing: "Cpus >= 2 && regexp(\"^slot\", Name)", syntax: .old)
            var asking = query
            asking["Requirements"] = condition
            return [
                Subject(command: .updateStartdAd, methods: [.sciTokens], ads: slot),
                Subject(command: .updateStartdAdWithAck, methods: [.idTokens], ads: [small, slot[1]]),
                Subject(command: .invalidateStartdAds, methods: [.sciTokens], ads: [invalidation]),
                Subject(command: .queryStartdAds, methods: [.idTokens], ads: [asking]),
                Subject(
                    command: .flockAnnexCreate, methods: [.fs],
                    ads: [["AnnexName": "demo", "Lifetime": 3600, "Method": "SCITOKENS", "Owner": "alice"]]),
                Subject(
                    command: .flockCapabilityRevoke, methods: [.fs], ads: [["CapabilityId": "00112233445566778899"]]),
                Subject(command: .flockBrokerStatus, methods: [.fs], ads: [[:]]),
            ]
        } catch {
            preconditionFailure("the ads of the tests: \(error)")
        }
    }()

    static func ad(_ name: String, attributes: Int = .max) throws -> ClassAd {
        let url = try Vectors.url("ads/\(name).ad")
        var ad = ClassAd()
        let first = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n\n")[0]
        for line in first.split(separator: "\n").prefix(attributes) where line.contains("=") {
            try ad.insert(line: String(line))
        }
        return ad
    }

    @Test(arguments: subjects)
    func theUndamagedPayloadIsTaken(subject: Subject) throws {
        let pilot = try Pilot(subject.command, subject.methods)
        let victim = try pilot.outcome(of: pilot.payload(subject.write))
        #expect(victim.faults == [] && victim.refusals == [])
        #expect(victim.commands.map(\.entry.number) == [subject.command.rawValue])
        #expect(victim.commands.map(\.session.identity.method) == subject.methods)
    }

    @Test(arguments: subjects)
    func everyByteOfAPayloadMayBeCorrupted(subject: Subject) throws {
        let pilot = try Pilot(subject.command, subject.methods)
        let payload = Array(pilot.payload(subject.write).readableBytesView)
        for place in payload.indices {
            var bytes = payload
            bytes[place] ^= place % 2 == 0 ? 0x01 : 0xFF
            try Self.expectSound(pilot, bytes, "byte \(place)")
        }
    }

    @Test(arguments: subjects)
    func aPayloadMayEndAnywhere(subject: Subject) throws {
        let pilot = try Pilot(subject.command, subject.methods)
        let payload = Array(pilot.payload(subject.write).readableBytesView)
        for count in 0..<payload.count { try Self.expectSound(pilot, Array(payload[..<count]), "\(count) bytes") }
    }

    @Test(arguments: subjects)
    func everyLengthInAPayloadMayLie(subject: Subject) throws {
        let pilot = try Pilot(subject.command, subject.methods)
        let payload = Array(pilot.payload(subject.write).readableBytesView)
        let places = [0] + PayloadDamage.lengthFields(of: payload)
        #expect(places.count > 2)
        for place in places {
            for length in PayloadDamage.lengths {
                let bytes = PayloadDamage.replacing(place, by: length, in: payload)
                try Self.expectSound(pilot, bytes, "\(length) at \(place)")
            }
        }
    }

    @Test(arguments: subjects)
    func aPayloadMayBeAnything(subject: Subject) throws {
        var random = SeededRandom(for: "damaged payloads", stream: UInt64(subject.command.rawValue))
        let pilot = try Pilot(subject.command, subject.methods) {
            $0.service = { Victim.collect($0, ensuresValidity: true) }
        }
        let payload = Array(pilot.payload(subject.write).readableBytesView)
        for round in 0..<300 {
            try Self.expectSound(pilot, PayloadDamage.random(payload, &random), "round \(round)")
        }
    }

    /// On a kept connection the command number is part of the message, and damaged with it.
    @Test func commandsOnAKeptConnectionMayBeAnything() throws {
        var random = SeededRandom(for: "damaged payloads")
        var pilot = try Pilot(.updateStartdAd, [.sciTokens])
        try pilot.send(pilot.payload(Self.subjects[2].write))
        #expect(pilot.victim.connection.waiting == .nothing)
        let next = pilot.payload {
            $0.write(CommandNumber.invalidateStartdAds)
            Self.subjects[2].write(&$0)
        }
        let payload = Array(next.readableBytesView)
        for place in payload.indices {
            var bytes = payload
            bytes[place] ^= 0xFF
            try Self.expectSound(pilot, bytes, "byte \(place)", commands: 2)
        }
        for round in 0..<300 {
            try Self.expectSound(pilot, PayloadDamage.random(payload, &random), "round \(round)", commands: 2)
        }
    }

    static func expectSound(
        _ pilot: Pilot, _ payload: [UInt8], _ what: @autoclosure () -> String, commands: Int = 1,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let victim = try pilot.outcome(of: ByteBuffer(bytes: payload))
        let isSound =
            victim.faults.isEmpty && victim.commands.count <= commands
            && victim.mostBuffered <= payload.count + 4096 && !victim.refusals.contains { $0.hasPrefix("TEST") }
        guard isSound else {
            Issue.record(
                "\(what()): \(victim.faults) \(victim.refusals), \(victim.commands.count) commands",
                sourceLocation: location)
            throw Unsound()
        }
    }
}
