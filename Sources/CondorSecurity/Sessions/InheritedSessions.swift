public import CEDAR

/// The sessions that condor_master hands to a daemon it starts, in `CONDOR_PRIVATE_INHERIT` (spec 02, 11).
///
/// Parsing alone: the environment is read, and cleared, by whoever owns the process. The texts are secrets; what prints
/// shows their public forms.
public struct InheritedSessions: Sendable, Equatable {
    /// The variable's name.
    public static let variableName = "CONDOR_PRIVATE_INHERIT"
    /// Longest text that is looked at, in bytes.
    public static let maximumLength = 256 << 10
    /// The name under which condor_master appears in the session it made for one daemon.
    public static let parentUser = "condor@parent"
    /// The name under which the master and all its daemons appear to each other.
    public static let familyUser = "condor@family"

    /// The session between the master and this one daemon.
    public let parent: ClaimID?
    /// The session of the master and all its daemons.
    public let family: ClaimID?

    /// No sessions.
    public static let none = InheritedSessions("")

    /// Reads the variable's text: words of which two kinds carry sessions; all others are skipped.
    ///
    /// A word that does not parse counts as absent. Where there are several of a kind the last one counts.
    public init(_ text: String) {
        var parent: ClaimID?
        var family: ClaimID?
        if text.utf8.count <= Self.maximumLength {
            for word in text.split(separator: " ") {
                if let claim = Self.claim(in: word, after: "SessionKey:") { parent = claim }
                if let claim = Self.claim(in: word, after: "FamilySessionKey:") { family = claim }
            }
        }
        self.parent = parent
        self.family = family
    }

    /// These sessions without the family's, for an administrator who does not want it (`SEC_USE_FAMILY_SESSION`).
    public var withoutFamily: InheritedSessions { InheritedSessions(parent: parent, family: nil) }

    /// The sessions, ready to be resumed by the other party, with the levels HTCondor gives their names.
    ///
    /// A text without session information, or without AES in it, gives none.
    public func sessions(now: Int64) -> [SecuritySession] {
        var sessions: [SecuritySession] = []
        if let parent, var session = SecuritySession(importing: parent, peer: Self.parentUser, now: now) {
            session.limits = [.administrator, .daemon]
            sessions.append(session)
        }
        if let family, var session = SecuritySession(importing: family, peer: Self.familyUser, now: now) {
            session.limits = [
                .administrator, .daemon, .negotiator, .advertiseMaster, .advertiseSchedd, .advertiseStartd,
            ]
            sessions.append(session)
        }
        return sessions
    }

    private init(parent: ClaimID?, family: ClaimID?) {
        self.parent = parent
        self.family = family
    }

    private static func claim(in word: Substring, after prefix: String) -> ClaimID? {
        word.hasPrefix(prefix) ? ClaimID(String(word.dropFirst(prefix.count))) : nil
    }
}
