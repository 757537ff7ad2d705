import Glibc

/// The files in the broker's state directory that everybody may read, and whether they can be believed.
///
/// Only what root, the account the caller runs under, or the broker's account wrote. Source: `decisions.md` 12.
enum PublicFile {
    /// Longest first line; certificates are in it.
    private static let maximumLength = 1 << 16

    /// The first line of a file; `nil` if there is no such file.
    ///
    /// - Throws: ``Failure`` if somebody else could have written it.
    static func firstLine(of path: String) throws -> String? {
        guard let file = fopen(path, "re") else {
            guard errno == ENOENT else {
                throw Failure(
                    message: "\(path) cannot be read: \(String(cString: strerror(errno)))", code: ExitStatus.failure)
            }
            return nil
        }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o022 == 0,
            isTrusted(owner: status.st_uid)
        else {
            throw Failure(message: "\(path) was not written by an account to be trusted", code: ExitStatus.refused)
        }
        var line = [CChar](repeating: 0, count: maximumLength)
        guard fgets(&line, Int32(line.count), file) != nil else {
            throw Failure(message: "\(path) is empty", code: ExitStatus.failure)
        }
        let text = line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }
        return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func isTrusted(owner: uid_t) -> Bool {
        if owner == 0 || owner == geteuid() { return true }
        for account in ["condor", "flockbroker"] where getpwnam(account)?.pointee.pw_uid == owner { return true }
        return false
    }
}
