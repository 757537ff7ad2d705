import Glibc

/// A failure of the file system, in words an administrator can act on.
package struct StateDirectoryError: Error, CustomStringConvertible {
    /// What was attempted, on which path, and what the system says.
    package let description: String

    init(_ action: String, _ path: String, errno code: Int32 = errno) {
        description = "\(action) \(path): \(String(cString: strerror(code)))"
    }

    init(_ description: String) { self.description = description }
}

/// The broker's own directory: database, keys, certificates, address file.
///
/// Mode 0700, and 0600 for every file but the two that are meant for others to read.
package struct StateDirectory: Sendable {
    /// Its path, without a slash at the end.
    package let path: String

    /// The names of the files in it.
    package enum File: String, CaseIterable {
        /// The SQLite database.
        case database = "flockbroker.sqlite"
        /// Root of the secrets at rest.
        case brokerKey = "broker.key"
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

        /// Who may read it.
        var mode: mode_t { self == .authorityCertificate || self == .address ? 0o644 : 0o600 }
    }

    /// Opens the directory, making it if it is not there.
    ///
    /// - Throws: if it cannot be made, belongs to somebody else, or others may write to it.
    package static func open(_ path: String) throws(StateDirectoryError) -> StateDirectory {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw StateDirectoryError("cannot create", path) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw StateDirectoryError("cannot look at", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw StateDirectoryError("\(path) is not a directory") }
        guard status.st_uid == geteuid() else {
            throw StateDirectoryError("\(path) belongs to user id \(status.st_uid), not to \(geteuid())")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw StateDirectoryError("\(path) may be written by others (mode \(octal(status.st_mode & 0o777)))")
        }
        return StateDirectory(path: path)
    }

    /// The path of one of its files.
    package func path(of file: File) -> String { "\(path)/\(file.rawValue)" }

    /// A file's content, or `nil` if there is none.
    package func read(_ file: File) throws(StateDirectoryError) -> [UInt8]? {
        let descriptor = Glibc.open(path(of: file), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw StateDirectoryError("cannot read", path(of: file))
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw StateDirectoryError("cannot read", path(of: file)) }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= 1 << 20 else { throw StateDirectoryError("\(path(of: file)) is too large") }
        }
    }

    /// Replaces a file in one step: readers see the old content or the new one, also after a crash.
    package func write(_ file: File, _ content: some Collection<UInt8>) throws(StateDirectoryError) {
        let final = path(of: file)
        let temporary = "\(final).new"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file.mode)
        guard descriptor >= 0 else { throw StateDirectoryError("cannot write", temporary) }
        var written = 0
        let bytes = Array(content)
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }  // not empty here
            guard count > 0 else {
                close(descriptor)
                throw StateDirectoryError("cannot write", temporary)
            }
            written += count
        }
        let synced = fchmod(descriptor, file.mode) == 0 && fsync(descriptor) == 0
        close(descriptor)
        guard synced, rename(temporary, final) == 0 else { throw StateDirectoryError("cannot write", final) }
        let directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw StateDirectoryError("cannot open", path) }
        // A file system that cannot sync a directory keeps the rename as it keeps everything else.
        _ = fsync(directory)
        close(directory)
    }

    /// Removes a file, if it is there.
    package func remove(_ file: File) { _ = unlink(path(of: file)) }

    private static func octal(_ mode: mode_t) -> String { String(mode, radix: 8) }
}
