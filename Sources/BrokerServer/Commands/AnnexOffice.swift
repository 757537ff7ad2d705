import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import Logging

/// Carries out what people order about annexes and capabilities: theirs, or anybody's for administrators.
///
/// Every order is on disk before it is answered. Source: `decisions.md` 11 to 15.
struct AnnexOffice: Sendable {
    let context: BrokerContext
    let pilots: PilotKit
    let connections: @Sendable () -> ConnectionTable?
    let defaultLifetime: Int64

    // MARK: Annexes

    /// Makes an annex with its first request and capability; the reply holds everything a pilot needs.
    func create(_ order: ClassAd, by caller: Caller) async throws -> ClassAd {
        let key = try key(in: order, caller)
        let form: CapabilityForm =
            switch order.string("Method") ?? "SCITOKENS" {
            case "SCITOKENS": .opaque
            case "IDTOKENS": .token(kid: pilots.tokenKeyName)
            case let other: throw ControlRefusal(.failure, "no such method: \(other.prefix(32))")
            }
        let random = SystemRandom()
        let now = context.clock()
        let new = try context.ledger.prepareAnnex(
            key, lifetime: order.integer("Lifetime") ?? defaultLifetime, form: form, now: now,
            random: random.bytes)
        do {
            let kit = try pilots.kit(for: new, method: order.string("Method") ?? "SCITOKENS")
            try await context.store.commit([
                .putAnnex(new.annex), .putRequest(new.request), .putCapability(new.capability),
            ])
            context.ledger.publish(new)
            context.wake(at: min(new.annex.expiresAt, new.capability.expiresAt))
            audit("annex created", caller, new.annex, ["capability": "\(new.capability.id)"])
            context.events.post(.annexChanged(new.annex.id))
            return kit
        } catch {
            context.ledger.abandon(new)
            throw error
        }
    }

    /// The annexes of the caller, or all for administrators.
    func list(for caller: Caller, asking order: ClassAd) -> ClassAd {
        let owner = caller.isAdministrator ? order.string("Owner").map(context.principals.fullName) : caller.user
        let rows = context.ledger.annexes(of: owner).map(summary)
        return ["Annexes": Expression(rows.map { Expression($0) })]
    }

    /// One annex with its slots.
    func status(_ order: ClassAd, for caller: Caller) throws -> ClassAd {
        let annex = try annex(in: order, caller)
        var reply = summary(annex)
        let now = context.clock()
        let slots = context.registry.slots(ofAnnex: annex.id, now: now).map { record in
            Expression(record.publicAd)
        }
        reply["SlotAds"] = Expression(slots)
        return reply
    }

    /// Closes an annex and tells its masters to stop.
    func shutdown(_ order: ClassAd, by caller: Caller) async throws -> ClassAd {
        let annex = try annex(in: order, caller)
        let now = context.clock()
        let closed = try context.ledger.close(annexID: annex.id, by: caller.user, now: now)
        let shutdown = ShutdownOrder(
            id: Hex.encode(SystemRandom().bytes(16)), annexID: annex.id, orderedAt: now, orderedBy: caller.user,
            speed: .fast)
        let isFirst = await !context.shutdowns.isClosing(annex.id)
        if isFirst {
            try await context.store.commit([.putAnnex(closed), .putOrder(shutdown)])
            context.events.post(.annexChanged(annex.id))
            audit("annex shut down", caller, annex, [:])
            let masters = context.registry.masters(ofAnnex: annex.id, now: now)
                .compactMap(StoppableDaemon.init)
            await context.shutdowns.begin(shutdown, daemons: masters)
        }
        let (rows, isComplete) = await context.shutdowns.settled(annex.id)
        var reply: ClassAd = [
            "AnnexName": Expression(annex.key.name), "Owner": Expression(annex.key.owner),
            "Complete": Expression(isComplete),
        ]
        reply["Masters"] = Expression(
            rows.map { row -> Expression in
                let ad: ClassAd = [
                    "Name": Expression(row.masterName), "State": Expression(row.state.rawValue),
                    "Detail": Expression(row.detail), "Time": Expression(row.at),
                ]
                return Expression(ad)
            })
        return reply
    }

    // MARK: Capabilities

    /// The capabilities of the caller's annexes, or all for administrators; public ids only.
    func capabilities(for caller: Caller, asking order: ClassAd) -> ClassAd {
        let owner = caller.isAdministrator ? order.string("Owner").map(context.principals.fullName) : caller.user
        let now = context.clock()
        let rows = context.ledger.annexes(of: owner).flatMap { context.ledger.capabilities(ofAnnex: $0.id) }
        return [
            "Capabilities": Expression(
                rows.map { record -> Expression in
                    let ad: ClassAd = [
                        "CapabilityId": Expression(record.id), "AnnexName": Expression(record.annexName),
                        "Owner": Expression(record.owner), "Method": Expression(record.method.rawValue),
                        "State": Expression("\(record.standing(now: now))"), "ExpiresAt": Expression(record.expiresAt),
                    ]
                    return Expression(ad)
                })
        ]
    }

    /// Ends a capability: at the door, in the sessions, on open connections, and in the tables.
    ///
    /// Source: spec 03, 10.7.
    func revoke(_ order: ClassAd, by caller: Caller) async throws -> ClassAd {
        guard let id = order.string("CapabilityId"), let record = context.ledger.capability(id: id),
            caller.isAdministrator || record.owner == caller.user
        else {
            // Whether somebody else's capability exists is nobody's business.
            throw ControlRefusal(.notFound, LedgerRefusal.noSuchCapability.reason)
        }
        let now = context.clock()
        _ = try context.ledger.revoke(capabilityID: id, by: caller.user, now: now)
        try await end(capability: record, changes: [.revokeCapability(id: id, by: caller.user, at: now)])
        audit(
            "capability revoked", caller, context.ledger.annex(id: record.annexID), ["capability": "\(id)"])
        return ["CapabilityId": Expression(id)]
    }

    /// Takes everything away that a capability brought in; also when its time is over.
    func end(capability record: CapabilityRecord, changes: [Change]) async throws {
        let sessions = context.sessions.drop(capability: record.id)
        connections()?.close { $0.capabilityID == record.id }
        let removal = context.registry.prepareRemoval(ofCapability: record.id, annexID: record.annexID)
        do {
            try await context.store.commit(
                changes + sessions.map { .removeSession(id: $0) }
                    + removal.records.map { .removeAd(StoredAdKey($0.key)) })
        } catch {
            context.registry.abandon(removal)
            throw error
        }
        context.registry.publish(removal)
        context.announceRemoval(of: removal.records, .invalidated)
    }

    // MARK: Whose

    /// The annex that an order is about: the caller's own, or for administrators one of the named owner.
    private func annex(in order: ClassAd, _ caller: Caller) throws -> Annex {
        if order.contains("Owner") || !caller.isAdministrator {
            guard let annex = context.ledger.annex(try key(in: order, caller)) else { throw LedgerRefusal.noSuchAnnex }
            return annex
        }
        // An administrator who names no owner means the one annex of that name.
        let named = context.ledger.annexes().filter { $0.key.name == order.string("AnnexName") }
        let candidates = named.contains { $0.state == .active } ? named.filter { $0.state == .active } : named.suffix(1)
        guard let annex = candidates.first else { throw LedgerRefusal.noSuchAnnex }
        guard candidates.count == 1 else {
            throw ControlRefusal(.failure, "several users have an annex of this name; say whose with --owner")
        }
        return annex
    }

    private func key(in order: ClassAd, _ caller: Caller) throws -> AnnexKey {
        var owner = caller.user
        if let wanted = order.string("Owner") {
            owner = context.principals.fullName(ofOwner: wanted)
            guard caller.isAdministrator || owner == caller.user else {
                throw ControlRefusal(.refused, "only administrators may act for another user")
            }
        }
        guard let name = order.string("AnnexName"), AnnexKey.isValidName(name) else {
            throw ControlRefusal(
                .failure,
                "an annex's name has 1 to 64 letters, digits, '.', '_' or '-', and begins with a letter or digit")
        }
        guard let key = AnnexKey(owner: owner, name: name) else {
            throw ControlRefusal(.failure, "not a user: \(owner.prefix(64))")
        }
        return key
    }

    // MARK: Words

    private func summary(_ annex: Annex) -> ClassAd {
        let now = context.clock()
        let slots = context.registry.slots(ofAnnex: annex.id, now: now)
        let claimed = slots.count { $0.publicAd.string(AttributeName.state) == "Claimed" }
        return [
            "AnnexName": Expression(annex.key.name), "Owner": Expression(annex.key.owner),
            "AnnexId": Expression(annex.id), "State": Expression(annex.state.rawValue),
            "CreatedAt": Expression(annex.createdAt), "ExpiresAt": Expression(annex.expiresAt),
            "Masters": Expression(context.registry.masters(ofAnnex: annex.id, now: now).count),
            "Slots": Expression(slots.count), "ClaimedSlots": Expression(claimed),
        ]
    }

    /// One line for every order that changed something, with who gave it.
    private func audit(_ what: Logger.Message, _ caller: Caller, _ annex: Annex?, _ more: Logger.Metadata) {
        var metadata: Logger.Metadata = [
            "by": "\(caller.user)", "method": "\(caller.method)", "peer": "\(caller.peer)",
            "annex": "\(annex?.key.description ?? "-")",
        ]
        metadata.merge(more) { $1 }
        context.log.notice(what, metadata: metadata)
    }
}
