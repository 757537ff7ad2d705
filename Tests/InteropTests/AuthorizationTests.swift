import Cryptography
import Foundation
import Testing

/// The administrator's lists, map and certificate, as the real client library meets them.
@Suite(.serialized) struct AuthorizationTests {
    /// Runs the tool without a broker.
    private static func tool(_ arguments: [String]) async throws -> ToolResult {
        let child = try ChildProcess(Programs.tool, arguments, name: "flockbroker")
        let status = try await child.waitForExit()
        return ToolResult(
            status: status, output: child.outputLines.joined(separator: "\n"),
            errors: child.errorLines.joined(separator: "\n"))
    }

    @Test func aPilotAtARefusedAddressIsTurnedAwayAndTheLogNamesTheEntry() async throws {
        let broker = try await RunningBroker(settings: ["DENY_ADVERTISE_STARTD": "*/127.0.0.1"])
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        #expect(events.last?.event != "advertised")
        #expect(
            broker.logged("detail", in: "refused").contains(
                "ADVERTISE_STARTD: refused, by */127.0.0.1 in DENY_ADVERTISE_STARTD"))
        let master = try await client.advertise(pilot, ads: ["master.ad"], command: "UPDATE_MASTER_AD")
        #expect(master.last?.event == "advertised")
    }

    @Test func aListOfTheLevelMustFitPilotsToo() async throws {
        let client = try RealClient()
        for (list, isAdvertised) in [("*/10.0.0.0/8", false), ("alice@demo.example/127.0.0.*", true)] {
            let broker = try await RunningBroker(settings: ["ALLOW_ADVERTISE_STARTD": list])
            let pilot = try await broker.createAnnex("demo", owner: "alice")
            let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
            #expect((events.last?.event == "advertised") == isAdvertised, "\(list)")
        }
    }

    @Test func namesOfHostsAreKnownWhenTheFirstCommandComes() async throws {
        let client = try RealClient()
        let open = try await RunningBroker(settings: ["ALLOW_READ": "*/localhost"])
        #expect(try await client.query(open, "Collector", methods: "KERBEROS").count == 1)
        let closed = try await RunningBroker(settings: ["DENY_WRITE": "*/localhost"])
        #expect(try await closed.tool(["status"]).status == 4)
        #expect(
            closed.logged("detail", in: "refused").contains {
                $0.hasPrefix("WRITE: refused, by */localhost in DENY_WRITE")
            })
    }

    @Test func whoAdministersIsWhatTheListSays() async throws {
        let broker = try await RunningBroker(settings: ["ALLOW_ADMINISTRATOR": "somebody@else"])
        let result = try await broker.tool([
            "annex", "create", "demo", "--owner", "alice", "--directory", broker.directory.sub("demo"),
        ])
        #expect(result.status == 4, "\(result)")
    }

    @Test func theMapSaysWhoAnAccountIs() async throws {
        let folder = try TemporaryDirectory()
        let map = folder.sub("map")
        try "# accounts\nFS ^condor$ carol@other.example\n".write(toFile: map, atomically: true, encoding: .utf8)
        let broker = try await RunningBroker(
            settings: ["CERTIFICATE_MAPFILE": map, "ALLOW_WRITE": "carol@other.example"])
        let result = try await broker.tool([
            "annex", "create", "demo", "--directory", broker.directory.sub("demo"), "--json",
        ])
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("carol@other.example"))

        let test = try await Self.tool(["map", "test", "FS", "root", "--file", map])
        #expect(test.status == 0)
        #expect(test.output == "carol@other.example\n  by \(map):2: FS ^condor$")
    }

    @Test func theToolTellsFaultsOfAMapAndNamesThatNoLineFits() async throws {
        let folder = try TemporaryDirectory()
        let map = folder.sub("map")
        try "SSL /CN=(.*) \\1\nSSL ( x\n".write(toFile: map, atomically: true, encoding: .utf8)
        let faulty = try await Self.tool(["map", "test", "SSL", "/CN=anne", "--file", map])
        #expect(faulty.status == 1)
        #expect(faulty.errors.hasPrefix("error: \(map):2: missing closing parenthesis"))
        let unmapped = try await Self.tool(["map", "test", "SCITOKENS", "https://i.example,anne"])
        #expect(unmapped.status == 3)
        #expect(try await Self.tool(["map", "test", "NOTHING", "anne"]).status == 2)
    }

    @Test func theToolSaysWhoMayDoWhat() async throws {
        let result = try await Self.tool([
            "authorization", "test", "anne@x.org", "--from", "10.66.1.1", "--level", "read", "--level", "write",
            "--set",
            "DENY_READ=*/10.66.*", "--set", "FLOCK_BROKER_UID_DOMAIN=x.org",
        ])
        #expect(result.status == 4)
        #expect(
            result.output.split(separator: "\n") == [
                "READ: refused, by */10.66.* in DENY_READ",
                "WRITE: allowed, by *@x.org in the default of ALLOW_WRITE",
            ])
        let limited = try await Self.tool([
            "authorization", "test", "condor@x.org", "--limit", "READ", "--level", "READ", "--json", "--set",
            "FLOCK_BROKER_UID_DOMAIN=x.org",
        ])
        #expect(limited.status == 0, "\(limited)")
    }

    @Test func aPilotRegistersWithTheAdministratorsCertificate() async throws {
        let folder = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(commonName: "Site CA", days: 100)
        let (certificate, key) = try authority.issueServerCertificate(dnsName: "broker.test", days: 90)
        for (name, text) in [
            ("host.pem", certificate + authority.certificatePEM), ("host.key", key),
            ("ca.pem", authority.certificatePEM),
        ] {
            try text.write(toFile: folder.sub(name), atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.sub(name))
        }
        let broker = try await RunningBroker(settings: [
            "FLOCK_BROKER_ALIAS": "broker.test", "FLOCK_BROKER_CERTIFICATE": folder.sub("host.pem"),
            "FLOCK_BROKER_CERTIFICATE_KEY": folder.sub("host.key"),
            "FLOCK_BROKER_CERTIFICATE_AUTHORITY": folder.sub("ca.pem"),
        ])
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        #expect(try String(contentsOfFile: pilot.path + "/broker-ca.pem", encoding: .utf8) == authority.certificate.pem)
        #expect(try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"]).last?.event == "advertised")

        struct Shown: Decodable { var Fingerprint: String, Alias: String, KnownHosts: String }
        let result = try await Self.tool(["ca", "show", "--state-directory", broker.directory.sub("state"), "--json"])
        let shown = try JSONDecoder().decode(Shown.self, from: Data(result.output.utf8))
        #expect(shown.Fingerprint == authority.certificate.fingerprint)
        #expect(shown.KnownHosts == "broker.test SSL \(Base64.encode(authority.certificate.der))")
    }

    @Test func withoutABrokerThereIsNoCertificateToShow() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await Self.tool(["ca", "show", "--state-directory", folder.sub("state")]).status == 3)
    }
}
