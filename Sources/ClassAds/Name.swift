/// The folded form of a name, made once so that no look-up folds again.
///
/// Keys are ordered as attributes are inside an ad: by length, then by folded
/// bytes (spec 07, 6.2). The first sixteen bytes sit in two integers, so that
/// most comparisons touch no other memory.
struct NameKey: Hashable, Comparable, Sendable {
    let length: Int
    let head: UInt64
    let middle: UInt64
    let tail: [UInt8]

    init(_ bytes: some Collection<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        var tail: [UInt8] = []
        var position = 0
        if bytes.count > 16 { tail.reserveCapacity(bytes.count - 16) }
        for byte in bytes {
            let folded = ASCII.lower(byte)
            if position < 8 {
                words.0 |= UInt64(folded) << UInt64(56 - position * 8)
            } else if position < 16 {
                words.1 |= UInt64(folded) << UInt64(120 - position * 8)
            } else {
                tail.append(folded)
            }
            position += 1
        }
        length = position
        head = words.0
        middle = words.1
        self.tail = tail
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
        left.length == right.length && left.head == right.head && left.middle == right.middle
            && (left.length <= 16 || left.tail == right.tail)
    }

    @inline(__always)
    static func < (left: Self, right: Self) -> Bool {
        if left.length != right.length { return left.length < right.length }
        if left.head != right.head { return left.head < right.head }
        if left.middle != right.middle { return left.middle < right.middle }
        return left.length > 16 && left.tail.lexicographicallyPrecedes(right.tail)
    }
}

/// A name as written, with its key.
struct Name: Sendable {
    let spelling: [UInt8]
    let key: NameKey

    init(_ spelling: [UInt8]) {
        self.spelling = spelling
        key = NameKey(spelling)
    }

    init(_ spelling: String) { self.init(Array(spelling.utf8)) }

    var text: String { String(decoding: spelling, as: UTF8.self) }

    /// Whether the name can be written without quotes as far as its bytes go.
    static func isPlain(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, ASCII.isIdentifierStart(first) else { return false }
        return bytes.allSatisfy(ASCII.isIdentifierPart)
    }
}
