import CEDAR
import ClassAds
import FlockSimCore
import Testing

@Suite struct ConfigurationLinesTests {
    private static func value(_ name: String, _ text: String) -> String? {
        var lines = ConfigurationLines()
        lines.set("LOCAL_DIR", "/pilot")
        lines.read(text)
        return lines.value(name)
    }

    @Test(arguments: [
        ("A = 1", "1"), ("a=1", "1"), ("# A = 1\nA = 2", "2"), ("A = 1\nA = 2", "2"), ("A = x \\\n y", "x y"),
        ("A = $(LOCAL_DIR)/f", "/pilot/f"), ("A = $(B) $(C:none)\nB = 5", "5 none"),
        ("A = 1\nA = $(A) 2", "1 2"), ("A = $(A) 2", "2"), ("A = <h:1?alias=x>", "<h:1?alias=x>"),
        ("use SECURITY : x\nA = 1", "1"),
    ])
    func valueOfA(text: String, expected: String) {
        #expect(Self.value("A", text) == expected)
    }

    @Test(arguments: ["", "A =", "use feature : A", "B = 1"])
    func undefined(text: String) {
        #expect(Self.value("A", text) == nil)
    }

    @Test func definitionsInACircleEnd() {
        #expect(Self.value("A", "A = $(B)\nB = $(A)")?.hasPrefix("$(") == true)
    }
}

@Suite struct PilotSettingsTests {
    private static let text = """
        # Pilot of the annex a1
        COLLECTOR_HOST = <127.0.0.1:9620?alias=ap.test>
        use SECURITY : recommended_v9_0
        SEC_CLIENT_AUTHENTICATION_METHODS = SCITOKENS
        SCITOKENS_FILE = $(LOCAL_DIR)/annex.cap
        AUTH_SSL_CLIENT_CAFILE = $(LOCAL_DIR)/broker-ca.pem
        IsAnnex = true
        AnnexName = "a1"
        DaemonStopTime = 1900000000
        STARTD_ATTRS = $(STARTD_ATTRS) IsAnnex AnnexName
        MASTER_ATTRS = $(MASTER_ATTRS) AnnexName
        START = TARGET.FlockTarget =?= MY.AnnexName
        UPDATE_INTERVAL = 60
        """

    private static func settings(_ text: String) throws -> PilotSettings {
        var lines = ConfigurationLines()
        lines.set("LOCAL_DIR", "/pilot")
        lines.read(text)
        return try PilotSettings(lines)
    }

    @Test func everythingAPilotNeedsIsFound() throws {
        let settings = try Self.settings(Self.text)
        #expect(settings.collector.alias == "ap.test")
        #expect(settings.methods == ["SCITOKENS"])
        #expect(settings.bearerFile == "/pilot/annex.cap")
        #expect(settings.authorityFile == "/pilot/broker-ca.pem")
        #expect(settings.start == "TARGET.FlockTarget =?= MY.AnnexName")
        #expect(settings.startdAttributes == ["IsAnnex": true, "AnnexName": "a1"])
        #expect(settings.masterAttributes == ["AnnexName": "a1"])
        #expect(settings.updateInterval == 60)
        #expect(settings.stopTime == 1_900_000_000)
    }

    @Test(arguments: [
        ("COLLECTOR_HOST = <<", PilotSettings.Problem.unusable("COLLECTOR_HOST")),
        ("COLLECTOR_HOST =", .missing("COLLECTOR_HOST")),
        ("SEC_CLIENT_AUTHENTICATION_METHODS =", .missing("SEC_CLIENT_AUTHENTICATION_METHODS")),
        ("START = (", .unusable("START")), ("AnnexName = a b", .unusable("AnnexName")),
    ])
    func badSettingIsNamed(line: String, problem: PilotSettings.Problem) {
        #expect(throws: problem) { try Self.settings(Self.text + "\n" + line) }
    }
}
