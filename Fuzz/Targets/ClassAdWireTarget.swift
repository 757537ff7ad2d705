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

    /// An ad that was read can be written, and what was written reads as an ad that is written alike.
    private static func survivesWriting(_ ad: ClassAd, encrypted: Bool) throws(BrokenRule) {
        var writer = MessageWriter(encrypted: encrypted)
        writer.write(ad, options: .includePrivate)
        var reader = MessageReader(writer.payload, encrypted: encrypted)
        let again: ClassAd
        do {
            again = try reader.readClassAd()
            try reader.finish()
        } catch {
            throw BrokenRule("an ad that was written is refused: \(error), \(ad.bytes(.new).count) bytes")
        }
        var twice = MessageWriter(encrypted: encrypted)
        twice.write(again, options: .includePrivate)
        try require(
            twice.payload == writer.payload,
            "\(shown(writer.payload.readableBytesView)) is written as \(shown(twice.payload.readableBytesView))")
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
