/// Attributes that only certain peers may see (spec 07, 16).
extension ClassAd {
    /// Whether an attribute is private under the old or the new rule.
    public static func isPrivate(_ name: String) -> Bool { isPrivate(Name(name)) }

    /// Whether an attribute is private by its prefix `_condor_priv`; peers before 9.9 never get these.
    public static func isPrivateV2(_ name: String) -> Bool { isPrivateV2(Array(name.utf8)) }

    /// The ad without private attributes; chained parents likewise.
    public var publicPart: ClassAd {
        var result = self
        result.table.removeAll { Self.isPrivate($0) }
        if let parent = chainedParent { result.chain(to: parent.publicPart) }
        return result
    }

    static func isPrivate(_ name: Name) -> Bool {
        firstVersion.contains(name.key) || isPrivateV2(name.spelling)
    }

    private static func isPrivateV2(_ name: [UInt8]) -> Bool {
        ASCII.equalFolded(name.prefix(12), "_condor_priv")
    }

    private static let firstVersion = Set(
        ["Capability", "ChildClaimIds", "ClaimId", "ClaimIdList", "ClaimIds", "TransferKey"].map { NameKey($0.utf8) })
}
