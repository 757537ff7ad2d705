import Foundation
import Testing

@testable import Configuration

@Suite struct SettingsTests {
    @Test func everyDefaultIsAValueOfItsType() throws {
        for setting in Settings.all { try setting.check(setting.defaultText) }
    }

    @Test func namesAreUniqueAndOfOurFamilyOrHTCondors() {
        let names = Settings.all.map(\.name)
        #expect(Set(names).count == names.count)
        let prefixes = [Settings.prefix, "CERTIFICATE_MAPFILE"] + Settings.listPrefixes
        #expect(names.allSatisfy { name in prefixes.contains(where: name.hasPrefix) && name == name.uppercased() })
    }

    @Test func everySentenceIsASentence() {
        #expect(Settings.all.allSatisfy { $0.sentence.hasSuffix(".") && $0.sentence.first?.isUppercase == true })
    }

    @Test func theManualShowsEverySettingButThoseForTests() {
        let manual = settingsReference()
        for setting in Settings.all {
            #expect(manual.contains("| `\(setting.name)` |") == !setting.isForTests, "\(setting.name)")
        }
    }

    @Test func aRowOfTheManualIsComplete() {
        let row = """
            | `FLOCK_BROKER_DEFAULT_LIFETIME` | time (seconds) | `24h` | 60s to 365d | How long a request for \
            resources lives if its owner does not say. |

            """
        #expect(settingsReference().contains(row))
    }

    @Test(arguments: [
        ("FLOCK_BROKER_HSOT", "FLOCK_BROKER_HOST"),
        ("FLOCK_BROKER_ADMINISTRATOR", "FLOCK_BROKER_ADMINISTRATORS"),
        ("flock_broker_state_dri", "FLOCK_BROKER_STATE_DIR"),
        ("FLOCK_BROKER_STATE_DIRECTORY", "FLOCK_BROKER_STATE_DIR"),
    ])
    func typingErrorsAreGuessed(typed: String, meant: String) {
        #expect(suggestion(for: typed, among: Settings.all.map(\.name)) == meant)
    }

    @Test func aDistantNameIsNotGuessed() {
        #expect(suggestion(for: "FLOCK_BROKER_PAINT_THE_FENCE_GREEN", among: Settings.all.map(\.name)) == nil)
    }

    @Test func theSettingOfOurAccessPointIsThatOfTheDocumentation() {
        #expect(Settings.host.defaultValue == BrokerAddress(host: "127.0.0.1", port: 9620))
        #expect(Settings.adLifetime.defaultValue == .seconds(900))
        #expect(Settings.sessionDuration.defaultValue == .seconds(3600))
        #expect(Settings.capabilityGrace.defaultValue == .seconds(3600))
        #expect(Settings.handOverKeys.defaultValue)
        #expect(Settings.fsDirectory.defaultValue == "/tmp")
    }

    @Test func thePageInDocsIsTheOneThatTheToolPrints() throws {
        let page = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/settings.md")
        #expect(try String(contentsOf: page, encoding: .utf8) == settingsReference())
    }
}
