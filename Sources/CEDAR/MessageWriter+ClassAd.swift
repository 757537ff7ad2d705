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
    /// An ad: its number of lines, the lines, two empty strings (spec 01, 5.1).
    public mutating func write(_ ad: ClassAd, options: ClassAdWireOptions = .noPrivate) {
        let countIndex = payload.writerIndex
        write(0)
        var count = 0
        if options.privateAttributes == .connectID, !encrypted, let connectID = ad[AttributeName.claimID] {
            write("\(MessageReader.privateMarker)")
            writeLine(AttributeName.claimID, connectID)
            count += 1
        }
        let isAllowed = encrypted && options.privateAttributes != .left
        let visible = isAllowed ? ad : ad.publicPart
        if let projection = options.projection {
            for name in Self.projected(projection, of: visible, expands: options.expandsProjection) {
                guard let expression = visible[name] else { continue }
                writeLine(name, expression)
                count += 1
            }
        } else {
            visible.forEachLine { _, line in
                writeLine(line)
                count += 1
            }
        }
        if let serverTime = options.serverTime {
            writeLine(AttributeName.serverTime, Expression(serverTime))
            count += 1
        }
        payload.setInteger(Int64(count), at: countIndex)
        if !options.omitsTypes {
            write("")
            write("")
        }
    }

    private mutating func writeLine(_ name: String, _ expression: Expression) {
        let line = Array(name.utf8) + " = ".utf8 + expression.bytes(.old)
        line.withUnsafeBytes { writeLine($0) }
    }

    /// A line as a string, without any NUL, which would end it within a literal.
    private mutating func writeLine(_ line: UnsafeRawBufferPointer) {
        if firstNUL(in: line) == nil {
            writeString(line)
        } else {
            line.filter { $0 != 0 }.withUnsafeBytes { writeString($0) }
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
