import Glibc

/// Reads a configuration file; `nil` if there is none.
///
/// At most one byte more than ``ConfigurationReader/maximumFileBytes`` is read, so that a
/// device or an endless pipe cannot hold the daemon.
package func loadConfigurationFile(_ path: String) throws(ConfigurationError) -> String? {
    guard let file = fopen(path, "re") else {
        if errno == ENOENT { return nil }
        throw ConfigurationError(.unreadableFile, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    let limit = ConfigurationReader.maximumFileBytes + 1
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        count = fread(buffer.baseAddress, 1, limit, file)
    }
    guard ferror(file) == 0 else {
        throw ConfigurationError(.unreadableFile, "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ConfigurationError(.unreadableFile, "\(path) is not UTF-8 text")
    }
    return text
}
