package import CondorSecurity

/// What the broker is told when it starts, checked and with defaults filled in.
package struct BrokerSettings: Sendable {
    /// The directory of everything that survives a restart.
    package var stateDirectory: String
    /// The local address to bind.
    package var listenHost: String
    /// The local port; 0 lets the system choose one.
    package var listenPort: Int
    /// The address that pilots and tools are given, `host:port`; `nil` for the one that was bound.
    package var advertisedAddress: String?
    /// The name in the server's certificate.
    package var alias: String
    /// The full name of this host.
    package var hostName: String
    /// The domain of local accounts.
    package var uidDomain: String
    /// Who may do what.
    package var authorization: AuthorizationRules
    /// Which user stands behind a proven name.
    package var identityMap: IdentityMap
    /// The administrator's own certificate; `nil` for one of the broker's own authority.
    package var certificate: CertificateFiles?
    /// A file with the authorities of client certificates besides the broker's own.
    package var clientAuthorities: String?
    /// The directory in which FS proves accounts.
    package var fsDirectory: String
    /// Whether queries need authentication.
    package var requiresAuthenticationForQueries: Bool
    /// How long a security session lives, in seconds.
    package var sessionDuration: Int64
    /// Whether session keys are handed over inside TLS.
    package var handOverKeys: Bool
    /// How long a request lives if its owner does not say, in seconds.
    package var defaultLifetime: Int64
    /// How much longer than its request a capability is honoured, in seconds.
    package var capabilityGrace: Int64
    /// Ads of one annex.
    package var maximumAdsPerAnnex: Int
    /// Connections of one capability.
    package var maximumConnectionsPerCapability: Int
    /// How long an ad is shown after its last update, in seconds.
    package var adLifetime: Int64
    /// Names of the locks of negotiation that a test leaves open; empty in earnest.
    package var disabledLocks: [String]
    /// Whether jobs with concurrency limits are matched, and not counted against their limits.
    package var ignoresConcurrencyLimits: Bool
    /// Whether rounds leave the schedd's flock levels alone.
    package var endsRoundsNeutrally: Bool
    /// Keys and tokens of others.
    package var credentials = CredentialSettings()
    /// The sessions that condor_master gave to the process.
    package var inheritedSessions = InheritedSessions.none
    /// Number of event loops; 0 for one for each core.
    package var threads: Int

    /// Paths of a certificate that the administrator brings along, all PEM.
    package struct CertificateFiles: Sendable {
        /// The certificate and the rest of its chain.
        package var certificate: String
        /// Its private key.
        package var key: String
        /// The roots that pilots pin.
        package var authority: String

        /// Paths of the three files.
        package init(certificate: String, key: String, authority: String) {
            self.certificate = certificate
            self.key = key
            self.authority = authority
        }
    }

    /// The settings of a broker for trial, on this machine alone.
    package init(stateDirectory: String, hostName: String) {
        self.stateDirectory = stateDirectory
        listenHost = "127.0.0.1"
        listenPort = 9620
        alias = hostName
        self.hostName = hostName
        uidDomain = hostName
        authorization = AuthorizationRules([:])
        identityMap = IdentityMap()
        fsDirectory = "/tmp"
        requiresAuthenticationForQueries = false
        sessionDuration = 3600
        handOverKeys = true
        defaultLifetime = 86_400
        capabilityGrace = 3600
        maximumAdsPerAnnex = 5000
        maximumConnectionsPerCapability = 5000
        adLifetime = 900
        disabledLocks = []
        ignoresConcurrencyLimits = false
        endsRoundsNeutrally = false
        threads = 0
    }
}
