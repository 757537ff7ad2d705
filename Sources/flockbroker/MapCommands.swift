import ArgumentParser
import ClassAds
import CondorSecurity
import Configuration

/// The verbs of `flockbroker map`.
struct MapCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "The map from proven names to users: test.", subcommands: [Test.self])

    /// Says what the broker would make of a proven name.
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which user the broker would take a proven name for, and by which line of the map.",
            discussion: """
                METHOD is FS (then PRINCIPAL is a local account), SSL (the subject, /O=Example/CN=alice), SCITOKENS \
                (issuer and subject, https://issuer.example,alice) or IDTOKENS (the token's subject, for which the map \
                is not asked).

                Exit status: 0 the name has a user; 1 the map or the configuration is faulty, and each fault is told with \
                its file and line; 2 usage; 3 no line fits, so the name has no user; 4 a line fits, and what it makes of \
                the name is refused.
                """)

        @OptionGroup var options: ConfigurationOptions
        @Option(name: .long, help: "The map file, instead of CERTIFICATE_MAPFILE.")
        var file: String?
        @Flag(help: "Take names in the map for literals, as with CERTIFICATE_MAPFILE_ASSUME_HASH_KEYS.")
        var literalKeys = false
        @Flag(help: "Print the result as JSON.")
        var json = false
        @Argument(help: "FS, SSL, SCITOKENS or IDTOKENS.")
        var method: String
        @Argument(help: "The name that the method proves.")
        var principal: String

        func run() throws {
            guard let known = AuthenticationMethod(name: method) else {
                throw ValidationError("no such method: \(method)")
            }
            let configuration = try options.read()
            let domain = configuration.userDomain(host: ConfigurationOptions.hostName)
            guard known != .idTokens else {
                return report(known, user: principal, line: "the token's own subject", pattern: nil)
            }
            let map = try readMap(configuration)
            let name = known == .fs && principal == "root" ? "condor" : principal
            let found: IdentityMap.Mapping?
            do {
                found = try map.mapping(of: name, by: known)
            } catch {
                throw Failure(message: error.description, code: ExitStatus.refused)
            }
            if let found {
                let user = found.user.contains("@") ? found.user : "\(found.user)@\(domain)"
                return report(
                    known, user: Identity(user: user, method: known).user, line: found.origin.description,
                    pattern: found.pattern)
            }
            guard known == .fs else {
                if json {
                    Output.json([
                        "Method": Expression(known.displayName), "Principal": Expression(principal), "Mapped": false,
                    ])
                }
                throw Failure(
                    message: "no line of the map fits \(known.displayName) \(principal)", code: ExitStatus.notFound)
            }
            report(known, user: "\(name)@\(domain)", line: "no line: the account in the domain of users", pattern: nil)
        }

        private func readMap(_ configuration: BrokerConfiguration) throws -> IdentityMap {
            let literal = literalKeys || configuration[Settings.mapHasLiteralKeys]
            let (map, problems) =
                file.map { loadIdentityMap($0, literalKeys: literal) } ?? configuration.identityMap()
            for problem in problems { Output.error("\(problem)") }
            guard !problems.contains(where: { $0.severity == .error }) else {
                throw Failure(message: "the broker would refuse this map", code: ExitStatus.failure)
            }
            return map
        }

        private func report(_ method: AuthenticationMethod, user: String, line: String, pattern: String?) {
            guard json else {
                Output.line(user)
                Output.line("  by \(line)" + (pattern.map { ": \(method.displayName) \($0)" } ?? ""))
                return
            }
            var ad: ClassAd = [
                "Method": Expression(method.displayName), "Principal": Expression(principal), "Mapped": true,
                "User": Expression(user), "Line": Expression(line),
            ]
            if let pattern { ad.set("Pattern", pattern) }
            Output.json(ad)
        }
    }
}
