package import Cryptography
import Glibc

/// The broker's own key, from which the keys that seal secrets in the database are derived (decision 16).
package struct BrokerKey: Sendable {
    /// Length of the file in bytes.
    package static let size = 32

    /// Seals and opens secrets of the database.
    package let sealer: RowSealer
    /// Whether the file was missing and has just been made.
    package let isNew: Bool

    /// Reads `broker.key`, or makes it if there is none.
    ///
    /// A file of another size, or one that others may read, is an error and is never overwritten: the first may be
    /// somebody else's file, the second is a key that may have leaked, and both want a person to look.
    package static func loadOrCreate(
        directory: StateDirectory, random: any RandomSource = SystemRandom()
    ) throws(StoreError) -> BrokerKey {
        let path = directory.keyPath
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0, errno == ENOENT {
            var bytes = random.bytes(size)
            defer { erase(&bytes) }
            try directory.write(bytes, to: path)
            return BrokerKey(SecretBytes(bytes), isNew: true, random: random)
        }
        guard descriptor >= 0 else { throw StoreError(.keyFile, "\(path) cannot be opened, errno \(errno)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError(.keyFile, "\(path) is not a file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError(.keyFile, "\(path) can be read by others; it may have leaked. Remove it or set mode 0600")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw StoreError(.keyFile, "\(path) belongs to user \(status.st_uid)")
        }
        guard status.st_size == size else {
            throw StoreError(.keyFile, "\(path) has \(status.st_size) bytes instead of \(size)")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        defer { erase(&bytes) }
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count == size else { throw StoreError(.keyFile, "\(path) cannot be read") }
        return BrokerKey(SecretBytes(bytes), isNew: false, random: random)
    }

    private init(_ key: SecretBytes, isNew: Bool, random: any RandomSource) {
        sealer = RowSealer(brokerKey: key, random: random)
        self.isNew = isNew
    }
}
