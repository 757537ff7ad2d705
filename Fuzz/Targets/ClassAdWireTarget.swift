import CEDAR
import ClassAds
import NIOCore

/// Ads in messages: arbitrary bytes as a payload, or arbitrary lines in a payload whose counts are right.
enum ClassAdWireTarget {
    /// The first byte holds the options, the second tells lines from raw bytes.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        let options = input.byte()
        let encrypted = options & 1 != 0
        let limits: ClassAdLimits = options & 2 != 0 ? .handshake : .standard
        let hasTypes = options & 4 == 0
        let payload: ByteBuffer
        if input.byte() == UInt8(ascii: "l") {
            payload = message(ofLines: input.remainder(), encrypted: encrypted, hasTypes: hasTypes)
        } else {
            payload = ByteBuffer(bytes: input.remainder())
        }
        var reader = MessageReader(payload, encrypted: encrypted)
        let ad: ClassAd
        do {
            ad = try reader.readClassAd(limits: limits, hasTypes: hasTypes)
        } catch {
            return
        }
        try require(ad.count <= limits.maximumAttributes, "more attributes than the limit")
        for encrypted in [true, false] { try survivesWriting(ad, encrypted: encrypted) }
    }

    /// An ad that was read can be written; what was written is read as an ad of the same names, and after some rounds is
    /// written alike.
    private static func survivesWriting(_ ad: ClassAd, encrypted: Bool) throws(BrokenRule) {
        var written = message(of: ad, encrypted: encrypted)
        guard !ClassAdRules.isLossy(Array(written.readableBytesView), isOld: true) else { return }
        for _ in 0..<ClassAdRules.maximumRounds {
            var reader = MessageReader(written, encrypted: encrypted)
            let again: ClassAd
            do {
                again = try reader.readClassAd()
                try reader.finish()
            } catch {
                throw BrokenRule("an ad that was written is refused: \(error), \(shown(written.readableBytesView))")
            }
            try require(
                again.names.sorted() == (encrypted ? ad : ad.publicPart).names.sorted(), "other attributes than before")
            let next = message(of: again, encrypted: encrypted)
            if next == written { return }
            written = next
        }
        throw BrokenRule("an ad that is never written alike: \(shown(written.readableBytesView))")
    }

    private static func message(of ad: ClassAd, encrypted: Bool) -> ByteBuffer {
        var writer = MessageWriter(encrypted: encrypted)
        writer.write(ad, options: .includePrivate)
        return writer.payload
    }

    /// Lines as they are, their number before them.
    static func message(ofLines text: [UInt8], encrypted: Bool, hasTypes: Bool = true) -> ByteBuffer {
        let lines = text.split(separator: UInt8(ascii: "\n")).map { $0.filter { $0 != 0 } }
        var writer = MessageWriter(encrypted: encrypted)
        writer.write(lines.count)
        for line in lines { write(line, to: &writer) }
        if hasTypes {
            write([], to: &writer)
            write([], to: &writer)
        }
        return writer.payload
    }

    private static func write(_ line: [UInt8], to writer: inout MessageWriter) {
        if writer.encrypted { writer.write(line.count + 1) }
        writer.writeBytes(line)
        writer.writeBytes([0])
    }
}
