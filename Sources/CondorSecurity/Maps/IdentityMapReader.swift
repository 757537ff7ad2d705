import ClassAds

/// Something wrong in a map file, with its place.
public struct MapProblem: Sendable, Equatable, CustomStringConvertible {
    /// How serious it is.
    public enum Severity: String, Sendable {
        /// Worth knowing; the map is used.
        case warning
        /// The map is refused: a line that is left out would let a later one decide.
        case error
    }

    /// How serious it is.
    public var severity: Severity
    /// Where it is; `nil` if it is no line's.
    public var origin: MapOrigin?
    /// What is wrong, in words for an administrator.
    public var text: String

    /// A problem by its parts.
    public init(_ severity: Severity, _ text: String, at origin: MapOrigin? = nil) {
        self.severity = severity
        self.text = text
        self.origin = origin
    }

    /// Severity, place and text.
    public var description: String { "\(severity.rawValue): " + (origin.map { "\($0): " } ?? "") + text }
}

/// Reads a map file and what it includes; opens no file itself.
///
/// Lines are `METHOD principal user`, parted by blanks; `"..."` takes blanks, `#` begins a comment line, `@include`
/// names a file or a directory. Source: spec 03, 8; HTCondor manual, "The Unified Map File".
public struct IdentityMapReader {
    /// What stands at a path.
    public enum Content: Sendable {
        /// A file's text.
        case text(String)
        /// A directory: the paths of its files, in order.
        case directory([String])
    }

    /// Why a path cannot be read, in words for an administrator.
    public struct Unreadable: Error {
        /// The reason.
        public var reason: String

        /// A reason.
        public init(_ reason: String) { self.reason = reason }
    }

    /// Looks at a path.
    public typealias Loader = (_ path: String) throws(Unreadable) -> Content

    /// The deepest nesting of `@include`; HTCondor follows one.
    public static let maximumIncludeDepth = 4
    /// Most files of one map.
    public static let maximumFiles = 256
    /// Most lines of one map, comments included.
    public static let maximumLines = 200_000
    /// Longest line, in bytes.
    public static let maximumLineLength = 8192
    /// Most problems that are told.
    static let maximumProblems = 100

    private let load: Loader
    private let literalKeys: Bool
    private var map = IdentityMap()
    private var problems: [MapProblem] = []
    private var files = 0
    private var lines = 0

    private init(literalKeys: Bool, load: @escaping Loader) {
        self.literalKeys = literalKeys
        self.load = load
    }

    /// The map of a file, and what is wrong with it; with an error among the problems it must not be used.
    ///
    /// - Parameter literalKeys: whether principals are literals unless written `/pattern/`, as with
    ///   `CERTIFICATE_MAPFILE_ASSUME_HASH_KEYS`; otherwise all are patterns.
    public static func read(
        _ path: String, literalKeys: Bool, load: @escaping Loader
    ) -> (map: IdentityMap, problems: [MapProblem]) {
        var reader = IdentityMapReader(literalKeys: literalKeys, load: load)
        reader.read(path, from: nil, depth: 0)
        return (reader.map, reader.problems)
    }

    private mutating func complain(
        _ text: String, _ origin: MapOrigin?, _ severity: MapProblem.Severity = .error
    ) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(MapProblem(severity, text, at: origin))
    }

    private mutating func read(_ path: String, from origin: MapOrigin?, depth: Int) {
        guard depth <= Self.maximumIncludeDepth else {
            return complain("files include each other more than \(Self.maximumIncludeDepth) deep", origin)
        }
        files += 1
        guard files <= Self.maximumFiles else { return complain("more than \(Self.maximumFiles) files", origin) }
        do {
            switch try load(path) {
            case .text(let text): read(text: text, of: path, depth: depth)
            case .directory(let paths):
                guard origin != nil else { return complain("\(path) is a directory", nil) }
                for path in paths.prefix(Self.maximumFiles + 1) { read(path, from: origin, depth: depth + 1) }
            }
        } catch {
            complain("\(path): \(error.reason)", origin)
        }
    }

    private mutating func read(text: String, of path: String, depth: Int) {
        var number = 0
        // Characters would take "\r\n" for one, and so for no newline.
        for bytes in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            lines += 1
            let origin = MapOrigin(file: path, line: number)
            guard lines <= Self.maximumLines else { return complain("more than \(Self.maximumLines) lines", origin) }
            guard bytes.count <= Self.maximumLineLength else {
                complain("the line has more than \(Self.maximumLineLength) bytes", origin)
                continue
            }
            read(line: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, at: origin, depth: depth)
        }
    }

    private mutating func read(line: Substring.UTF8View.SubSequence, at origin: MapOrigin, depth: Int) {
        var fields = MapFields(line)
        do throws(MapFields.Failure) {
            guard let method = try fields.next(), !method.text.hasPrefix("#") else { return }
            if method.text == "@include" {
                guard let path = try fields.next(), !path.text.isEmpty else {
                    return complain("@include needs a path", origin)
                }
                return read(Self.resolve(path.text, beside: origin.file), from: origin, depth: depth + 1)
            }
            guard let principal = try fields.next(allowsPattern: literalKeys), !principal.text.isEmpty,
                let user = try fields.next(), !user.text.isEmpty
            else { return complain("a line is METHOD principal user", origin) }
            if let rest = try fields.next(), !rest.text.hasPrefix("#") {
                complain("what follows the user is not looked at: \(rest.text.prefix(40))", origin, .warning)
            }
            add(method.text, principal, user.text, origin)
        } catch {
            complain(error.rawValue, origin)
        }
    }

    private mutating func add(_ name: String, _ principal: MapFields.Field, _ user: String, _ origin: MapOrigin) {
        let method = AuthenticationMethod(name: name)
        if method == .idTokens || name.uppercased() == "PASSWORD" {
            complain("the map is not asked for \(name): the user stands in the token itself", origin, .warning)
        }
        let template = MapTemplate(user)
        var pattern: TextPattern?
        if !literalKeys || principal.isPattern {
            do {
                pattern = try TextPattern(
                    principal.text, caseless: principal.isCaseless, ungreedy: principal.isUngreedy)
            } catch {
                return complain("\(error)", origin)
            }
        }
        let groups = pattern?.groupCount ?? 0
        if let highest = template.highestGroup, highest > groups {
            return complain("the user refers to group \(highest), and the principal has \(groups)", origin)
        }
        map.append(
            method: method?.displayName ?? name.uppercased(),
            IdentityMap.Line(principal: principal.text, user: template, origin: origin), pattern: pattern)
    }

    /// A path that is not absolute is meant beside the file that names it.
    private static func resolve(_ path: String, beside file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
