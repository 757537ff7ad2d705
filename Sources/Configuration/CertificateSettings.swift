extension BrokerConfiguration {
    /// What is missing of the administrator's certificate: its three files come together.
    var certificateRemarks: [ConfigurationRemark] {
        let settings = [Settings.certificate, Settings.certificateKey, Settings.certificateAuthority]
        let missing = settings.filter { self[$0].isEmpty }
        guard missing.count < settings.count, let set = settings.first(where: { !self[$0].isEmpty }) else { return [] }
        let origin = effective(set.description).origin
        return missing.map { .init(.error, "\($0.name) must be set beside \(set.name)", at: origin) }
    }
}
