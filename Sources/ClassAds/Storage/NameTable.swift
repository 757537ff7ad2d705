import Synchronization

/// Gives out one ``Name`` for all uses of a spelling, as far as it has room.
///
/// Ads and expressions use the same few hundred names over and over; a shared
/// name costs a look-up in place of three allocations. Nothing depends on being
/// in the table: equal names may be different objects.
struct NameTable: ~Copyable, Sendable {
    /// The table of the process.
    static let shared = NameTable()

    private struct Contents {
        var names: [Name?] = Array(repeating: nil, count: 1024)
        var count = 0
    }

    private let contents = Mutex(Contents())

    /// Names beyond these are made anew each time: whoever makes them up pays for them himself.
    private static let maximumCount = 16_384
    private static let maximumLength = 64

    /// The name of a spelling.
    func name(_ spelling: UnsafeBufferPointer<UInt8>) -> Name {
        guard spelling.count <= Self.maximumLength else { return Name(Array(spelling)) }
        let hash = SeededHash.hash(spelling)
        return contents.withLock { contents in
            var slot = Int(truncatingIfNeeded: hash) & (contents.names.count - 1)
            while let name = contents.names[slot] {
                if name.spelling.withUnsafeBufferPointer({ UnsafeRawBufferPointer($0).hasSameBytes(as: spelling) }) {
                    return name
                }
                slot = (slot + 1) & (contents.names.count - 1)
            }
            let name = Name(Array(spelling))
            guard contents.count < Self.maximumCount else { return name }
            contents.names[slot] = name
            contents.count += 1
            if contents.count * 2 > contents.names.count { Self.grow(&contents) }
            return name
        }
    }

    /// The name of a spelling.
    func name(_ spelling: [UInt8]) -> Name { spelling.withUnsafeBufferPointer { name($0) } }

    private static func grow(_ contents: inout Contents) {
        var names = [Name?](repeating: nil, count: contents.names.count * 2)
        for case let name? in contents.names {
            let hash = name.spelling.withUnsafeBufferPointer { SeededHash.hash($0) }
            var slot = Int(truncatingIfNeeded: hash) & (names.count - 1)
            while names[slot] != nil { slot = (slot + 1) & (names.count - 1) }
            names[slot] = name
        }
        contents.names = names
    }
}
