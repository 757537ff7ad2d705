/// The line of HTCondor's known_hosts file by which a client trusts a server without a file of authorities.
///
/// `host SSL <base64>`; the certificate is the one that a client's check stumbles over: the root where the server sends
/// it, else the last of the chain. Source: spec 03, 3.7; verified there with roots, single and self-signed certificates.
public struct KnownHostsLine: Sendable, Equatable, CustomStringConvertible {
    /// The name by which clients reach the server, the alias of its address.
    public var host: String
    /// The certificate that is trusted for that host.
    public var certificate: Certificate

    /// A line by its parts.
    public init(host: String, certificate: Certificate) {
        self.host = host
        self.certificate = certificate
    }

    /// The line for a server that sends this chain, its own certificate first; `nil` for an empty chain.
    public init?(host: String, sending chain: [Certificate]) {
        guard let last = chain.last else { return nil }
        self.init(host: host, certificate: last)
    }

    /// Reads a line.
    public init(parsing text: String) throws(CryptographyFailure) {
        let fields = text.split(separator: " ")
        guard fields.count == 3, fields[1] == "SSL", !fields[0].hasPrefix("!"),
            let der = Base64.decode(String(fields[2]))
        else { throw CryptographyFailure(operation: "reading a line of known_hosts") }
        host = String(fields[0])
        certificate = try Certificate(pem: Certificate.pem(der: der))
    }

    /// The line, without a newline.
    public var description: String { "\(host) SSL \(Base64.encode(certificate.der))" }
}
