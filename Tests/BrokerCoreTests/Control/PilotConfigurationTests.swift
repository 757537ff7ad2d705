import BrokerCore
import Foundation
import Testing

@Suite struct PilotConfigurationTests {
    private func configuration(_ method: PilotConfiguration.Method) -> PilotConfiguration {
        PilotConfiguration(
            method: method, brokerAddress: "203.0.113.7:9618", alias: "broker.example.org", annexName: "my-annex",
            account: "alice", requestID: "0123456789abcdef0123456789abcdef", leaseEnd: 1_795_473_500)
    }

    /// Settings and statements without blanks, so that spaces for looks do not count.
    private func settings(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                line.filter { $0 != " " }
            })
    }

    /// Spec 03, 10.8.
    static let common = """
        use SECURITY : recommended_v9_0
        SEC_CLIENT_AUTHENTICATION = REQUIRED
        SEC_CLIENT_ENCRYPTION     = REQUIRED
        SEC_CLIENT_INTEGRITY      = REQUIRED
        SEC_KNOWN_HOSTS           = $(LOCAL_DIR)/known_hosts
        SEC_PASSWORD_DIRECTORY    = $(LOCAL_DIR)/passwords.d
        """
    static let sciTokens = """
        COLLECTOR_HOST                    = <203.0.113.7:9618?alias=broker.example.org>
        SEC_CLIENT_AUTHENTICATION_METHODS = SCITOKENS
        SCITOKENS_FILE                    = $(LOCAL_DIR)/annex.cap
        AUTH_SSL_CLIENT_CAFILE            = $(LOCAL_DIR)/broker-ca.pem
        AUTH_SSL_CLIENT_USE_DEFAULT_CAS   = False
        BOOTSTRAP_SSL_SERVER_TRUST        = False
        """
    static let idTokens = """
        COLLECTOR_HOST                    = <203.0.113.7:9618>
        SEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS
        SEC_TOKEN_DIRECTORY               = $(LOCAL_DIR)/tokens.d
        SEC_TOKEN_SYSTEM_DIRECTORY        = $(LOCAL_DIR)/tokens.d
        """
    /// Spec 05, 5.7 and 6.3, and decision 19.
    static let slots = """
        CCB_ADDRESS = $(COLLECTOR_HOST)
        DAEMON_LIST = MASTER STARTD
        AnnexName = "my-annex"
        hpc_annex_request_id = "0123456789abcdef0123456789abcdef"
        DaemonStopTime = 1795473500
        START = TARGET.FlockTarget =?= MY.AnnexName && stringListMember(TARGET.Owner, "alice")
        """

    @Test(arguments: [
        (PilotConfiguration.Method.sciTokens, [common, sciTokens, slots]), (.idTokens, [common, idTokens, slots]),
    ])
    func everyLineThatTheSpecificationDemandsIsThere(method: PilotConfiguration.Method, blocks: [String]) throws {
        let written = settings(try configuration(method).text())
        for block in blocks { #expect(settings(block).subtracting(written) == []) }
    }

    @Test(arguments: PilotConfiguration.Method.allCases)
    func exactlyOneMethodIsListed(method: PilotConfiguration.Method) throws {
        let lines = try configuration(method).text().split(separator: "\n").filter { $0.contains("_METHODS") }
        #expect(lines == ["SEC_CLIENT_AUTHENTICATION_METHODS = \(method.rawValue)"])
    }

    /// HTCondor takes everything behind the equals sign as the value.
    @Test(arguments: PilotConfiguration.Method.allCases)
    func noCommentSharesALineWithASetting(method: PilotConfiguration.Method) throws {
        for line in try configuration(method).text().split(separator: "\n") where line.contains("#") {
            #expect(line.hasPrefix("# "), "\(line)")
        }
    }

    @Test(arguments: PilotConfiguration.Method.allCases)
    func noPlaceholderIsLeft(method: PilotConfiguration.Method) throws {
        #expect(!(try configuration(method).text().contains("@")))
    }

    @Test func theAliasJoinsOtherParametersOfTheAddress() throws {
        var configuration = configuration(.sciTokens)
        configuration.brokerAddress = "203.0.113.7:9618?sock=ap_collector"
        #expect(
            try configuration.text().contains(
                "COLLECTOR_HOST = <203.0.113.7:9618?sock=ap_collector&alias=broker.example.org>\n"))
    }

    @Test(arguments: 0..<5)
    func valuesThatCouldAddASettingAreRefused(field: Int) {
        let fields: [WritableKeyPath<PilotConfiguration, String>] = [
            \.brokerAddress, \.alias, \.annexName, \.account, \.requestID,
        ]
        for value in ["", "x\nSTART = true", "x\" || true", "$(X)", "a b", "a>", "a,b", "a\\"] {
            var configuration = configuration(.sciTokens)
            configuration[keyPath: fields[field]] = value
            #expect(throws: PilotConfiguration.UnsafeValue.self) { try configuration.text() }
        }
    }
}

/// The files in `conf/`.
@Suite struct ShippedConfigurationTests {
    private func file(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return try String(contentsOf: root.appending(path: "conf/\(name)"), encoding: .utf8)
    }

    @Test(arguments: [
        ("pilot.conf.in", PilotConfiguration.Method.sciTokens), ("pilot-idtokens.conf.in", .idTokens),
    ])
    func theTemplatesAreWhatTheBrokerWrites(name: String, method: PilotConfiguration.Method) throws {
        #expect(try file(name) == PilotConfiguration.templateText(method))
    }

    @Test(arguments: ["50-flockbroker.conf", "flockbroker.conf", "pilot.conf.in", "pilot-idtokens.conf.in"])
    func commentsStandOnLinesOfTheirOwn(name: String) throws {
        for line in try file(name).split(separator: "\n") where line.contains("#") {
            #expect(line.hasPrefix("#"), "\(line)")
        }
    }

    /// Spec 05, 5.4 and 6.1, word for word.
    @Test(arguments: [
        "FLOCK_COLLECTOR_HOSTS = $(FLOCK_COLLECTOR_HOSTS) $(FLOCK_BROKER_HOST)\n",
        "FLOCK_NEGOTIATOR_HOSTS = $(FLOCK_NEGOTIATOR_HOSTS) $(FLOCK_BROKER_HOST)\n",
        "\nMIN_FLOCK_LEVEL = 1\n",
        "\nDAGMAN_INHERIT_ATTRS = $(DAGMAN_INHERIT_ATTRS) FlockTarget\n",
        """

        START_VANILLA_UNIVERSE = ($(START_VANILLA_UNIVERSE:true)) && \\
           ifThenElse(SLOT.Name is undefined || JOB.ClusterId is undefined, undefined, \\
              (SLOT.NegotiatorMatchExprFlockTarget ?: SLOT.AnnexName) =?= JOB.FlockTarget)

        """,
    ])
    func theDropInHasTheGateAndTheFlockSettings(lines: String) throws {
        #expect(try file("50-flockbroker.conf").contains(lines))
    }

    @Test func noShippedAddressHasAngleBrackets() throws {
        for line in try file("50-flockbroker.conf").split(separator: "\n") where !line.hasPrefix("#") {
            #expect(!line.contains("<"))
        }
    }
}
