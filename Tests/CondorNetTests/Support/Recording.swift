import CEDAR
import Cryptography
import Foundation
import NIOCore
import Testing

@testable import CondorSecurity

/// A recorded exchange between a real HTCondor program and a reference implementation (Vectors/README.md).
struct Recording: Decodable {
    enum Side: String, Decodable {
        case client, server
    }

    struct Packet: Decodable {
        var from: Side
        var raw: String
    }

    struct KeyAgreementRecord: Decodable {
        var referencePrivateScalar: String
    }

    struct Message {
        var from: Side
        var message: InboundMessage
    }

    var referenceRole: Side
    var packets: [Packet]
    var key: String?
    var aesKey: String?
    var sid: String?
    var note: String?
    var ecdh: KeyAgreementRecord?
    var transcriptResetAfterPacket: Int?
    var kid: String?
    var keyMaterial: String?
    var token: String?
    var sessionSecret: String?
    var derived: [String: String]?
    var authenticatedName: String?

    /// The messages, decrypted with the session key, in their order.
    func messages() throws -> [Message] {
        var client = CEDARStream(random: FixedRandom())
        var server = CEDARStream(random: FixedRandom())
        var messages: [Message] = []
        for (index, packet) in packets.enumerated() {
            if index == transcriptResetAfterPacket {
                client.resetTranscript()
                server.resetTranscript()
                messages.removeAll()
            }
            let raw = ByteBuffer(bytes: try bytes(packet.raw))
            if let secret = key ?? aesKey, !client.isEncrypted,
                Self.opens(raw, secret, packet.from == .client ? server : client)
            {
                let secret = SecretBytes(try bytes(secret))
                try client.enableEncryption(key: secret)
                try server.enableEncryption(key: secret)
            }
            switch packet.from {
            case .client: try Self.pass(raw, from: &client, to: &server, .client, &messages)
            case .server: try Self.pass(raw, from: &server, to: &client, .server, &messages)
            }
        }
        return messages
    }

    /// Whether a packet is encrypted with this key.
    private static func opens(_ raw: ByteBuffer, _ key: String, _ receiver: CEDARStream) -> Bool {
        var receiver = receiver
        do {
            try receiver.enableEncryption(key: SecretBytes(try bytes(key)))
            receiver.append(raw)
            _ = try receiver.nextMessage()
            return true
        } catch {
            return false
        }
    }

    private static func pass(
        _ raw: ByteBuffer, from sender: inout CEDARStream, to receiver: inout CEDARStream, _ side: Side,
        _ messages: inout [Message]
    ) throws {
        receiver.append(raw)
        // The sender's transcript needs what it has sent; encrypted packets need nothing but their order.
        _ = try sender.encode(raw.getSlice(at: 5, length: raw.readableBytes - 5) ?? ByteBuffer())
        while let message = try receiver.nextMessage() { messages.append(Message(from: side, message: message)) }
    }
}

/// A file of `Vectors/`.
func vectors<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let url = try #require(Bundle.module.url(forResource: "Vectors/\(name)", withExtension: "json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url))
}

/// The bytes of hexadecimal digits.
func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

/// The ad of a handshake message, after the command number if it is a client's first.
func handshakeAd(_ message: InboundMessage, afterCommand: Bool = false) throws -> HandshakeAd {
    var reader = message.reader()
    if afterCommand { _ = try reader.readCommand() }
    return try HandshakeAd(reading: &reader)
}

extension Recording {
    /// The recordings in `Vectors/`.
    static let names: [String] = {
        let root = Bundle.module.resourceURL?.appending(path: "Vectors").path ?? ""
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()
}
