import NIOCore

/// The five bytes in front of every packet: end flag and length (spec 01, 3.1).
struct PacketHeader: Equatable {
    /// Bytes of a header.
    static let size = 5
    /// Largest length field accepted, counting IV and tag.
    static let maximumLength: UInt32 = 1 << 20

    /// Whether the message ends with this packet.
    var isLast: Bool
    /// Bytes behind the header.
    var length: Int

    init(isLast: Bool, length: Int) {
        self.isLast = isLast
        self.length = length
    }

    /// The header at the reader index of `buffer`, which stays where it is; `nil` until it has arrived.
    init?(peeking buffer: ByteBuffer) throws(WireError) {
        guard let flag: UInt8 = buffer.getInteger(at: buffer.readerIndex) else { return nil }
        guard flag <= 10 else { throw WireError(.badEndFlag, "\(flag)") }
        guard let length: UInt32 = buffer.getInteger(at: buffer.readerIndex + 1) else { return nil }
        guard 1...Self.maximumLength ~= length else { throw WireError(.badLength, "\(length)") }
        self.init(isLast: flag != 0, length: Int(length))
    }

    /// The header as it stands on the wire.
    var bytes: [UInt8] {
        let length = UInt32(length)
        return [
            isLast ? 1 : 0, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ]
    }
}
