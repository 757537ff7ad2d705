/// A place that configuration comes from.
package enum ConfigurationSource: Sendable {
    /// A file of our own: unknown names of ours are errors in it.
    case file(path: String)
    /// HTCondor's effective configuration, as `condor_config_val -dump` prints it.
    case condor(dump: String)
    /// Variables of the environment; those named `_CONDOR_NAME` define `NAME`.
    case environment([String: String])
    /// Definitions `NAME=value` of the command line.
    case arguments([String])
}

/// Reads sources, later ones over earlier ones, into a ``MacroTable``.
///
/// The reader opens no file itself: it asks `loadFile`, which returns `nil` for a file that
/// does not exist.
package struct ConfigurationReader {
    /// The deepest nesting of `include`.
    package static let maximumIncludeDepth = 8
    /// The largest file, in bytes.
    package static let maximumFileBytes = 1 << 20

    /// Reads a whole file; `nil` if there is none.
    package typealias FileLoader = (_ path: String) throws(ConfigurationError) -> String?

    private let loadFile: FileLoader
    private var table = MacroTable()

    package init(loadFile: @escaping FileLoader) {
        self.loadFile = loadFile
    }

    /// The definitions of all sources.
    package static func read(
        _ sources: [ConfigurationSource], loadFile: @escaping FileLoader = loadConfigurationFile
    ) throws(ConfigurationError) -> MacroTable {
        var reader = ConfigurationReader(loadFile: loadFile)
        for source in sources { try reader.read(source) }
        return reader.table
    }

    private mutating func read(_ source: ConfigurationSource) throws(ConfigurationError) {
        switch source {
        case .file(let path):
            try read(path: path, onlyIfExists: false, from: nil, depth: 0)
        case .condor(let dump):
            try read(text: dump, named: "HTCondor's configuration", isOwn: false, depth: 0)
        case .environment(let variables):
            for (variable, value) in variables.sorted(by: { $0.key < $1.key }) {
                guard variable.uppercased().hasPrefix("_CONDOR_") else { continue }
                let name = String(variable.dropFirst("_CONDOR_".count))
                guard ConfigurationScanner.isName(name) else { continue }
                let origin = ConfigurationOrigin(source: "environment variable \(variable)")
                try table.define(.init(name: name, text: value, origin: origin, isOwn: false))
            }
        case .arguments(let arguments):
            let origin = ConfigurationOrigin(source: "command line")
            for argument in arguments {
                let halves = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard halves.count == 2, ConfigurationScanner.isName(halves[0].trimmed) else {
                    throw ConfigurationError(.badLine, "\(argument) is not NAME=value", at: origin)
                }
                let (name, value) = (String(halves[0].trimmed), String(halves[1].trimmed))
                try table.define(.init(name: name, text: value, origin: origin, isOwn: true))
            }
        }
    }

    private mutating func read(
        path: String, onlyIfExists: Bool, from origin: ConfigurationOrigin?, depth: Int
    ) throws(ConfigurationError) {
        guard depth <= Self.maximumIncludeDepth else {
            throw ConfigurationError(.tooDeep, "files include each other more than \(depth - 1) deep", at: origin)
        }
        guard let text = try loadFile(path) else {
            if onlyIfExists { return }
            throw ConfigurationError(.unreadableFile, "there is no file \(path)", at: origin)
        }
        guard text.utf8.count <= Self.maximumFileBytes else {
            throw ConfigurationError(.tooLarge, "\(path) is larger than \(Self.maximumFileBytes) bytes", at: origin)
        }
        try read(text: text, named: path, isOwn: true, depth: depth)
    }

    private mutating func read(
        text: String, named source: String, isOwn: Bool, depth: Int
    ) throws(ConfigurationError) {
        var scanner = ConfigurationScanner(text)
        while let (statement, line) = scanner.statement() {
            let origin = ConfigurationOrigin(source: source, line: line)
            switch statement {
            case .assignment(let name, let value):
                try table.define(.init(name: name, text: value, origin: origin, isOwn: isOwn))
            case .include(let path, let onlyIfExists):
                try read(
                    path: table.expand(path, at: origin), onlyIfExists: onlyIfExists, from: origin, depth: depth + 1)
            case .unsupported(let reason):
                guard isOwn else { continue }
                throw ConfigurationError(.unsupported, reason, at: origin)
            case .malformed(let text):
                guard isOwn else { continue }
                throw ConfigurationError(.badLine, "not NAME = value: \(text.prefix(80))", at: origin)
            }
        }
    }
}
