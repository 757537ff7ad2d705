public import Cryptography
public import NIOCore

/// Bounds of one connection; ours, not the protocol's.
public struct StreamLimits: Sendable, Equatable {
    /// Most plaintext bytes of one incoming message.
    public var maximumMessageBytes: Int
    /// Most plaintext bytes of one packet we send; longer messages are cut.
    public var maximumPacketPayload: Int

    /// Before the peer is authenticated: 1 MiB a message (spec 01, 3.2).
    public static let unauthenticated = StreamLimits(maximumMessageBytes: 1 << 20)
    /// Afterwards: 64 MiB a message (spec 01, 3.2).
    public static let authenticated = StreamLimits(maximumMessageBytes: 64 << 20)

    /// Limits for incoming messages, with outgoing packets of at most 64 KiB (spec 01, 3.3).
    public init(maximumMessageBytes: Int, maximumPacketPayload: Int = 64 << 10) {
        precondition(1...(1 << 20) - 32 ~= maximumPacketPayload, "a packet that peers accept")
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumPacketPayload = maximumPacketPayload
    }
}

/// The codec of one connection: bytes to messages and back, in clear and under AES-GCM (spec 01, 3 and 6).
///
/// Holds no socket and no clock. Bytes go in with ``append(_:)``, messages come out of ``nextMessage()`` until it
/// returns `nil`; what ``encode(_:)`` returns is to be sent in that order. After an error the connection is lost, and
/// the error comes again. Between two calls it keeps the bytes of at most one message of the limit and what was
/// appended behind it.
public struct CEDARStream {
    /// The bounds in force; may be widened once the peer is known.
    public var limits: StreamLimits

    private let random: any RandomSource
    private var transcript = Transcript()
    private var cipher: PacketCipher?
    /// Bytes not yet cut into packets.
    private var input = ByteBuffer()
    /// The packets so far of a message whose last one has not come.
    private var assembling: ByteBuffer?
    private var failure: WireError?

    /// A stream in clear at its beginning; `random` gives the initial vector of our direction.
    public init(limits: StreamLimits = .unauthenticated, random: any RandomSource = SystemRandom()) {
        self.limits = limits
        self.random = random
    }

    /// Whether packets are encrypted now, which also decides how strings are coded.
    public var isEncrypted: Bool { cipher != nil }

    /// Whether a message has begun to arrive and is not complete: a deadline should run.
    ///
    /// At the peer's orderly end this is `false` (spec 01, 3.1).
    public var hasPartialInput: Bool { input.readableBytes > 0 || assembling != nil }

    /// Bytes held: of a message that is not complete, and of what was appended behind.
    public var bufferedBytes: Int { input.readableBytes + (assembling?.readableBytes ?? 0) }

    /// A writer of values in the coding that holds now.
    public func makeWriter() -> MessageWriter { MessageWriter(encrypted: isEncrypted) }

    /// Switches encryption on in both directions from the next packet on; it stays on (spec 01, 6.1).
    ///
    /// - Throws: when it is on already, within a message, after too much clear text, or for a key that is not AES-256.
    public mutating func enableEncryption(key: SecretBytes) throws(WireError) {
        guard cipher == nil, assembling == nil else {
            throw WireError(.unexpectedMessage, "encryption switched on at the wrong moment")
        }
        cipher = try PacketCipher(key: key, transcript: transcript)
        transcript = Transcript()
    }

    /// Forgets the clear packets so far, of which the far end has not seen all (spec 01, 6.6).
    public mutating func resetTranscript() { transcript = Transcript() }

    // MARK: Receiving

    /// Takes over bytes of the peer, in any cut.
    public mutating func append(_ bytes: ByteBuffer) {
        guard failure == nil else { return }
        if input.readableBytes == 0 {
            input = bytes
        } else if input.readerIndex > 0 {
            // Messages handed out share the old storage: leave it to them instead of writing behind them.
            var rest = ByteBufferAllocator().buffer(capacity: input.readableBytes + bytes.readableBytes)
            rest.writeImmutableBuffer(input)
            rest.writeImmutableBuffer(bytes)
            input = rest
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole message, or `nil` when more bytes are needed.
    public mutating func nextMessage() throws(WireError) -> InboundMessage? {
        if let failure { throw failure }
        do throws(WireError) {
            while let isLast = try receivePacket() {
                guard isLast, let payload = assembling else { continue }
                assembling = nil
                return InboundMessage(payload: payload, encrypted: isEncrypted)
            }
            return nil
        } catch {
            failure = error
            input = ByteBuffer()
            assembling = nil
            throw error
        }
    }

    /// Adds the payload of the next packet to ``assembling``; `nil` until it has arrived, else whether it is the last.
    private mutating func receivePacket() throws(WireError) -> Bool? {
        guard let header = try PacketHeader(peeking: input) else { return nil }
        let plaintextSize = header.length - (cipher?.incomingOverhead ?? 0)
        guard plaintextSize >= 0 else { throw WireError(.badLength, "\(header.length) for an encrypted packet") }
        let messageSize = (assembling?.readableBytes ?? 0) + plaintextSize
        guard messageSize <= limits.maximumMessageBytes else {
            throw WireError(.messageTooLarge, "more than \(limits.maximumMessageBytes) bytes")
        }
        guard let packet = input.readSlice(length: PacketHeader.size + header.length) else { return nil }
        if input.readableBytes == 0 { input = ByteBuffer() }
        if cipher == nil {
            packet.withUnsafeReadableBytes { transcript.addReceived($0) }
            addToMessage(packet.getSlice(at: packet.readerIndex + PacketHeader.size, length: header.length))
        } else {
            try decrypt(packet, header: header, plaintextSize: plaintextSize)
        }
        return header.isLast
    }

    private mutating func addToMessage(_ payload: ByteBuffer?) {
        guard let payload else { return }
        if assembling == nil {
            assembling = payload
        } else {
            assembling?.writeImmutableBuffer(payload)
        }
    }

    private mutating func decrypt(_ packet: ByteBuffer, header: PacketHeader, plaintextSize: Int) throws(WireError) {
        var message = assembling ?? ByteBufferAllocator().buffer(capacity: plaintextSize)
        assembling = nil  // one owner, so that writing does not copy
        var failure: WireError?
        message.writeWithUnsafeMutableBytes(minimumWritableBytes: plaintextSize) { space in
            packet.withUnsafeReadableBytes { packet in
                do throws(WireError) {
                    try cipher?.open(
                        UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...]), header: header.bytes,
                        into: UnsafeMutableRawBufferPointer(rebasing: space[..<plaintextSize]))
                    return plaintextSize
                } catch {
                    failure = error
                    return 0
                }
            }
        }
        if let failure { throw failure }
        assembling = message
    }

    // MARK: Sending

    /// One message as packets: a single one up to the limit's packet size, else several.
    ///
    /// An empty payload encodes to nothing, since empty messages do not exist on the wire (spec 01, 3.2).
    public mutating func encode(_ payload: ByteBuffer) throws(WireError) -> ByteBuffer {
        if let failure { throw failure }
        var rest = payload
        let packetCount = (payload.readableBytes + limits.maximumPacketPayload - 1) / limits.maximumPacketPayload
        let overhead = PacketHeader.size + PacketCipher.overhead(isFirst: true)
        var output = ByteBufferAllocator().buffer(capacity: payload.readableBytes + packetCount * overhead)
        while rest.readableBytes > 0 {
            guard let part = rest.readSlice(length: min(rest.readableBytes, limits.maximumPacketPayload)) else { break }
            try writePacket(part, isLast: rest.readableBytes == 0, to: &output)
        }
        return output
    }

    /// Appends one packet to `output`.
    mutating func writePacket(_ payload: ByteBuffer, isLast: Bool, to output: inout ByteBuffer) throws(WireError) {
        let header = PacketHeader(isLast: isLast, length: payload.readableBytes + (cipher?.outgoingOverhead ?? 0))
        let headerBytes = header.bytes
        let start = output.writerIndex
        output.writeBytes(headerBytes)
        guard cipher != nil else {
            output.writeImmutableBuffer(payload)
            output.withUnsafeReadableBytes {
                transcript.addSent(UnsafeRawBufferPointer(rebasing: $0[(start - output.readerIndex)...]))
            }
            return
        }
        let random = random
        var failure: WireError?
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: header.length) { space in
            payload.withUnsafeReadableBytes { plaintext in
                do throws(WireError) {
                    try cipher?.seal(
                        plaintext, header: headerBytes, random: random,
                        into: UnsafeMutableRawBufferPointer(rebasing: space[..<header.length]))
                    return header.length
                } catch {
                    failure = error
                    return 0
                }
            }
        }
        if let failure {
            self.failure = failure
            throw failure
        }
    }
}
