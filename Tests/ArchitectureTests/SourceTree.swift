import Foundation

/// The Swift files under `Sources/` of the checkout that this test was compiled from.
struct SourceTree {
    /// One Swift file.
    struct File: CustomStringConvertible {
        /// The folder directly below `Sources/`.
        var target: String
        /// The path from the root of the repository.
        var path: String
        var text: SourceText
        var description: String { path }
    }

    /// Folders directly below `Sources/`, sorted.
    var targets: [String]
    /// Swift files, sorted by path.
    var files: [File]

    /// Reads the tree; the root is two folders above the one that holds this file.
    static func load(thisFile: String = #filePath) throws -> SourceTree {
        let root = URL(filePath: thisFile).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        let manager = FileManager.default
        let targets = try manager.contentsOfDirectory(at: sources, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .map(\.lastPathComponent).sorted()

        var files: [File] = []
        for target in targets {
            let folder = sources.appending(path: target)
            for path in try manager.subpathsOfDirectory(atPath: folder.path).sorted() where path.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                files.append(File(target: target, path: "Sources/\(target)/\(path)", text: SourceText(text)))
            }
        }
        return SourceTree(targets: targets, files: files)
    }
}
