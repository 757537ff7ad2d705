import Foundation
import Glibc

/// The folder that holds everything the broker remembers, closed to everybody but its own account.
package struct StateDirectory: Sendable {
    /// The folder.
    package let path: String

    /// The database file.
    package var databasePath: String { path + "/flockbroker.sqlite" }

    /// The file with the key that seals secrets; it never goes into a backup (decision 16).
    package var keyPath: String { path + "/broker.key" }

    /// Makes the folder if it is not there, and takes all rights on it from everybody else.
    ///
    /// A folder that belongs to another account is refused: its owner could put his own files in.
    package init(preparing path: String) throws(StoreError) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
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
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
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

    /// Makes a file of `bytes` that is complete and on disk before it has its name, readable by its owner only.
    func createFile(at finalPath: String, _ bytes: [UInt8]) throws(StoreError) {
        let temporaryPath = finalPath + ".new"
        unlink(temporaryPath)  // left by a start that was interrupted; if it stays, the open below fails
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.directory, "\(temporaryPath) cannot be created: \(Self.reason(errno))")
        }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let synced = fsync(descriptor)
        close(descriptor)
        guard written == bytes.count, synced == 0, rename(temporaryPath, finalPath) == 0 else {
            throw StoreError(.directory, "\(finalPath) cannot be written: \(Self.reason(errno))")
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError(.directory, "\(path) cannot be opened: \(Self.reason(errno))") }
        defer { close(folder) }
        guard fsync(folder) == 0 else {
            throw StoreError(.directory, "\(path) cannot be synced: \(Self.reason(errno))")
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
