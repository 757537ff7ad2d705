public import ClassAds
import NIOCore

/// How an ad is put on the wire (spec 01, 5.3).
public struct ClassAdWireOptions: Sendable, Equatable {
    /// Which private attributes go along (spec 01, 5.4).
    public enum PrivateAttributes: Sendable, Equatable {
        /// None.
        case left
        /// All of them on an encrypted stream, none on a clear one.
        case includedWhenEncrypted
        /// In clear the `ClaimId` alone, behind its marker: the connect id of a reversed connection (spec 06, 2.6).
        case connectID
    }

    /// Which private attributes go along.
    public var privateAttributes: PrivateAttributes
    /// Whether the two empty strings behind the lines are left out.
    public var omitsTypes: Bool
    /// The names to send, in the spelling to send; `nil` for all.
    public var projection: [String]?
    /// Whether attributes to which projected expressions refer are sent as well.
    public var expandsProjection: Bool
    /// A time to add as `ServerTime`, seconds since 1970.
    public var serverTime: Int64?

    /// Public attributes only.
    public static let noPrivate = ClassAdWireOptions()
    /// Private attributes as well, if the stream is encrypted.
    public static let includePrivate = ClassAdWireOptions(privateAttributes: .includedWhenEncrypted)
    /// The first message of a reversed connection, whose connect id travels in clear.
    public static let reverseConnect = ClassAdWireOptions(privateAttributes: .connectID)

    /// Options by their parts.
    public init(
        privateAttributes: PrivateAttributes = .left, omitsTypes: Bool = false, projection: [String]? = nil,
        expandsProjection: Bool = true, serverTime: Int64? = nil
    ) {
        self.privateAttributes = privateAttributes
        self.omitsTypes = omitsTypes
        self.projection = projection
        self.expandsProjection = expandsProjection
        self.serverTime = serverTime
    }
}

extension MessageWriter {
    /// How one attribute may leave.
    private enum Passage { case plain, marked, none }

    /// An ad: its number of lines, the lines, two empty strings (spec 01, 5.1).
    public mutating func write(_ ad: ClassAd, options: ClassAdWireOptions = .noPrivate) {
        let countIndex = payload.writerIndex
        write(0)
        var count = 0
        if let projection = options.projection {
            for name in Self.projected(projection, of: ad, expands: options.expandsProjection) {
                guard let expression = ad[name] else { continue }
                writeAttribute(name, Array(name.utf8) + " = ".utf8 + expression.bytes(.old), options, &count)
            }
        } else {
            ad.forEachLine { name, line in writeAttribute(name, line, options, &count) }
        }
        if let serverTime = options.serverTime {
            write("\(AttributeName.serverTime) = \(serverTime)")
            count += 1
        }
        payload.setInteger(Int64(count), at: countIndex)
        if !options.omitsTypes {
            write("")
            write("")
        }
    }

    private mutating func writeAttribute(
        _ name: String, _ line: [UInt8], _ options: ClassAdWireOptions, _ count: inout Int
    ) {
        switch passage(of: name, options) {
        case .none: return
        case .plain: break
        case .marked: write("\(MessageReader.privateMarker)")
        }
        count += 1
        line.withUnsafeBytes { line in
            if firstNUL(in: line) == nil {
                writeString(line)
            } else {
                // A NUL would end the line within a literal, so it is dropped.
                line.filter { $0 != 0 }.withUnsafeBytes { writeString($0) }
            }
        }
    }

    private func passage(of name: String, _ options: ClassAdWireOptions) -> Passage {
        guard ClassAd.isPrivate(name) else { return .plain }
        switch options.privateAttributes {
        case .left: return .none
        case .includedWhenEncrypted: return encrypted ? .plain : .none
        case .connectID:
            if encrypted { return .plain }
            return name.lowercased() == AttributeName.claimID.lowercased() ? .marked : .none
        }
    }

    /// The names of a projection, once each, in the order of letters as HTCondor sends them.
    private static func projected(_ names: [String], of ad: ClassAd, expands: Bool) -> [String] {
        var found: [String: String] = [:]
        var pending = names.reversed() as [String]
        while let name = pending.popLast() {
            let key = name.lowercased()
            guard found[key] == nil, let expression = ad[name] else { continue }
            found[key] = name
            if expands, expression.literal == nil { pending += ad.internalReferences(of: expression) ?? [] }
        }
        return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    }
}
