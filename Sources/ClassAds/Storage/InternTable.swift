/// Something that is found by the bytes it was made of.
protocol InternedText {
    var internedBytes: [UInt8] { get }
}

extension ByteString: InternedText {
    var internedBytes: [UInt8] { bytes }
}

extension ExpressionBody: InternedText {
    var internedBytes: [UInt8] { source }
}

/// One copy of each text among those that were asked for lately.
///
/// Texts live in two generations. When the young one is full it becomes the old
/// one, and the old one is given up; whatever is asked for moves to the young
/// one. So texts in use stay, others go, and nobody can fill the memory.
struct InternTable<Element: InternedText & Sendable>: Sendable {
    private struct Generation {
        var elements: [Element?] = []
        var tags: [UInt32] = []
        var count = 0
        var bytes = 0
    }

    private var young = Generation()
    private var old = Generation()

    private static var maximumCount: Int { 8192 }
    private static var maximumBytes: Int { 2 << 20 }

    /// The element made of some bytes.
    mutating func find(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Element? {
        if let element = Self.find(bytes, hash, in: young) { return element }
        guard let element = Self.find(bytes, hash, in: old) else { return nil }
        insert(element, hash: hash)
        return element
    }

    /// Adds an element that is not there.
    mutating func insert(_ element: Element, hash: UInt64) {
        let size = element.internedBytes.count
        if young.count >= Self.maximumCount || young.bytes + size > Self.maximumBytes {
            old = young
            young = Generation()
        }
        if young.count * 2 >= young.elements.count { grow() }
        Self.place(element, UInt32(truncatingIfNeeded: hash >> 32), Int(truncatingIfNeeded: hash), in: &young)
        young.count += 1
        young.bytes += size
    }

    private static func find(
        _ bytes: UnsafeBufferPointer<UInt8>, _ hash: UInt64, in generation: Generation
    ) -> Element? {
        guard generation.count > 0 else { return nil }
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        let mask = generation.elements.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while let element = generation.elements[slot] {
            if generation.tags[slot] == tag, element.internedBytes.count == bytes.count,
                element.internedBytes.withUnsafeBufferPointer({ UnsafeRawBufferPointer($0).hasSameBytes(as: bytes) })
            {
                return element
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private static func place(_ element: Element, _ tag: UInt32, _ start: Int, in generation: inout Generation) {
        let mask = generation.elements.count - 1
        var slot = start & mask
        while generation.elements[slot] != nil { slot = (slot + 1) & mask }
        generation.elements[slot] = element
        generation.tags[slot] = tag
    }

    private mutating func grow() {
        let size = max(64, young.elements.count * 2)
        var larger = Generation(
            elements: Array(repeating: nil, count: size), tags: Array(repeating: 0, count: size), count: young.count,
            bytes: young.bytes)
        for case let element? in young.elements {
            let hash = element.internedBytes.withUnsafeBufferPointer { SeededHash.hash($0) }
            Self.place(
                element, UInt32(truncatingIfNeeded: hash >> 32), Int(truncatingIfNeeded: hash), in: &larger)
        }
        young = larger
    }
}
