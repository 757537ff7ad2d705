package import AnnexModel
import Synchronization

/// Annexes, requests and capabilities in memory: who may come in, and what belongs to whom.
///
/// An index over what the store holds. Orders that make something are prepared first and published when they are stored;
/// orders that take something away count at once and are stored after, because the safe side of a failing disk is the one
/// on which nobody comes in. Deterministic: time, random numbers and the hash come in from outside. Safe to use from every
/// event loop; the lock is held for dictionary accesses only.
package final class CapabilityLedger: Sendable {
    /// Bounds of what users may order.
    package let limits: LedgerLimits
    private let digest: @Sendable ([UInt8]) -> [UInt8]
    private let index: Mutex<LedgerIndex>

    /// A ledger of what was stored.
    ///
    /// - Parameter digest: SHA-256.
    package init(
        annexes: [Annex] = [], requests: [AnnexRequest] = [], capabilities: [CapabilityRecord] = [],
        limits: LedgerLimits = LedgerLimits(), digest: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
        self.limits = limits
        self.digest = digest
        var index = LedgerIndex()
        annexes.forEach { index.put($0) }
        requests.forEach { index.put($0) }
        capabilities.forEach { index.put($0) }
        self.index = Mutex(index)
    }

    // MARK: Who may come in

    /// Checks an opaque capability, as SCITOKENS carries it (spec 03, 10.4).
    ///
    /// The secret is compared before anything else is told apart, in a time that does not depend on its bytes, and with
    /// the same work for ids that do not exist.
    package func verify(bearer text: some Collection<UInt8>, now: Int64) -> Result<CapabilityRecord, RefusedCapability>
    {
        guard let capability = CapabilityText(parsing: text) else {
            return .failure(.init(id: nil, refusal: .malformed))
        }
        let hash = digest(capability.secret)
        let record = index.withLock { $0.capabilities[capability.id] }
        let isSecret = (record ?? Self.nobody).hasSecret(hashed: hash)
        guard let record else { return .failure(.init(id: capability.id, refusal: .unknown)) }
        guard record.method == .sciTokens else { return .failure(.init(id: record.id, refusal: .wrongMethod)) }
        guard isSecret else { return .failure(.init(id: record.id, refusal: .wrongSecret)) }
        return Self.standing(of: record, now: now)
    }

    /// Checks the claims of a token whose signature by the key `kid` was found good (spec 03, 10.4).
    package func verify(tokenID id: String, kid: String, now: Int64) -> Result<CapabilityRecord, RefusedCapability> {
        guard let record = index.withLock({ $0.capabilities[id] }) else {
            return .failure(.init(id: Self.isPublicID(id) ? id : nil, refusal: .unknown))
        }
        guard record.method == .idTokens else { return .failure(.init(id: id, refusal: .wrongMethod)) }
        guard record.kid == kid else { return .failure(.init(id: id, refusal: .wrongSecret)) }
        return Self.standing(of: record, now: now)
    }

    /// Whether a session that came from a capability is still good: asked again for every command (architecture, security
    /// model 2).
    package func isValid(capabilityID id: String, now: Int64) -> Bool {
        index.withLock { $0.capabilities[id]?.standing(now: now) == .valid }
    }

    private static func standing(of record: CapabilityRecord, now: Int64) -> Result<CapabilityRecord, RefusedCapability>
    {
        switch record.standing(now: now) {
        case .valid: .success(record)
        case .expired: .failure(.init(id: record.id, refusal: .expired))
        case .revoked: .failure(.init(id: record.id, refusal: .revoked))
        }
    }

    /// What the secret of an unknown capability is compared with.
    private static let nobody = CapabilityRecord(
        id: "", requestID: "", annexID: "", owner: "", annexName: "", method: .sciTokens,
        secretHash: [UInt8](repeating: 0, count: 32), issuedAt: 0, expiresAt: 0)

    private static func isPublicID(_ id: String) -> Bool {
        id.utf8.count == CapabilityText.idLength && id.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    // MARK: Making

    /// Prepares a new annex with its first request and capability (decision 11).
    ///
    /// The name is taken from now on. ``publish(_:)`` or ``abandon(_:)`` must follow.
    package func prepareAnnex(
        _ key: AnnexKey, lifetime: Int64 = AnnexRequest.defaultLifetime, form: CapabilityForm, now: Int64,
        random: (_ count: Int) -> [UInt8]
    ) throws(LedgerRefusal) -> NewRequest {
        guard limits.lifetimes.contains(lifetime) else { throw .lifetimeOutOfRange }
        let annex = Annex(
            id: CapabilityText.hexadecimal(random(16)), key: key, createdAt: now, expiresAt: now + lifetime)
        let refusal = index.withLock { index -> LedgerRefusal? in
            guard !index.isTaken(key) else { return .annexExists }
            guard index.activeAnnexes(of: key.owner) < limits.annexesPerOwner else { return .tooMany }
            index.reserve(key)
            return nil
        }
        if let refusal { throw refusal }
        return request(annex, isNew: true, lifetime: lifetime, form: form, now: now, random: random)
    }

    /// Prepares a further request of an active annex, whose end moves if the request ends later.
    ///
    /// ``publish(_:)`` or ``abandon(_:)`` must follow.
    package func prepareRequest(
        annexID: String, lifetime: Int64 = AnnexRequest.defaultLifetime, form: CapabilityForm, now: Int64,
        random: (_ count: Int) -> [UInt8]
    ) throws(LedgerRefusal) -> NewRequest {
        guard limits.lifetimes.contains(lifetime) else { throw .lifetimeOutOfRange }
        let (found, count) = index.withLock { ($0.annexes[annexID], $0.requests(ofAnnex: annexID).count) }
        guard var annex = found else { throw .noSuchAnnex }
        guard annex.expired(at: now).permits(.addRequest) else { throw .annexNotActive }
        guard count < limits.requestsPerAnnex else { throw .tooMany }
        annex.expiresAt = max(annex.expiresAt, now + lifetime)
        return request(annex, isNew: false, lifetime: lifetime, form: form, now: now, random: random)
    }

    private func request(
        _ annex: Annex, isNew: Bool, lifetime: Int64, form: CapabilityForm, now: Int64,
        random: (_ count: Int) -> [UInt8]
    ) -> NewRequest {
        let request = AnnexRequest(
            id: CapabilityText.hexadecimal(random(16)), annexID: annex.id, createdAt: now, lifetime: lifetime)
        func record(
            _ id: String, _ method: CapabilityRecord.Method, secretHash: [UInt8]? = nil, kid: String? = nil
        ) -> CapabilityRecord {
            CapabilityRecord(
                id: id, requestID: request.id, annexID: annex.id, owner: annex.key.owner, annexName: annex.key.name,
                method: method, secretHash: secretHash, kid: kid, issuedAt: now,
                expiresAt: request.endsAt + limits.capabilityGrace)
        }
        switch form {
        case .opaque:
            let text = CapabilityText.mint(random: random)
            return NewRequest(
                annex: annex, isNewAnnex: isNew, request: request,
                capability: record(text.id, .sciTokens, secretHash: digest(text.secret)), text: text)
        case .token(let kid):
            return NewRequest(
                annex: annex, isNewAnnex: isNew, request: request,
                capability: record(CapabilityText.hexadecimal(random(16)), .idTokens, kid: kid), text: nil)
        }
    }

    /// Lets a prepared request count, once it is stored.
    ///
    /// If the annex was closed meanwhile, it stays closed.
    package func publish(_ new: NewRequest) {
        index.withLock { index in
            if new.isNewAnnex { index.release(new.annex.key) }
            if var present = index.annexes[new.annex.id] {
                present.expiresAt = max(present.expiresAt, new.annex.expiresAt)
                index.put(present)
            } else {
                index.put(new.annex)
            }
            index.put(new.request)
            index.put(new.capability)
        }
    }

    /// Gives a prepared request up, because it could not be stored.
    package func abandon(_ new: NewRequest) {
        guard new.isNewAnnex else { return }
        index.withLock { $0.release(new.annex.key) }
    }

    // MARK: Ending

    /// Revokes a capability at once.
    ///
    /// - Returns: the record to store, which carries the first revocation if there was one before.
    package func revoke(capabilityID id: String, by user: String, now: Int64) throws(LedgerRefusal) -> CapabilityRecord
    {
        let record = index.withLock { index -> CapabilityRecord? in
            guard let record = index.capabilities[id]?.revoked(by: user, at: now) else { return nil }
            index.put(record)
            return record
        }
        guard let record else { throw .noSuchCapability }
        return record
    }

    /// Closes an annex at once: its slots are not matched any more (decision 13).
    ///
    /// - Returns: the annex to store, as it first was closed if that was before.
    package func close(annexID id: String, by user: String, now: Int64) throws(LedgerRefusal) -> Annex {
        let annex = index.withLock { index -> Annex? in
            guard let annex = index.annexes[id]?.closed(by: user, at: now) else { return nil }
            index.put(annex)
            return annex
        }
        guard let annex else { throw .noSuchAnnex }
        return annex
    }

    /// Ends what time has ended, and says what that was; each thing once.
    package func expire(now: Int64) -> StandingChanges {
        index.withLock { $0.expire(now: now) }
    }

    /// When to call ``expire(now:)`` next, in seconds since 1970.
    package var nextDeadline: Int64? { index.withLock { $0.nextDeadline } }

    /// The annexes that ended more than `history` seconds ago, and whose last capability did.
    ///
    /// Nobody can come with one of those any more, so the store and then ``forget(annexID:)`` may drop them.
    package func forgettable(now: Int64, history: Int64) -> [String] {
        index.withLock { index in
            index.annexes.values.filter { annex in
                let ends = index.capabilities(ofAnnex: annex.id).map(\.expiresAt) + [annex.closedAt ?? annex.expiresAt]
                return annex.state != .active && ends.allSatisfy { $0 < now - history }
            }.map(\.id).sorted()
        }
    }

    /// Forgets an annex with all that belongs to it.
    package func forget(annexID: String) {
        index.withLock { $0.forget(annexID: annexID) }
    }

    // MARK: Progress

    /// Moves a request on, if it may become that.
    ///
    /// - Returns: the request to store; `nil` if nothing changed.
    package func advance(requestID id: String, to state: AnnexRequest.State) -> AnnexRequest? {
        index.withLock { index in
            guard var request = index.requests[id], request.state.mayBecome(state) else { return nil }
            request.state = state
            index.put(request)
            return request
        }
    }

    /// Notes that a capability was used.
    ///
    /// - Returns: whether there is such a capability, so that the use is worth storing.
    @discardableResult
    package func noteUse(capabilityID id: String, peer: String, now: Int64) -> Bool {
        index.withLock { index in
            guard var record = index.capabilities[id] else { return false }
            record.lastUsed = now
            record.lastPeer = peer
            index.put(record)
            return true
        }
    }

    // MARK: Looking

    /// The annex of this incarnation.
    package func annex(id: String) -> Annex? { index.withLock { $0.annexes[id] } }

    /// The active annex of this owner and name, else the one that ended last.
    package func annex(_ key: AnnexKey) -> Annex? { index.withLock { $0.annex(key) } }

    /// The annexes of `owner`, or all, the oldest first.
    package func annexes(of owner: String? = nil) -> [Annex] {
        index.withLock { index in
            index.annexes.values.filter { owner == nil || $0.key.owner == owner }
        }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// The request with this id.
    package func request(id: String) -> AnnexRequest? { index.withLock { $0.requests[id] } }

    /// The requests of an annex, the oldest first.
    package func requests(ofAnnex id: String) -> [AnnexRequest] {
        index.withLock { $0.requests(ofAnnex: id) }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// The capability with this id.
    package func capability(id: String) -> CapabilityRecord? { index.withLock { $0.capabilities[id] } }

    /// The capabilities of an annex, the oldest first.
    package func capabilities(ofAnnex id: String) -> [CapabilityRecord] {
        index.withLock { $0.capabilities(ofAnnex: id) }.sorted { ($0.issuedAt, $0.id) < ($1.issuedAt, $1.id) }
    }

    /// The annex behind a capability, for the ads of its session.
    package func annex(ofCapability id: String) -> Annex? {
        index.withLock { index in index.capabilities[id].flatMap { index.annexes[$0.annexID] } }
    }
}
