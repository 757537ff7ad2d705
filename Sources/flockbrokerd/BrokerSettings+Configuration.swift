import BrokerServer
import CondorSecurity
import Configuration
import Foundation

extension BrokerSettings {
    /// The settings of a configuration that was found valid, with a map that was.
    init(_ configuration: BrokerConfiguration, map: IdentityMap) {
        let hostName = ProcessInfo.processInfo.hostName.lowercased()
        self.init(stateDirectory: configuration[Settings.stateDirectory], hostName: hostName)
        let address = configuration[Settings.listenAddress] ?? configuration[Settings.host]
        listenHost = address.host
        listenPort = address.port
        advertisedAddress = (configuration[Settings.advertisedAddress] ?? publicHost(configuration))?.description
        let named = configuration[Settings.alias]
        alias = named.isEmpty ? hostName : named
        uidDomain = configuration.userDomain(host: hostName)
        authorization = configuration.authorizationRules(host: hostName)
        let certificateFile = configuration[Settings.certificate]
        if !certificateFile.isEmpty {
            certificate = CertificateFiles(
                certificate: certificateFile, key: configuration[Settings.certificateKey],
                authority: configuration[Settings.certificateAuthority])
        }
        let clients = configuration[Settings.clientAuthorities]
        clientAuthorities = clients.isEmpty ? nil : clients
        identityMap = map
        fsDirectory = configuration[Settings.fsDirectory]
        requiresAuthenticationForQueries = configuration[Settings.readPolicy] == .required
        sessionDuration = configuration[Settings.sessionDuration].components.seconds
        handOverKeys = configuration[Settings.handOverKeys]
        defaultLifetime = configuration[Settings.defaultLifetime].components.seconds
        capabilityGrace = configuration[Settings.capabilityGrace].components.seconds
        maximumAdsPerAnnex = configuration[Settings.maximumAds]
        maximumConnectionsPerCapability = configuration[Settings.maximumConnections]
        adLifetime = configuration[Settings.adLifetime].components.seconds
        disabledLocks = configuration.disabledLocks
        ignoresConcurrencyLimits = configuration[Settings.concurrencyLimits] == .ignore
        endsRoundsNeutrally =
            switch configuration[Settings.neutralEnding] {
            case .always: true
            case .never: false
            case .auto: configuration[Settings.mode] == .home
            }
        threads = configuration[Settings.threads]
        credentials = CredentialSettings(configuration)
    }

    /// Takes the sessions that condor_master gave us out of the environment, so that no child of ours gets them.
    mutating func inheritSessions(_ configuration: BrokerConfiguration) {
        let name = InheritedSessions.variableName
        guard let text = ProcessInfo.processInfo.environment[name] else { return }
        unsetenv(name)
        let inherited = InheritedSessions(text)
        inheritedSessions = configuration[Settings.useFamilySession] ? inherited : inherited.withoutFamily
    }

    /// Where the broker is found, if it listens somewhere else.
    private func publicHost(_ configuration: BrokerConfiguration) -> BrokerAddress? {
        configuration[Settings.listenAddress] == nil ? nil : configuration[Settings.host]
    }
}

extension CredentialSettings {
    fileprivate init(_ configuration: BrokerConfiguration) {
        self.init()
        trustDomain = configuration[Settings.trustDomain]
        signingKeyDirectory = configuration[Settings.signingKeyDirectory]
        poolSigningKey = configuration[Settings.poolSigningKey]
        sciTokensIssuers = configuration[Settings.sciTokensIssuers].map { ($0.name, $0.keyFile) }
        let revocationRule = configuration[Settings.tokenRevocation]
        revocation = revocationRule.isEmpty ? nil : TokenRevocation(revocationRule)
        sciTokensAudience = configuration[Settings.sciTokensAudience]
    }
}
