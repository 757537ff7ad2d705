import Foundation
import Testing

/// The search for secrets in the logs of a test run finds what it is meant to find.
@Suite struct LogArchiveTests {
    static let line = "2026-01-01T00:00:00Z notice refused peer=127.0.0.1:4000"

    /// What a line is, and whether `scripts/lib/check-secrets` lets it pass.
    static let lines: [(String, Bool)] = [
        ("capability=0123456789abcdef0123456789abcdef", true),
        ("claim=<127.0.0.1:4000?alias=x>#1795387019#10#...", true),
        ("the secret c2VjcmV0IG9mIGEgdGVzdA itself", false),
        ("its bytes 736563726574206f6620612074657374", false),
        ("claim=<127.0.0.1:4000>#1795387019#10#[Encryption=\"YES\";]0123456789abcdef", false),
        ("token=eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4Iiwic3ViIjoieSJ9.c2lnbmF0dXJl", false),
        ("bearer=annexcap1.0123456789abcdef.AAAAAAAAAAAAAAAA", false),
        ("-----BEGIN PRIVATE KEY-----", false),
    ]

    private static func status(ofLogWith line: String) async throws -> Int32 {
        let folder = try TemporaryDirectory()
        let archive = LogArchive(folder: folder.path)
        archive.add([Self.line, "\(Self.line) \(line)"], of: "flockbrokerd", 1)
        archive.add(secret: "secret of a test".utf8)
        let check = try ChildProcess(
            "/bin/bash", [Programs.repository + "scripts/lib/check-secrets", folder.path])
        return try await check.waitForExit()
    }

    @Test(arguments: lines) func aSecretInALogIsFoundInAnyForm(line: (text: String, isGood: Bool)) async throws {
        #expect(try await Self.status(ofLogWith: line.text) == (line.isGood ? 0 : 1))
    }

    @Test func whereNothingWasLoggedNothingIsProven() async throws {
        let folder = try TemporaryDirectory()
        let check = try ChildProcess(
            "/bin/bash", [Programs.repository + "scripts/lib/check-secrets", folder.path])
        #expect(try await check.waitForExit() == 2)
    }
}
