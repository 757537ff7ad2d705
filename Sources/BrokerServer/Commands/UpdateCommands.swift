import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Logging
import NIOCore
import Synchronization

/// `UPDATE_...`: ads come and are stored as their session's, whatever they claim.
///
/// Source: spec 04, 5; `decisions.md` 6, 7 and 15.
struct UpdateCommands: Sendable {
    let context: BrokerContext

    var commands: [Command] {
        let startd: [CommandNumber] = [.updateStartdAd, .updateStartdAdWithAck]
        let schedd: [CommandNumber] = [.updateScheddAd, .updateSubmitterAd]
        let daemon: [CommandNumber] = [
            .updateCollectorAd, .updateLicenseAd, .updateStorageAd, .updateHADAd, .updateGridAd, .updateGenericAd,
            .updateCkptServerAd,
        ]
        return startd.map { row($0, .advertiseStartd) } + [row(.updateMasterAd, .advertiseMaster)]
            + schedd.map { row($0, .advertiseSchedd) }
            + [row(.updateNegotiatorAd, .negotiator), row(.updateAccountingAd, .negotiator)]
            + daemon.map { row($0, .daemon) }
    }

    private func row(_ number: CommandNumber, _ level: AuthorizationLevel) -> Command {
        Command(number, level, forceAuthentication: true, deferred: { update(number, $0, $1) })
    }

    private func update(
        _ number: CommandNumber, _ request: CommandRequest, _ respond: @escaping @Sendable (CommandOutcome) -> Void
    ) {
        do {
            guard let kind = UpdateKind(number), var payload = request.payload else { return respond(.close([])) }
            let (source, annex) = try context.source(of: request)
            let update = try Self.read(kind, &payload, context.registry.pool)
            let prepared = try context.registry.prepare(update, from: source, now: context.clock())
            if prepared.isMismatched { logMismatch(update, annex, request) }
            context.figures.updates.add(1, ordering: .relaxed)
            store(prepared) { [context] stored in
                guard stored else { return respond(.refuse(reason: "update could not be stored")) }
                context.announce(prepared, annex)
                guard number == .updateStartdAdWithAck else { return respond(.keepOpen([])) }
                var answer = request.makeWriter()
                answer.write(1)
                respond(.close([answer.payload]))
            }
        } catch let refusal as RegistryRefusal {
            respond(.refuse(reason: refusal.reason))
        } catch let refusal as UpdateRefusal {
            respond(.refuse(reason: refusal.reason))
        } catch {
            respond(.refuse(reason: Command.text(of: error)))
        }
    }

    /// The ads of an update: of a startd's slot two, of everything else one.
    private static func read(
        _ kind: UpdateKind, _ payload: inout MessageReader, _ pool: AdPool
    ) throws(WireError) -> AdUpdate {
        let bytes = payload.remainingBytes
        let ad = try payload.readClassAd(pool: pool)
        var privateAd: ClassAd?
        if kind == .startd, !payload.isAtEnd { privateAd = try payload.readClassAd() }
        try payload.finish()
        return AdUpdate(kind: kind, ad: ad, privateAd: privateAd, wireBytes: bytes)
    }

    /// Makes an update durable before it is seen, or shows a refresh at once and writes it within a second.
    private func store(_ prepared: PreparedUpdate, then: @escaping @Sendable (_ stored: Bool) -> Void) {
        let registry = context.registry
        guard prepared.isDurable else {
            registry.publish(prepared)
            context.wake(at: registry.nextDeadline)
            context.store.write(
                prepared.parts.map { part in .refreshAd(StoredAdKey(part.record.key)) { StoredAd(part.record) } },
                durability: .soft)
            return then(true)
        }
        context.store.write(prepared.parts.map { .putAd(StoredAd($0.record)) }, durability: .durable) {
            [context] result in
            switch result {
            case .success:
                registry.publish(prepared)
                context.wake(at: registry.nextDeadline)
                then(true)
            case .failure:
                registry.abandon(prepared)
                then(false)
            }
        }
    }

    private func logMismatch(_ update: AdUpdate, _ annex: Annex?, _ request: CommandRequest) {
        context.log.warning(
            "ad names another AnnexName than its capability's; it is shown and never matched",
            metadata: [
                "peer": "\(request.peer)", "claimed": "\(update.ad.string(AttributeName.annexName)?.prefix(64) ?? "?")",
                "annex": "\(annex?.key.description ?? "-")", "capability": "\(request.session.capabilityID ?? "-")",
            ])
    }
}

extension BrokerContext {
    /// Tells negotiation and control what an update brought.
    func announce(_ prepared: PreparedUpdate, _ annex: Annex?) {
        for part in prepared.parts { announce(part.record, annex) }
    }

    private func announce(_ record: AdRecord, _ annex: Annex?) {
        switch (record.key.table, annex) {
        case (.slot, _?):
            events.post(.slot(record))
        case (.master, let annex?) where !annex.permits(.match):
            guard let daemon = StoppableDaemon(record) else { return }
            Task { await shutdowns.saw(daemon, at: record.key, annex: annex.id) }
        case (.submitter, nil):
            events.post(.submitter(record.wholeAd))
        default:
            break
        }
    }

    /// Tells negotiation and control what is gone.
    func announceRemoval(of records: [AdRecord], _ departure: ShutdownPlan.Departure) {
        for record in records {
            switch (record.key.table, record.key.scope.annexID) {
            case (.slot, let annexID?):
                events.post(
                    .slotGone(
                        annexID: annexID, key: record.key.name,
                        claimInUse: record.publicAd.string(AttributeName.publicClaimID)))
            case (.master, let annexID?):
                Task { await shutdowns.left(record.key, annex: annexID, departure) }
            case (.submitter, nil):
                events.post(
                    .submitterGone(
                        name: record.publicAd.string(AttributeName.name) ?? "",
                        schedd: record.publicAd.string(AttributeName.scheddName) ?? ""))
            case (.schedd, nil):
                events.post(.scheddGone(record.publicAd.string(AttributeName.name) ?? ""))
            default:
                break
            }
        }
    }
}

extension AdRecord {
    /// Public and private attributes together, for the broker's own use.
    var wholeAd: ClassAd {
        var ad = publicAd
        if let secrets { ad.merge(secrets.ad) }
        return ad
    }
}
