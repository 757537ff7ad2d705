import Foundation
import Glibc

/// The folder that holds everything the broker remembers.
///
/// Mode 0711: others may pass through to the two files meant for them (the address and the CA certificate), and can
/// neither list it nor read anything else, whose files have mode 0600.
package struct StateDirectory: Sendable {
    /// The folder.
    package let path: String

    /// The database file.
    package var databasePath: String { path + "/flockbroker.sqlite" }

    /// The file with the key that seals secrets; it never goes into a backup (decision 16).
    package var keyPath: String { path + "/broker.key" }

    /// Makes the folder if it is not there, and leaves others no right on it but to pass through.
    ///
    /// A folder that belongs to another account is refused: its owner could put his own files in.
    package init(preparing path: String) throws(StoreError) {
        self.path = path
        if mkdir(path, 0o711) != 0, errno != EEXIST {
            throw StoreError(.directory, "\(path) cannot be created: \(Self.reason(errno))")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw StoreError(.directory, "\(path) cannot be looked at: \(Self.reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw StoreError(.directory, "\(path) is not a directory") }
        guard status.st_uid == geteuid() else {
            throw StoreError(.directory, "\(path) belongs to user \(status.st_uid), not to \(geteuid())")
        }
        guard status.st_mode & 0o777 == 0o711 || chmod(path, 0o711) == 0 else {
            throw StoreError(.directory, "\(path) cannot be protected: \(Self.reason(errno))")
        }
    }

    /// Makes the database file if needed and takes all rights on it from everybody else.
    ///
    /// SQLite gives the files it puts beside it (`-wal`, `-shm`) the same rights.
    func protectDatabase() throws(StoreError) {
        let descriptor = open(databasePath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.directory, "\(databasePath) cannot be opened: \(Self.reason(errno))")
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else {
            throw StoreError(.directory, "\(databasePath) cannot be protected: \(Self.reason(errno))")
        }
    }

    /// Writes a file in one step: readers see the old content or the new one, also after a crash.
    package func write(
        _ bytes: [UInt8], to finalPath: String, mode: UInt32 = 0o600
    ) throws(StoreError) {
        let temporaryPath = finalPath + ".new"
        unlink(temporaryPath)  // left by a start that was interrupted; if it stays, the open below fails
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw StoreError(.directory, "\(temporaryPath) cannot be created: \(Self.reason(errno))")
        }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // The mode once more: the process's umask may have taken bits away.
        let synced = fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
        close(descriptor)
        guard written == bytes.count, synced, rename(temporaryPath, finalPath) == 0 else {
            throw StoreError(.directory, "\(finalPath) cannot be written: \(Self.reason(errno))")
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError(.directory, "\(path) cannot be opened: \(Self.reason(errno))") }
        defer { close(folder) }
        guard fsync(folder) == 0 else {
            throw StoreError(.directory, "\(path) cannot be synced: \(Self.reason(errno))")
        }
    }

    /// A file's content, or `nil` if there is none.
    ///
    /// - Throws: if it cannot be read, or is larger than a mebibyte.
    package func read(_ filePath: String) throws(StoreError) -> [UInt8]? {
        let descriptor = open(filePath, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw StoreError(.directory, "\(filePath) cannot be read: \(Self.reason(errno))")
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else {
                throw StoreError(.directory, "\(filePath) cannot be read: \(Self.reason(errno))")
            }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= 1 << 20 else { throw StoreError(.directory, "\(filePath) is too large") }
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
