import CEDAR
import NIOCore
import Testing
import TestSupport

/// What only tests of the stream want of a recording: the packets' own nonces and plaintexts.
extension Recording {
    /// All of `Vectors/cedar/`.
    static func all() throws -> [Recording] {
        try Recording.names.filter { $0.hasPrefix("cedar/") }.map { try vectors($0) }
    }

    static func named(_ name: String) throws -> Recording { try vectors("cedar/\(name)") }

    var isEncrypted: Bool { packets.contains { $0.aad != nil } }

    /// The initial vector of a side: the first 16 payload bytes of its first encrypted packet.
    func initialVector(of side: Side) throws -> [UInt8] {
        guard let packet = packets.first(where: { $0.from == side && $0.aad != nil }) else { return [] }
        return Array(try bytes(packet.raw).dropFirst(5).prefix(16))
    }

    /// What a packet carries, decrypted.
    func payload(of packet: Packet) throws -> ByteBuffer {
        if let plain = packet.plain { return try buffer(plain) }
        return ByteBuffer(bytes: try bytes(packet.raw).dropFirst(5))
    }

    /// The joined payloads of each message, in order.
    func payloads() throws -> [(from: Side, encrypted: Bool, payload: ByteBuffer)] {
        var messages: [(from: Side, encrypted: Bool, payload: ByteBuffer)] = []
        var open: [Side: ByteBuffer] = [:]
        for packet in packets {
            var payload = open[packet.from] ?? ByteBuffer()
            payload.writeImmutableBuffer(try self.payload(of: packet))
            if packet.isLast {
                open[packet.from] = nil
                messages.append((packet.from, packet.aad != nil, payload))
            } else {
                open[packet.from] = payload
            }
        }
        return messages
    }
}
