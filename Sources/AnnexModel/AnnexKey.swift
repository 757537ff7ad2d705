/// What an annex is called by people: its owner and the name he gave it.
///
/// Names are unique per owner and not over the whole broker (decision 6), so two users may both have an annex `gpu`.
package struct AnnexKey: Hashable, Sendable {
    /// The owner as HTCondor writes users, `alice@uid.domain`.
    package let owner: String
    /// The annex's name as it stands in jobs' `FlockTarget` and in ads' `AnnexName`.
    package let name: String

    /// Names an annex, or returns `nil` if one of the two texts is not valid.
    package init?(owner: String, name: String) {
        guard Self.isValidOwner(owner), Self.isValidName(name) else { return nil }
        self.owner = owner
        self.name = name
    }

    /// The longest name of an annex, in characters.
    package static let maximumNameLength = 64

    /// The longest owner, in bytes.
    package static let maximumOwnerLength = 255

    /// Whether `name` can be the name of an annex: 1 to 64 of `A-Z a-z 0-9 . _ -`, the first a letter or a digit.
    ///
    /// Names stand in ClassAd strings, in file names and on command lines, so nothing that needs quoting is let in.
    package static func isValidName(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= maximumNameLength, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy {
            isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
    }

    /// Whether `owner` is `user@domain` with both parts present, printable and free of blanks and quotes.
    package static func isValidOwner(_ owner: String) -> Bool {
        let bytes = Array(owner.utf8)
        guard bytes.count <= maximumOwnerLength, let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return false }
        guard at > 0, at + 1 < bytes.count, !bytes[(at + 1)...].contains(UInt8(ascii: "@")) else { return false }
        return bytes.allSatisfy { byte in
            (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            false
        }
    }
}

extension AnnexKey: CustomStringConvertible {
    /// Owner and name, as log lines show them.
    package var description: String { "\(owner)/\(name)" }
}
