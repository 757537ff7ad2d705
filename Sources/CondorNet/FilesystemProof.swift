package import CondorSecurity
package import Glibc
package import NIOPosix

/// The file operations of the FS method, done on a thread of their own.
///
/// Source: spec 03, 5.
package struct FilesystemProof: Sendable {
    private let threads: NIOThreadPool

    /// Works on the threads of `threads`, which the caller starts and stops.
    package init(threads: NIOThreadPool = .singleton) { self.threads = threads }

    /// Looks at a directory without following links; `nil` if nothing is there.
    package func inspect(_ path: String, then: @escaping @Sendable (DirectoryOwner?) -> Void) {
        threads.submit { _ in then(Self.owner(of: path)) }
    }

    /// Removes a directory, if it is there and empty.
    package func remove(_ path: String) {
        // A directory that is gone already, or that somebody filled, is not ours to complain about.
        threads.submit { _ in _ = rmdir(path) }
    }

    /// Makes a directory with mode 0700 and says whether that worked.
    package func make(_ path: String, then: @escaping @Sendable (Bool) -> Void) {
        threads.submit { _ in then(mkdir(path, 0o700) == 0) }
    }

    /// What `lstat` and the account database say of a path; `nil` if nothing is there.
    static func owner(of path: String) -> DirectoryOwner? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return DirectoryOwner(
            userName: accountName(of: status.st_uid) ?? "", userID: status.st_uid,
            isDirectory: status.st_mode & S_IFMT == S_IFDIR, permissions: status.st_mode & 0o7777,
            linkCount: Int(status.st_nlink))
    }

    /// The login name of a user id.
    package static func accountName(of user: uid_t) -> String? {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let space = buffer.baseAddress,
                getpwuid_r(user, &record, space, buffer.count, &found) == 0, found != nil, let name = record.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
