import Cryptography
import NIOCore
import Testing

@testable import CEDAR

/// Feeds hostile bytes to decoders and says what became of them.
///
/// A decoder either takes its input or throws ``WireError``; a trap ends the test process, and whatever it keeps or
/// hands out must not be larger than what was fed.
enum BadInput {
    /// What became of an input.
    enum Outcome: Equatable {
        /// So many whole messages came out, and more would be welcome.
        case accepted(messages: Int)
        /// The connection or message is lost.
        case refused(WireError)
    }

    /// Feeds `bytes` in pieces of `chunk` and reads every message with `consume`.
    static func feed(
        _ bytes: ByteBuffer, chunk: Int = .max, to stream: inout CEDARStream,
        consume: (InboundMessage) throws(WireError) -> Void = BadInput.readEverything
    ) -> Outcome {
        var rest = bytes
        var messages = 0
        var size = 0
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(chunk, rest.readableBytes)) {
            stream.append(part)
            do throws(WireError) {
                while let message = try stream.nextMessage() {
                    messages += 1
                    size += message.payload.readableBytes
                    #expect(size <= bytes.readableBytes)
                    try consume(message)
                }
            } catch {
                return .refused(error)
            }
        }
        return .accepted(messages: messages)
    }

    /// Reads a message as most commands have it: integers and ads for as long as they come.
    static func readEverything(_ message: InboundMessage) throws(WireError) {
        var reader = message.reader()
        while !reader.isAtEnd {
            _ = try reader.readCommand()
            if reader.remainingBytes > 8 {
                let ad = try reader.readClassAd()
                var writer = MessageWriter(encrypted: message.encrypted)
                writer.write(ad, options: .includePrivate)
            }
        }
    }

    /// The bytes with those at `index` replaced; what would stand behind the end is left out.
    static func replacing(_ bytes: ByteBuffer, at index: Int, with replacement: [UInt8]) -> ByteBuffer {
        var changed = bytes
        changed.setBytes(replacement.prefix(bytes.writerIndex - index), at: index)
        return changed
    }

    /// Lengths and counts that no honest peer sends, as four and as eight bytes.
    static let lengths: [[UInt8]] = {
        let values: [UInt64] = [0, 1, 1 << 31, 1 << 32 - 1, 1 << 63, .max]
        return values.flatMap { value in
            [bigEndian(UInt32(truncatingIfNeeded: value)), bigEndian(value)]
        }
    }()

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
