/// What a peer may do, in the words of HTCondor's configuration (spec 02, 12.1).
public enum AuthorizationLevel: String, Sendable, Hashable, CaseIterable {
    /// Anybody may.
    case allow = "ALLOW"
    /// Queries.
    case read = "READ"
    /// Submitting and changing.
    case write = "WRITE"
    /// What a negotiator does.
    case negotiator = "NEGOTIATOR"
    /// On, off, drain.
    case administrator = "ADMINISTRATOR"
    /// Remote configuration.
    case config = "CONFIG"
    /// One daemon to another.
    case daemon = "DAEMON"
    /// Startd and slot ads.
    case advertiseStartd = "ADVERTISE_STARTD"
    /// Schedd and submitter ads.
    case advertiseSchedd = "ADVERTISE_SCHEDD"
    /// Master ads.
    case advertiseMaster = "ADVERTISE_MASTER"
    /// Whether we, as a client, talk to a server.
    case client = "CLIENT"

    /// The level itself and all it implies, the strongest first: `DAEMON, WRITE, READ`.
    ///
    /// DAEMON does not imply ADVERTISE_STARTD and its sisters (spec 02, 12.1).
    public var implied: [AuthorizationLevel] {
        switch self {
        case .allow, .read, .client: [self]
        case .administrator, .daemon: [self, .write, .read]
        case .write, .negotiator, .config, .advertiseStartd, .advertiseSchedd, .advertiseMaster: [self, .read]
        }
    }

    /// The levels at which a grant also covers this one: itself and all that imply it.
    public var implying: [AuthorizationLevel] {
        Self.allCases.filter { $0.implied.contains(self) }
    }

    /// The levels that imply this one without another between them (spec 02, 12.3).
    var directlyImplying: [AuthorizationLevel] {
        Self.allCases.filter { $0.implied.dropFirst().first == self }
    }

    /// Whether a limit lets this level through: it is in the list or implied by a member; ALLOW always is.
    ///
    /// `nil` is no limit, an empty list lets nothing but ALLOW through (spec 03, 1.5).
    public func isWithin(_ limits: [AuthorizationLevel]?) -> Bool {
        guard let limits, self != .allow else { return true }
        return limits.contains { $0.implied.contains(self) }
    }

    /// The levels in a `LimitAuthorization` text; `nil`, no limit, if it is absent or blank.
    ///
    /// Unknown names allow nothing and are left out, so that `"DENY"` becomes the empty list (spec 03, 1.5).
    public static func limits(from text: String?) -> [AuthorizationLevel]? {
        guard let text else { return nil }
        let words = splitList(text)
        return words.isEmpty ? nil : words.compactMap { AuthorizationLevel(rawValue: $0.uppercased()) }
    }

    /// A list of levels as `LimitAuthorization` shows it.
    ///
    /// An empty list is written `DENY`, since an empty text would mean no limit.
    public static func text(of limits: [AuthorizationLevel]) -> String {
        limits.isEmpty ? "DENY" : limits.map(\.rawValue).joined(separator: ",")
    }
}

/// The words of a list separated by commas, blanks or both.
func splitList(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
}
