import AnnexStore
import Cryptography

/// The broker's private certificate authority and its own server certificate, kept in the state directory.
///
/// The authority certifies nothing but this broker; pilots pin it. Source: spec 03, 10.9.
struct TLSIdentity {
    /// Ten years: the authority is pinned in files that outlive any certificate.
    static let authorityDays = 3650
    /// A server certificate lives a year and is renewed at start when less than a month is left.
    static let serverDays = 365
    static let renewalDays = 30

    let authority: CertificateAuthority
    let context: TLSContext

    /// Reads what is there and makes what is missing or about to run out.
    static func loadOrCreate(
        in directory: StateDirectory, alias: String, now: Int64
    ) throws -> TLSIdentity {
        let authority = try loadAuthority(in: directory, alias: alias)
        let server = try loadServer(in: directory, alias: alias, authority: authority, now: now)
        return TLSIdentity(
            authority: authority,
            context: try TLSContext.server(
                certificateChainPEM: server.chain, privateKeyPEM: server.key, clientCAPEM: authority.certificatePEM))
    }

    private static func loadAuthority(
        in directory: StateDirectory, alias: String
    ) throws -> CertificateAuthority {
        if let certificate = try directory.read(.authorityCertificate), let key = try directory.read(.authorityKey) {
            return try CertificateAuthority.load(
                certificatePEM: String(decoding: certificate, as: UTF8.self),
                privateKeyPEM: String(decoding: key, as: UTF8.self))
        }
        let authority = try CertificateAuthority.create(commonName: "FlockBroker CA of \(alias)", days: authorityDays)
        // The key first: a certificate without its key would be taken for a complete authority.
        try directory.write(.authorityKey, authority.privateKeyPEM.utf8)
        try directory.write(.authorityCertificate, authority.certificatePEM.utf8)
        return authority
    }

    private static func loadServer(
        in directory: StateDirectory, alias: String, authority: CertificateAuthority, now: Int64
    ) throws -> (chain: String, key: String) {
        if let chain = try directory.read(.serverCertificate), let key = try directory.read(.serverKey) {
            let chainText = String(decoding: chain, as: UTF8.self)
            let certificate = try Certificate(pem: chainText)
            let isCurrent = certificate.expiresAt - now > Int64(renewalDays) * 86_400
            if isCurrent, certificate.subject == "/CN=\(alias)", chainText.hasSuffix(authority.certificatePEM) {
                return (chainText, String(decoding: key, as: UTF8.self))
            }
        }
        let (certificate, key) = try authority.issueServerCertificate(dnsName: alias, days: serverDays)
        let chain = certificate + authority.certificatePEM
        directory.remove(.serverCertificate)
        try directory.write(.serverKey, key.utf8)
        try directory.write(.serverCertificate, chain.utf8)
        return (chain, key)
    }
}
