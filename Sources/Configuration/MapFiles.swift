package import CondorSecurity
import Glibc

/// Reads the map file at a path, with the files it includes.
package func loadIdentityMap(_ path: String, literalKeys: Bool) -> (map: IdentityMap, problems: [MapProblem]) {
    IdentityMapReader.read(path, literalKeys: literalKeys, load: loadMapContent)
}

/// Looks at one path of a map: a file, or a directory of files.
private func loadMapContent(_ path: String) throws(IdentityMapReader.Unreadable) -> IdentityMapReader.Content {
    var status = stat()
    guard stat(path, &status) == 0 else {
        throw IdentityMapReader.Unreadable(String(cString: strerror(errno)))
    }
    // Whoever may write the map may be anybody.
    guard status.st_mode & S_IWOTH == 0 else {
        throw IdentityMapReader.Unreadable("everybody may write to it")
    }
    if status.st_mode & S_IFMT == S_IFDIR { return .directory(try listMapDirectory(path)) }
    do {
        guard let text = try loadConfigurationFile(path) else {
            throw IdentityMapReader.Unreadable("there is no such file")
        }
        guard text.utf8.count <= ConfigurationReader.maximumFileBytes else {
            throw IdentityMapReader.Unreadable("larger than \(ConfigurationReader.maximumFileBytes) bytes")
        }
        return .text(text)
    } catch let error as ConfigurationError {
        throw IdentityMapReader.Unreadable(error.detail)
    } catch let error as IdentityMapReader.Unreadable {
        throw error
    } catch {
        throw IdentityMapReader.Unreadable("cannot be read")
    }
}

/// Names of files in a directory, in the order of their bytes, without those that editors and packages leave behind.
///
/// Source: the default of `LOCAL_CONFIG_DIR_EXCLUDE_REGEXP`.
private func listMapDirectory(_ path: String) throws(IdentityMapReader.Unreadable) -> [String] {
    guard let directory = opendir(path) else {
        throw IdentityMapReader.Unreadable(String(cString: strerror(errno)))
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory), names.count <= IdentityMapReader.maximumFiles {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !isLeftOver(name) { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\(path)/\($0)" }
}

private func isLeftOver(_ name: String) -> Bool {
    let suffixes = ["~", ".pl", ".py", ".sh", ".rpmsave", ".rpmnew", ".dpkg-old", ".dpkg-dist", ".cfsaved"]
    return name.hasPrefix(".") || name.hasPrefix("#") || suffixes.contains(where: name.hasSuffix)
}

extension BrokerConfiguration {
    /// The configured map, and what is wrong with it; an empty one if none is configured.
    package func identityMap() -> (map: IdentityMap, problems: [MapProblem]) {
        let path = self[Settings.mapFile]
        guard !path.isEmpty else { return (IdentityMap(), []) }
        return loadIdentityMap(path, literalKeys: self[Settings.mapHasLiteralKeys])
    }
}
