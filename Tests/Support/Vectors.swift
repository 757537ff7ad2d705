package import Foundation

/// The recorded and computed files that tests compare with; `Vectors/README.md` says what each is.
package enum Vectors {
    /// What a file lacks that a test needs.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// A file or folder.
    package static func url(_ path: String) throws -> URL {
        guard let root = Bundle.module.url(forResource: "Vectors", withExtension: nil) else {
            throw Failure(description: "no vectors beside the tests")
        }
        return root.appending(path: path)
    }

    /// The files of a folder with an ending, sorted by name; never empty.
    package static func files(in folder: String, withExtension ending: String) throws -> [URL] {
        let files = try FileManager.default.contentsOfDirectory(at: url(folder), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == ending }
            .sorted { $0.path < $1.path }
        guard !files.isEmpty else { throw Failure(description: "no .\(ending) in \(folder)") }
        return files
    }

    /// A file as text.
    package static func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }
}

/// Decodes the JSON file of a name.
package func vectors<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: Vectors.url(name + ".json")))
}
