import Foundation
import Testing

/// The recorded files beside the tests.
enum Vectors {
    static func data(_ name: String) throws -> Data {
        let folder = try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil))
        return try Data(contentsOf: folder.appendingPathComponent(name))
    }

    static func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

    /// The cases of a file, one JSON object per line.
    static func cases(_ name: String) throws -> [[String: Any]] {
        try data(name).split(separator: UInt8(ascii: "\n")).map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        }
    }
}
