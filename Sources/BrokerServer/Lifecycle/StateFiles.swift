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

        /// Who may read it: everybody the authority's certificate and the address, nobody else the rest.
        var mode: mode_t { self == .authorityCertificate || self == .address ? 0o644 : 0o600 }
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
