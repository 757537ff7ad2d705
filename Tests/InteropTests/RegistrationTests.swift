import Foundation
import Testing

/// The real client library registers with the files that `flockbroker annex create` wrote, and with nothing else.
@Suite(.serialized) struct RegistrationTests {
    @Test(arguments: ["scitokens", "idtokens"])
    func realLibraryRegistersSlotsAndMaster(method: String) async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice", method: method)

        let slots = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad", "startd_pslot_gpu.ad"])
        #expect(slots.last?.event == "advertised")
        let master = try await client.advertise(
            pilot, ads: ["master.ad"], names: ["m1@ep"], command: "UPDATE_MASTER_AD")
        #expect(master.last?.event == "advertised")

        let seen = try await client.query(broker, "Startd")
        #expect(seen.count == 2)
        for ad in seen {
            #expect(ad["AuthenticatedIdentity"] == .string("alice@demo.example"))
            #expect(ad["AuthenticationMethod"] == .string(method.uppercased()))
            #expect(ad["AnnexName"] == .string("demo"))
        }
        #expect(try await client.query(broker, "Master").map { $0["Name"] } == [.string("m1@ep")])
    }

    @Test func pilotFilesAreReadableByTheirOwnerOnly() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let attributes = try FileManager.default.attributesOfItem(atPath: pilot.path + "/annex.cap")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(FileManager.default.fileExists(atPath: pilot.path + "/broker-ca.pem"))
        #expect(FileManager.default.fileExists(atPath: pilot.path + "/pilot.conf"))
    }

    @Test func secondUpdateResumesTheSession() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let before = try await broker.status()
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"], times: 2)
        #expect(events.filter { $0.event == "advertised" }.count == 2)
        let after = try await broker.status()
        // The second reading of the figures made a session of its own.
        #expect((after["SessionsCreated"] ?? 0) - (before["SessionsCreated"] ?? 0) == 2)
        #expect((after["SessionsResumed"] ?? 0) - (before["SessionsResumed"] ?? 0) == 1)
    }

    @Test func aUserOfTheHostCreatesHisOwnAnnex() async throws {
        guard getuid() == 0 else { return }  // only root can become somebody else to try it
        let broker = try await RunningBroker()
        let home = broker.directory.sub("nobody")
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: false, attributes: [.ownerAccountName: "nobody"])
        let created = try await broker.tool(
            ["annex", "create", "mine", "--directory", home + "/pilot", "--json"], as: "nobody")
        #expect(created.status == 0, "\(created)")
        #expect(created.output.contains("nobody@demo.example"))
        let forSomebodyElse = try await broker.tool(
            ["annex", "create", "hers", "--owner", "alice", "--directory", home + "/other"], as: "nobody")
        #expect(forSomebodyElse.status == 4, "\(forSomebodyElse)")
    }

    // MARK: Binding

    @Test func whatAnAdClaimsAboutItsOwnerIsOverwritten() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        _ = try await client.advertise(
            pilot, ads: ["startd_pslot_cpu.ad"],
            attributes: [
                "AuthenticatedIdentity=\"root@demo.example\"", "AuthenticationMethod=\"FS\"", "AnnexName=\"other\"",
            ])
        let ad = try #require(try await client.query(broker, "Startd").first)
        #expect(ad["AuthenticatedIdentity"] == .string("alice@demo.example"))
        #expect(ad["AuthenticationMethod"] == .string("SCITOKENS"))
        #expect(ad["AnnexName"] == .string("demo"))
        _ = try await broker.process.errorLine("the mismatch in the log") {
            $0.contains("AnnexName") && $0.contains("other")
        }
    }

    @Test func twoAnnexesMayUseOneName() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let first = try await broker.createAnnex("demo", owner: "alice")
        let second = try await broker.createAnnex("demo", owner: "bob")
        for pilot in [first, second] {
            _ = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"], names: ["slot1@same"])
        }
        let owners = try await client.query(broker, "Startd").compactMap { $0["AuthenticatedIdentity"]?.string }
        #expect(owners.sorted() == ["alice@demo.example", "bob@demo.example"])

        // An invalidation of that name takes away the annex's own ad, and leaves the other's.
        _ = try await client.advertise(
            second, ads: ["invalidate_slot.ad"], command: "INVALIDATE_STARTD_ADS")
        let left = try await client.query(broker, "Startd").compactMap { $0["AuthenticatedIdentity"]?.string }
        #expect(left == ["alice@demo.example"])

        // Once more, and there is only another annex's ad to hit.
        _ = try await client.advertise(
            second, ads: ["invalidate_slot.ad"], command: "INVALIDATE_STARTD_ADS")
        try await expectRefusal(broker, "invalidation of an ad that belongs to another", capability: second.capability)
        #expect(try await client.query(broker, "Startd").count == 1)
    }

    // MARK: Refusals

    @Test func unknownCapabilityIsRefused() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let wrong = "annexcap1." + String(repeating: "0", count: 32) + "." + String(repeating: "A", count: 43)
        try Data(wrong.utf8).write(to: URL(filePath: pilot.path + "/annex.cap"))
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        #expect(events.last?.event == "refused")
        try await expectRefusal(
            broker, "unknown capability", capability: String(repeating: "0", count: 32), secretFile: wrong)
        #expect(try await client.query(broker, "Startd").isEmpty)
    }

    @Test func revokedCapabilityIsRefused() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        _ = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        let revoked = try await broker.tool(["capability", "revoke", pilot.capability])
        #expect(revoked.status == 0, "\(revoked)")
        #expect(try await client.query(broker, "Startd").isEmpty)
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        #expect(events.last?.event == "refused")
        let secret = try String(contentsOfFile: pilot.path + "/annex.cap", encoding: .utf8)
        try await expectRefusal(broker, "capability revoked", capability: pilot.capability, secretFile: secret)
    }

    @Test func expiredCapabilityIsRefused() async throws {
        let broker = try await RunningBroker(settings: ["FLOCK_BROKER_CAPABILITY_GRACE": "0"])
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice", lifetime: "1s")
        _ = try await broker.process.errorLine("the end of the annex in the log") { $0.contains("annex expired") }
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        #expect(events.last?.event == "refused")
        let secret = try String(contentsOfFile: pilot.path + "/annex.cap", encoding: .utf8)
        try await expectRefusal(broker, "capability expired", capability: pilot.capability, secretFile: secret)
    }

    @Test func updateWithoutAuthenticationIsRefused() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let events = try await client.advertise(
            pilot, ads: ["startd_pslot_cpu.ad"],
            settings: [
                "SEC_CLIENT_AUTHENTICATION": "NEVER", "SEC_CLIENT_ENCRYPTION": "OPTIONAL",
                "SEC_CLIENT_INTEGRITY": "OPTIONAL",
            ])
        #expect(events.last?.event == "refused")
        try await expectRefusal(broker, "policyConflict")
        #expect(try await client.query(broker, "Startd").isEmpty)
    }

    @Test func updateBeyondTheCapabilityIsRefused() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let events = try await client.advertise(pilot, ads: ["schedd.ad"], command: "UPDATE_SCHEDD_AD")
        #expect(events.last?.event == "refused")
        try await expectRefusal(broker, "noCommonMethod")
        #expect(try await client.query(broker, "Schedd").isEmpty)
    }

    /// Expects exactly one line about a refusal, with its reason and the capability's public id and without its secret.
    private func expectRefusal(
        _ broker: RunningBroker, _ reason: String, capability: String? = nil, secretFile: String? = nil
    ) async throws {
        let line = try await broker.process.errorLine("the refusal in the log") {
            $0.contains(" refused ") && $0.contains(reason)
        }
        #expect(broker.process.errorLines.count { $0.contains(" refused ") } == 1, "more than one line")
        if let capability { #expect(line.contains("capability=\(capability)")) }
        guard let secretFile else { return }
        let secret =
            secretFile.split(separator: ".").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
        #expect(
            !secret.isEmpty && !broker.process.errorLines.contains { $0.contains(secret) }, "a secret is in the log")
    }
}
