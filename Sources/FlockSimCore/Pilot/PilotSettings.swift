package import CEDAR
package import ClassAds

/// What the simulated pilots take from the configuration of a real one (spec 03, 10.8).
package struct PilotSettings: Sendable {
    /// Why a configuration cannot be used.
    package enum Problem: Error, Equatable, CustomStringConvertible {
        /// A setting that every pilot has is missing.
        case missing(String)
        /// A setting does not parse.
        case unusable(String)

        package var description: String {
            switch self {
            case .missing(let name): "\(name) is not set"
            case .unusable(let name): "\(name) cannot be used"
            }
        }
    }

    /// `COLLECTOR_HOST`.
    package var collector: Sinful
    /// `COLLECTOR_HOST` as written.
    package var collectorText: String
    /// `SEC_CLIENT_AUTHENTICATION_METHODS`.
    package var methods: [String]
    /// `SCITOKENS_FILE`.
    package var bearerFile: String?
    /// `AUTH_SSL_CLIENT_CAFILE`.
    package var authorityFile: String?
    /// `SEC_TOKEN_DIRECTORY`.
    package var tokenDirectory: String?
    /// `START`.
    package var start: String
    /// The attributes of `STARTD_ATTRS`.
    package var startdAttributes: ClassAd
    /// The attributes of `MASTER_ATTRS`.
    package var masterAttributes: ClassAd
    /// `UPDATE_INTERVAL`; seconds.
    package var updateInterval: Int64
    /// `DaemonStopTime`; seconds since 1970.
    package var stopTime: Int64?

    /// Takes the settings out of the configuration lines.
    package init(_ lines: ConfigurationLines) throws(Problem) {
        guard let collectorText = lines.value("COLLECTOR_HOST") else { throw .missing("COLLECTOR_HOST") }
        guard let collector = Sinful(collectorText) else { throw .unusable("COLLECTOR_HOST") }
        guard let methods = lines.value("SEC_CLIENT_AUTHENTICATION_METHODS") else {
            throw .missing("SEC_CLIENT_AUTHENTICATION_METHODS")
        }
        self.collector = collector
        self.collectorText = collectorText
        self.methods = listItems(methods)
        bearerFile = lines.value("SCITOKENS_FILE")
        authorityFile = lines.value("AUTH_SSL_CLIENT_CAFILE")
        tokenDirectory = lines.value("SEC_TOKEN_DIRECTORY")
        start = lines.value("START") ?? "true"
        startdAttributes = try Self.attributes("STARTD_ATTRS", lines)
        masterAttributes = try Self.attributes("MASTER_ATTRS", lines)
        updateInterval = lines.value("UPDATE_INTERVAL").flatMap(Int64.init) ?? 300
        stopTime = lines.value("DaemonStopTime").flatMap(Int64.init)
        guard Self.expression(start) != nil else { throw .unusable("START") }
    }

    /// The attributes whose names a list has, with the values of the settings of these names.
    private static func attributes(_ list: String, _ lines: ConfigurationLines) throws(Problem) -> ClassAd {
        var ad = ClassAd()
        for name in listItems(lines.value(list) ?? "") {
            guard let text = lines.value(name) else { continue }
            guard let expression = Self.expression(text) else { throw .unusable(name) }
            ad[name] = expression
        }
        return ad
    }

    private static func expression(_ text: String) -> Expression? {
        // Naming the setting is enough; where in the value it goes wrong is easily seen.
        try? Expression(parsing: text, syntax: .old)
    }
}
