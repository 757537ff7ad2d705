/// An `ALLOW_*` or `DENY_*` list with the name under which the administrator knows it.
public struct AuthorizationList: Sendable, Hashable {
    /// The setting it comes from, `ALLOW_READ`.
    public var name: String
    /// Its entries.
    public var entries: [AuthorizationEntry]

    /// A list by its parts.
    public init(_ name: String, _ entries: [AuthorizationEntry]) {
        self.name = name
        self.entries = entries
    }
}

/// Which users at which hosts may do what: the lists of every level.
///
/// A value made from the configuration; it asks nobody, so names of hosts come with the question.
/// Source: spec 02, 12.3; `src/condor_io/condor_ipverify.cpp`, Verify.
public struct AuthorizationRules: Sendable, Hashable {
    /// The lists of one level.
    public struct Lists: Sendable, Hashable {
        /// Who may; `nil` if nobody said.
        public var allow: AuthorizationList?
        /// Who may not, whatever else is said.
        public var deny: AuthorizationList?
        /// Whether ``allow`` was written for this very level, and so narrows annex capabilities too.
        public var narrowsCapabilities: Bool

        /// Lists by their values.
        public init(
            allow: AuthorizationList? = nil, deny: AuthorizationList? = nil, narrowsCapabilities: Bool = false
        ) {
            self.allow = allow
            self.deny = deny
            self.narrowsCapabilities = narrowsCapabilities
        }
    }

    private let lists: [AuthorizationLevel: Lists]
    /// The addresses of this host besides loopback, for `{:local_ips:}`.
    public var localAddresses: Set<IPAddress>

    /// Rules by level.
    ///
    /// - Parameter localAddresses: the addresses of this host besides loopback, for `{:local_ips:}`.
    public init(_ lists: [AuthorizationLevel: Lists], localAddresses: Set<IPAddress> = []) {
        self.lists = lists
        self.localAddresses = localAddresses
    }

    /// Whether any entry speaks of names of hosts, so that these are needed.
    public var needsHostNames: Bool {
        entries.contains { if case .name = $0.host { true } else { false } }
    }

    /// The names of hosts that stand in entries without wildcards: those that can be resolved forwards.
    public var literalHostNames: [String] {
        let names = entries.compactMap { if case .name(let pattern) = $0.host { pattern.literal } else { nil } }
        return Set(names).sorted()
    }

    private var entries: [AuthorizationEntry] {
        lists.values.flatMap { ($0.allow?.entries ?? []) + ($0.deny?.entries ?? []) }
    }

    // MARK: Verdicts

    /// Whether the subject may do what needs this level, and why.
    ///
    /// In this order: who is not known gets READ at most; an annex capability must have the level; then at the level
    /// itself DENY before ALLOW, the capability and what the session carries; then the levels that imply it.
    public func verdict(on level: AuthorizationLevel, for subject: AuthorizationSubject) -> AuthorizationVerdict {
        if level == .allow { return AuthorizationVerdict(level, isGranted: true, .open) }
        guard subject.isMapped || level == .read else {
            return AuthorizationVerdict(level, isGranted: false, .unmapped)
        }
        if let capability = subject.capability, !level.isWithin(capability) {
            return AuthorizationVerdict(level, isGranted: false, .beyondCapability)
        }
        var consulted: [String] = []
        var verdict =
            decide(level, at: level, subject, &consulted)
            ?? AuthorizationVerdict(level, isGranted: false, .noEntry(settings: consulted))
        if !verdict.isGranted { verdict.place = subject.place }
        return verdict
    }

    /// The decision at one level, or by one that implies it; `nil` if nothing was said.
    ///
    /// A DENY at an implying level closes only the way through that level.
    private func decide(
        _ level: AuthorizationLevel, at place: AuthorizationLevel, _ subject: AuthorizationSubject,
        _ consulted: inout [String]
    ) -> AuthorizationVerdict? {
        func decided(_ isGranted: Bool, _ ground: AuthorizationVerdict.Ground) -> AuthorizationVerdict {
            AuthorizationVerdict(level, decidedAt: place, isGranted: isGranted, ground)
        }
        let own = lists[place] ?? Lists()
        if let deny = own.deny {
            for entry in deny.entries where entry.fits(user: subject.user) {
                switch match(entry.host, subject) {
                case true?: return decided(false, .denied(setting: deny.name, entry: entry.description))
                case nil: return decided(false, .namesUnknown(setting: deny.name, entry: entry.description))
                case false?: break
                }
            }
        }
        if let allow = own.allow {
            if let entry = allow.entries.first(where: {
                $0.fits(user: subject.user) && match($0.host, subject) == true
            }) {
                return decided(true, .allowed(setting: allow.name, entry: entry.description))
            }
            if !consulted.contains(allow.name) { consulted.append(allow.name) }
        } else {
            consulted.append("ALLOW_\(place.rawValue)")
        }
        if !own.narrowsCapabilities, subject.capability?.contains(place) == true { return decided(true, .capability) }
        if subject.inherent.contains(where: { $0.implied.contains(place) }) { return decided(true, .inherent) }
        guard subject.isMapped else { return nil }
        for stronger in place.directlyImplying {
            if let verdict = decide(level, at: stronger, subject, &consulted), verdict.isGranted { return verdict }
        }
        return nil
    }

    /// Whether the subject's host fits; `nil` if that depends on names that are not known.
    private func match(_ host: AuthorizationEntry.Host, _ subject: AuthorizationSubject) -> Bool? {
        switch host {
        case .any:
            return true
        case .local:
            return subject.address.map { $0.isLoopback || localAddresses.contains($0) } ?? false
        case .network(let network):
            return subject.address.map(network.contains) ?? false
        case .name(let pattern):
            return subject.hostNames.map { $0.contains(where: pattern.matches) }
        }
    }
}
