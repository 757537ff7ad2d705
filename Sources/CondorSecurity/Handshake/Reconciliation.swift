import CEDAR

/// What a server makes of its own and a client's wishes (spec 02, 4.2 to 4.4).
struct Reconciliation: Equatable {
    /// Whether the client authenticates.
    var authenticates: Bool
    /// Whether the connection ends if it cannot.
    var mustAuthenticate: Bool
    var encrypts: Bool
    var protectsIntegrity: Bool
    /// The common methods in the server's order.
    var methods: [AuthenticationMethod]
    /// Seconds a session may be used.
    var sessionDuration: Int64
    /// Seconds a session may stay unused; `nil` if the client did not say.
    var sessionLease: Int64?

    /// The longest lease a client gets where ours has no end, in seconds.
    private static let maximumLease: Int64 = 1 << 32

    /// The outcome for the wishes in a client's first ad.
    ///
    /// If authentication was only preferred and there is no common method, the answer is a plain NO: legal for
    /// clients of every release, and better than the YES after which both sides give up (spec 02, 4.3).
    init(client ad: HandshakeAd, server policy: SecurityPolicy) throws(SecurityRefusal) {
        let isModern = ad.contains(AttributeName.authenticationNew)
        let wanted = try Self.wish(
            ad, isModern ? AttributeName.authenticationNew : AttributeName.authentication)
        let offered = isModern ? policy.authentication : policy.legacyAuthentication
        let encryption = try Self.wish(ad, AttributeName.encryption)
        let integrity = try Self.wish(ad, AttributeName.integrity)
        let ciphers = splitList(ad.string(AttributeName.cryptoMethods) ?? "")
        guard ciphers.contains(where: { $0.uppercased() == aesMethodName }) else {
            throw SecurityRefusal(.noKeyAgreement, "the client does not know AES")
        }
        authenticates = try Self.isUsed(AttributeName.authentication, wanted, offered)
        mustAuthenticate = authenticates && max(wanted, offered) == .required
        encrypts = try Self.isUsed(AttributeName.encryption, encryption, policy.encryption)
        protectsIntegrity = try Self.isUsed(AttributeName.integrity, integrity, policy.integrity)
        let known = AuthenticationMethod.list(from: ad.string(AttributeName.authMethods) ?? "")
        methods = policy.methods.filter { $0.isServed && known.contains($0) }
        if methods.isEmpty, !mustAuthenticate { authenticates = false }
        if authenticates {
            encrypts = true
            protectsIntegrity = true
        }
        let duration = ad.integer(AttributeName.sessionDuration) ?? policy.sessionDuration
        sessionDuration = max(0, min(duration, policy.sessionDuration))
        sessionLease = ad.integer(AttributeName.sessionLease).map { lease in
            let wanted = min(max(0, lease), Self.maximumLease)
            return wanted == 0 || policy.sessionLease == 0
                ? max(wanted, policy.sessionLease) : min(wanted, policy.sessionLease)
        }
    }

    /// Whether the session key can be handed over inside TLS, whatever method is chosen (spec 03, 10.9).
    ///
    /// Where authentication may fail and the connection go on, a key must be agreed otherwise.
    var leavesOnlyTLS: Bool { mustAuthenticate && !methods.isEmpty && methods.allSatisfy(\.isInsideTLS) }

    /// The server's answer, without what depends on the key and on the server (spec 02, 4.4).
    var actionAd: HandshakeAd {
        var ad = HandshakeAd()
        ad.set(AttributeName.authentication, yes: authenticates)
        if authenticates, !mustAuthenticate { ad.set(AttributeName.authRequired, false) }
        ad.set(AttributeName.encryption, yes: encrypts)
        ad.set(AttributeName.integrity, yes: protectsIntegrity)
        ad.set(AttributeName.authMethodsList, AuthenticationMethod.wireList(methods))
        ad.set(AttributeName.authMethods, AuthenticationMethod.wireList(Array(methods.prefix(1))))
        ad.set(AttributeName.cryptoMethods, aesMethodName)
        ad.set(AttributeName.cryptoMethodsList, aesMethodName)
        ad.set(AttributeName.sessionDuration, String(sessionDuration))
        if let sessionLease { ad.set(AttributeName.sessionLease, sessionLease) }
        ad.set(AttributeName.enact, "YES")
        ad.set(AttributeName.negotiatedSession, true)
        return ad
    }

    private static func wish(_ ad: HandshakeAd, _ name: String) throws(SecurityRefusal) -> Wish {
        if ad.contains(name), let text = ad.string(name), let wish = Wish(wire: text) { return wish }
        guard !ad.contains(name) else { throw SecurityRefusal(.policyConflict, "\(name) is no wish") }
        return .never
    }

    private static func isUsed(_ feature: String, _ client: Wish, _ server: Wish) throws(SecurityRefusal) -> Bool {
        switch Wish.reconcile(client: client, server: server) {
        case .yes: return true
        case .no: return false
        case .fail:
            throw SecurityRefusal(.policyConflict, "\(feature): \(client.wireName) and \(server.wireName)")
        }
    }
}
