/// A text in which `*` stands for anything, compared without regard to the case of ASCII letters.
///
/// HTCondor compares users and host names so (`src/condor_utils/stl_string_utils.cpp`); it allows fewer asterisks.
struct WildcardPattern: Sendable, Hashable {
    /// Longest pattern, in bytes.
    static let maximumLength = 512

    /// The pattern in lower case, without two asterisks in a row.
    private let bytes: [UInt8]

    /// The pattern of a text.
    init(_ text: some StringProtocol) {
        var bytes: [UInt8] = []
        for byte in text.utf8 where byte != Self.asterisk || bytes.last != Self.asterisk {
            bytes.append(Self.lowercase(byte))
        }
        self.bytes = bytes
    }

    private static let asterisk = UInt8(ascii: "*")

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }

    /// Whether it fits everything.
    var isAnything: Bool { bytes == [Self.asterisk] }

    /// The text, if there is no asterisk in it.
    var literal: String? { bytes.contains(Self.asterisk) ? nil : String(decoding: bytes, as: UTF8.self) }

    /// Whether it fits a text; takes time proportional to the product of both lengths at worst.
    func matches(_ text: String) -> Bool {
        if isAnything { return true }
        let subject = text.utf8.map(Self.lowercase)
        var (place, index) = (0, 0)
        // Where to try again if what follows the last asterisk does not fit: one byte later.
        var retry: (place: Int, index: Int)?
        while index < subject.count {
            if place < bytes.count, bytes[place] == Self.asterisk {
                place += 1
                retry = (place, index)
            } else if place < bytes.count, bytes[place] == subject[index] {
                place += 1
                index += 1
            } else if let last = retry {
                (place, index) = (last.place, last.index + 1)
                retry = (place, index)
            } else {
                return false
            }
        }
        return place == bytes.count || (place == bytes.count - 1 && bytes[place] == Self.asterisk)
    }
}
