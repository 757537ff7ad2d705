import ClassAds
import Glibc

/// Results go to standard output, messages to standard error.
enum Output {
    static func line(_ text: String) { write(1, text + "\n") }

    /// Text that ends its own lines.
    static func text(_ text: String) { write(1, text) }

    static func error(_ text: String) { write(2, text + "\n") }

    /// A table with a heading, columns as wide as their widest cell.
    static func table(_ heading: [String], _ rows: [[String]]) {
        let widths = heading.indices.map { column in ([heading] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [heading] + rows {
            let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
            var text = cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            line(text)
        }
    }

    /// Ads as a JSON array, or one ad as an object; attribute names are the field names.
    static func json(_ ads: [ClassAd]) { line("[" + ads.map(object).joined(separator: ",\n ") + "]") }

    /// One ad as a JSON object.
    static func json(_ ad: ClassAd) { line(object(ad)) }

    private static func object(_ ad: ClassAd) -> String {
        let members = ad.names.sorted().map { name in "\(quoted(name)): \(value(ad.evaluate(name)))" }
        return "{" + members.joined(separator: ", ") + "}"
    }

    private static func value(_ value: Value) -> String {
        switch value {
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): "\(number)"
        case .real(let number): number.isFinite ? "\(number)" : "null"
        case .string(let text): quoted(text.description)
        default: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Local date and time of a Unix time, or `-`.
    static func time(_ seconds: Int64?) -> String {
        guard let seconds, seconds > 0 else { return "-" }
        var clock = time_t(seconds)
        var fields = tm()
        localtime_r(&clock, &fields)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard strftime(buffer.baseAddress, buffer.count, "%Y-%m-%d %H:%M", &fields) > 0,
                let text = buffer.baseAddress
            else { return "-" }
            return String(cString: text)
        }
    }

    private static func write(_ descriptor: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // A reader that went away ends the output, not the program's work.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
