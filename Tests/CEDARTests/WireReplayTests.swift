import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CEDAR

/// Every recorded connection that is not in `cedar/`: authentication methods, negotiation, claims, CCB, shared port.
@Suite struct WireReplayTests {
    /// The two ends of a conversation, the opener first, with the initial vectors that were recorded.
    private static func ends(_ conversation: WireConversation) -> [CEDARStream] {
        [true, false].map { isOpener in
            let first = conversation.messages.first { $0.isEncrypted && $0.isFromOpener == isOpener }?.packets.first
            let vector = first.map { [Array($0[5..<21])] } ?? []
            return CEDARStream(limits: .authenticated, random: FixedRandom(vector))
        }
    }

    /// Whether the far end of what follows has not seen this message: the transcript begins anew (spec 01, 6.6).
    private static func startsAnew(_ message: InboundMessage) -> Bool {
        var reader = message.reader()
        guard !message.encrypted, let command = try? reader.readCommand() else { return false }  // else no command
        return command == .sharedPortConnect || command == .ccbReverseConnect
    }

    @Test(arguments: try WireConversation.all())
    func bothSidesReadWhatTheOtherSentAndWouldSendTheSameBytes(conversation: WireConversation) throws {
        var ends = Self.ends(conversation)
        var isFirst = [true, true]
        for (index, message) in conversation.messages.enumerated() {
            let (sender, receiver) = message.isFromOpener ? (0, 1) : (1, 0)
            if message.isEncrypted, !ends[0].isEncrypted {
                let key = SecretBytes(try bytes(try #require(conversation.key)))
                for end in ends.indices { try ends[end].enableEncryption(key: key) }
            }
            for packet in message.packets { ends[receiver].append(ByteBuffer(bytes: packet)) }
            let received = try #require(try ends[receiver].nextMessage(), "message \(index)")
            #expect(received.encrypted == message.isEncrypted)
            if let plaintext = message.plaintext { #expect(hex(received.payload) == plaintext, "message \(index)") }

            var rest = received.payload
            var written = ByteBuffer()
            for packet in message.packets {
                let overhead = message.isEncrypted ? PacketCipher.overhead(isFirst: isFirst[sender]) : 0
                if message.isEncrypted { isFirst[sender] = false }
                let part = rest.readSlice(length: packet.count - PacketHeader.size - overhead)
                try ends[sender].writePacket(try #require(part), isLast: packet[0] != 0, to: &written)
            }
            #expect(hex(written) == Hex.encode(message.packets.joined()), "message \(index)")
            if Self.startsAnew(received) { for end in ends.indices { ends[end].resetTranscript() } }
        }
    }

    @Test(arguments: try WireConversation.all().filter { $0.messages.contains { $0.values != nil } })
    func messagesInClearHoldTheRecordedValues(conversation: WireConversation) throws {
        for message in conversation.messages {
            guard let values = message.values, !message.isEncrypted else { continue }
            var stream = CEDARStream()
            for packet in message.packets { stream.append(ByteBuffer(bytes: packet)) }
            var reader = try #require(try stream.nextMessage()).reader()
            for value in values {
                let found = value.hasPrefix("int ") ? "int \(try reader.readInteger())" : "'\(try reader.readText())'"
                #expect(found == value)
            }
            try reader.finish()
        }
    }

    // MARK: Token commands

    private struct TokenCommands: Decodable {
        struct Exchange: Decodable {
            var command: Int
            var ad: [String: String]
        }
        var exchanges: [Exchange]

        private enum CodingKeys: CodingKey { case exchanges }
    }

    @Test(arguments: [false, true])
    func adsOfTheTokenCommandsSurviveTheWire(encrypted: Bool) throws {
        let file: TokenCommands = try vectors("auth-token-commands")
        #expect(file.exchanges.count > 20)
        for exchange in file.exchanges {
            let ad = try ClassAd(lines: exchange.ad.map { "\($0.key) = \($0.value)" })
            var writer = MessageWriter(encrypted: encrypted)
            writer.write(CommandNumber(rawValue: exchange.command))
            writer.write(ad, options: .includePrivate)
            var reader = MessageReader(writer.payload, encrypted: encrypted)
            #expect(try reader.readCommand().rawValue == exchange.command)
            #expect(try reader.readClassAd() == ad)
            try reader.finish()
        }
    }
}
