package import AnnexStore
import Glibc

/// The files that the server keeps in the state directory, beside the store's own.
extension StateDirectory {
    /// Their names.
    package enum File: String, CaseIterable {
        /// The broker's certificate authority, for pilots to pin.
        case authorityCertificate = "ca.pem"
        /// Its private key.
        case authorityKey = "ca.key"
        /// The server's certificate chain.
        case serverCertificate = "server.pem"
        /// Its private key.
        case serverKey = "server.key"
        /// The key that signs IDTOKENS.
        case tokenKey = "token.key"
        /// Where the broker listens, in HTCondor's form.
        case address = "address"
        /// The line of known_hosts by which the server's certificate is trusted.
        case knownHosts = "known_hosts"

        /// Who may read it: everybody what clients trust and the address, nobody else the rest.
        var mode: mode_t {
            switch self {
            case .authorityCertificate, .address, .knownHosts: 0o644
            case .authorityKey, .serverCertificate, .serverKey, .tokenKey: 0o600
            }
        }
    }

    /// The path of one of its files.
    package func path(of file: File) -> String { "\(path)/\(file.rawValue)" }

    /// A file's content, or `nil` if there is none.
    package func read(_ file: File) throws(StoreError) -> [UInt8]? { try read(path(of: file)) }

    /// Replaces a file in one step.
    package func write(_ file: File, _ content: some Collection<UInt8>) throws(StoreError) {
        try write(Array(content), to: path(of: file), mode: file.mode)
    }

    /// Removes a file, if it is there.
    package func remove(_ file: File) { _ = unlink(path(of: file)) }
}
