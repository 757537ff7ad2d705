import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Synchronization

/// `QUERY_...`: what everybody may see, as a collector answers it.
///
/// Source: spec 04, 8 and 9.
struct QueryCommands: Sendable {
    let context: BrokerContext

    var commands: [Command] {
        let numbers: [CommandNumber] = [
            .queryStartdAds, .queryScheddAds, .queryMasterAds, .querySubmitterAds, .queryCollectorAds,
            .queryAnyAds, .queryMultipleAds, .queryGenericAds, .queryNegotiatorAds, .queryAccountingAds,
            .queryLicenseAds, .queryStorageAds, .queryHADAds, .queryGridAds, .queryCkptServerAds,
        ]
        return numbers.map { number in Command(number, .read, deferred: { query(number, $0, $1) }) }
    }

    private func query(
        _ number: CommandNumber, _ request: CommandRequest, _ respond: @escaping @Sendable (CommandOutcome) -> Void
    ) {
        do {
            guard let kind = AdQuery.Kind(number), var payload = request.payload else { return respond(.close([])) }
            let ad = try payload.readClassAd()
            try payload.finish()
            context.figures.queries.add(1, ordering: .relaxed)
            let cursor = try context.registry.query(
                AdQuery(kind: kind, ad: ad), for: .anybody, now: context.clock())
            QueryRun(cursor, answer: request.makeWriter(), respond).start()
        } catch let refusal as QueryRefusal {
            respond(.refuse(reason: refusal.reason))
        } catch {
            respond(.refuse(reason: Command.text(of: error)))
        }
    }
}
