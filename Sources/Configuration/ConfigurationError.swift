/// Where a line of configuration stands.
package struct ConfigurationOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Path of a file, or a word such as `environment`.
    package var source: String
    /// Line, from 1; 0 if the source has no lines.
    package var line: Int

    package init(source: String, line: Int = 0) {
        self.source = source
        self.line = line
    }

    package var description: String { line > 0 ? "\(source):\(line)" : source }
}

/// A configuration that cannot be read.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Kind: Sendable {
        case unreadableFile, badLine, badName, unsupported, tooLarge, tooDeep, badMacro, badValue, unknownSetting
    }
    package var kind: Kind
    /// Where it is wrong.
    package var origin: ConfigurationOrigin?
    /// What is wrong, in words, for the administrator.
    package var detail: String

    package init(_ kind: Kind, _ detail: String, at origin: ConfigurationOrigin? = nil) {
        self.kind = kind
        self.origin = origin
        self.detail = detail
    }

    package var description: String { (origin.map { "\($0): " } ?? "") + detail }

    package static func == (left: Self, right: Self) -> Bool { left.kind == right.kind && left.origin == right.origin }
}

/// Something the administrator should know about the configuration.
package struct ConfigurationRemark: Hashable, Sendable, CustomStringConvertible {
    /// How serious it is.
    package enum Severity: String, Sendable, Comparable {
        /// Worth knowing; the configuration is used.
        case warning
        /// The broker runs with a protection switched off; said loudly in the log.
        case alarm
        /// The configuration is refused.
        case error

        private var rank: Int {
            switch self {
            case .warning: 0
            case .alarm: 1
            case .error: 2
            }
        }
        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }
    package var severity: Severity
    package var origin: ConfigurationOrigin?
    package var text: String

    package init(_ severity: Severity, _ text: String, at origin: ConfigurationOrigin? = nil) {
        self.severity = severity
        self.origin = origin
        self.text = text
    }

    package var description: String { "\(severity.rawValue): " + (origin.map { "\($0): " } ?? "") + text }
}
