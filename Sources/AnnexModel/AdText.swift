package import ClassAds

/// Ads as bytes: the lines of the wire, each ended by a zero byte.
///
/// Lines are those of the old syntax, `Name = expression`. They may hold newlines but no zero byte, because strings of
/// the wire end there (spec 01, 4.3 and 5.2).
package enum AdText {
    /// `ad` as bytes, private attributes included.
    package static func encode(_ ad: ClassAd) -> [UInt8] {
        var bytes: [UInt8] = []
        ad.forEachLine { _, line in
            bytes.append(contentsOf: line)
            bytes.append(0)
        }
        return bytes
    }

    /// The ad that `bytes` were made from.
    package static func decode(_ bytes: [UInt8]) throws(ClassAdError) -> ClassAd {
        var builder = ClassAd.Builder()
        for line in bytes.split(separator: 0) { try builder.insert(line: Array(line)) }
        return builder.build()
    }
}
