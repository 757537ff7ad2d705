import COpenSSL

/// Reads and writes PEM in memory; all objects come and go as owned references of the library.
enum PEM {
    /// Every certificate in `text`, in order, given to `body` one after the other; `body` says whether to go on.
    ///
    /// - Throws: ``CryptographyFailure`` for text that is not PEM or holds no certificate.
    static func forEachCertificate(
        in text: String, _ body: (_ certificate: OpaquePointer) -> Bool
    ) throws(CryptographyFailure) {
        let failure = CryptographyFailure(operation: "reading certificates from PEM")
        guard let bio = memory(text) else { throw failure }
        defer { BIO_free(bio) }
        ERR_clear_error()
        var count = 0
        while let certificate = PEM_read_bio_X509(bio, nil, refusePassphrase, nil) {
            count += 1
            let goOn = body(certificate)
            X509_free(certificate)
            guard goOn else { throw failure }
        }
        let complete = count > 0 && flock_PEM_is_at_end() == 1
        ERR_clear_error()
        guard complete else { throw failure }
    }

    /// Every public key in `text`, in order, given to `body` one after the other; `body` says whether to go on.
    ///
    /// - Throws: ``CryptographyFailure`` for text that is not PEM or holds no public key.
    static func forEachPublicKey(
        in text: String, _ body: (_ key: OpaquePointer) -> Bool
    ) throws(CryptographyFailure) {
        let failure = CryptographyFailure(operation: "reading public keys from PEM")
        guard let bio = memory(text) else { throw failure }
        defer { BIO_free(bio) }
        ERR_clear_error()
        var count = 0
        while let key = PEM_read_bio_PUBKEY(bio, nil, refusePassphrase, nil) {
            count += 1
            let goOn = body(key)
            EVP_PKEY_free(key)
            guard goOn else { throw failure }
        }
        ERR_clear_error()
        // The library does not tell a key it cannot read from the end of the text.
        guard count > 0, count == text.split(separator: "-----BEGIN ").count - (text.hasPrefix("-----BEGIN ") ? 0 : 1)
        else { throw failure }
    }

    /// The first certificate in `text`; the caller frees it.
    static func certificate(_ text: String) throws(CryptographyFailure) -> OpaquePointer {
        var first: OpaquePointer?
        try forEachCertificate(in: text) { certificate in
            if first == nil, X509_up_ref(certificate) == 1 { first = certificate }
            return true
        }
        guard let first else { throw CryptographyFailure(operation: "reading a certificate from PEM") }
        return first
    }

    /// The unencrypted private key in `text`; the caller frees it.
    static func privateKey(_ text: String) throws(CryptographyFailure) -> OpaquePointer {
        guard let bio = memory(text) else { throw CryptographyFailure(operation: "reading a private key from PEM") }
        defer { BIO_free(bio) }
        ERR_clear_error()
        guard let key = PEM_read_bio_PrivateKey(bio, nil, refusePassphrase, nil) else {
            ERR_clear_error()
            throw CryptographyFailure(operation: "reading a private key from PEM")
        }
        return key
    }

    /// The text `write` produces.
    static func text(
        _ write: (_ bio: OpaquePointer) -> Int32
    ) throws(CryptographyFailure) -> String {
        guard let bio = BIO_new(BIO_s_secmem()) else { throw CryptographyFailure(operation: "writing PEM") }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw CryptographyFailure(operation: "writing PEM") }
        var start: UnsafeMutablePointer<CChar>?
        let count = flock_BIO_mem_data(bio, &start)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A source over a copy of `text`.
    private static func memory(_ text: String) -> OpaquePointer? {
        guard let bio = BIO_new(BIO_s_secmem()) else { return nil }
        let utf8 = Array(text.utf8)
        guard utf8.count < 1 << 24, utf8.isEmpty || BIO_write(bio, utf8, Int32(utf8.count)) == utf8.count else {
            BIO_free(bio)
            return nil
        }
        return bio
    }
}

/// Stands for the prompt the library would otherwise write to the terminal for an encrypted key.
private func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isWriting: Int32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}
