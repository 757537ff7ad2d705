/// Takes an input apart from its beginning; behind its end everything is zero or empty.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// Whether nothing is left.
    var isEmpty: Bool { rest.isEmpty }

    /// The next byte.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// A number of two bytes.
    mutating func short() -> Int { Int(byte()) << 8 | Int(byte()) }

    /// An integer: small ones of one byte, others of eight.
    mutating func integer() -> Int64 {
        let first = byte()
        guard first == 0x7F else { return Int64(Int8(bitPattern: first)) }
        return (0..<8).reduce(0) { value, _ in value << 8 | Int64(byte()) }
    }

    /// Bytes with their number before them.
    mutating func chunk() -> [UInt8] {
        let count = min(short(), rest.count)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// All that is left.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// All that is left, cut at NULs into at most so many parts.
    mutating func parts(_ count: Int) -> [[UInt8]] {
        var parts = remainder().split(separator: 0, maxSplits: count - 1, omittingEmptySubsequences: false).map(
            Array.init)
        while parts.count < count { parts.append([]) }
        return parts
    }
}
