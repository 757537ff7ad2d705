import CondorSecurity

/// Who is who on this access point: from proven names to users.
///
/// Source: `decisions.md` 9; spec 03, 1.4 and 8.
struct Principals: Sendable {
    /// The domain of local accounts.
    let uidDomain: String
    /// The login name of the account the broker runs under.
    let brokerAccount: String
    /// The administrator's map from proven names to users.
    var map = IdentityMap()

    /// The name under which the access point's daemons act.
    var accessPoint: String { "condor@\(uidDomain)" }

    /// The user of a local account: what the map says, else the account in the own domain.
    ///
    /// Root and the broker's own account are the access point itself, in the map's lines too (spec 03, 5).
    func user(ofAccount account: String) throws(CredentialRefusal) -> String {
        let name = account == "root" || account == brokerAccount ? "condor" : account
        return try mapped(name, .fs) ?? "\(name)@\(uidDomain)"
    }

    /// The user behind the subject of a client certificate.
    func user(ofCertificate subject: String) throws(CredentialRefusal) -> String {
        guard let user = try mapped(subject, .ssl) else {
            throw CredentialRefusal(reason: "no line of the map fits the certificate's subject \(subject.prefix(256))")
        }
        return user
    }

    /// The user behind a proven name; `nil` if no line of the map fits.
    ///
    /// - Throws: if the map cannot decide, which is never the same as no line.
    func mapped(_ name: String, _ method: AuthenticationMethod) throws(CredentialRefusal) -> String? {
        do {
            return try map.user(of: name, by: method, defaultDomain: uidDomain)
        } catch {
            throw CredentialRefusal(reason: error.description)
        }
    }

    /// The full name of an owner given as account or as `account@domain`.
    func fullName(ofOwner owner: String) -> String { owner.contains("@") ? owner : "\(owner)@\(uidDomain)" }
}
