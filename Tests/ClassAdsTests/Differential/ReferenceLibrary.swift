import Foundation
import Testing

/// HTCondor's own ClassAd library, in a Python process that runs `reference.py`.
struct ReferenceLibrary {
    /// The interpreter that has the real client library; `scripts/test` says where.
    static var python: String? { ProcessInfo.processInfo.environment["FLOCK_PYTHON"] }

    private let folder: URL
    private let interpreter: String

    init() throws {
        interpreter = try #require(Self.python)
        folder = FileManager.default.temporaryDirectory.appending(path: "flock-classads-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Removes the files that questions and answers went through.
    func close() throws { try FileManager.default.removeItem(at: folder) }

    /// The answers, in order; nil where the library crashed or did not come back.
    func answers(to cases: [DifferentialCase]) async throws -> [DifferentialAnswer?] {
        var answers: [DifferentialAnswer?] = []
        var failures = 0
        while answers.count < cases.count {
            let batch = cases[answers.count...]
            let (received, complaint) = try await ask(batch)
            answers += received
            guard received.count < batch.count else { break }
            failures += 1
            // A library that is not there at all answers nothing.
            guard failures <= 20, !(answers.isEmpty && complaint.contains("ModuleNotFoundError")) else {
                throw Failure(text: "the reference ended \(failures) times: \(complaint.suffix(500))")
            }
            answers.append(nil)
        }
        return answers
    }

    struct Failure: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    /// One process; it answers as far as it gets.
    private func ask(_ cases: ArraySlice<DifferentialCase>) async throws -> ([DifferentialAnswer], String) {
        let questions = folder.appending(path: "questions")
        let replies = folder.appending(path: "answers")
        let complaints = folder.appending(path: "complaints")
        let encoder = JSONEncoder()
        var lines = Data()
        for question in cases { lines += try encoder.encode(question) + [UInt8(ascii: "\n")] }
        try lines.write(to: questions)
        for file in [replies, complaints] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = [
            URL(filePath: #filePath).deletingLastPathComponent().appending(path: "reference.py").path()
        ]
        process.environment = ["CONDOR_CONFIG": "ONLY_ENV", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"]
        process.standardInput = try FileHandle(forReadingFrom: questions)
        process.standardOutput = try FileHandle(forWritingTo: replies)
        process.standardError = try FileHandle(forWritingTo: complaints)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let decoder = JSONDecoder()
        let received = try Data(contentsOf: replies).split(separator: UInt8(ascii: "\n"))
            .prefix(cases.count).map { try decoder.decode(DifferentialAnswer.self, from: Data($0)) }
        return (received, String(decoding: try Data(contentsOf: complaints), as: UTF8.self))
    }
}
