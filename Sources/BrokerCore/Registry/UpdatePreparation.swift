import CEDAR
import ClassAds

/// Turns an update into the records that it makes (spec 04, 5.1 to 5.4).
struct UpdatePreparation {
    /// Who brings it.
    var source: AdSource
    /// When, in seconds since 1970.
    var now: Int64
    /// The registry's limits.
    var limits: RegistryLimits
    /// What the registry's ads share.
    var pool: AdPool

    private var environment: EvaluationEnvironment {
        EvaluationEnvironment(now: now, maximumSteps: limits.stepsPerEvaluation)
    }

    /// A record before it is known what it replaces.
    struct Draft {
        /// Where it will stand.
        var key: AdKey
        /// The public ad without counters.
        var ad: ClassAd
        /// Its private attributes; `nil` if the update brought none.
        var secrets: PrivateAd?
        /// Whether the private part of the ad that it replaces stays, because this command brings none.
        var keepsSecrets: Bool
        /// How many bytes it was on the wire.
        var byteCount: Int
        /// Whether it named another annex.
        var isMismatched: Bool
        /// Whether it is made from a slot ad.
        var isSynthesized = false
    }

    /// The records that `update` makes: one, or two for a slot of a startd that has no daemon ad of its own.
    func drafts(of update: AdUpdate) throws(RegistryRefusal) -> [Draft] {
        guard update.wireBytes <= limits.bytesPerAd else { throw .tooLarge }
        guard update.ad.count + (update.privateAd?.count ?? 0) <= limits.attributesPerAd else {
            throw .tooManyAttributes
        }
        let table = try table(of: update)
        guard source.mayWrite(to: table) else { throw .tableNotAllowed }
        guard let name = table.keyName(of: update.ad, in: environment) else { throw .noKey }

        let isMismatched = namesAnotherAnnex(update.ad)
        let ad = publicAd(update.ad, in: table)
        let draft = Draft(
            key: AdKey(table: table, scope: source.scope, name: name), ad: ad,
            secrets: PrivateAd(from: update.ad, update.privateAd ?? [:]),
            keepsSecrets: table == .slot && update.privateAd == nil, byteCount: update.wireBytes,
            isMismatched: isMismatched)
        guard table == .slot, needsDaemonAd(update.ad) else { return [draft] }
        return [draft, synthesizedDaemon(from: draft)]
    }

    /// The record that `draft` becomes in the place of `previous`.
    func record(_ draft: Draft, after previous: AdRecord?) -> AdRecord {
        var ad = draft.ad
        let statistics =
            draft.isSynthesized
            ? nil : UpdateStatistics(receiving: ad, after: previous.map { ($0.statistics, $0.publicAd) })
        statistics?.write(to: &ad)
        var secrets = draft.secrets
        if draft.keepsSecrets, let kept = previous?.secrets {
            secrets = secrets.map { PrivateAd(from: kept.ad, $0.ad) } ?? kept
        }
        return AdRecord(
            key: draft.key, identity: source.identity, method: source.method, capabilityID: source.capabilityID,
            publicAd: ad.shared(in: pool), secrets: secrets, byteCount: draft.byteCount, lastHeardFrom: now,
            lifetime: lifetime(of: ad),
            statistics: statistics,
            isMismatched: draft.isMismatched, isSynthesized: draft.isSynthesized)
    }

    private func table(of update: AdUpdate) throws(RegistryRefusal) -> AdTable {
        switch update.kind {
        case .table(let table): return table
        case .startd:
            let type = update.ad.string(AttributeName.myType, in: environment)
            return type?.lowercased() == "startd" ? .startd : .slot
        case .generic:
            guard let type = update.ad.string(AttributeName.myType, in: environment), !type.isEmpty,
                type.utf8.count <= AdTable.maximumKeyLength
            else { throw .noType }
            return AdTable(genericType: type)
        }
    }

    /// Whether the ad says that it belongs to another annex than its capability.
    ///
    /// An ad that says nothing agrees: the name stored is ours in any case.
    private func namesAnotherAnnex(_ ad: ClassAd) -> Bool {
        guard let annexName = source.annexName, ad.contains(AttributeName.annexName) else { return false }
        return ad.byteString(AttributeName.annexName, in: environment)?.bytes != Array(annexName.utf8)
    }

    /// The public part of `ad` with the attributes that are ours to write (spec 04, 5.3 and 19; spec 05, 5.6).
    private func publicAd(_ ad: ClassAd, in table: AdTable) -> ClassAd {
        var ad = ad.publicPart
        ad.set(AttributeName.authenticatedIdentity, source.identity)
        ad[AttributeName.authenticationMethod] = source.method.map { Expression($0) }
        ad.set(AttributeName.lastHeardFrom, now)
        UpdateStatistics.remove(from: &ad)
        switch table {
        case .slot, .startd, .master:
            ad[AttributeName.annexName] = source.annexName.map { Expression($0) }
            ad[AttributeName.restrictToAuthenticatedIdentity] = nil
            ad.removeAll(withPrefix: AttributeName.negotiatorMatchExpr)
        case .schedd, .submitter, .negotiator, .accounting, .collector, .checkpointServer, .license, .storage,
            .highAvailability, .grid, .generic:
            break
        }
        return ad
    }

    /// Whether the slot's startd is too old to send a daemon ad, and this is the slot to make one from (spec 04, 5.2).
    private func needsDaemonAd(_ ad: ClassAd) -> Bool {
        guard ad.string(AttributeName.myType, in: environment)?.lowercased() != "slot",
            !ad.contains(AttributeName.hasStartDaemonAd), !ad.contains(AttributeName.dynamicSlot)
        else { return false }
        return ad.integer(AttributeName.slotID, in: environment) == 1
    }

    private func synthesizedDaemon(from slot: Draft) -> Draft {
        var daemon = slot
        daemon.key.table = .startd
        daemon.isSynthesized = true
        daemon.keepsSecrets = false
        daemon.secrets = slot.secrets?.administrationOnly
        daemon.ad.set(AttributeName.myType, AdTable.startd.name)
        for name in [
            AttributeName.requirements, AttributeName.rank, AttributeName.start, AttributeName.state,
            AttributeName.activity, AttributeName.slotID, AttributeName.slotType, AttributeName.slotTypeID,
        ] { daemon.ad[name] = nil }
        return daemon
    }

    private func lifetime(of ad: ClassAd) -> Int64 {
        guard let lifetime = ad.integer(AttributeName.classAdLifetime, in: environment) else { return limits.lifetime }
        return min(max(lifetime, 1), AdRecord.maximumLifetime)
    }
}
