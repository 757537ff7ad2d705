import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import Glibc
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The running broker: opens its memory, goes on where it stopped, and serves.
package final class Broker: Service {
    private let settings: BrokerSettings
    private let log: Logger
    private let ready: @Sendable (String) -> Void
    private let clock: @Sendable () -> Int64 = { Int64(time(nil)) }

    /// A broker that is not running yet.
    ///
    /// - Parameter ready: called once with the broker's address when it serves.
    package init(
        settings: BrokerSettings, log: Logger, ready: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.log = log
        self.ready = ready
    }

    /// Serves until the service group shuts down gracefully.
    ///
    /// - Throws: what keeps the broker from starting, in words for an administrator.
    package func run() async throws {
        let store = try AnnexStore(path: settings.stateDirectory, faults: KillingFaults.fromEnvironment())
        if let lost = store.lostSecrets { log.error("\(lost)") }
        let (state, damaged) = try store.load()
        if let damaged { log.error("\(damaged)") }
        let parts = try await assemble(store, state)
        let server = try await CondorServer.listen(
            host: settings.listenHost, port: settings.listenPort, service: parts.service, group: parts.group,
            clock: clock)
        parts.server.withLock { $0 = server }
        let address = try advertise(server, parts)
        log.notice(
            "serving",
            metadata: [
                "address": "\(address)", "state": "\(settings.stateDirectory)",
                "annexes": "\(parts.context.ledger.annexes().count)", "sessions": "\(parts.context.sessions.count)",
                "version": "\(CondorVersion.ours.short)",
            ])
        ready(address.description)
        await serve(parts, state, address)
        await server.stopAccepting()
        parts.context.authority.names?.stop()
        server.connections.closeAll()
        try? await store.flush()  // a disk that fails now has been complained about already
        store.close()
        store.directory.remove(.address)
        log.notice("stopped")
    }

    /// Everything that was put together.
    private struct Parts: Sendable {
        let context: BrokerContext
        let office: AnnexOffice
        let service: BrokerService
        let negotiations: NegotiationService
        let selfAd: SelfAd
        let group: any EventLoopGroup
        let server: ServerHolder
        let addressHolder: AddressHolder
        let tls: TLSKeeper
        let files: CredentialFiles
    }

    private func assemble(_ store: AnnexStore, _ state: StoredState) async throws -> Parts {
        let now = clock()
        let directory = store.directory
        let trustDomain = try await trustDomain(state[.trustDomain], store)
        let files = CredentialFiles(settings.credentials, reserved: Self.tokenKeyName, log: log)
        let tls = try TLSKeeper(
            in: directory, alias: settings.alias, files: settings.certificate,
            clientAuthorities: settings.clientAuthorities, log: log, now: now)
        let tokenKey = try loadTokenKey(in: directory)

        let principals = Principals(
            uidDomain: settings.uidDomain, brokerAccount: FilesystemProof.accountName(of: geteuid()) ?? "",
            map: settings.identityMap)
        var rules = settings.authorization
        rules.localAddresses = NameLookup.localAddresses()
        let authority = Authority(
            rules: rules,
            names: rules.needsHostNames ? PeerNames(expected: rules.literalHostNames, clock: clock) : nil,
            handsOverKeys: settings.handOverKeys)
        let registry = restoredRegistry(state, now: now)
        var ledgerLimits = LedgerLimits()
        ledgerLimits.capabilityGrace = settings.capabilityGrace
        let ledger = CapabilityLedger(
            annexes: state.annexes, requests: state.requests, capabilities: state.capabilities, limits: ledgerLimits,
            digest: { sha256($0) })
        let (sessions, deadSessions) = SessionVault.restoring(
            state.sessions.map { SecuritySession($0) }, inherited: settings.inheritedSessions.sessions(now: now),
            now: now)
        store.write(deadSessions.map { .removeSession(id: $0) }, durability: .soft)

        let group: any EventLoopGroup =
            settings.threads > 0
            ? MultiThreadedEventLoopGroup(numberOfThreads: settings.threads) : NIOSingletons.posixEventLoopGroup
        let addressHolder = AddressHolder()
        let caller = DaemonCaller(
            group: group, clock: clock, ownAddress: { addressHolder.withLock { $0?.description ?? "" } })
        let events = BrokerEvents()
        let shutdowns = ShutdownService(
            store: store, registry: registry, caller: caller, log: log, clock: clock)
        let figures = ServerFigures()
        let context = BrokerContext(
            principals: principals, authority: authority, registry: registry, ledger: ledger, sessions: sessions,
            store: store,
            events: events, shutdowns: shutdowns, figures: figures, log: log, clock: clock)
        let server = ServerHolder()
        let office = AnnexOffice(
            context: context,
            pilots: PilotKit(
                address: { addressHolder.withLock { $0?.hostPort ?? "" } }, alias: settings.alias,
                trustDomain: trustDomain, authorityPEM: { tls.identity.authorityPEM }, tokenKeyName: Self.tokenKeyName,
                tokenKey: tokenKey),
            connections: { server.withLock { $0?.connections } }, defaultLifetime: settings.defaultLifetime)
        let negotiations = NegotiationService(
            settings: NegotiationService.Settings(
                name: "flockbroker@\(settings.hostName)", uidDomain: settings.uidDomain,
                policy: Negotiator.Policy(
                    locks: FlockLocks(allBut: settings.disabledLocks),
                    concurrencyLimits: settings.ignoresConcurrencyLimits ? .ignore : .refuse),
                round: NegotiationRound.Settings(endsNeutrally: settings.endsRoundsNeutrally)),
            matches: state.matches, annexes: { ledger.annexes().map { OfferingAnnex($0) } }, store: store,
            caller: caller, events: events, log: log, clock: clock)
        let selfAd = SelfAd(
            name: "FlockBroker@\(settings.hostName)", machine: settings.hostName, startedAt: now)
        let status: @Sendable () async -> ClassAd = {
            await BrokerStatus.ad(context: context, negotiations: negotiations, server: server, selfAd: selfAd)
        }
        let table = CommandTable([
            UpdateCommands(context: context).commands, InvalidateCommands(context: context).commands,
            QueryCommands(context: context).commands,
            DaemonCommands(context: context, instance: Hex.encode(SystemRandom().bytes(8))).commands,
            ControlCommands(context: context, annexes: office, status: status).commands,
        ])
        let security = BrokerSecurity(
            facts: BrokerSecurity.Facts(
                trustDomain: trustDomain, serverName: settings.hostName, fsDirectory: settings.fsDirectory,
                publishedAddresses: settings.advertisedAddress.map { [$0] } ?? [], handOverKeys: settings.handOverKeys,
                sessionDuration: settings.sessionDuration,
                readPolicy: settings.requiresAuthenticationForQueries ? .required : .preferred,
                tokenKeyName: Self.tokenKeyName,
                tokenKey: SigningKey.material(key: tokenKey.bytes, name: Self.tokenKeyName), clock: clock),
            principals: principals, authority: authority, table: table, ledger: ledger, sessions: sessions, tls: tls,
            store: store, figures: figures, files: files)
        let service = BrokerService(
            security: security, table: table, context: context,
            maximumConnectionsPerCapability: settings.maximumConnectionsPerCapability)
        return Parts(
            context: context, office: office, service: service, negotiations: negotiations, selfAd: selfAd,
            group: group, server: server, addressHolder: addressHolder, tls: tls, files: files)
    }

    /// Works until shutdown is asked for.
    private func serve(_ parts: Parts, _ state: StoredState, _ address: Sinful) async {
        await takeUp(parts, state)
        let work = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await parts.negotiations.run() }
                group.addTask {
                    await Housekeeping(context: parts.context, office: parts.office, files: parts.files).run()
                }
                group.addTask { await self.keepSelfAdFresh(parts, address) }
                group.addTask { await self.keepCertificateGood(parts) }
            }
        }
        // Returns when the service group asks for a graceful shutdown, or is cancelled.
        try? await gracefulShutdown()
        parts.context.events.finish()
        work.cancel()
        await work.value
    }

    /// Goes on with what the last process left: ads for negotiation, shutdown orders.
    private func takeUp(_ parts: Parts, _ state: StoredState) async {
        let context = parts.context
        let now = clock()
        for annex in context.ledger.annexes() {
            for record in context.registry.slots(ofAnnex: annex.id, now: now) { context.events.post(.slot(record)) }
        }
        for record in context.registry.submitters(now: now) { context.events.post(.submitter(record.wholeAd)) }
        for order in state.orders {
            guard let annex = context.ledger.annex(id: order.annexID), !annex.permits(.match) else { continue }
            let masters = context.registry.masters(ofAnnex: annex.id, now: now)
                .compactMap(StoppableDaemon.init)
            await context.shutdowns.begin(
                order, daemons: masters, earlier: state.masterStops.filter { $0.orderID == order.id })
        }
    }

    private func keepSelfAdFresh(_ parts: Parts, _ address: Sinful) async {
        repeat {
            let now = clock()
            let ad = parts.selfAd.ad(
                address: address, census: parts.context.registry.census(now: now), figures: parts.context.figures,
                now: now)
            parts.context.registry.publishOwn(ad, name: parts.selfAd.name, now: now)
            // A sleep that is cancelled throws, which ends the loop.
        } while (try? await Task.sleep(for: .seconds(15))) != nil
    }

    private func keepCertificateGood(_ parts: Parts) async {
        // A sleep that is cancelled throws, which ends the loop.
        while (try? await Task.sleep(for: .seconds(TLSKeeper.interval))) != nil { parts.tls.refresh(now: clock()) }
    }

    /// The address the broker gives out, written into the address file.
    private func advertise(_ server: CondorServer, _ parts: Parts) throws -> Sinful {
        let port = server.localAddress?.port ?? settings.listenPort
        var address: Sinful
        if let advertised = settings.advertisedAddress, let parsed = Sinful(advertised) {
            address = parsed
        } else {
            let host = settings.listenHost
            address = Sinful(host: host == "0.0.0.0" || host == "::" ? settings.hostName : host, port: port)
            if let endpoint = Sinful.Endpoint(host: host, port: port) { address.setAddresses([endpoint]) }
        }
        try address.set("alias", to: settings.alias)
        try address.set("noUDP", to: "")
        parts.addressHolder.withLock { $0 = address }
        let text = "\(address)\n\(CondorVersion.ours.text)\n$CondorPlatform: X86_64-Linux $\n"
        try parts.context.store.directory.write(.address, text.utf8)
        return address
    }

    // MARK: Restoring

    private func restoredRegistry(_ state: StoredState, now: Int64) -> Registry {
        var limits = RegistryLimits()
        limits.adsPerAnnex = settings.maximumAdsPerAnnex
        limits.lifetime = settings.adLifetime
        let registry = Registry(limits: limits)
        let records = state.ads.compactMap { AdRecord($0) }
        if records.count < state.ads.count {
            log.error("stored ads could not be read", metadata: ["count": "\(state.ads.count - records.count)"])
        }
        registry.restore(records, now: now)
        return registry
    }

    /// The issuer in our tokens: as configured, else as it was, else made of the host's name.
    private func trustDomain(_ stored: String?, _ store: AnnexStore) async throws -> String {
        let configured = settings.credentials.trustDomain
        let domain = configured.isEmpty ? stored ?? "flock.\(settings.hostName)".lowercased() : configured
        if let stored, stored != domain {
            log.warning(
                "the trust domain has changed: pilots with IDTOKENS of the old one are not let in any more",
                metadata: ["old": "\(stored)", "new": "\(domain)"])
        }
        if stored != domain { try await store.commit([.putMeta(.trustDomain, domain)]) }
        return domain
    }

    /// The key that signs IDTOKENS: 64 random bytes, made at first start (spec 03, 10.4).
    private func loadTokenKey(in directory: StateDirectory) throws -> SecretBytes {
        if let bytes = try directory.read(.tokenKey), bytes.count == 64 { return SecretBytes(bytes) }
        let bytes = SystemRandom().bytes(64)
        try directory.write(.tokenKey, bytes)
        return SecretBytes(bytes)
    }

    /// Never equal to a name in another pool; a rotation makes `-2` of it (spec 03, 10.4).
    private static let tokenKeyName = "flockbroker-1"
}

/// The listener, once it listens.
final class ServerHolder: Sendable {
    private let server = Mutex<CondorServer?>(nil)

    func withLock<R>(_ body: (inout sending CondorServer?) -> sending R) -> R { server.withLock(body) }
}

/// The address, once it is known.
final class AddressHolder: Sendable {
    private let address = Mutex<Sinful?>(nil)

    func withLock<R>(_ body: (inout sending Sinful?) -> sending R) -> R { address.withLock(body) }
}

extension Sinful {
    /// `host:port` without anything else, as configuration files write it.
    var hostPort: String {
        guard let host, let port else { return "" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
