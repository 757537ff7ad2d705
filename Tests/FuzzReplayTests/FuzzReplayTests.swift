import Foundation
import FuzzTargets
import Testing

/// What fuzzing has found, and what it began with: no input breaks a rule or ends the process.
@Suite struct FuzzReplayTests {
    /// The folder `Fuzz/` of the checkout that this test was compiled from.
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz")

    private static func inputs(_ kind: String, _ target: FuzzTarget) throws -> [URL] {
        let folder = folder.appending(path: kind).appending(path: target.rawValue)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    @Test(arguments: FuzzTarget.allCases) func everyTargetHasACorpusThatBreaksNoRule(target: FuzzTarget) throws {
        let inputs = try Self.inputs("Corpus", target)
        #expect(!inputs.isEmpty)
        try replay(inputs, target)
    }

    @Test(arguments: FuzzTarget.allCases) func noInputThatBrokeARuleBreaksItAgain(target: FuzzTarget) throws {
        try replay(try Self.inputs("Crashes", target), target)
    }

    @Test(arguments: FuzzTarget.allCases) func anEmptyInputBreaksNoRule(target: FuzzTarget) throws {
        try target.run([])
    }

    @Test func everyFolderBelongsToATarget() throws {
        for kind in ["Corpus", "Crashes"] {
            let folder = Self.folder.appending(path: kind).path
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
            #expect(names.filter { FuzzTarget(rawValue: $0) == nil } == [])
        }
    }

    private func replay(_ inputs: [URL], _ target: FuzzTarget) throws {
        for input in inputs {
            do {
                try target.run(Array(try Data(contentsOf: input)))
            } catch {
                Issue.record("\(target.rawValue)/\(input.lastPathComponent): \(error)")
            }
        }
    }
}
