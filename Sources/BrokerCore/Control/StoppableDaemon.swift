package import CEDAR
package import ClassAds

/// A daemon of an annex that can be told to stop: its master, or a startd that runs without one.
package struct StoppableDaemon: Sendable {
    /// Which commands it understands (spec 04, 11.2).
    package enum Kind: Sendable {
        case master
        /// Knows only the commands of every daemon (spec 04, 11.7, step 3).
        case startd
    }

    /// How long an administration capability may be used after it came, in seconds (spec 04, 11.1).
    package static let capabilityLifetime: Int64 = 1800

    /// Its key in the registry.
    package let name: String
    package let kind: Kind
    /// `MyAddress`, with its callback contact if it is behind a firewall.
    package let address: Sinful
    /// The session that the daemon gave with its ad: a secret.
    package let capability: ClaimID?
    /// When the ad with the capability came, in seconds since 1970.
    package let receivedAt: Int64
    /// `DaemonStartTime`: another one means another process under the same name.
    package let startedAt: Int64?

    package init(
        name: String, kind: Kind, address: Sinful, capability: ClaimID?, receivedAt: Int64, startedAt: Int64? = nil
    ) {
        self.name = name
        self.kind = kind
        self.address = address
        self.capability = capability
        self.receivedAt = receivedAt
        self.startedAt = startedAt
    }

    /// Reads an ad with its private attributes; `nil` without name or address.
    ///
    /// - Parameter key: its key in the registry; if not given, `Name`.
    package init?(ad: ClassAd, kind: Kind, key: String? = nil, receivedAt: Int64) {
        let now = EvaluationEnvironment.at(receivedAt)
        guard let name = key ?? ad.string(AttributeName.name, in: now), !name.isEmpty,
            let address = ad.string(AttributeName.myAddress, in: now).flatMap(Sinful.init)
        else { return nil }
        self.init(
            name: name, kind: kind, address: address,
            capability: ad.string(AttributeName.remoteAdminCapability, in: now).flatMap(ClaimID.init),
            receivedAt: receivedAt, startedAt: ad.integer(AttributeName.daemonStartTime, in: now))
    }

    /// Whether the capability can still be used.
    package func hasLiveCapability(now: Int64) -> Bool {
        guard let capability, now - receivedAt < Self.capabilityLifetime else { return false }
        return capability.info?.expiresAt.map { now < $0 } ?? true
    }

    /// Whether the daemon says that it takes a command; without a list it may.
    func accepts(_ command: CommandNumber) -> Bool {
        capability?.info?.validCommands?.contains(command) ?? true
    }
}
