package import CEDAR
import Cryptography
import Foundation
import NIOCore

/// A recorded TCP connection between a real HTCondor program and a reference implementation, byte for byte.
///
/// The files are `Vectors/cedar/*.json` and those of `Vectors/auth-*.json` that hold packets.
package struct Recording: Decodable, Sendable, CustomStringConvertible {
    /// One end of a connection.
    package enum Side: String, Decodable, CaseIterable, Sendable { case client, server }

    /// A packet, with what is known of its encryption.
    package struct Packet: Decodable, Sendable {
        package let from: Side
        package let raw: String
        package let nonce: String?
        package let aad: String?
        package let plain: String?

        /// Whether it ends a message.
        package var isLast: Bool { !raw.hasPrefix("00") }
    }

    /// One decoded value of a message.
    package struct Item: Decodable, Sendable {
        package let int: Int64?
        package let string: String?
        package let ad: [String]?
    }

    /// What the reference made of a message.
    package struct Content: Decodable, Sendable {
        package let from: Side
        package let encrypted: Bool
        package let packets: Int
        package let length: Int
        package let content: [Item]
    }

    /// The reference's part in the key agreement.
    package struct KeyAgreementRecord: Decodable, Sendable {
        package let referencePrivateScalar: String
    }

    /// A message as it was received.
    package struct Message: Sendable {
        package let from: Side
        package let message: InboundMessage
    }

    package let name: String?
    package let referenceRole: Side
    package let packets: [Packet]
    /// The messages as the reference decoded them; only in `cedar/`.
    package let contents: [Content]?
    package let key: String?
    package let aesKey: String?
    package let sid: String?
    package let note: String?
    package let ecdh: KeyAgreementRecord?
    package let transcriptResetAfterPacket: Int?
    package let kid: String?
    package let keyMaterial: String?
    package let token: String?
    package let sessionSecret: String?
    package let derived: [String: String]?
    package let authenticatedName: String?

    private enum CodingKeys: String, CodingKey {
        case name, referenceRole, packets, key, aesKey, sid, note, ecdh, transcriptResetAfterPacket, kid, keyMaterial
        case token, sessionSecret, derived, authenticatedName
        case contents = "messages"
    }

    package var description: String { name ?? note ?? "\(packets.count) packets" }

    /// The names of all recordings, to be read with ``vectors(_:as:)``.
    package static let names: [String] = {
        struct Outline: Decodable {
            var packets: [Packet]?
        }
        do {
            let connections = try Vectors.files(in: "cedar", withExtension: "json").map {
                "cedar/" + $0.lastPathComponent
            }
            let methods = try Vectors.files(in: "", withExtension: "json").map(\.lastPathComponent)
                .filter { $0.hasPrefix("auth-") }
            return try (methods + connections).map { String($0.dropLast(".json".count)) }.filter {
                try vectors($0, as: Outline.self).packets != nil
            }
        } catch {
            preconditionFailure("recordings: \(error)")
        }
    }()

    /// The recorded messages, decrypted with the session key, in their order.
    package func messages() throws -> [Message] { try replay().messages }

    /// The index of the packet with which encryption begins, if it does.
    package func firstEncryptedPacket() throws -> Int? { try replay().firstEncrypted }

    private func replay() throws -> (messages: [Message], firstEncrypted: Int?) {
        var firstEncrypted: Int?
        var client = CEDARStream(random: FixedRandom())
        var server = CEDARStream(random: FixedRandom())
        var messages: [Message] = []
        for (index, packet) in packets.enumerated() {
            if index == transcriptResetAfterPacket {
                client.resetTranscript()
                server.resetTranscript()
                messages.removeAll()
            }
            let raw = try buffer(packet.raw)
            if let secret = key ?? aesKey, !client.isEncrypted,
                Self.opens(raw, secret, packet.from == .client ? server : client)
            {
                firstEncrypted = index
                let secret = SecretBytes(try bytes(secret))
                try client.enableEncryption(key: secret)
                try server.enableEncryption(key: secret)
            }
            switch packet.from {
            case .client: try Self.pass(raw, from: &client, to: &server, .client, &messages)
            case .server: try Self.pass(raw, from: &server, to: &client, .server, &messages)
            }
        }
        return (messages, firstEncrypted)
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
