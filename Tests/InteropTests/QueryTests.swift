import Foundation
import Testing

/// What is in the broker is seen through the real client library as in a collector.
@Suite(.serialized) struct QueryTests {
    @Test func queriesAnswerAsACollectorDoes() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        _ = try await client.advertise(
            pilot, ads: ["startd_pslot_cpu.ad", "startd_pslot_gpu.ad", "startd_dslot_claimed_cpu.ad"])
        _ = try await client.advertise(pilot, ads: ["master.ad"], command: "UPDATE_MASTER_AD")
        _ = try await client.advertise(
            pilot, ads: ["schedd.ad"], command: "UPDATE_SCHEDD_AD",
            settings: ["SEC_CLIENT_AUTHENTICATION_METHODS": "FS"])

        let all = try await client.query(broker, "Startd")
        let names = Set(all.compactMap { $0["Name"]?.string })
        #expect(names.isSuperset(of: ["slot1@ap.example.net"]))
        #expect(all.allSatisfy { $0["MyType"] == .string("Machine") && $0["LastHeardFrom"]?.number != nil })

        let partitionable = try await client.query(broker, "Startd", constraint: "PartitionableSlot =?= true")
        #expect(partitionable.count == 2)
        #expect(try await client.query(broker, "Startd", constraint: "TARGET.Cpus > 0").isEmpty)

        let projected = try await client.query(
            broker, "Startd", constraint: "PartitionableSlot =?= true", projection: ["Name", "Cpus", "ClaimId"])
        #expect(projected.allSatisfy { Set($0.keys).subtracting(["MyType", "TargetType"]) == ["Name", "Cpus"] })

        #expect(try await client.query(broker, "Master").count >= 1)
        let schedds = try await client.query(broker, "Schedd")
        #expect(schedds.count == 1)
        #expect(schedds.first?["AuthenticatedIdentity"] == .string("condor@demo.example"))

        let any = try await client.query(broker, "Any")
        let types = Set(any.compactMap { $0["MyType"]?.string })
        #expect(types.isSuperset(of: ["Machine", "DaemonMaster", "Scheduler", "Collector"]))
    }

    @Test func aClientWithoutCredentialsSeesThePublicAds() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        _ = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        #expect(try await client.query(broker, "Startd", methods: "KERBEROS").count == 1)
    }

    @Test(.enabled(if: Programs.condorStatus != nil, "condor_status is not installed"))
    func condorStatusShowsTheSlots() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        _ = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        let status = try ChildProcess(
            Programs.condorStatus ?? "", ["-pool", broker.hostPort, "-af", "Name"],
            environment: ["CONDOR_CONFIG": "ONLY_ENV"])
        #expect(try await status.waitForExit() == 0)
        #expect(status.outputLines == ["slot1@ap.example.net"])
    }
}
