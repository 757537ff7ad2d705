import Cryptography

/// AES-GCM of one connection: one key, a nonce counter a direction, the transcript in the first packets (spec 01, 6).
struct PacketCipher {
    /// Bytes that encryption adds to a packet.
    ///
    /// The first packet of a direction carries the initial vector as well.
    static func overhead(isFirst: Bool) -> Int { AESGCM.tagSize + (isFirst ? AESGCM.nonceSize : 0) }

    /// The nonces of one direction: the initial vector with the packet's number added to its first four bytes.
    struct NonceSequence {
        /// The nonce of the next packet.
        private(set) var nonce: [UInt8]
        private let base: UInt32
        private var count: UInt32

        init(initialVector: [UInt8], startingAt count: UInt32 = 0) {
            nonce = initialVector
            base = initialVector[..<4].reduce(0) { $0 << 8 | UInt32($1) }
            self.count = count
            addCount()
        }

        /// Whether no further packet may be numbered (spec 01, 6.4).
        var isExhausted: Bool { count == .max }

        /// Goes on to the next packet.
        mutating func advance() {
            precondition(!isExhausted, "checked before the packet")
            count += 1
            addCount()
        }

        private mutating func addCount() {
            let value = base &+ count
            nonce[0] = UInt8(truncatingIfNeeded: value >> 24)
            nonce[1] = UInt8(truncatingIfNeeded: value >> 16)
            nonce[2] = UInt8(truncatingIfNeeded: value >> 8)
            nonce[3] = UInt8(truncatingIfNeeded: value)
        }
    }

    private let cipher: AESGCM
    private let digests: (sent: [UInt8], received: [UInt8])
    private var outgoing: NonceSequence?
    private var incoming: NonceSequence?

    init(key: SecretBytes, transcript: Transcript) throws(WireError) {
        digests = try transcript.digests()
        do throws(CryptographyFailure) {
            cipher = try AESGCM(key: key)
        } catch {
            throw WireError(.unexpectedMessage, "no AES key")
        }
    }

    /// What the next packet we send has besides its plaintext.
    var outgoingOverhead: Int { Self.overhead(isFirst: outgoing == nil) }
    /// What the next packet of the peer has besides its plaintext.
    var incomingOverhead: Int { Self.overhead(isFirst: incoming == nil) }

    /// Writes everything behind `header`, ``outgoingOverhead`` more than `plaintext`, to `output`.
    mutating func seal(
        _ plaintext: UnsafeRawBufferPointer, header: [UInt8], random: any RandomSource,
        into output: UnsafeMutableRawBufferPointer
    ) throws(WireError) {
        let isFirst = outgoing == nil
        var sequence = outgoing.take() ?? NonceSequence(initialVector: random.bytes(AESGCM.nonceSize))
        defer { outgoing = sequence }
        guard !sequence.isExhausted else { throw WireError(.counterExhausted) }
        let authenticated = isFirst ? digests.sent + digests.received + header : header
        if isFirst { output.copyBytes(from: sequence.nonce) }
        let body = UnsafeMutableRawBufferPointer(rebasing: output[(isFirst ? AESGCM.nonceSize : 0)...])
        do throws(CryptographyFailure) {
            try cipher.seal(plaintext, nonce: sequence.nonce, authenticating: authenticated, into: body)
        } catch {
            throw WireError(.unexpectedMessage, "\(error)")
        }
        sequence.advance()
    }

    /// Writes the plaintext of what came behind `header`, ``incomingOverhead`` less than `body`, to `output`.
    mutating func open(
        _ body: UnsafeRawBufferPointer, header: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) throws(WireError) {
        let isFirst = incoming == nil
        let vectorSize = isFirst ? AESGCM.nonceSize : 0
        var sequence = incoming.take() ?? NonceSequence(initialVector: Array(body[..<vectorSize]))
        defer { incoming = sequence }
        guard !sequence.isExhausted else { throw WireError(.counterExhausted) }
        let authenticated = isFirst ? digests.received + digests.sent + header : header
        do throws(AuthenticationFailure) {
            try cipher.open(
                UnsafeRawBufferPointer(rebasing: body[vectorSize...]), nonce: sequence.nonce,
                authenticating: authenticated, into: output)
        } catch {
            throw WireError(.notDecrypted)
        }
        sequence.advance()
    }
}
