/// Reads one JSON text (RFC 8259) with bounded length and depth.
///
/// Stricter than most: names must be unique, texts valid UTF-8, and nothing may follow the value.
struct JSONParser {
    /// Longest text in bytes.
    static let maximumLength = 16 << 10
    /// Deepest nesting of arrays and objects.
    static let maximumDepth = 8

    /// A text that is not JSON, or beyond the bounds.
    struct Failure: Error {}

    private let bytes: [UInt8]
    private var position = 0

    /// The value of a text.
    static func parse(_ bytes: [UInt8], maximumLength: Int = maximumLength) throws(Failure) -> JSONValue {
        guard bytes.count <= maximumLength else { throw Failure() }
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == bytes.count else { throw Failure() }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    /// Consumes a byte if it comes next.
    private mutating func accept(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(Failure) {
        guard accept(byte) else { throw Failure() }
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, word.description.utf8.elementsEqual(bytes[position..<end]) else { throw Failure() }
        position = end
        return value
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.maximumDepth else { throw Failure() }
        try expect("{")
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        skipBlanks()
        if accept("}") { return .object(members) }
        while true {
            skipBlanks()
            let name = try string()
            guard names.insert(name).inserted else { throw Failure() }
            skipBlanks()
            try expect(":")
            members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            skipBlanks()
            if accept("}") { return .object(members) }
            try expect(",")
        }
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.maximumDepth else { throw Failure() }
        try expect("[")
        var values: [JSONValue] = []
        skipBlanks()
        if accept("]") { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipBlanks()
            if accept("]") { return .array(values) }
            try expect(",")
        }
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        _ = accept("-")
        let digits = try digits()
        guard digits == 1 || bytes[position - digits] != UInt8(ascii: "0") else { throw Failure() }
        var isInteger = true
        if accept(".") {
            isInteger = false
            _ = try self.digits()
        }
        if accept("e") || accept("E") {
            isInteger = false
            if !accept("+") { _ = accept("-") }
            _ = try self.digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw Failure() }
        return .real(value)
    }

    /// Skips at least one digit and tells how many.
    private mutating func digits() throws(Failure) -> Int {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw Failure() }
        return position - start
    }

    private mutating func string() throws(Failure) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw Failure() }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            case 0..<0x20: throw Failure()
            default: text.append(byte)
            }
        }
        throw Failure()
    }

    /// What stands for an escape whose backslash has been read, in UTF-8.
    private mutating func escape() throws(Failure) -> [UInt8] {
        guard let byte = next else { throw Failure() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw Failure()
        }
    }

    private mutating func unicodeEscape() throws(Failure) -> [UInt8] {
        var code = try codeUnit()
        if 0xD800...0xDBFF ~= code {
            try expect("\\")
            try expect("u")
            let low = try codeUnit()
            guard 0xDC00...0xDFFF ~= low else { throw Failure() }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw Failure() }
        return Array(String(scalar).utf8)
    }

    private mutating func codeUnit() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Failure() }
            position += 1
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
