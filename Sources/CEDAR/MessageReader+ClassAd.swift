public import ClassAds

/// What is accepted of an ad of a peer.
public struct ClassAdLimits: Sendable, Equatable {
    /// Most attribute lines.
    public var maximumAttributes: Int
    /// Whether every value must be a single literal, and the marker of private attributes is refused.
    public var literalsOnly: Bool

    /// Any ad of up to 10,000 attributes; real ones have a few hundred, the protocol's own bound is a million.
    public static let standard = ClassAdLimits(maximumAttributes: 10_000, literalsOnly: false)
    /// Ads of the security handshake: 100 attributes, literals only (spec 01, 5.5).
    public static let handshake = ClassAdLimits(maximumAttributes: 100, literalsOnly: true)

    /// Limits by their parts.
    public init(maximumAttributes: Int, literalsOnly: Bool) {
        self.maximumAttributes = maximumAttributes
        self.literalsOnly = literalsOnly
    }
}

extension MessageReader {
    /// The string in front of the line of a private attribute (spec 01, 5.4).
    static let privateMarker: StaticString = "ZKM"

    /// An ad: its number of lines, the lines, two strings that are ignored (spec 01, 5.1).
    ///
    /// - Parameters:
    ///   - hasTypes: whether the two strings are there; without them only in a few negotiator replies.
    ///   - pool: with it the ad shares what it has in common with others.
    public mutating func readClassAd(
        limits: ClassAdLimits = .standard, hasTypes: Bool = true, pool: AdPool? = nil
    ) throws(WireError) -> ClassAd {
        let count = try readInteger()
        guard 0...Int64(limits.maximumAttributes) ~= count else { throw WireError(.tooManyAttributes, "\(count)") }
        // The shortest line has two bytes with its NUL, and a counted one eight more: no work for an impossible count.
        guard count * (encrypted ? 10 : 2) <= Int64(remainingBytes) else { throw WireError(.truncated, "in an ad") }
        var builder = ClassAd.Builder(expectedCount: Int(count), pool: pool)
        for _ in 0..<count { try readAttribute(into: &builder, limits: limits) }
        if hasTypes {
            for _ in 0..<2 { _ = try withString { _ in } }
        }
        return builder.build()
    }

    private mutating func readAttribute(
        into builder: inout ClassAd.Builder, limits: ClassAdLimits
    ) throws(WireError) {
        let isMarker = try withString { (line) throws(WireError) in
            if Self.isPrivateMarker(line) { return true }
            try Self.insert(line, into: &builder, limits: limits)
            return false
        }
        guard let isMarker else { throw WireError(.badClassAd, "NULL instead of an attribute") }
        guard isMarker else { return }
        guard !limits.literalsOnly else { throw WireError(.badClassAd, "private attribute in a handshake") }
        let line: Void? = try withString { (line) throws(WireError) in
            try Self.insert(line, into: &builder, limits: limits)
        }
        guard line != nil else { throw WireError(.badClassAd, "NULL instead of an attribute") }
    }

    private static func insert(
        _ line: UnsafeRawBufferPointer, into builder: inout ClassAd.Builder, limits: ClassAdLimits
    ) throws(WireError) {
        do throws(ClassAdError) {
            try builder.insert(line: line)
        } catch {
            throw WireError(.badClassAd, "\(error)")
        }
        guard !limits.literalsOnly || builder.lastIsLiteral else {
            throw WireError(.badClassAd, "no literal in a handshake")
        }
    }

    private static func isPrivateMarker(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count == privateMarker.utf8CodeUnitCount
            && line.elementsEqual(
                UnsafeBufferPointer(start: privateMarker.utf8Start, count: privateMarker.utf8CodeUnitCount))
    }
}
