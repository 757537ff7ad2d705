import Cryptography
import Foundation
import NIOCore
import Testing

/// A file or folder of `Vectors/`.
func vectorURL(_ path: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil)).appending(path: path)
}

/// The files of a folder of `Vectors/` with an ending, sorted by name; never empty.
func vectorFiles(in folder: String, withExtension ending: String) throws -> [URL] {
    let files = try FileManager.default.contentsOfDirectory(at: vectorURL(folder), includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == ending }
        .sorted { $0.path < $1.path }
    try #require(!files.isEmpty)
    return files
}

/// Decodes a JSON file of `Vectors/`.
func vectors<T: Decodable>(_ path: String, as type: T.Type = T.self) throws -> T {
    try JSONDecoder.snakeCase.decode(type, from: Data(contentsOf: vectorURL(path)))
}

extension JSONDecoder {
    static var snakeCase: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}

/// Bytes of hexadecimal digits in a vector.
func buffer(_ hex: String) throws -> ByteBuffer { ByteBuffer(bytes: try #require(Hex.decode(hex))) }

/// The hexadecimal digits of a buffer, for failures that can be read.
func hex(_ buffer: ByteBuffer) -> String { Hex.encode(buffer.readableBytesView) }

/// Gives out a known initial vector.
struct FixedRandom: RandomSource {
    var vector: [UInt8]
    func bytes(_ count: Int) -> [UInt8] { Array(vector.prefix(count)) }
}

/// One end of a recorded connection.
enum Side: String, Decodable, CaseIterable, Sendable { case client, server }

/// A recorded TCP connection, byte for byte in both directions.
struct Recording: Decodable, Sendable, CustomTestStringConvertible {
    struct Packet: Decodable, Sendable {
        let from: Side
        let end: Int
        let raw: String
        let nonce: String?
        let aad: String?
        let plain: String?
    }
    /// One decoded value of a message.
    struct Item: Decodable, Sendable {
        let int: Int64?
        let string: String?
        let ad: [String]?
    }
    struct Message: Decodable, Sendable {
        let from: Side
        let encrypted: Bool
        let packets: Int
        let length: Int
        let content: [Item]
    }

    let name: String
    let key: String?
    let transcriptResetAfterPacket: Int?
    let packets: [Packet]
    let messages: [Message]

    var testDescription: String { name }

    /// All of `Vectors/cedar/`.
    static func all() throws -> [Recording] {
        try vectorFiles(in: "cedar", withExtension: "json").map {
            try JSONDecoder.snakeCase.decode(Recording.self, from: Data(contentsOf: $0))
        }
    }

    static func named(_ name: String) throws -> Recording { try vectors("cedar/\(name).json") }

    var isEncrypted: Bool { packets.contains { $0.aad != nil } }

    /// The initial vector of a side: the first 16 payload bytes of its first encrypted packet.
    func initialVector(of side: Side) throws -> [UInt8] {
        guard let packet = packets.first(where: { $0.from == side && $0.aad != nil }) else { return [] }
        return Array(try buffer(packet.raw).readableBytesView.dropFirst(5).prefix(16))
    }

    /// What a packet carries, decrypted.
    func payload(of packet: Packet) throws -> ByteBuffer {
        if let plain = packet.plain { return try buffer(plain) }
        return ByteBuffer(try buffer(packet.raw).readableBytesView.dropFirst(5))
    }

    /// The joined payloads of each message, in order.
    func payloads() throws -> [(from: Side, encrypted: Bool, payload: ByteBuffer)] {
        var messages: [(from: Side, encrypted: Bool, payload: ByteBuffer)] = []
        var open: [Side: ByteBuffer] = [:]
        for packet in packets {
            var payload = open[packet.from] ?? ByteBuffer()
            payload.writeImmutableBuffer(try self.payload(of: packet))
            if packet.end == 0 {
                open[packet.from] = payload
            } else {
                open[packet.from] = nil
                messages.append((packet.from, packet.aad != nil, payload))
            }
        }
        return messages
    }
}
