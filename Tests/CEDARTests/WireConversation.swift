import CEDAR
import Foundation
import TestSupport

/// A recorded connection of any of the forms in `Vectors/`: its messages as packets, and what is known of them.
struct WireConversation: Sendable, CustomStringConvertible {
    /// A message.
    struct Message: Sendable {
        /// Whether the side that spoke first sent it.
        var isFromOpener: Bool
        /// Its packets, header included.
        var packets: [[UInt8]]
        var isEncrypted: Bool
        /// The digits of what it holds, decrypted.
        var plaintext: String?
        /// The values it holds, in the words of the reference: `int 67`, `'Name = "TOOL"'`.
        var values: [String]?
    }

    var description: String
    var key: String?
    var messages: [Message]

    /// Every one of `Vectors/` that is not in `cedar/`.
    static func all() throws -> [WireConversation] {
        let methods = Recording.names.filter { $0.hasPrefix("auth-") }
        let others = try Vectors.files(in: "", withExtension: "json")
            .map { $0.deletingPathExtension().lastPathComponent }
            .filter { name in
                ["nego-", "ccb-", "sharedport-"].contains { name.hasPrefix($0) }
                    && !["nego-ads", "nego-claimid"].contains(name)
            }
        return try methods.map { try WireConversation($0, vectors($0)) }
            + others.flatMap { name in
                try vectors(name, as: File.self).parts.map {
                    WireConversation(name + $0.0, try $0.1.wireMessages(), $0.1)
                }
            }
    }

    private init(_ name: String, _ messages: [Message], _ part: Part) {
        description = name
        key = part.sessionKey ?? part.aesKey
        self.messages = messages
    }

    private init(_ name: String, _ recording: Recording) throws {
        description = name
        key = recording.key ?? recording.aesKey
        messages = []
        var open: [[UInt8]] = []
        let firstEncrypted = try recording.firstEncryptedPacket() ?? .max
        for (index, packet) in recording.packets.enumerated() {
            open.append(try bytes(packet.raw))
            guard packet.isLast else { continue }
            messages.append(
                Message(
                    isFromOpener: packet.from == recording.packets.first?.from, packets: open,
                    isEncrypted: index >= firstEncrypted))
            open = []
        }
    }

    // MARK: The files

    private struct File: Decodable {
        var whole: Part
        var named: [String: Part]
        var cases: [Part]

        var parts: [(String, Part)] {
            let all = [("", whole)] + named.sorted { $0.key < $1.key }.map { (" " + $0.key, $0.value) }
            return (all + cases.map { (" " + ($0.name ?? ""), $0) }).filter { !$0.1.all.isEmpty }
        }

        init(from decoder: any Decoder) throws {
            whole = try Part(from: decoder)
            let container = try decoder.container(keyedBy: Key.self)
            named = [:]
            for key in [Key.registration, .request, .reversed] {
                named[key.rawValue] = try container.decodeIfPresent(Part.self, forKey: key)
            }
            cases = try container.decodeIfPresent([Part].self, forKey: .cases) ?? []
        }

        enum Key: String, CodingKey { case registration, request, reversed, cases }
    }

    private struct Part: Decodable {
        struct Message: Decodable {
            var from: String
            var encrypted: Bool?
            var packets: [String]?
            var packetHex: String?
            var hex: String?
            var plaintext: String?
            var plaintextHex: String?
            var decoded: Values?
        }

        /// Values in words, or what else a file tells of a message.
        struct Values: Decodable {
            var words: [String]?

            init(from decoder: any Decoder) throws {
                words = try? [String](from: decoder)  // else of a form that other tests read
            }
        }

        var name: String?
        var aesKey: String?
        var sessionKey: String?
        var messages: [Message]?
        var tcp: [Message]?

        var all: [Message] { messages ?? tcp ?? [] }

        func wireMessages() throws -> [WireConversation.Message] {
            try all.flatMap { message in
                let raw = message.packets ?? [message.packetHex ?? message.hex ?? ""]
                var found: [WireConversation.Message] = []
                var packets: [[UInt8]] = []
                for packet in try raw.flatMap({ try WireConversation.packets(of: bytes($0)) }) {
                    packets.append(packet)
                    guard packet[0] != 0 else { continue }
                    found.append(
                        .init(
                            isFromOpener: message.from == all[0].from, packets: packets,
                            isEncrypted: message.encrypted ?? false,
                            plaintext: message.plaintext ?? message.plaintextHex, values: message.decoded?.words))
                    packets = []
                }
                return found
            }
        }
    }

    /// A stream of bytes cut at its packets.
    private static func packets(of bytes: [UInt8]) throws -> [[UInt8]] {
        var rest = bytes[...]
        var packets: [[UInt8]] = []
        while !rest.isEmpty {
            let size = 5 + rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= size else { throw Vectors.Failure(description: "a packet is cut off") }
            packets.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return packets
    }
}
