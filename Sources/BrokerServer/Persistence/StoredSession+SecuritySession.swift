import AnnexStore
import CEDAR
import CondorSecurity

/// Security sessions as rows, and back.
extension StoredSession {
    init(_ session: SecuritySession) {
        self.init(
            id: session.id, key: session.key, user: session.identity.user, method: session.identity.method?.wireName,
            capabilityID: session.capabilityID, limits: session.limits?.map(\.rawValue), isBound: session.isBound,
            peerVersion: session.peerVersion?.text, token: session.token.map { StoredToken($0) },
            createdAt: session.createdAt, expiresAt: session.expiresAt, lease: session.lease,
            lastUsed: session.lastUsed)
    }
}

extension SecuritySession {
    /// A session as an earlier process left it.
    init(_ stored: StoredSession) {
        self.init(
            id: stored.id, key: stored.key,
            identity: Identity(user: stored.user, method: stored.method.flatMap { AuthenticationMethod(name: $0) }),
            capabilityID: stored.capabilityID, limits: stored.limits?.compactMap(AuthorizationLevel.init(rawValue:)),
            isBound: stored.isBound, peerVersion: stored.peerVersion.flatMap { CondorVersion($0) },
            token: stored.token.map { TokenAttributes($0) }, createdAt: stored.createdAt, expiresAt: stored.expiresAt,
            lease: stored.lease, lastUsed: stored.lastUsed)
    }
}

extension StoredToken {
    fileprivate init(_ token: TokenAttributes) {
        self.init(
            issuer: token.issuer, subject: token.subject, id: token.id, scopes: token.scopes, groups: token.groups,
            expiresAt: token.expiresAt)
    }
}

extension TokenAttributes {
    fileprivate init(_ stored: StoredToken) {
        self.init(
            issuer: stored.issuer, subject: stored.subject, id: stored.id, scopes: stored.scopes,
            groups: stored.groups, expiresAt: stored.expiresAt)
    }
}
