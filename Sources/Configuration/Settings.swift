/// How tagged jobs reach the broker (spec 05, 1 and 4).
package enum HandOffMode: String, CaseIterable, Sendable {
    /// The broker is one more home collector of the schedd.
    case home
    /// The broker is a flock target of the schedd.
    case flock
}

/// What a query without credentials gets.
package enum ReadPolicy: String, CaseIterable, Sendable {
    /// Everybody may ask; whoever can authenticate does, and sees more of his own.
    case preferred
    /// Only authenticated users may ask.
    case required
}

/// When rounds of negotiation end without touching the schedd's flock levels (spec 05, 2.9).
package enum NeutralEnding: String, CaseIterable, Sendable {
    /// In home mode only.
    case auto
    /// Always: for access points with further flock pools.
    case always
    /// Never: rejections with their reasons are always sent.
    case never
}

/// What happens to jobs with concurrency limits, whose counters the home negotiator keeps (spec 05, 5.1).
package enum ConcurrencyLimitsRule: String, CaseIterable, Sendable {
    /// They are rejected with a reason.
    case refuse
    /// They are matched, and not counted against their limits.
    case ignore
}

/// How much is logged.
package enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical
}

/// Every setting of the broker, in the order of the manual.
///
/// Parser, checks, `flockbroker config` and the manual all come from this table.
package enum Settings {
    /// Where the broker listens, and where it is found.
    package static let host = Setting(
        "FLOCK_BROKER_HOST", .address, default: "127.0.0.1:9620",
        "The address at which the broker listens and is found; port 0 lets the system choose one.")
    /// The address to bind, if it differs from the one clients use.
    package static let listenAddress = Setting(
        "FLOCK_BROKER_LISTEN_ADDRESS", .optionalAddress, default: "",
        "The local address to listen on, if it is not the one in FLOCK_BROKER_HOST, for instance 0.0.0.0:9620.")
    /// The address pilots are given.
    package static let advertisedAddress = Setting(
        "FLOCK_BROKER_ADVERTISED_ADDRESS", .optionalAddress, default: "",
        "The address that pilots and tools are given, if the broker is behind a forwarded port.")
    /// The name in the server certificate.
    package static let alias = Setting(
        "FLOCK_BROKER_ALIAS", .text, default: "",
        "The name that pilots demand in the broker's certificate; empty means the host of its address.")
    /// The name under which schedds list the broker.
    package static let poolName = Setting(
        "FLOCK_BROKER_POOL_NAME", .text, default: "",
        "The broker's entry in FLOCK_COLLECTOR_HOSTS, compared as text; empty means FLOCK_BROKER_HOST as written.")
    /// How jobs reach the broker.
    package static let mode = Setting(
        "FLOCK_BROKER_MODE", SettingType<HandOffMode>.choice, default: "flock",
        "How tagged jobs reach the broker.")
    /// The directory of everything that survives a restart.
    package static let stateDirectory = Setting(
        "FLOCK_BROKER_STATE_DIR", .path, default: "/var/lib/flockbroker",
        "The directory of the database, the keys and the address file; only the broker's account may read it.")
    /// The directory in which FS authentication happens.
    package static let fsDirectory = Setting(
        "FLOCK_BROKER_FS_DIR", .path, default: "/tmp",
        "The directory that the broker and its local clients share, in which FS authentication proves accounts.")
    /// Number of event loops.
    package static let threads = Setting(
        "FLOCK_BROKER_THREADS", .integer(0...256), default: "0",
        "The number of threads that serve connections; 0 means one for each core.")
    /// Log level.
    package static let logLevel = Setting(
        "FLOCK_BROKER_LOG_LEVEL", SettingType<LogLevel>.choice, default: "info",
        "How much is logged.")
    /// Log file.
    package static let logFile = Setting(
        "FLOCK_BROKER_LOG", .path, default: "",
        "The log file; empty means standard error.")

    /// The domain of users.
    package static let uidDomain = Setting(
        "FLOCK_BROKER_UID_DOMAIN", .text, default: "", inherits: "UID_DOMAIN",
        "The domain of the users' accounts, as the schedd uses it; empty means the full name of the host.")
    /// Administrators.
    package static let administrators = Setting(
        "FLOCK_BROKER_ADMINISTRATORS", .users, default: "",
        "Users, with domain, who administer the broker besides root and its own account.")
    /// Identities of schedds.
    package static let trustedSchedds = Setting(
        "FLOCK_BROKER_TRUSTED_SCHEDDS", .users, default: "",
        "Identities, with domain, whose schedd and submitter ads are believed besides condor of the own domain.")
    /// Who may query.
    package static let readPolicy = Setting(
        "FLOCK_BROKER_READ_POLICY", SettingType<ReadPolicy>.choice, default: "preferred",
        "Whether queries need authentication.")
    /// Duration of security sessions.
    package static let sessionDuration = Setting(
        "FLOCK_BROKER_SESSION_DURATION", .time(60...604_800), default: "1h",
        "How long a security session lives before the peer authenticates again.")
    /// Whether session keys are handed over under TLS.
    package static let handOverKeys = Setting(
        "FLOCK_BROKER_HAND_OVER_KEYS", .boolean, default: "true",
        "Whether session keys travel inside TLS, which binds the session to the proof of identity; not for FIPS nodes.")

    /// The map file.
    package static let mapFile = Setting(
        "CERTIFICATE_MAPFILE", .path, default: "",
        "The file that says which user stands behind a proven name; empty means that accounts are users.")
    /// Whether principals are literals.
    package static let mapHasLiteralKeys = Setting(
        "CERTIFICATE_MAPFILE_ASSUME_HASH_KEYS", .boolean, default: "false",
        "Whether names in the map file are literals unless written /pattern/; otherwise all are patterns.")
    /// The administrator's certificate.
    package static let certificate = Setting(
        "FLOCK_BROKER_CERTIFICATE", .path, default: "",
        "A server certificate with its chain (PEM), instead of one of the broker's own authority.")
    /// Its key.
    package static let certificateKey = Setting(
        "FLOCK_BROKER_CERTIFICATE_KEY", .path, default: "",
        "The private key of FLOCK_BROKER_CERTIFICATE (PEM, no passphrase), readable by the broker's account alone.")
    /// Its authority.
    package static let certificateAuthority = Setting(
        "FLOCK_BROKER_CERTIFICATE_AUTHORITY", .path, default: "",
        "The roots that pilots trust when FLOCK_BROKER_CERTIFICATE is set (PEM).")
    /// Authorities of clients.
    package static let clientAuthorities = Setting(
        "FLOCK_BROKER_CLIENT_AUTHORITIES", .path, default: "",
        "The roots whose client certificates are accepted for SSL, besides the broker's own (PEM).")

    /// Lifetime of a request.
    package static let defaultLifetime = Setting(
        "FLOCK_BROKER_DEFAULT_LIFETIME", .time(60...31_536_000), default: "24h",
        "How long a request for resources lives if its owner does not say.")
    /// How long a capability outlives its request.
    package static let capabilityGrace = Setting(
        "FLOCK_BROKER_CAPABILITY_GRACE", .time(0...604_800), default: "1h",
        "How much longer than its request a capability is honoured, so that pilots can say goodbye.")
    /// Ads of one annex.
    package static let maximumAds = Setting(
        "FLOCK_BROKER_MAX_ADS_PER_ANNEX", .integer(1...1_000_000), default: "5000",
        "The largest number of ads that one annex may keep.")
    /// Connections of one annex.
    package static let maximumConnections = Setting(
        "FLOCK_BROKER_MAX_CONNECTIONS_PER_ANNEX", .integer(1...1_000_000), default: "5000",
        "The largest number of connections that one annex may keep open.")
    /// Lifetime of an ad.
    package static let adLifetime = Setting(
        "FLOCK_BROKER_CLASSAD_LIFETIME", .time(30...86_400), default: "900",
        "How long an ad without its own lifetime is shown after its last update.")

    /// Endings of rounds.
    package static let neutralEnding = Setting(
        "FLOCK_BROKER_NEUTRAL_ENDING", SettingType<NeutralEnding>.choice, default: "auto",
        "Whether rounds end without rejections, so that the schedd's flock levels for other pools do not change.")
    /// Concurrency limits.
    package static let concurrencyLimits = Setting(
        "FLOCK_BROKER_CONCURRENCY_LIMITS", SettingType<ConcurrencyLimitsRule>.choice, default: "refuse",
        "What happens to jobs with concurrency limits, which only the home negotiator can count.")

    /// Permission for the setting below.
    package static let allowTestSettings = Setting(
        "FLOCK_BROKER_ALLOW_TEST_SETTINGS", .boolean, default: "false", forTests: true,
        "Whether settings that weaken the broker for tests are honoured.")
    /// Locks to leave open.
    package static let testDisabledLocks = Setting(
        "FLOCK_BROKER_TEST_DISABLED_LOCKS", .choices(lockNames), default: "", forTests: true,
        "Locks of negotiation that a test leaves open to show that the others hold.")

    /// The names of the locks, which are those of the negotiation's own option set.
    package static let lockNames = [
        "constraint", "ownerCheck", "tagCheck", "rewrittenRequirements", "restrictIdentity", "stickyTag",
    ]

    /// The whole table.
    package static let all: [SettingDescription] =
        [
            host.description, listenAddress.description, advertisedAddress.description, alias.description,
            poolName.description, mode.description, stateDirectory.description, fsDirectory.description,
            threads.description, logLevel.description, logFile.description,
            uidDomain.description, administrators.description, trustedSchedds.description, readPolicy.description,
            sessionDuration.description, handOverKeys.description,
            mapFile.description, mapHasLiteralKeys.description,
            certificate.description, certificateKey.description, certificateAuthority.description,
            clientAuthorities.description,
            defaultLifetime.description, capabilityGrace.description, maximumAds.description,
            maximumConnections.description, adLifetime.description,
            neutralEnding.description, concurrencyLimits.description,
            allowTestSettings.description, testDisabledLocks.description,
        ] + credentialSettings + authorizationLists.flatMap { [$0.allow.description, $0.deny.description] }

    /// Names of the family that other programs read: condor_master starts the daemon by them.
    package static let foreignNames = [
        "FLOCK_BROKER_ARGS", "FLOCK_BROKER_ENVIRONMENT", "FLOCK_BROKER_USERID",
    ]

    /// What all our names begin with.
    package static let prefix = "FLOCK_BROKER_"
}
