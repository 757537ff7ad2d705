import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import CondorNet
import CondorSecurity

/// `INVALIDATE_...`: a session takes away what it brought, and nothing else.
///
/// Source: spec 04, 6 and 19; `decisions.md` 6.
struct InvalidateCommands: Sendable {
    let context: BrokerContext

    var commands: [Command] {
        let levels: [(CommandNumber, AuthorizationLevel)] = [
            (.invalidateStartdAds, .advertiseStartd), (.invalidateMasterAds, .advertiseMaster),
            (.invalidateScheddAds, .advertiseSchedd), (.invalidateSubmitterAds, .advertiseSchedd),
            (.invalidateNegotiatorAds, .negotiator), (.invalidateAccountingAds, .negotiator),
            (.invalidateCollectorAds, .daemon), (.invalidateGenericAds, .daemon), (.invalidateLicenseAds, .daemon),
            (.invalidateStorageAds, .daemon), (.invalidateHADAds, .daemon), (.invalidateGridAds, .daemon),
            (.invalidateCkptServerAds, .daemon),
        ]
        return levels.map { number, level in
            Command(number, level, forceAuthentication: true, deferred: { invalidate(number, $0, $1) })
        }
    }

    private func invalidate(
        _ number: CommandNumber, _ request: CommandRequest, _ respond: @escaping @Sendable (CommandOutcome) -> Void
    ) {
        do {
            guard let kind = AdInvalidation.Kind(number), var payload = request.payload else {
                return respond(.close([]))
            }
            let (source, _) = try context.source(of: request)
            let invalidation = AdInvalidation(kind: kind, ad: try payload.readClassAd())
            try payload.finish()
            let removal = try context.registry.prepare(invalidation, from: source, now: context.clock())
            if removal.isEmpty {
                if isForeign(invalidation, source) {
                    return respond(.refuse(reason: "invalidation of an ad that belongs to another"))
                }
                return respond(.keepOpen([]))
            }
            context.store.write(
                removal.records.map { .removeAd(StoredAdKey($0.key)) }, durability: .durable
            ) { [context] result in
                switch result {
                case .success:
                    context.registry.publish(removal)
                    context.announceRemoval(of: removal.records, .invalidated)
                    respond(.keepOpen([]))
                case .failure:
                    context.registry.abandon(removal)
                    respond(.refuse(reason: "invalidation could not be stored"))
                }
            }
        } catch let refusal as RegistryRefusal {
            respond(.refuse(reason: refusal.reason))
        } catch let refusal as UpdateRefusal {
            respond(.refuse(reason: refusal.reason))
        } catch {
            respond(.refuse(reason: Command.text(of: error)))
        }
    }

    /// Whether an invalidation by name, which hit nothing of its sender's, would have hit somebody else's ad.
    private func isForeign(_ invalidation: AdInvalidation, _ source: AdSource) -> Bool {
        let scopes = context.ledger.annexes().map { AdScope.annex($0.id) } + [.accessPoint]
        return context.registry.holds(invalidation, inAnyOf: scopes.filter { $0 != source.scope }, now: context.clock())
    }
}
