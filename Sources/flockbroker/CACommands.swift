import ArgumentParser
import ClassAds
import Cryptography

/// The verbs of `flockbroker ca`.
struct CACommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "The authority of the broker's certificate: show.", subcommands: [Show.self])

    /// What pilots trust, in the forms in which people compare and install it.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the fingerprint of what pilots trust, and the line for their known_hosts.",
            discussion: """
                Reads the file known_hosts in the broker's state directory, which the broker writes when it starts and \
                when its certificate changes.

                Exit status: 0 success; 1 the file cannot be read; 2 usage; 3 no broker has run here; 4 the file was not \
                written by an account to be trusted.
                """)

        @Option(name: .long, help: "The broker's state directory.")
        var stateDirectory: String?
        @Flag(help: "Print the result as JSON.")
        var json = false

        func run() throws {
            let path = "\(BrokerOptions.directory(stateDirectory))/known_hosts"
            guard let text = try PublicFile.firstLine(of: path) else {
                throw Failure(
                    message: "\(path) is not there: no broker has run with this state directory",
                    code: ExitStatus.notFound)
            }
            let line: KnownHostsLine
            do {
                line = try KnownHostsLine(parsing: text)
            } catch {
                throw Failure(message: "\(path): \(error)", code: ExitStatus.failure)
            }
            show(line)
        }

        private func show(_ line: KnownHostsLine) {
            let certificate = line.certificate
            guard json else {
                Output.line("Subject:     \(certificate.subject)")
                Output.line("SHA-256:     \(certificate.fingerprintWithColons)")
                Output.line("Valid until: \(Output.time(certificate.expiresAt))")
                Output.line("Alias:       \(line.host)")
                Output.line("")
                Output.line("The line for SEC_KNOWN_HOSTS (~/.condor/known_hosts):")
                Output.line(line.description)
                return
            }
            let ad: ClassAd = [
                "Subject": Expression(certificate.subject), "Fingerprint": Expression(certificate.fingerprint),
                "ExpiresAt": Expression(certificate.expiresAt), "Alias": Expression(line.host),
                "KnownHosts": Expression(line.description),
                "Certificate": Expression(certificate.pem),
            ]
            Output.json(ad)
        }
    }
}
