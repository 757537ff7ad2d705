import COpenSSL

/// Credentials and trust that many TLS connections share.
///
/// TLS 1.2 and 1.3, no tickets and no resumption (spec 03, 3.9). Certificates and keys are PEM texts in memory.
public final class TLSContext: Sendable {
    /// Suites of TLS 1.2 that every peer since HTCondor 23.0 knows; those of 1.3 are the library's.
    private static let cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20"

    private let role: TLSRole
    // Configured in init only, and the library counts references atomically.
    private nonisolated(unsafe) let pointer: OpaquePointer

    /// A server's context: asks for a client certificate, accepts none, refuses one that `clientCAPEM` does not vouch for.
    public static func server(
        certificateChainPEM: String, privateKeyPEM: String, clientCAPEM: String? = nil
    ) throws(TLSFailure) -> TLSContext {
        try TLSContext(
            .server, trustPEM: clientCAPEM, trustFile: nil,
            credentials: (chain: certificateChainPEM, key: privateKeyPEM))
    }

    /// A client's context: trusts the roots of `trustPEM` and of the file, and nobody without either.
    ///
    /// The host name is the caller's to check, with ``TLSPeerCertificate/covers(host:)``.
    public static func client(
        trustPEM: String?, trustFile: String? = nil, certificateChainPEM: String? = nil, privateKeyPEM: String? = nil
    ) throws(TLSFailure) -> TLSContext {
        var credentials: (chain: String, key: String)?
        if let certificateChainPEM, let privateKeyPEM { credentials = (certificateChainPEM, privateKeyPEM) }
        return try TLSContext(.client, trustPEM: trustPEM, trustFile: trustFile, credentials: credentials)
    }

    private init(
        _ role: TLSRole, trustPEM: String?, trustFile: String?, credentials: (chain: String, key: String)?
    ) throws(TLSFailure) {
        ERR_clear_error()
        let method =
            switch role {
            case .client: TLS_client_method()
            case .server: TLS_server_method()
            }
        guard let context = SSL_CTX_new(method) else { throw .current("TLS context") }
        self.role = role
        pointer = context
        guard flock_SSL_CTX_restrict(context) == 1, SSL_CTX_set_cipher_list(context, Self.cipherList) == 1 else {
            throw .current("TLS settings")
        }
        if let trustPEM { try trust(trustPEM) }
        if let trustFile {
            guard SSL_CTX_load_verify_locations(context, trustFile, nil) == 1 else {
                throw .current("trusted certificates of \(trustFile)")
            }
        }
        if let credentials { try use(chain: credentials.chain, key: credentials.key) }
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    }

    deinit { SSL_CTX_free(pointer) }

    /// One end of a new connection; `role` must be the context's own.
    public func makeEngine(_ role: TLSRole) throws(TLSFailure) -> any TLSEngine {
        precondition(role == self.role, "a context serves one role")
        guard let ssl = SSL_new(pointer) else { throw .current("TLS connection") }
        return try TLSTunnel(owning: ssl, role: role)
    }

    private func trust(_ text: String) throws(TLSFailure) {
        let store = SSL_CTX_get_cert_store(pointer)
        do throws(CryptographyFailure) {
            try PEM.forEachCertificate(in: text) { X509_STORE_add_cert(store, $0) == 1 }
        } catch {
            throw .current("trusted certificates")
        }
    }

    private func use(chain: String, key: String) throws(TLSFailure) {
        var isLeaf = true
        do throws(CryptographyFailure) {
            try PEM.forEachCertificate(in: chain) { certificate in
                if isLeaf {
                    isLeaf = false
                    return SSL_CTX_use_certificate(pointer, certificate) == 1
                }
                guard X509_up_ref(certificate) == 1 else { return false }
                if flock_SSL_CTX_add0_chain_cert(pointer, certificate) == 1 { return true }
                X509_free(certificate)
                return false
            }
            let privateKey = try PEM.privateKey(key)
            defer { EVP_PKEY_free(privateKey) }
            guard SSL_CTX_use_PrivateKey(pointer, privateKey) == 1, SSL_CTX_check_private_key(pointer) == 1 else {
                throw CryptographyFailure(operation: "matching private key and certificate")
            }
        } catch {
            throw TLSFailure(operation: error.operation, reasons: drainErrorQueue())
        }
    }
}
