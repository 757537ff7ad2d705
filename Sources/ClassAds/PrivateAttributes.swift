/// Attributes that only certain peers may see (spec 07, 16).
extension ClassAd {
    /// Whether an attribute is private under the old or the new rule.
    public static func isPrivate(_ name: String) -> Bool { Name(name).isPrivate }

    /// Whether an attribute is private by its prefix `_condor_priv`; peers before 9.9 never get these.
    public static func isPrivateV2(_ name: String) -> Bool { PrivateNames.isOfSecondVersion(Array(name.utf8)) }

    /// The ad without private attributes; chained parents likewise.
    public var publicPart: ClassAd {
        var result = self
        if table.shape.hasPrivateNames { result.table.removeAll(where: \.isPrivate) }
        if let parent = chainedParent { result.chain(to: parent.publicPart) }
        return result
    }
}

/// The names of private attributes (spec 07, 16).
enum PrivateNames {
    static func contains(_ key: NameKey, _ spelling: [UInt8]) -> Bool {
        firstVersion.contains(key) || isOfSecondVersion(spelling)
    }

    /// Names that begin with `_condor_priv`.
    static func isOfSecondVersion(_ name: [UInt8]) -> Bool {
        name.first == prefix.first && ASCII.equalFolded(name.prefix(prefix.count), prefix)
    }

    private static let prefix = Array("_condor_priv".utf8)
    private static let firstVersion = Set(
        ["Capability", "ChildClaimIds", "ClaimId", "ClaimIdList", "ClaimIds", "TransferKey"].map { NameKey($0.utf8) })
}
