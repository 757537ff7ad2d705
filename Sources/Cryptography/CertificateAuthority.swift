import COpenSSL

/// A private certificate authority that certifies nothing but this installation (spec 03, 10.9).
///
/// P-256 keys, SHA-256 signatures, random serial numbers; notBefore lies a day back for clocks that are off.
public struct CertificateAuthority: Sendable {
    /// The authority's certificate: what pilots pin.
    public let certificatePEM: String
    /// The authority's private key.
    ///
    /// Secret: belongs into a file of mode 0600.
    public let privateKeyPEM: String
    /// The certificate's subject, fingerprint and expiry.
    public let certificate: Certificate

    /// A new authority with a new key, valid for `days`.
    public static func create(commonName: String, days: Int) throws(CryptographyFailure) -> CertificateAuthority {
        guard let key = flock_EC_generate() else { throw CryptographyFailure(operation: "P-256 key generation") }
        defer { EVP_PKEY_free(key) }
        let certificate = try makeCertificate(
            commonName: commonName, key: key, issuer: nil, days: days,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ])
        defer { X509_free(certificate) }
        return try load(
            certificatePEM: PEM.text { PEM_write_bio_X509($0, certificate) },
            privateKeyPEM: PEM.text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    }

    /// The authority kept in two PEM texts.
    ///
    /// - Throws: unless both parse and belong together.
    public static func load(
        certificatePEM: String, privateKeyPEM: String
    ) throws(CryptographyFailure) -> CertificateAuthority {
        let authority = CertificateAuthority(
            certificatePEM: certificatePEM, privateKeyPEM: privateKeyPEM,
            certificate: try Certificate(pem: certificatePEM))
        try authority.withHandles { (certificate, key) throws(CryptographyFailure) in
            guard X509_check_private_key(certificate, key) == 1 else {
                ERR_clear_error()
                throw CryptographyFailure(operation: "matching private key and certificate")
            }
        }
        return authority
    }

    /// A server certificate for one name, with its own new key; send it with ``certificatePEM`` behind it.
    ///
    /// - Parameter dnsName: letters, digits, `-`, `.`, `_`; a `*` in front is allowed.
    public func issueServerCertificate(
        dnsName: String, days: Int
    ) throws(CryptographyFailure) -> (certificatePEM: String, privateKeyPEM: String) {
        guard Self.isPlainName(dnsName) else { throw CryptographyFailure(operation: "certificate for an odd DNS name") }
        return try issue(
            commonName: dnsName, days: days,
            extensions: [(NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, "DNS:\(dnsName)")])
    }

    /// A client certificate whose subject is `/CN=commonName`, with its own new key (spec 03, 10.4).
    public func issueClientCertificate(
        commonName: String, days: Int
    ) throws(CryptographyFailure) -> (certificatePEM: String, privateKeyPEM: String) {
        try issue(commonName: commonName, days: days, extensions: [(NID_ext_key_usage, "clientAuth")])
    }

    private func issue(
        commonName: String, days: Int, extensions: [(Int32, String)]
    ) throws(CryptographyFailure) -> (certificatePEM: String, privateKeyPEM: String) {
        try withHandles { (authority, authorityKey) throws(CryptographyFailure) in
            guard let key = flock_EC_generate() else { throw CryptographyFailure(operation: "P-256 key generation") }
            defer { EVP_PKEY_free(key) }
            let leaf = try Self.makeCertificate(
                commonName: String(commonName.prefix(Self.longestCommonName)), key: key,
                issuer: (authority, authorityKey), days: days,
                extensions: [
                    (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                    (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always"),
                ] + extensions)
            defer { X509_free(leaf) }
            return (
                try PEM.text { PEM_write_bio_X509($0, leaf) },
                try PEM.text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
            )
        }
    }

    private func withHandles<R>(
        _ body: (_ certificate: OpaquePointer, _ key: OpaquePointer) throws(CryptographyFailure) -> R
    ) throws(CryptographyFailure) -> R {
        let certificate = try PEM.certificate(certificatePEM)
        defer { X509_free(certificate) }
        let key = try PEM.privateKey(privateKeyPEM)
        defer { EVP_PKEY_free(key) }
        return try body(certificate, key)
    }

    /// The upper bound of X.520 for a common name; the DNS name beside it may be longer.
    private static let longestCommonName = 64

    /// Whether `name` can stand in an extension's text without being read as more than a name.
    private static func isPlainName(_ name: String) -> Bool {
        let rest = name.hasPrefix("*.") ? name.dropFirst(2) : Substring(name)
        return 1...253 ~= rest.utf8.count
            && rest.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// How long before it is made a certificate begins to be valid, in seconds.
    ///
    /// A node whose clock is slow, or keeps local time for UTC, must not have to wait before it may verify us.
    private static let backdating = 86_400

    private static func makeCertificate(
        commonName: String, key: OpaquePointer, issuer: (certificate: OpaquePointer, key: OpaquePointer)?, days: Int,
        extensions: [(Int32, String)]
    ) throws(CryptographyFailure) -> OpaquePointer {
        let failure = CryptographyFailure(operation: "making a certificate")
        guard 1...36500 ~= days, let certificate = X509_new() else { throw failure }
        var serial = SystemRandom().bytes(16)
        serial[0] &= 0x7f
        let number = BN_bin2bn(serial, Int32(serial.count), nil)
        defer { BN_free(number) }
        let name = X509_get_subject_name(certificate)
        let secondsPerDay = 86_400
        var made =
            X509_set_version(certificate, 2) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -backdating) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), days * secondsPerDay) != nil
            && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0.certificate) } ?? name) == 1
            && X509_set_pubkey(certificate, key) == 1
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer?.certificate ?? certificate, certificate, nil, nil, 0)
        for (identifier, value) in extensions where made {
            guard let item = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
                made = false
                break
            }
            made = X509_add_ext(certificate, item, -1) == 1
            X509_EXTENSION_free(item)
        }
        guard made, X509_sign(certificate, issuer?.key ?? key, EVP_sha256()) > 0 else {
            X509_free(certificate)
            ERR_clear_error()
            throw failure
        }
        return certificate
    }
}
