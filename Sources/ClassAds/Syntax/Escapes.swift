/// The escapes of new-syntax strings (spec 07, 3.5 and 5.3).
enum Escapes {
    /// The text that escapes stand for; nil if one stands for the byte 0.
    static func undo(_ raw: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            guard raw[index] == ASCII.backslash, index + 1 < raw.count else {
                result.append(raw[index])
                index += 1
                continue
            }
            index += 1
            guard ASCII.isOctalDigit(raw[index]) else {
                result.append(letters[raw[index]] ?? raw[index])
                index += 1
                continue
            }
            var value = 0
            var digits = 0
            // A third digit is read only where the result still fits a byte.
            while index < raw.count, ASCII.isOctalDigit(raw[index]), digits < 2 || (digits == 2 && value < 0o40) {
                value = value * 8 + Int(raw[index] - ASCII.zero)
                digits += 1
                index += 1
            }
            guard value != 0 else { return nil }
            result.append(UInt8(value))
        }
        return result
    }

    /// Appends text with everything escaped that new syntax cannot hold as it is.
    static func append(_ text: some Sequence<UInt8>, delimiter: UInt8?, to output: inout [UInt8]) {
        for byte in text {
            if byte == delimiter || byte == ASCII.backslash {
                output.append(ASCII.backslash)
                output.append(byte)
            } else if ASCII.isPrintable(byte) {
                output.append(byte)
            } else if let letter = names[byte] {
                output.append(ASCII.backslash)
                output.append(letter)
            } else {
                output.append(ASCII.backslash)
                output.append(ASCII.zero + (byte >> 6))
                output.append(ASCII.zero + (byte >> 3 & 7))
                output.append(ASCII.zero + (byte & 7))
            }
        }
    }

    private static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    ]

    private static let names = [UInt8: UInt8](uniqueKeysWithValues: letters.map { ($1, $0) })
}
