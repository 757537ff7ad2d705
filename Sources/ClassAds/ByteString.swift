/// A string of the ClassAd language: bytes, without any notion of characters.
///
/// All comparisons, lengths and case mappings of the language work on bytes and
/// on ASCII letters alone. Text from Swift strings is taken as UTF-8.
///
/// Spec 07, 1.1.
public struct ByteString: Sendable, Hashable {
    /// The bytes, without a terminator.
    public var bytes: [UInt8]

    /// The empty string.
    public init() { bytes = [] }

    /// The UTF-8 bytes of a Swift string.
    public init(_ string: String) { bytes = Array(string.utf8) }

    /// The given bytes.
    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// The given bytes, without a copy.
    init(kept bytes: [UInt8]) { self.bytes = bytes }

    /// The number of bytes.
    public var count: Int { bytes.count }

    /// Whether there are no bytes.
    public var isEmpty: Bool { bytes.isEmpty }
}

extension ByteString: ExpressibleByStringLiteral {
    /// The UTF-8 bytes of a literal.
    public init(stringLiteral value: String) { self.init(value) }
}

extension ByteString: CustomStringConvertible {
    /// The text, with bytes that are not UTF-8 replaced by U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString: Comparable {
    /// Byte order.
    public static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
