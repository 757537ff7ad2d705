import CEDAR
import Cryptography

/// What travels as one text and has a structure of its own.
enum AddressTarget {
    /// The first byte names the kind, the rest is the text.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        let kind = input.byte()
        let text = String(decoding: input.remainder(), as: UTF8.self)
        switch kind {
        case UInt8(ascii: "s"): try sinful(text)
        case UInt8(ascii: "b"):
            guard let contact = try? CCBContact(text) else { return }  // refused, as it may be
            try require((try? CCBContact(contact.description)) == contact, "\(contact) is refused or another one")
        case UInt8(ascii: "c"): try claimID(text)
        case UInt8(ascii: "i"):
            guard let info = SessionInfo(text) else { return }
            _ = info.text
        case UInt8(ascii: "v"):
            guard let version = CondorVersion(text) else { return }
            try require(CondorVersion(version.text) == version, "\(version.text) is another version")
        default: return
        }
    }

    private static func sinful(_ text: String) throws(BrokenRule) {
        guard let address = Sinful(text) else { return }
        try require(Sinful(address.description) == address, "\(text) prints as \(address), which is another one")
        _ = address.target()
        _ = address.choosingAddress(ipv4: true, ipv6: true)
        _ = try? address.ccbContacts  // refused, as they may be
        _ = try? address.seen(from: "net")  // refused, as it may be
        _ = try? address.routeList()  // refused, as it may be
    }

    private static func claimID(_ text: String) throws(BrokenRule) {
        guard let claim = ClaimID(text) else { return }
        try require(claim.text == text && ClaimID(claim.text) == claim, "a claim id that is another one next time")
        try require(!claim.secretText.withBytes(\.isEmpty), "a claim id without a secret")
        try require(ClaimID(claim.publicForm) == nil, "a public form that passes for a claim id")
        _ = claim.sinful
        _ = claim.sessionKey
    }
}
