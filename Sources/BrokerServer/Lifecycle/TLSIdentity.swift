import AnnexStore
import Cryptography

/// The certificate that the broker shows, and what clients need to trust it.
struct TLSIdentity: Sendable {
    /// The name that clients demand.
    let alias: String
    /// The chain as it is sent, the broker's own certificate first.
    let chain: [Certificate]
    /// The roots that pilots are given, as PEM.
    let authorityPEM: String
    /// What TLS connections are made with.
    let context: TLSContext
    /// A digest of everything it was made from: files that have not changed make no new identity.
    let source: [UInt8]

    /// The line of known_hosts by which it is trusted.
    var knownHosts: KnownHostsLine? { KnownHostsLine(host: alias, sending: chain) }

    /// When the first certificate of the chain ends, the root's own end included.
    var expiresAt: Int64 { chain.map(\.expiresAt).min() ?? 0 }
}

/// A broker certificate that cannot be used.
struct TLSIdentityFailure: Error, CustomStringConvertible {
    /// What is wrong, in words for an administrator.
    let description: String
}

/// The broker's own authority and the certificates it issues, kept in the state directory.
///
/// The authority certifies nothing but this broker; pilots pin it. Source: spec 03, 10.9.
struct OwnAuthority {
    /// Ten years: the authority is pinned in files that outlive any certificate.
    static let authorityDays = 3650
    /// A server certificate lives a year, and is replaced when less than a month is left.
    static let serverDays = 365
    static let renewalDays = 30

    let directory: StateDirectory
    let authority: CertificateAuthority

    /// Reads the authority, or makes one.
    init(in directory: StateDirectory, alias: String) throws {
        self.directory = directory
        if let certificate = try directory.read(.authorityCertificate), let key = try directory.read(.authorityKey) {
            authority = try CertificateAuthority.load(
                certificatePEM: String(decoding: certificate, as: UTF8.self),
                privateKeyPEM: String(decoding: key, as: UTF8.self))
            return
        }
        authority = try CertificateAuthority.create(
            commonName: "FlockBroker CA of \(alias)", days: Self.authorityDays)
        // The key first: a certificate without its key would be taken for a complete authority.
        try directory.write(.authorityKey, authority.privateKeyPEM.utf8)
        try directory.write(.authorityCertificate, authority.certificatePEM.utf8)
    }

    /// The identity for a name: the one on disk, or a new one when that cannot be used or runs out soon.
    ///
    /// The root stays the same, so whoever pins it does not notice.
    func identity(alias: String, clientAuthorityPEM: String?, now: Int64) throws -> TLSIdentity {
        let trusted = authority.certificatePEM + (clientAuthorityPEM ?? "")
        if let kept = try keptIdentity(alias: alias, now: now) {
            return try identity(alias, kept.chain, kept.key, trusted)
        }
        // A certificate that outlives its authority is of no use.
        let left = Int((authority.certificate.expiresAt - now) / 86_400)
        let (certificate, key) = try authority.issueServerCertificate(
            dnsName: alias, days: max(1, min(Self.serverDays, left)))
        let chain = certificate + authority.certificatePEM
        // A new key beside the old certificate would be taken for a pair.
        directory.remove(.serverCertificate)
        try directory.write(.serverKey, key.utf8)
        try directory.write(.serverCertificate, chain.utf8)
        return try identity(alias, chain, key, trusted)
    }

    private func identity(_ alias: String, _ chain: String, _ key: String, _ trusted: String) throws -> TLSIdentity {
        TLSIdentity(
            alias: alias, chain: try Certificate.list(pem: chain), authorityPEM: authority.certificatePEM,
            context: try TLSContext.server(
                certificateChainPEM: chain, privateKeyPEM: key, clientCAPEM: trusted),
            source: sha256(Array((chain + trusted).utf8)))
    }

    /// The certificate on disk, if it is good for a while yet.
    private func keptIdentity(alias: String, now: Int64) throws -> (chain: String, key: String)? {
        guard let chain = try directory.read(.serverCertificate), let key = try directory.read(.serverKey) else {
            return nil
        }
        let (chainText, keyText) = (String(decoding: chain, as: UTF8.self), String(decoding: key, as: UTF8.self))
        let check = CertificateCheck(
            chainPEM: chainText, keyPEM: keyText, authorityPEM: authority.certificatePEM, name: alias, now: now)
        guard let leaf = check.chain.first, chainText.hasSuffix(authority.certificatePEM) else { return nil }
        // Near the end of the authority itself there is nothing better to be had.
        let isCurrent =
            leaf.expiresAt - now > Int64(Self.renewalDays) * 86_400
            || leaf.expiresAt >= authority.certificate.expiresAt - 86_400
        // After a clock that was wrong, a certificate may begin in the future: then another one is made as well.
        return check.isUsable && isCurrent ? (chainText, keyText) : nil
    }
}
