import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CEDAR

/// Every recorded connection, played through a stream that takes the part of either side.
@Suite struct StreamReplayTests {
    /// Plays `recording` with the stream as `side` and calls `sent` and `received` in order.
    ///
    /// `chunk` cuts what the stream receives.
    func play(
        _ recording: Recording, as side: Recording.Side, chunk: Int = .max,
        sent: (_ expected: ByteBuffer, _ actual: ByteBuffer) throws -> Void = { _, _ in },
        received: (InboundMessage) throws -> Void = { _ in }
    ) throws {
        let random = FixedRandom([try recording.initialVector(of: side)])
        var stream = CEDARStream(limits: .authenticated, random: random)
        for (index, packet) in recording.packets.enumerated() {
            if packet.aad != nil, !stream.isEncrypted {
                let key = try #require(recording.key.flatMap(Hex.decode))
                try stream.enableEncryption(key: SecretBytes(key))
            }
            let raw = try buffer(packet.raw)
            if packet.from == side {
                var output = ByteBuffer()
                try stream.writePacket(recording.payload(of: packet), isLast: packet.isLast, to: &output)
                try sent(raw, output)
            } else {
                var rest = raw
                while let part = rest.readSlice(length: min(chunk, rest.readableBytes)), part.readableBytes > 0 {
                    stream.append(part)
                    while let message = try stream.nextMessage() { try received(message) }
                }
                #expect(stream.hasPartialInput == (!packet.isLast))
            }
            if recording.transcriptResetAfterPacket == index + 1 { stream.resetTranscript() }
        }
    }

    @Test(arguments: try Recording.all(), Recording.Side.allCases)
    func whatWeSendIsTheSameByteForByte(recording: Recording, side: Recording.Side) throws {
        try play(recording, as: side, sent: { expected, actual in #expect(hex(actual) == hex(expected)) })
    }

    @Test(arguments: try Recording.all(), Recording.Side.allCases)
    func whatThePeerSentDecrypts(recording: Recording, side: Recording.Side) throws {
        var messages: [InboundMessage] = []
        try play(recording, as: side, received: { messages.append($0) })
        let expected = try recording.payloads().filter { $0.from != side }
        #expect(messages == expected.map { InboundMessage(payload: $0.payload, encrypted: $0.encrypted) })
    }

    @Test(arguments: try Recording.all())
    func messagesDoNotDependOnHowBytesArrive(recording: Recording) throws {
        for side in Recording.Side.allCases {
            let expected = try recording.payloads().filter { $0.from != side }
            for chunk in recording.packets.count < 6 ? [1, 7, 1000] : [1000] {
                var messages: [InboundMessage] = []
                try play(recording, as: side, chunk: chunk, received: { messages.append($0) })
                #expect(messages == expected.map { InboundMessage(payload: $0.payload, encrypted: $0.encrypted) })
            }
        }
    }

    @Test(arguments: try Recording.all())
    func theAuthenticatedDataIsThatOfTheRecording(recording: Recording) throws {
        var transcripts: [Recording.Side: Transcript] = [.client: Transcript(), .server: Transcript()]
        var isFirst: [Recording.Side: Bool] = [.client: true, .server: true]
        for (index, packet) in recording.packets.enumerated() {
            let raw = try buffer(packet.raw)
            if let aad = packet.aad {
                var expected = Array(raw.readableBytesView.prefix(5))
                if isFirst[packet.from] == true {
                    let digests = try #require(try transcripts[packet.from]?.digests())
                    expected = digests.sent + digests.received + expected
                    isFirst[packet.from] = false
                }
                #expect(Hex.encode(expected) == aad)
                continue
            }
            raw.withUnsafeReadableBytes { raw in
                for side in Recording.Side.allCases {
                    if side == packet.from {
                        transcripts[side]?.addSent(raw)
                    } else {
                        transcripts[side]?.addReceived(raw)
                    }
                }
            }
            if recording.transcriptResetAfterPacket == index + 1 {
                transcripts = [.client: Transcript(), .server: Transcript()]
            }
        }
    }

    @Test(arguments: try Recording.all())
    func theNoncesAreThoseOfTheRecording(recording: Recording) throws {
        for side in Recording.Side.allCases {
            let nonces = recording.packets.filter { $0.from == side }.compactMap(\.nonce)
            guard !nonces.isEmpty else { continue }
            var sequence = PacketCipher.NonceSequence(initialVector: try recording.initialVector(of: side))
            for nonce in nonces {
                #expect(Hex.encode(sequence.nonce) == nonce)
                sequence.advance()
            }
        }
    }

    /// Spec 01, 6.6.
    @Test(arguments: ["sharedport-query", "ccb-reversed-query"])
    func withoutTheResetAConnectionThroughAThirdPartyDoesNotDecrypt(name: String) throws {
        let recording = try Recording.named(name)
        #expect(recording.transcriptResetAfterPacket == 1)
        var stream = CEDARStream(limits: .authenticated, random: FixedRandom())
        for packet in recording.packets {
            if packet.aad != nil {
                try stream.enableEncryption(key: SecretBytes(try #require(recording.key.flatMap(Hex.decode))))
                stream.append(try buffer(packet.raw))
                #expect(throws: WireError(.notDecrypted)) { try stream.nextMessage() }
                return
            }
            if packet.from == .client {
                _ = try stream.encode(try recording.payload(of: packet))
            } else {
                stream.append(try buffer(packet.raw))
                _ = try stream.nextMessage()
            }
        }
        Issue.record("no encrypted packet")
    }
}
