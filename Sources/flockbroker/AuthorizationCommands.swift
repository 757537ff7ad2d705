import ArgumentParser
import ClassAds
import CondorNet
import CondorSecurity
import Configuration

/// The verbs of `flockbroker authorization`.
struct AuthorizationCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorization", abstract: "Who may do what: test.", subcommands: [Test.self])

    /// Says what a user may do from a host, and which entry decides.
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what a user may do from a host, level by level, and which entry decides.",
            discussion: """
                USER is name@domain, or unauthenticated@unmapped for somebody who has proven nothing. Names of the host \
                are looked up as the broker does it, and only if an entry speaks of names.

                Exit status: 0 every level asked about is allowed; 1 the configuration is faulty; 2 usage; 4 a level is \
                refused.
                """)

        @OptionGroup var options: ConfigurationOptions
        @Option(name: .customLong("from"), help: "The address of the user's host.")
        var address = "127.0.0.1"
        @Option(name: .long, help: "A name of the user's host, instead of looking it up; may be repeated.")
        var hostName: [String] = []
        @Option(name: .long, help: "READ, WRITE, ...; may be repeated. All levels without it.")
        var level: [String] = []
        @Option(name: .long, help: "The levels a token is limited to, with commas.")
        var limit: String?
        @Flag(help: "Ask for a pilot with an annex capability of this user.")
        var capability = false
        @Flag(help: "Print the result as JSON.")
        var json = false
        @Argument(help: "The user, name@domain.")
        var user: String

        func run() throws {
            let levels = try wantedLevels()
            guard let parsed = IPAddress(address) else { throw ValidationError("not an address: \(address)") }
            let configuration = try options.read()
            let rules = configuration.authorizationRules(
                host: ConfigurationOptions.hostName, localAddresses: NameLookup.localAddresses())
            let identity = Identity(user: user, method: .fs)
            let subject = AuthorizationSubject(
                user: identity.user, isMapped: identity.isMapped, address: parsed,
                hostNames: names(of: parsed, rules),
                capability: capability ? [.advertiseStartd, .advertiseMaster] : nil)
            let limits = AuthorizationLevel.limits(from: limit)
            let rows = levels.map { level in
                level.isWithin(limits)
                    ? (level, rules.verdict(on: level, for: subject))
                    : (level, nil)
            }
            show(rows)
            guard rows.allSatisfy({ $0.1?.isGranted == true }) else { throw ExitStatus.refused }
        }

        private func wantedLevels() throws -> [AuthorizationLevel] {
            guard !level.isEmpty else {
                return AuthorizationLevel.allCases.filter { $0 != .allow && $0 != .client }
            }
            return try level.map { word in
                guard let level = AuthorizationLevel(rawValue: word.uppercased()), level != .client else {
                    throw ValidationError("no such level: \(word)")
                }
                return level
            }
        }

        private func names(of address: IPAddress, _ rules: AuthorizationRules) -> [String]? {
            if !hostName.isEmpty || !rules.needsHostNames { return hostName }
            switch NameLookup.system.confirmedNames(of: address, expected: rules.literalHostNames) {
            case .found(let names): return names
            case .failed: return nil
            }
        }

        private func show(_ rows: [(level: AuthorizationLevel, verdict: AuthorizationVerdict?)]) {
            guard json else {
                for row in rows {
                    Output.line(row.verdict?.description ?? "\(row.level.rawValue): refused, beyond the token's limits")
                }
                return
            }
            Output.json(
                rows.map { row in
                    [
                        "Level": Expression(row.level.rawValue), "Allowed": Expression(row.verdict?.isGranted == true),
                        "Reason": Expression(row.verdict?.description ?? "beyond the token's limits"),
                    ]
                })
        }
    }
}
