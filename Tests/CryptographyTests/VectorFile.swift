import Cryptography
import Foundation
import Testing

/// Reads a file of `Vectors/`.
func vectors<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let url = try #require(Bundle.module.url(forResource: "Vectors/\(name)", withExtension: "json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url))
}

/// Bytes of hexadecimal digits in a vector.
func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

/// A random source that repeats one byte, so that results are known.
struct RepeatingRandom: RandomSource {
    var byte: UInt8 = 7
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
}
