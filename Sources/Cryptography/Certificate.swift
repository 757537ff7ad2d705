import COpenSSL
import Glibc

/// What operators want to know of a certificate.
public struct Certificate: Sendable, Equatable {
    /// The certificate in DER.
    public let der: [UInt8]
    /// The subject in one-line form, `/CN=broker.example.org`.
    public let subject: String
    /// The first common name of the subject.
    public let commonName: String?
    /// The DNS names of the subject alternative name, in order.
    public let dnsNames: [String]
    /// Begin of validity, seconds since 1970.
    public let startsAt: Int64
    /// End of validity, seconds since 1970.
    public let expiresAt: Int64
    /// Whether it names itself as its issuer, as roots do.
    public let isSelfIssued: Bool

    /// The first certificate of a PEM text.
    public init(pem: String) throws(CryptographyFailure) {
        let certificate = try PEM.certificate(pem)
        defer { X509_free(certificate) }
        try self.init(certificate)
    }

    /// All certificates of a PEM text, in its order.
    public static func list(pem: String) throws(CryptographyFailure) -> [Certificate] {
        var list: [Certificate] = []
        var failure: CryptographyFailure?
        try PEM.forEachCertificate(in: pem) { certificate in
            do throws(CryptographyFailure) {
                list.append(try Certificate(certificate))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return list
    }

    /// The facts of a certificate that stays the caller's.
    init(_ certificate: OpaquePointer) throws(CryptographyFailure) {
        startsAt = try Self.seconds(X509_get0_notBefore(certificate))
        expiresAt = try Self.seconds(X509_get0_notAfter(certificate))
        der = Self.der(certificate)
        subject = Self.subject(certificate)
        commonName = Self.commonName(certificate)
        dnsNames = Self.dnsNames(certificate)
        isSelfIssued =
            X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0
    }

    /// SHA-256 of the DER, in hexadecimal digits.
    public var fingerprint: String { Hex.encode(sha256(der)) }

    /// SHA-256 of the DER as HTCondor's tools show it when they ask whether to trust: pairs of digits and colons.
    ///
    /// Source: `src/condor_io/ca_utils.cpp`, generate_fingerprint.
    public var fingerprintWithColons: String {
        sha256(der).map { Hex.encode([$0]) }.joined(separator: ":")
    }

    /// The certificate as PEM.
    public var pem: String { Self.pem(der: der) }

    /// PEM of bytes that may be a certificate, in lines that every reader takes.
    static func pem(der: [UInt8]) -> String {
        var rest = Base64.encode(der)[...]
        var lines = ["-----BEGIN CERTIFICATE-----"]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
    }

    /// Whether it shows `host`: in a DNS name, or else as its common name without wild cards (spec 03, 3.6).
    public func covers(host: String) -> Bool {
        TLSPeerCertificate(der: der, subject: subject, dnsNames: dnsNames, commonName: commonName).covers(host: host)
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) throws(CryptographyFailure) -> Int64 {
        var fields = tm()
        guard let time, ASN1_TIME_to_tm(time, &fields) == 1 else {
            throw CryptographyFailure(operation: "reading a certificate's validity")
        }
        return Int64(timegm(&fields))
    }

    static func der(_ certificate: OpaquePointer) -> [UInt8] {
        let size = Int(max(0, i2d_X509(certificate, nil)))
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var cursor = buffer.baseAddress
            count = Int(max(0, i2d_X509(certificate, &cursor)))
        }
    }

    static func subject(_ certificate: OpaquePointer) -> String {
        guard let text = X509_NAME_oneline(X509_get_subject_name(certificate), nil, 0) else { return "" }
        defer { flock_free(text) }
        return String(cString: text)
    }

    static func commonName(_ certificate: OpaquePointer) -> String? {
        let name = X509_get_subject_name(certificate)
        let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard index >= 0, let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&text, value)
        guard count >= 0 else { return nil }
        defer { flock_free(text) }
        return printable(UnsafeBufferPointer(start: text, count: Int(count)))
    }

    static func dnsNames(_ certificate: OpaquePointer) -> [String] {
        guard let names = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let stack = OpaquePointer(names)
        defer { GENERAL_NAMES_free(stack) }
        return (0..<OPENSSL_sk_num(stack)).compactMap { index in
            var kind: Int32 = 0
            guard let entry = OPENSSL_sk_value(stack, index),
                let value = GENERAL_NAME_get0_value(entry.assumingMemoryBound(to: GENERAL_NAME.self), &kind),
                kind == GEN_DNS
            else { return nil }
            let string = UnsafePointer(value.assumingMemoryBound(to: ASN1_STRING.self))
            return printable(
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
        }
    }

    /// Text without a NUL inside, which could make two readers see two different names.
    private static func printable(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
