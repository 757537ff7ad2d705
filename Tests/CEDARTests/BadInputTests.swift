import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CEDAR

/// Inputs that no honest peer sends: accepted or ``WireError``, never a trap, never more memory than was fed.
@Suite struct BadInputTests {
    /// Small recordings of each kind: raw, new session, resumed, updates, a message of several packets.
    static let names = [
        "wheel25-query-raw", "wheel25-query-claimtobe-resumed", "collector-query-new", "wheel25-advertise-noversion",
        "collector-query-resumed-noresponse", "sharedport-query",
    ]

    static func recordings() throws -> [Recording] { try names.map(Recording.named) }

    /// A stream at the point where `recording` has come to `packet`, as the side that receives it.
    static func stream(_ recording: Recording, before packet: Int) throws -> CEDARStream {
        let side: Recording.Side = recording.packets[packet].from == .client ? .server : .client
        var stream = CEDARStream(
            limits: .authenticated, random: FixedRandom([try recording.initialVector(of: side)]))
        for (index, packet) in recording.packets[..<packet].enumerated() {
            try enableIfNeeded(recording, packet, &stream)
            if packet.from == side {
                var output = ByteBuffer()
                try stream.writePacket(recording.payload(of: packet), isLast: packet.isLast, to: &output)
            } else {
                stream.append(try buffer(packet.raw))
                while try stream.nextMessage() != nil {}
            }
            if recording.transcriptResetAfterPacket == index + 1 { stream.resetTranscript() }
        }
        try enableIfNeeded(recording, recording.packets[packet], &stream)
        return stream
    }

    private static func enableIfNeeded(
        _ recording: Recording, _ packet: Recording.Packet, _ stream: inout CEDARStream
    ) throws {
        guard packet.aad != nil, !stream.isEncrypted else { return }
        try stream.enableEncryption(key: SecretBytes(try #require(recording.key.flatMap(Hex.decode))))
    }

    // MARK: Streams

    @Test(arguments: try recordings())
    func anyChangedByteOfAnEncryptedPacketIsRefused(recording: Recording) throws {
        for (index, packet) in recording.packets.enumerated() where packet.aad != nil {
            let raw = try buffer(packet.raw)
            let stream = try Self.stream(recording, before: index)
            for position in 0..<raw.readableBytes {
                for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                    let byte = raw.getInteger(at: position, as: UInt8.self) ?? 0
                    let changed = BadInput.replacing(raw, at: position, with: [byte ^ mask])
                    var victim = stream
                    // A shorter length leaves a tail, a longer one waits for more: neither gives a message.
                    let outcome = BadInput.feed(changed, to: &victim)
                    #expect(outcome != .accepted(messages: 1), "packet \(index), byte \(position)")
                }
            }
        }
    }

    @Test(arguments: try recordings())
    func anyChangedByteOfAClearPacketIsTakenOrRefused(recording: Recording) throws {
        for (index, packet) in recording.packets.enumerated() where packet.aad == nil {
            let raw = try buffer(packet.raw)
            let stream = try Self.stream(recording, before: index)
            for position in 0..<raw.readableBytes {
                for mask in [0x01, 0x20, 0x80, 0xFF] as [UInt8] {
                    let byte = raw.getInteger(at: position, as: UInt8.self) ?? 0
                    var victim = stream
                    _ = BadInput.feed(BadInput.replacing(raw, at: position, with: [byte ^ mask]), to: &victim)
                }
            }
        }
    }

    /// The transcript binds the clear part: whoever changes it prevents the first encrypted packet (spec 01, 6.5).
    @Test(arguments: ["wheel25-query-claimtobe-resumed", "sharedport-query"])
    func aChangedHandshakeIsNoticedByTheFirstEncryptedPacket(name: String) throws {
        let recording = try Recording.named(name)
        let first = try #require(recording.packets.firstIndex { $0.aad != nil })
        let start = recording.transcriptResetAfterPacket ?? 0
        for (index, packet) in recording.packets[..<first].enumerated().dropFirst(start) {
            for position in stride(from: 5, to: packet.raw.utf8.count / 2, by: 7) {
                var stream = CEDARStream(limits: .authenticated, random: FixedRandom())
                for (other, packet) in recording.packets[..<first].enumerated().dropFirst(start) {
                    var raw = try buffer(packet.raw)
                    if other == index {
                        let byte = raw.getInteger(at: position, as: UInt8.self) ?? 0
                        raw = BadInput.replacing(raw, at: position, with: [byte ^ 1])
                    }
                    if packet.from == recording.packets[first].from {
                        stream.append(raw)
                        _ = try stream.nextMessage()
                    } else {
                        _ = try stream.encode(ByteBuffer(raw.readableBytesView.dropFirst(5)))
                    }
                }
                try stream.enableEncryption(key: SecretBytes(try #require(recording.key.flatMap(Hex.decode))))
                stream.append(try buffer(recording.packets[first].raw))
                #expect(throws: WireError(.notDecrypted)) { try stream.nextMessage() }
            }
        }
    }

    @Test(arguments: try recordings())
    func aTruncatedPacketWaitsForMore(recording: Recording) throws {
        for index in recording.packets.indices {
            let raw = try buffer(recording.packets[index].raw)
            let stream = try Self.stream(recording, before: index)
            for length in 0..<raw.readableBytes {
                var victim = stream
                #expect(
                    BadInput.feed(raw.getSlice(at: 0, length: length) ?? ByteBuffer(), to: &victim)
                        == .accepted(messages: 0))
                #expect(victim.hasPartialInput == (length > 0))
            }
        }
    }

    @Test(arguments: try recordings())
    func anyLengthFieldOfAPacketIsTakenOrRefused(recording: Recording) throws {
        for index in recording.packets.indices {
            let raw = try buffer(recording.packets[index].raw)
            let stream = try Self.stream(recording, before: index)
            for length in BadInput.lengths where length.count == 4 {
                for chunk in [1, Int.max] {
                    var victim = stream
                    let outcome = BadInput.feed(BadInput.replacing(raw, at: 1, with: length), chunk: chunk, to: &victim)
                    if length != [0, 0, 0, 1] || stream.isEncrypted {
                        #expect(outcome == .refused(WireError(.badLength)))
                    }
                }
            }
        }
    }

    @Test func millionsOfEmptyEncryptedPacketsKeepNothing() throws {
        var (one, other) = (CEDARStream(), CEDARStream())
        try one.enableEncryption(key: CEDARStreamTests.key)
        try other.enableEncryption(key: CEDARStreamTests.key)
        for _ in 0..<10_000 {
            var packet = ByteBuffer()
            try one.writePacket(ByteBuffer(), isLast: false, to: &packet)
            other.append(packet)
            #expect(try other.nextMessage() == nil)
        }
        other.append(try one.encode(ByteBuffer(bytes: [1])))
        #expect(try other.nextMessage()?.payload == ByteBuffer(bytes: [1]))
    }

    // MARK: Messages

    /// The plaintexts of all recorded messages of the small recordings.
    static func plaintexts() throws -> [InboundMessage] {
        try recordings().flatMap { try $0.payloads() }.map {
            InboundMessage(payload: $0.payload, encrypted: $0.encrypted)
        }
    }

    func outcome(_ payload: ByteBuffer, encrypted: Bool) -> WireError? {
        do throws(WireError) {
            try BadInput.readEverything(InboundMessage(payload: payload, encrypted: encrypted))
            return nil
        } catch {
            return error
        }
    }

    @Test func aTruncatedMessageIsAnError() throws {
        for message in try Self.plaintexts() where outcome(message.payload, encrypted: message.encrypted) == nil {
            // The last value of some messages is an integer behind a whole ad: cutting it off leaves a shorter message.
            let whole = message.payload.readableBytes
            for length in 1..<whole {
                let payload = message.payload.getSlice(at: message.payload.readerIndex, length: length)
                let error = outcome(try #require(payload), encrypted: message.encrypted)
                if length > whole - 8 { #expect(error == WireError(.truncated)) }
            }
        }
    }

    @Test(arguments: [0x01, 0x40, 0x80, 0xFF] as [UInt8])
    func anyChangedByteOfAMessageIsTakenOrRefused(mask: UInt8) throws {
        for message in try Self.plaintexts() {
            let start = message.payload.readerIndex
            for position in start..<message.payload.writerIndex {
                let byte = message.payload.getInteger(at: position, as: UInt8.self) ?? 0
                let changed = BadInput.replacing(message.payload, at: position, with: [byte ^ mask])
                for encrypted in [false, true] { _ = outcome(changed, encrypted: encrypted) }
            }
        }
    }

    /// Every eight bytes are taken for a length or a count in turn, whether they are one or not.
    @Test func anyLengthInAMessageIsTakenOrRefused() throws {
        for message in try Self.plaintexts() {
            for position in message.payload.readerIndex..<message.payload.writerIndex {
                for length in BadInput.lengths where length.count == 8 {
                    let changed = BadInput.replacing(message.payload, at: position, with: length)
                    _ = outcome(changed, encrypted: message.encrypted)
                }
            }
        }
    }

    /// Nesting must end in an error, not at the end of the stack; so must taking the tree apart again.
    @Test(arguments: [
        "(", "{", "[a=", "!", "-", "1+", "a?", "a?b:", "f(", "a.", "a[", "{1},", "a||", "\"x\",", "+(", "~",
    ])
    func deeplyNestedExpressionsAreTakenOrRefused(piece: String) throws {
        for (count, isClosed) in [(200_000, false), (200_000, true), (900, true)] {
            var line = "A = " + String(repeating: piece, count: count) + "1"
            if isClosed, let end = ["(": ")", "{": "}", "[a=": "]", "f(": ")", "a[": "]"][piece] {
                line += String(repeating: end, count: count)
            }
            var writer = MessageWriter(encrypted: false)
            writer.write(CommandNumber.updateStartdAd)
            writer.write(1)
            for line in [line, "", ""] { writer.write(line) }
            _ = outcome(writer.payload, encrypted: false)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomBytesAreTakenOrRefused(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...200, using: &generator)
            // Small values are more likely to get past the first checks.
            let bytes = (0..<count).map { _ in
                Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator)
            }
            for encrypted in [false, true] { _ = outcome(ByteBuffer(bytes: bytes), encrypted: encrypted) }
            var stream = CEDARStream()
            _ = BadInput.feed(ByteBuffer(bytes: bytes), chunk: 7, to: &stream)
            let text = String(decoding: bytes, as: UTF8.self)
            _ = ClaimID(text)
            _ = Sinful(text)
            _ = CondorVersion(text)
        }
    }

    @Test(arguments: ["<", "[", "{[ ", "%", "&", "\"", "=", ";", "#", ">", ":", "-", "+", "\u{301}"])
    func mutatedAddressesAndClaimIDsAreTakenOrRefused(insertion: String) throws {
        let texts =
            try SinfulTests.file().cases.map(\.in) + [ClaimIDTests.text, "$CondorVersion: 25.14.0 2026-01-01 x $"]
        for text in texts {
            for offset in 0...text.count {
                var changed = text
                changed.insert(contentsOf: insertion, at: text.index(text.startIndex, offsetBy: offset))
                for candidate in [changed, String(text.prefix(offset)) + insertion] {
                    if let address = Sinful(candidate) {
                        _ = try? address.routeList()  // a contact within may be none
                        #expect(Sinful(address.description) == address)
                    }
                    _ = ClaimID(candidate)?.sinful
                    _ = SessionInfo(candidate)
                    _ = CondorVersion(candidate)
                }
            }
        }
    }
}
