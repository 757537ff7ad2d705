/// The folded form of a name, made once so that no look-up folds again.
///
/// Keys are ordered as attributes are inside an ad: by length, then by folded
/// bytes (spec 07, 6.2). The first 24 bytes sit in three integers, so that
/// nearly all comparisons touch no other memory.
struct NameKey: Hashable, Comparable, Sendable {
    /// Depends on the folded bytes alone; not foreseeable.
    let hash: UInt64
    let length: Int
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let tail: [UInt8]

    private static let wordBytes = 24

    init(_ bytes: some Collection<UInt8>) {
        let key = bytes.withContiguousStorageIfAvailable { NameKey(buffer: $0) }
        self = key ?? Array(bytes).withUnsafeBufferPointer { NameKey(buffer: $0) }
    }

    init(buffer bytes: UnsafeBufferPointer<UInt8>) {
        length = bytes.count
        first = Self.word(bytes, 0)
        second = Self.word(bytes, 8)
        third = Self.word(bytes, 16)
        if bytes.count > Self.wordBytes {
            tail = bytes[Self.wordBytes...].map(ASCII.lower)
            let rest = tail.withUnsafeBufferPointer { SeededHash.hash($0) }
            hash = SeededHash.hash(first, second, third, rest)
        } else {
            tail = []
            hash = SeededHash.hash(first, second, third, UInt64(truncatingIfNeeded: bytes.count))
        }
    }

    /// Eight folded bytes, the first one highest; zeros past the end.
    @inline(__always)
    private static func word(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> UInt64 {
        if bytes.count >= offset + 8 {
            let word = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            return folded(UInt64(bigEndian: word))
        }
        guard bytes.count > offset else { return 0 }
        var word: UInt64 = 0
        for index in offset..<bytes.count { word = word << 8 | UInt64(bytes[index]) }
        return folded(word << UInt64(8 * (8 - (bytes.count - offset))))
    }

    /// Eight bytes with capital letters made small.
    @inline(__always)
    private static func folded(_ word: UInt64) -> UInt64 {
        let low = word & 0x7F7F_7F7F_7F7F_7F7F
        let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
        let pastZ = low &+ 0x2525_2525_2525_2525
        let capital = (fromA ^ pastZ) & ~word & 0x8080_8080_8080_8080
        return word | capital >> 2
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
        left.hash == right.hash && left.length == right.length && left.first == right.first
            && left.second == right.second && left.third == right.third
            && (left.length <= wordBytes || left.tail == right.tail)
    }

    @inline(__always)
    static func < (left: Self, right: Self) -> Bool {
        if left.length != right.length { return left.length < right.length }
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        if left.third != right.third { return left.third < right.third }
        return left.length > wordBytes && left.tail.lexicographicallyPrecedes(right.tail)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
