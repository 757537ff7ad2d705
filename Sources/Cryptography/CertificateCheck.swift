import COpenSSL

/// Looks over a certificate, its key and its authority before a server uses them.
///
/// What peers would refuse is found here and told in words, instead of at the first pilot. Source: spec 03, 3.6 and 3.9.
public struct CertificateCheck: Sendable, Equatable {
    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// Whether the certificate cannot be used; otherwise it is worth knowing.
        public var isFatal: Bool
        /// What is wrong, in words for an administrator.
        public var description: String
    }

    /// What was found, in the order of the checks.
    public private(set) var problems: [Problem] = []
    /// The chain as it will be sent, the server's own certificate first; empty if it cannot be read.
    public private(set) var chain: [Certificate] = []

    /// Whether the certificate can be used.
    public var isUsable: Bool { !problems.contains { $0.isFatal } }

    /// How long before its end a certificate is worth a warning, in seconds: 30 days.
    public static let warningTime: Int64 = 30 * 86_400
    /// What peers demand of RSA keys, in bits.
    private static let smallestRSAKey: Int32 = 2048

    /// Checks PEM texts for a server that is reached as `name`.
    ///
    /// - Parameter authorityPEM: the roots that clients will trust.
    public init(chainPEM: String, keyPEM: String, authorityPEM: String, name: String, now: Int64) {
        do {
            chain = try Certificate.list(pem: chainPEM)
        } catch {
            fatal("the certificate file holds no readable PEM certificates")
            return
        }
        checkKey(chainPEM: chainPEM, keyPEM: keyPEM)
        checkTimes(now: now)
        checkNames(name)
        checkPurpose(chainPEM)
        checkAuthority(chainPEM: chainPEM, authorityPEM: authorityPEM, now: now)
    }

    private mutating func fatal(_ text: String) { problems.append(Problem(isFatal: true, description: text)) }
    private mutating func warn(_ text: String) { problems.append(Problem(isFatal: false, description: text)) }

    private mutating func checkKey(chainPEM: String, keyPEM: String) {
        guard let key = try? PEM.privateKey(keyPEM) else {  // the reason is always the same, and told here
            return fatal("the key file holds no readable private key, or one with a passphrase")
        }
        defer { EVP_PKEY_free(key) }
        guard let leaf = try? PEM.certificate(chainPEM) else { return }  // reported as unreadable chain already
        defer { X509_free(leaf) }
        guard X509_check_private_key(leaf, key) == 1 else {
            ERR_clear_error()
            return fatal("the key does not belong to the certificate")
        }
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_EC: break
        case EVP_PKEY_RSA where EVP_PKEY_get_bits(key) >= Self.smallestRSAKey: break
        case EVP_PKEY_RSA: fatal("an RSA key of less than \(Self.smallestRSAKey) bits is refused by current systems")
        case _: warn("clients with old libraries know RSA and ECDSA keys only")
        }
    }

    private mutating func checkTimes(now: Int64) {
        for (index, certificate) in chain.enumerated() {
            let which = index == 0 ? "the certificate" : "the certificate of \(certificate.subject) in the chain"
            if now >= certificate.expiresAt {
                fatal("\(which) has expired")
            } else if now < certificate.startsAt {
                fatal("\(which) is not valid yet")
            } else if certificate.expiresAt - now < Self.warningTime {
                warn("\(which) expires in \((certificate.expiresAt - now) / 86_400) days")
            }
        }
    }

    private mutating func checkNames(_ name: String) {
        guard let leaf = chain.first, !leaf.covers(host: name) else { return }
        let shown = leaf.dnsNames + [leaf.commonName].compactMap(\.self).filter { !leaf.dnsNames.contains($0) }
        fatal("the certificate is for \(shown.prefix(8).joined(separator: ", ")), and clients demand \(name)")
    }

    private mutating func checkPurpose(_ chainPEM: String) {
        guard let leaf = try? PEM.certificate(chainPEM) else { return }  // reported as unreadable chain already
        defer { X509_free(leaf) }
        if X509_get_extended_key_usage(leaf) & UInt32(XKU_SSL_SERVER) == 0 {
            fatal("the certificate is not for servers: its extended key usage lacks serverAuth")
        }
    }

    /// The same way that a client goes: from the server's certificate over the rest of the chain to a trusted root.
    private mutating func checkAuthority(chainPEM: String, authorityPEM: String, now: Int64) {
        guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new(), let others = OPENSSL_sk_new_null()
        else { return fatal("the chain could not be checked") }
        var owned: [OpaquePointer] = []
        defer {
            X509_STORE_CTX_free(context)
            OPENSSL_sk_free(others)
            X509_STORE_free(store)
            for certificate in owned { X509_free(certificate) }
            ERR_clear_error()
        }
        do throws(CryptographyFailure) {
            try PEM.forEachCertificate(in: authorityPEM) { X509_STORE_add_cert(store, $0) == 1 }
        } catch {
            return fatal("the authority file holds no readable PEM certificates")
        }
        do throws(CryptographyFailure) {
            try PEM.forEachCertificate(in: chainPEM) { certificate in
                guard X509_up_ref(certificate) == 1 else { return false }
                owned.append(certificate)
                return owned.count == 1 || OPENSSL_sk_push(others, UnsafeRawPointer(certificate)) > 0
            }
        } catch {
            return
        }
        guard let leaf = owned.first, X509_STORE_CTX_init(context, store, leaf, others) == 1 else {
            return fatal("the chain could not be checked")
        }
        X509_STORE_CTX_set_time(context, 0, time_t(now))
        X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(context), X509_PURPOSE_SSL_SERVER)
        guard X509_verify_cert(context) != 1 else { return }
        let code = X509_STORE_CTX_get_error(context)
        // Times were told already, in better words.
        guard code != X509_V_ERR_CERT_HAS_EXPIRED, code != X509_V_ERR_CERT_NOT_YET_VALID else { return }
        fatal(
            "the authority does not vouch for the certificate: \(String(cString: X509_verify_cert_error_string(Int(code))))"
        )
    }
}
