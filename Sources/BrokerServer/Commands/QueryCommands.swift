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
                AdQuery(kind: kind, ad: ad), for: reader(of: request), now: context.clock())
            let sendsSecrets = request.isEncrypted && Self.takesSecrets(request.peerVersion)
            QueryRun(cursor, answer: request.makeWriter(), sendsSecrets: sendsSecrets, respond).start()
        } catch let refusal as QueryRefusal {
            respond(.refuse(reason: refusal.reason))
        } catch {
            respond(.refuse(reason: Command.text(of: error)))
        }
    }

    /// Administration capabilities go out on encrypted connections of authenticated people only.
    private func reader(of request: CommandRequest) -> QueryReader {
        let identity = request.session.identity
        guard request.isEncrypted, identity.isMapped, request.session.capabilityID == nil else { return .anybody }
        return context.principals.isAdministrator(identity) ? .administrator : .user(identity.user)
    }

    /// Peers from 9.9 on know these attributes (spec 01, 5.4).
    private static func takesSecrets(_ version: CondorVersion?) -> Bool {
        guard let version else { return false }
        return (version.major, version.minor) >= (9, 9)
    }
}
