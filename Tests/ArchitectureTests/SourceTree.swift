import Foundation

/// The Swift files under `Sources/` of the checkout that this test was compiled from, and what all tests share.
struct SourceTree {
    /// One Swift file.
    struct File: CustomStringConvertible {
        /// Named as the folder directly below `Sources/`, or `TestSupport`.
        var target: String
        /// The path from the root of the repository.
        var path: String
        var text: SourceText
        var description: String { path }
    }

    /// Targets that are no tests, sorted.
    var targets: [String]
    /// Swift files, sorted by path.
    var files: [File]

    /// Reads the tree; the root is two folders above the one that holds this file.
    static func load(thisFile: String = #filePath) throws -> SourceTree {
        let root = URL(filePath: thisFile).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        let manager = FileManager.default
        var folders = try manager.contentsOfDirectory(at: sources, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .reduce(into: [:]) { $0[$1.lastPathComponent] = "Sources/\($1.lastPathComponent)" }
        folders["TestSupport"] = "Tests/Support"
        let targets = folders.keys.sorted()

        var files: [File] = []
        for target in targets {
            let place = folders[target, default: target]
            let folder = root.appending(path: place)
            for path in try manager.subpathsOfDirectory(atPath: folder.path).sorted() where path.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                files.append(File(target: target, path: "\(place)/\(path)", text: SourceText(text)))
            }
        }
        return SourceTree(targets: targets, files: files)
    }
}
