import Glibc

/// Numbers as C writes and reads them, in the C locale.
enum NumberText {
    /// The result of a C format with one double.
    static func format(_ format: StaticString, _ value: Double) -> [UInt8] {
        // Room for the longest use: sign, 309 digits, point, 16 digits.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 352) { buffer in
            let length = format.withUTF8Buffer { format in
                format.withMemoryRebound(to: CChar.self) { format in
                    let start = format.baseAddress!  // a literal is never empty
                    return withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, start, $0) }
                }
            }
            return buffer.prefix(max(0, min(Int(length), buffer.count - 1))).map(UInt8.init(bitPattern:))
        }
    }

    /// Appends a decimal integer.
    static func append(_ value: Int64, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = ASCII.minus
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Reals in new syntax, spec 07, 5.2.
    static func new(_ value: Double) -> [UInt8] {
        special(value) ?? format("%1.15E", value)
    }

    /// Reals in old syntax, spec 07, 5.2.
    static func old(_ value: Double) -> [UInt8] {
        if let text = special(value) { return text }
        var text = format("%.16G", value)
        if !text.contains(where: { $0 == ASCII.dot || $0 == UInt8(ascii: "E") || $0 == UInt8(ascii: "e") }) {
            text += ".0".utf8
        }
        return text
    }

    private static func special(_ value: Double) -> [UInt8]? {
        if value == 0 { return Array((value.sign == .minus ? "-0.0" : "0.0").utf8) }
        if value.isNaN { return Array(#"real("NaN")"#.utf8) }
        if value.isInfinite { return Array((value < 0 ? #"real("-INF")"# : #"real("INF")"#).utf8) }
        return nil
    }

    /// The number that a text begins with by the rules of `strtod`, and how many bytes it takes; zero if none.
    static func leadingReal(_ text: some Sequence<UInt8>) -> (value: Double, length: Int) {
        var bytes = text.map(CChar.init(bitPattern:))
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { bytes in
            var end: UnsafeMutablePointer<CChar>?
            let start = bytes.baseAddress!  // the terminator is always there
            let value = strtod(start, &end)
            return (value, end.map { UnsafePointer($0) - start } ?? 0)
        }
    }

    /// Two decimal digits, zero-padded; more if needed.
    static func twoDigits(_ value: some BinaryInteger) -> String {
        (0...9).contains(value) ? "0\(value)" : "\(value)"
    }
}
