/// What the rules of authorization say to one question, and why.
public struct AuthorizationVerdict: Sendable, Equatable, CustomStringConvertible {
    /// The reason.
    public enum Ground: Sendable, Equatable {
        /// Nothing is needed for this level.
        case open
        /// An entry of an `ALLOW_*` list fits.
        case allowed(setting: String, entry: String)
        /// The level is one of the annex capability's.
        case capability
        /// The session carries the level by itself.
        case inherent
        /// An entry of a `DENY_*` list fits.
        case denied(setting: String, entry: String)
        /// A `DENY_*` entry may fit: the names of the host could not be looked up.
        case namesUnknown(setting: String, entry: String)
        /// Whoever has proven nothing, or is nobody known, gets READ at most.
        case unmapped
        /// The annex capability does not have the level.
        case beyondCapability
        /// The capability was shown in a way that somebody in between could have arranged (spec 03, 10.9).
        case unbound
        /// No entry of these lists fits.
        case noEntry(settings: [String])
    }

    /// The level that was asked about.
    public var level: AuthorizationLevel
    /// The level at which it was decided: the same, or one that implies it.
    public var decidedAt: AuthorizationLevel
    /// Whether it is granted.
    public var isGranted: Bool
    /// Why.
    public var ground: Ground
    /// Where the subject is, for the words of a refusal.
    var place = ""

    /// A verdict by its parts.
    public init(
        _ level: AuthorizationLevel, decidedAt: AuthorizationLevel? = nil, isGranted: Bool, _ ground: Ground
    ) {
        self.level = level
        self.decidedAt = decidedAt ?? level
        self.isGranted = isGranted
        self.ground = ground
    }

    /// Level, result and reason in one line; holds nothing secret.
    public var description: String {
        let through = decidedAt == level ? "" : ", which \(decidedAt.rawValue) implies"
        return "\(level.rawValue)\(through): \(isGranted ? "allowed" : "refused"), \(reason)"
    }

    private var reason: String {
        switch ground {
        case .open: "nothing is needed for it"
        case .allowed(let setting, let entry): "by \(entry) in \(setting)"
        case .capability: "by the annex capability"
        case .inherent: "by the session itself"
        case .denied(let setting, let entry): "by \(entry) in \(setting)"
        case .namesUnknown(let setting, let entry):
            "by \(entry) in \(setting), since the names of \(place) could not be looked up"
        case .unmapped: "the user is not authenticated or not known"
        case .beyondCapability: "the annex capability is not good for it"
        case .unbound: "the annex capability was not shown in a session of its own"
        case .noEntry(let settings): "no entry of \(settings.joined(separator: ", ")) fits, from \(place)"
        }
    }
}
