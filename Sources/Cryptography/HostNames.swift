/// Whether a name of a certificate covers `host`, by HTCondor's rules (spec 03, 3.6).
///
/// Both are cut at dots and empty parts dropped; there must be equally many parts, each equal without regard to
/// case. A `*` as the last character of a part stands for any rest of that part, also an empty one.
public func hostNameMatches(pattern: String, host: String) -> Bool {
    let wanted = host.utf8.split(separator: UInt8(ascii: "."))
    let offered = pattern.utf8.split(separator: UInt8(ascii: "."))
    guard !wanted.isEmpty, wanted.count == offered.count else { return false }
    return zip(offered, wanted).allSatisfy { offered, wanted in
        if offered.last == UInt8(ascii: "*") {
            let fixed = offered.dropLast()
            return wanted.count >= fixed.count && equalIgnoringCase(fixed, wanted.prefix(fixed.count))
        }
        return equalIgnoringCase(offered, wanted)
    }
}

extension TLSPeerCertificate {
    /// Whether this certificate shows `host`: in a DNS name, or else as its common name without wild cards.
    ///
    /// Spec 03, 3.6; IP address names are never looked at.
    public func covers(host: String) -> Bool {
        if dnsNames.contains(where: { hostNameMatches(pattern: $0, host: host) }) { return true }
        guard let commonName, !host.isEmpty else { return false }
        return equalIgnoringCase(commonName.utf8, host.utf8)
    }
}

/// Equality of ASCII letters without regard to case, of all other bytes as they are.
private func equalIgnoringCase(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Bool {
    a.elementsEqual(b) { asciiLowercase($0) == asciiLowercase($1) }
}

private func asciiLowercase(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
}
