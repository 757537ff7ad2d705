import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CEDAR

@Suite struct CEDARStreamTests {
    static let key = SecretBytes((0..<32).map { UInt8($0) })

    func payload(_ count: Int) -> ByteBuffer { ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) }) }

    func encryptedPair(_ limits: StreamLimits = .authenticated) throws -> (CEDARStream, CEDARStream) {
        var one = CEDARStream(limits: limits)
        var other = CEDARStream(limits: limits)
        try one.enableEncryption(key: Self.key)
        try other.enableEncryption(key: Self.key)
        return (one, other)
    }

    @Test func aClearPacketIsHeaderAndPayload() throws {
        var stream = CEDARStream()
        #expect(hex(try stream.encode(ByteBuffer(bytes: [0xAA, 0xBB]))) == "0100000002aabb")
    }

    @Test(arguments: [false, true])
    func anEmptyMessageIsNothingOnTheWire(encrypted: Bool) throws {
        var stream = CEDARStream()
        if encrypted { try stream.enableEncryption(key: Self.key) }
        #expect(try stream.encode(ByteBuffer()).readableBytes == 0)
    }

    @Test(arguments: [1, 65_535, 65_536, 65_537, 200_000], [false, true])
    func messagesOfAnySizeArrive(size: Int, encrypted: Bool) throws {
        var (one, other) = encrypted ? try encryptedPair() : (CEDARStream(), CEDARStream())
        for _ in 0..<2 {
            let bytes = try one.encode(payload(size))
            #expect(bytes.getInteger(at: 0, as: UInt8.self) == (size > 65_536 ? 0 : 1))
            other.append(bytes)
            #expect(try other.nextMessage() == InboundMessage(payload: payload(size), encrypted: encrypted))
            #expect(try other.nextMessage() == nil)
        }
    }

    @Test func severalMessagesMayComeAtOnce() throws {
        var (one, other) = try encryptedPair()
        var bytes = try one.encode(payload(3))
        bytes.writeImmutableBuffer(try one.encode(payload(5)))
        other.append(bytes)
        #expect(try other.nextMessage()?.payload == payload(3))
        #expect(try other.nextMessage()?.payload == payload(5))
        #expect(!other.hasPartialInput)
    }

    @Test(arguments: 1...10)
    func everyEndFlagUpToTenIsTheLast(flag: UInt8) throws {
        var stream = CEDARStream()
        stream.append(ByteBuffer(bytes: [flag, 0, 0, 0, 1, 0xCC]))
        #expect(try stream.nextMessage()?.payload == ByteBuffer(bytes: [0xCC]))
    }

    @Test(arguments: [11, 0x47, 255] as [UInt8])
    func otherEndFlagsAreRefusedAtOnce(flag: UInt8) {
        var stream = CEDARStream()
        stream.append(ByteBuffer(bytes: [flag]))
        #expect(throws: WireError(.badEndFlag)) { try stream.nextMessage() }
    }

    @Test(arguments: [0, 1_048_577, 1 << 31, .max] as [UInt32])
    func impossibleLengthsAreRefusedAtOnce(length: UInt32) {
        var stream = CEDARStream(limits: .authenticated)
        var header = ByteBuffer(bytes: [1])
        header.writeInteger(length)
        stream.append(header)
        #expect(throws: WireError(.badLength)) { try stream.nextMessage() }
    }

    @Test func theLargestPacketIsAccepted() throws {
        var stream = CEDARStream(limits: .authenticated)
        var packet = ByteBuffer(bytes: [1, 0, 0x10, 0, 0])
        packet.writeImmutableBuffer(payload(1 << 20))
        stream.append(packet)
        #expect(try stream.nextMessage()?.payload == payload(1 << 20))
    }

    @Test(arguments: 1...31)
    func anEncryptedPacketIsLongerThanWhatEncryptionAdds(length: Int) throws {
        var (one, _) = try encryptedPair()
        var header = ByteBuffer(bytes: [1])
        header.writeInteger(UInt32(length))
        one.append(header)
        #expect(throws: WireError(.badLength)) { try one.nextMessage() }
    }

    @Test func aMessageAboveTheLimitIsRefusedWithItsHeader() throws {
        var stream = CEDARStream(limits: StreamLimits(maximumMessageBytes: 10))
        stream.append(ByteBuffer(bytes: [0, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6]))
        #expect(try stream.nextMessage() == nil)
        stream.append(ByteBuffer(bytes: [1, 0, 0, 0, 5]))
        #expect(throws: WireError(.messageTooLarge)) { try stream.nextMessage() }
    }

    @Test func theLimitCountsPlaintext() throws {
        var (one, other) = try encryptedPair(StreamLimits(maximumMessageBytes: 10))
        other.append(try one.encode(payload(10)))
        #expect(try other.nextMessage()?.payload == payload(10))
        other.append(try one.encode(payload(11)))
        #expect(throws: WireError(.messageTooLarge)) { try other.nextMessage() }
    }

    @Test func theLimitMayBeWidened() throws {
        var stream = CEDARStream(limits: StreamLimits(maximumMessageBytes: 1))
        stream.limits = .authenticated
        stream.append(ByteBuffer(bytes: [1, 0, 0, 0, 2, 0xAA, 0xBB]))
        #expect(try stream.nextMessage()?.payload == ByteBuffer(bytes: [0xAA, 0xBB]))
    }

    @Test func anErrorComesAgainAndNothingIsKept() {
        var stream = CEDARStream()
        stream.append(ByteBuffer(bytes: [99]))
        #expect(throws: WireError(.badEndFlag)) { try stream.nextMessage() }
        stream.append(ByteBuffer(bytes: [1, 0, 0, 0, 1, 1]))
        #expect(throws: WireError(.badEndFlag)) { try stream.nextMessage() }
        #expect(throws: WireError(.badEndFlag)) { try stream.encode(ByteBuffer(bytes: [1])) }
        #expect(!stream.hasPartialInput)
    }

    @Test func partialInputIsVisibleUntilTheMessageIsWhole() throws {
        var stream = CEDARStream()
        #expect(!stream.hasPartialInput)
        stream.append(ByteBuffer(bytes: [0, 0, 0, 0, 1, 0xAA]))
        #expect(try stream.nextMessage() == nil)
        #expect(stream.hasPartialInput)
        stream.append(ByteBuffer(bytes: [1, 0, 0, 0, 1, 0xBB]))
        #expect(try stream.nextMessage()?.payload == ByteBuffer(bytes: [0xAA, 0xBB]))
        #expect(!stream.hasPartialInput)
    }

    @Test func messagesHandedOutStayAsTheyAre() throws {
        var stream = CEDARStream()
        stream.append(ByteBuffer(bytes: [1, 0, 0, 0, 1, 0xAA, 1, 0, 0]))
        let first = try #require(try stream.nextMessage())
        stream.append(ByteBuffer(bytes: [0, 1, 0xBB]))
        #expect(try stream.nextMessage()?.payload == ByteBuffer(bytes: [0xBB]))
        #expect(first.payload == ByteBuffer(bytes: [0xAA]))
    }

    // MARK: Encryption

    @Test func writersFollowTheStream() throws {
        var stream = CEDARStream()
        #expect(!stream.makeWriter().encrypted)
        try stream.enableEncryption(key: Self.key)
        #expect(stream.makeWriter().encrypted)
    }

    @Test func encryptionIsSwitchedOnOnce() throws {
        var stream = CEDARStream()
        try stream.enableEncryption(key: Self.key)
        #expect(throws: WireError(.unexpectedMessage)) { try stream.enableEncryption(key: Self.key) }
    }

    @Test func encryptionIsNotSwitchedOnWithinAMessage() throws {
        var stream = CEDARStream()
        stream.append(ByteBuffer(bytes: [0, 0, 0, 0, 1, 0xAA]))
        #expect(try stream.nextMessage() == nil)
        #expect(throws: WireError(.unexpectedMessage)) { try stream.enableEncryption(key: Self.key) }
    }

    @Test func encryptionNeedsAnAES256Key() {
        var stream = CEDARStream()
        #expect(throws: WireError(.unexpectedMessage)) { try stream.enableEncryption(key: SecretBytes([1, 2, 3])) }
    }

    @Test func encryptionDoesNotFollowAMegabyteInClear() throws {
        var stream = CEDARStream()
        for _ in 0..<17 { _ = try stream.encode(payload(64 << 10)) }
        #expect(throws: WireError(.unexpectedMessage)) { try stream.enableEncryption(key: Self.key) }
    }

    @Test func aReplayedPacketIsRejected() throws {
        var (one, other) = try encryptedPair()
        _ = try other.encode(payload(1))
        other.append(try one.encode(payload(1)))
        _ = try other.nextMessage()
        let packet = try one.encode(payload(2))
        other.append(packet)
        other.append(packet)
        #expect(try other.nextMessage()?.payload == payload(2))
        #expect(throws: WireError(.notDecrypted)) { try other.nextMessage() }
    }

    @Test func aPacketOfOurOwnIsRejected() throws {
        var (one, _) = try encryptedPair()
        _ = try one.encode(payload(1))
        let own = try one.encode(payload(2))
        var packet = ByteBuffer(bytes: [1, 0, 0, 0, 34])
        packet.writeImmutableBuffer(payload(16))
        packet.writeImmutableBuffer(ByteBuffer(own.readableBytesView.dropFirst(5)))
        one.append(packet)
        #expect(throws: WireError(.notDecrypted)) { try one.nextMessage() }
    }

    @Test func differentTranscriptsDoNotDecrypt() throws {
        var (one, other) = (CEDARStream(), CEDARStream())
        _ = try one.encode(payload(1))
        try one.enableEncryption(key: Self.key)
        try other.enableEncryption(key: Self.key)
        other.append(try one.encode(payload(1)))
        #expect(throws: WireError(.notDecrypted)) { try other.nextMessage() }
    }

    @Test func aResetTranscriptIsForgottenOnBothSides() throws {
        var (one, other) = (CEDARStream(), CEDARStream())
        _ = try one.encode(payload(9))
        one.resetTranscript()
        other.append(try one.encode(payload(3)))
        _ = try other.nextMessage()
        try one.enableEncryption(key: Self.key)
        try other.enableEncryption(key: Self.key)
        other.append(try one.encode(payload(5)))
        #expect(try other.nextMessage()?.payload == payload(5))
    }

    @Test func noncesCountAsRecorded() throws {
        for vector in try Primitives.load().nonceCounter {
            let vectorBytes = try #require(Hex.decode(vector.iv))
            let sequence = PacketCipher.NonceSequence(initialVector: vectorBytes, startingAt: vector.n)
            #expect(Hex.encode(sequence.nonce) == vector.nonce)
        }
    }

    @Test func aDirectionEndsBeforeItsCounterWraps() {
        var sequence = PacketCipher.NonceSequence(
            initialVector: [UInt8](repeating: 0, count: 16), startingAt: .max - 1)
        #expect(!sequence.isExhausted)
        sequence.advance()
        #expect(sequence.isExhausted)
    }
}
