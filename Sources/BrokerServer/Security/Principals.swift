import CondorSecurity

/// Who is who on this access point: administrators, the access point's own daemons, and everybody else.
///
/// Source: `decisions.md` 9 and 10.
struct Principals: Sendable {
    /// The domain of local accounts.
    let uidDomain: String
    /// Full names that may do everything.
    let administrators: Set<String>
    /// Full names whose schedd and submitter ads are accepted besides `condor@<domain>`.
    let trustedSchedds: Set<String>
    /// The login name of the account the broker runs under.
    let brokerAccount: String

    /// The name under which the access point's daemons act.
    var accessPoint: String { "condor@\(uidDomain)" }

    /// The name a local account gets: root and the broker's own account are the access point itself.
    func user(ofAccount account: String) -> String {
        account == "root" || account == brokerAccount ? accessPoint : "\(account)@\(uidDomain)"
    }

    /// The full name of an owner given as account or as `account@domain`.
    func fullName(ofOwner owner: String) -> String { owner.contains("@") ? owner : "\(owner)@\(uidDomain)" }

    /// Whether this user administers the broker.
    func isAdministrator(_ identity: Identity) -> Bool {
        identity.isMapped && (identity.user == accessPoint || administrators.contains(identity.user))
    }

    /// The levels granted to a person or daemon by name; what these imply comes on top.
    func levels(of identity: Identity) -> [AuthorizationLevel] {
        guard identity.isMapped, identity.method != .anonymous else { return [.read] }
        if isAdministrator(identity) {
            return [.administrator, .daemon, .negotiator, .advertiseSchedd, .config]
        }
        return trustedSchedds.contains(identity.user) ? [.write, .advertiseSchedd] : [.write]
    }
}
