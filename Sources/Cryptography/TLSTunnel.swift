import COpenSSL

/// The TLS engine of the system's OpenSSL over memory buffers; made by ``TLSContext/makeEngine(_:)``.
public final class TLSTunnel: TLSEngine {
    /// Most bytes that may wait unread; a peer that sends more has failed (spec 03, 3.3 bounds one message to this).
    public static let maximumPendingInput = 1 << 20

    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private var hasOverflown = false

    init(owning ssl: OpaquePointer, role: TLSRole) throws(TLSFailure) {
        guard let input = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw .current("TLS buffers")
        }
        guard let output = BIO_new(BIO_s_mem()) else {
            BIO_free(input)
            SSL_free(ssl)
            throw .current("TLS buffers")
        }
        self.ssl = ssl
        self.input = input
        self.output = output
        SSL_set_bio(ssl, input, output)
        switch role {
        case .client: SSL_set_connect_state(ssl)
        case .server: SSL_set_accept_state(ssl)
        }
    }

    deinit { SSL_free(ssl) }

    /// Takes over bytes of the peer; more than ``maximumPendingInput`` unread ones make every later call fail.
    public func receive(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !hasOverflown else { return }
        guard Int(BIO_ctrl_pending(input)) + bytes.count <= Self.maximumPendingInput,
            BIO_write(input, bytes, Int32(bytes.count)) == bytes.count
        else {
            hasOverflown = true
            return
        }
    }

    /// Goes as far as the bytes received allow.
    public func handshake() throws(TLSFailure) -> TLSProgress {
        try checkInput()
        let status = SSL_do_handshake(ssl)
        if status == 1 { return .complete }
        guard SSL_get_error(ssl, status) == SSL_ERROR_WANT_READ else { throw .current("TLS handshake") }
        return .needsInput
    }

    /// Takes everything that is to be sent.
    public func drainOutput() -> [UInt8] {
        let pending = Int(BIO_ctrl_pending(output))
        guard pending > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            count = Int(max(0, BIO_read(output, buffer.baseAddress, Int32(pending))))
        }
    }

    /// Encrypts `bytes`.
    public func write(_ bytes: [UInt8]) throws(TLSFailure) {
        try checkInput()
        guard !bytes.isEmpty else { return }
        guard SSL_write(ssl, bytes, Int32(bytes.count)) == bytes.count else { throw .current("TLS write") }
    }

    /// At most `limit` decrypted bytes; empty when no record has arrived in full.
    public func read(upTo limit: Int) throws(TLSFailure) -> [UInt8] {
        try checkInput()
        precondition(1...Self.maximumPendingInput ~= limit, "a sensible number of bytes")
        var status: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            status = SSL_read(ssl, buffer.baseAddress, Int32(limit))
            count = Int(max(0, status))
        }
        guard status > 0 || SSL_get_error(ssl, status) == SSL_ERROR_WANT_READ else { throw .current("TLS read") }
        return bytes
    }

    /// The peer's own certificate, validated against our trust.
    public var peerCertificate: TLSPeerCertificate? {
        guard let certificate = flock_SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        guard SSL_get_verify_result(ssl) == X509_V_OK else { return nil }
        return TLSPeerCertificate(
            der: Certificate.der(certificate), subject: Certificate.subject(certificate),
            dnsNames: Certificate.dnsNames(certificate), commonName: Certificate.commonName(certificate))
    }

    /// The protocol version agreed on, "TLSv1.3".
    public var version: String { String(cString: SSL_get_version(ssl)) }

    private func checkInput() throws(TLSFailure) {
        ERR_clear_error()
        if hasOverflown { throw TLSFailure(operation: "TLS input", reasons: ["too many unread bytes"]) }
    }
}
