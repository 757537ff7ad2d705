import CondorNet
import CondorSecurity

/// Who may do what here: the administrator's rules, the levels of annex capabilities, and sessions made by us.
///
/// Asked at every command, also on resumed sessions and open connections. Source: spec 02, 12.3; spec 03, 10.9.
struct Authority: Sendable {
    /// `ALLOW_*` and `DENY_*`.
    let rules: AuthorizationRules
    /// Names of peers' hosts; `nil` where no rule speaks of names.
    let names: PeerNames?
    /// Whether capabilities are shown in sessions whose key only the two ends of TLS know.
    let handsOverKeys: Bool

    /// Whether a session may do what needs a level, its own limits left to the caller.
    func verdict(
        on level: AuthorizationLevel, _ session: SecuritySession, peer: PeerAddress
    ) -> AuthorizationVerdict {
        // Somebody on the way may have enlarged the client's list to get rid of the hand-over (spec 03, 10.9).
        if handsOverKeys, session.capabilityID != nil, session.identity.method?.isInsideTLS == true, !session.isBound,
            level != .allow
        {
            return AuthorizationVerdict(level, isGranted: false, .unbound)
        }
        let subject = AuthorizationSubject(
            session, peer: peer, hostNames: names.map { $0.names(of: peer.host) } ?? [])
        return rules.verdict(on: level, for: subject)
    }

    /// Whether a session may run a command: the first of its levels that is granted, or why the main one is not.
    func verdict(
        on entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress
    ) -> AuthorizationVerdict {
        let verdicts = entry.levels.filter { $0.isWithin(session.limits) }.map { verdict(on: $0, session, peer: peer) }
        return verdicts.first { $0.isGranted } ?? verdicts.first ?? verdict(on: entry.level, session, peer: peer)
    }

    /// Whether the holder of a session administers the broker: ADMINISTRATOR, within the session's limits.
    func isAdministrator(_ session: SecuritySession, peer: PeerAddress) -> Bool {
        session.identity.isMapped && session.capabilityID == nil
            && AuthorizationLevel.administrator.isWithin(session.limits)
            && verdict(on: .administrator, session, peer: peer).isGranted
    }
}
