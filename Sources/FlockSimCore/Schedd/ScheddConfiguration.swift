/// What a simulated schedd is told when it is made.
package struct ScheddConfiguration: Sendable {
    /// Who it is; `name` is the schedd's name, such as `ap@host`.
    package var identity: DaemonIdentity
    /// `UID_DOMAIN`: makes users of owners.
    package var uidDomain: String
    /// The broker as the schedd's configuration names it; empty if it is listed as a home collector (spec 05, 1.8).
    package var pool: String
    /// Flocking.
    package var flock: FlockRules
    /// `START_VANILLA_UNIVERSE`, if it is set.
    package var gate: Gate?
    /// `SCHEDD_INTERVAL`; seconds.
    package var interval: Int64
    /// `ALIVE_INTERVAL`; seconds.
    package var aliveInterval: Int64

    /// A schedd with the usual settings.
    package init(
        identity: DaemonIdentity, uidDomain: String, pool: String, flockByDefault: Bool = true, gate: Gate? = nil,
        interval: Int64 = 300, aliveInterval: Int64 = 300
    ) {
        self.identity = identity
        self.uidDomain = uidDomain
        self.pool = pool
        flock = FlockRules(pools: pool.isEmpty ? [] : [pool], byDefault: flockByDefault)
        self.gate = gate
        self.interval = interval
        self.aliveInterval = aliveInterval
    }

    /// How long a negotiation session lives; seconds (spec 05, 1.6).
    var negotiationLifetime: Int64 { max(60, 2 * interval) }
}
