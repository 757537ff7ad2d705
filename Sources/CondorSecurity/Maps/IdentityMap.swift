import ClassAds

/// The unified map: which user stands behind a name that an authentication method has proven.
///
/// Lines of one method are tried in their order; a run of literals is one look into a table.
/// Source: HTCondor manual, "The Unified Map File"; spec 03, 8.
public struct IdentityMap: Sendable {
    /// A line that fits, and what came of it.
    public struct Mapping: Sendable, Equatable {
        /// The user as the line spells him, groups filled in; may lack a domain.
        public var user: String
        /// Where the line stands.
        public var origin: MapOrigin
        /// The principal as the line writes it.
        public var pattern: String
    }

    /// Why a name cannot be mapped although a line may fit.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The name is longer than ``maximumPrincipalLength``.
        case principalTooLong
        /// A pattern goes astray on this name.
        case tooMuchWork(MapOrigin)
        /// What came out is not the name of a user.
        case notAUser(MapOrigin)

        /// The failure in words for the log.
        public var description: String {
            switch self {
            case .principalTooLong: "the name is too long to be mapped"
            case .tooMuchWork(let origin): "the pattern at \(origin) takes too long on this name"
            case .notAUser(let origin): "what the line at \(origin) makes of the name is not a user"
            }
        }
    }

    /// Longest name that is looked up, in bytes.
    public static let maximumPrincipalLength = 4096

    /// One line.
    struct Line: Sendable {
        var principal: String
        var user: MapTemplate
        var origin: MapOrigin
    }

    /// What is tried at once.
    enum Step: Sendable {
        /// Names that are compared as they are.
        case literals([String: Line])
        /// A regular expression.
        case pattern(TextPattern, Line)
    }

    private var steps: [String: [Step]] = [:]
    /// How many lines there are.
    public private(set) var lineCount = 0

    /// A map without lines: every name stays what its method makes of it.
    public init() {}

    /// Whether there are lines for a method.
    public func speaks(of method: AuthenticationMethod) -> Bool { steps[method.displayName] != nil }

    /// Adds a line behind all others.
    mutating func append(method: String, _ line: Line, pattern: TextPattern?) {
        lineCount += 1
        var list = steps.removeValue(forKey: method) ?? []
        if let pattern {
            list.append(.pattern(pattern, line))
        } else if case .literals(var table)? = list.last {
            // Of two equal lines the first one counts.
            if table[line.principal] == nil { table[line.principal] = line }
            list[list.count - 1] = .literals(table)
        } else {
            list.append(.literals([line.principal: line]))
        }
        steps[method] = list
    }

    /// The first line of a method that fits a name; `nil` if there is none.
    public func mapping(of principal: String, by method: AuthenticationMethod) throws(Failure) -> Mapping? {
        guard principal.utf8.count <= Self.maximumPrincipalLength else { throw .principalTooLong }
        for step in steps[method.displayName] ?? [] {
            switch step {
            case .literals(let table):
                guard let line = table[principal] else { continue }
                return try Self.mapping(line, [principal])
            case .pattern(let pattern, let line):
                let match: [String]?
                do {
                    match = try pattern.firstMatch(in: principal)
                } catch {
                    throw .tooMuchWork(line.origin)
                }
                guard let groups = match else { continue }
                return try Self.mapping(line, groups)
            }
        }
        return nil
    }

    /// The user behind a name, in a domain if the line has none; `nil` if no line fits.
    public func user(
        of principal: String, by method: AuthenticationMethod, defaultDomain: String
    ) throws(Failure) -> String? {
        try mapping(of: principal, by: method).map { found in
            found.user.contains("@") ? found.user : "\(found.user)@\(defaultDomain)"
        }
    }

    private static func mapping(_ line: Line, _ groups: [String]) throws(Failure) -> Mapping {
        let user = line.user.filled(with: groups)
        guard isUser(user) else { throw .notAUser(line.origin) }
        return Mapping(user: user, origin: line.origin, pattern: line.principal)
    }

    /// Whether a text can be a user: no blanks, separators or control characters, and something on each side of `@`.
    private static func isUser(_ text: String) -> Bool {
        guard 1...256 ~= text.utf8.count else { return false }
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x7F && !"\\/,\"*".utf8.contains(byte)
        }
        return isPlain && !text.hasPrefix("@") && !text.hasSuffix("@")
    }
}

/// Where a line of a map stands.
public struct MapOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The path of the file.
    public var file: String
    /// The line, from 1.
    public var line: Int

    /// A place.
    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    /// `file:line`.
    public var description: String { "\(file):\(line)" }
}

/// The user of a line, in which `\0` to `\9` stand for the groups of its pattern.
struct MapTemplate: Sendable {
    private let text: [UInt8]

    init(_ text: String) { self.text = Array(text.utf8) }

    /// The highest group that it refers to; `nil` if there is none.
    var highestGroup: Int? { references.map(\.group).max() }

    /// Backslashes with what follows them, from left to right: the second of two begins nothing.
    private var references: [(offset: Int, group: Int)] {
        var found: [(offset: Int, group: Int)] = []
        var offset = 0
        while offset < text.count - 1 {
            guard text[offset] == UInt8(ascii: "\\") else {
                offset += 1
                continue
            }
            if UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[offset + 1] {
                found.append((offset, Int(text[offset + 1] - UInt8(ascii: "0"))))
            }
            offset += 2
        }
        return found
    }

    /// The text with groups in their places; references to groups that are not there stay.
    func filled(with groups: [String]) -> String {
        var result: [UInt8] = []
        var next = 0
        for (offset, group) in references where group < groups.count {
            result += text[next..<offset]
            result += groups[group].utf8
            next = offset + 2
        }
        return String(decoding: result + text[next...], as: UTF8.self)
    }
}
