import ClassAds

extension ClassAd {
    /// The names that only one of two ads has.
    func namesUnlike(_ other: ClassAd) -> [String] {
        let mine = Set(names.map { $0.lowercased() })
        return mine.symmetricDifference(other.names.map { $0.lowercased() }).sorted()
    }

    /// The ad without some attributes.
    func without(_ names: [String]) -> ClassAd {
        var ad = self
        for name in names { ad[name] = nil }
        return ad
    }
}
