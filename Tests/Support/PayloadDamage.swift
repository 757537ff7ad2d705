/// Ways in which the payload of a command may be damaged before it is encrypted.
package enum PayloadDamage {
    /// The values that a length or count is set to.
    package static let lengths: [UInt64] = [0, 1, 1 << 31, 1 << 32 - 1]

    /// Places of eight-byte lengths in front of strings: the number fits, and a NUL stands where it says.
    package static func lengthFields(of payload: [UInt8]) -> [Int] {
        payload.indices.dropLast(7).filter { place in
            let length = payload[place..<(place + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard 1...UInt64(payload.count) ~= length, place + 8 + Int(length) <= payload.count else { return false }
            return payload[place + 7 + Int(length)] == 0
        }
    }

    /// The payload with a number of eight bytes replaced.
    package static func replacing(_ place: Int, by number: UInt64, in payload: [UInt8]) -> [UInt8] {
        var bytes = payload
        withUnsafeBytes(of: number.bigEndian) { bytes.replaceSubrange(place..<(place + 8), with: $0) }
        return bytes
    }

    /// One of several kinds of damage at random places: bytes changed, taken out, put in, repeated, or the end cut off.
    package static func random(_ payload: [UInt8], _ random: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes = payload
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let start = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 1...24, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[start] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(start..<end)
            case 3: bytes.insert(contentsOf: bytes[start..<end], at: end)
            case 4: bytes.insert(contentsOf: Array("\"[{(=;\\".utf8).shuffled(using: &random), at: start)
            default: bytes.removeSubrange(start...)
            }
        }
        return bytes
    }
}
