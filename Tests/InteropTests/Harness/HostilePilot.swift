import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import Foundation
import NIOCore
import NIOPosix

/// Somebody who holds a pilot's capability and speaks our protocol, but not to our liking.
struct HostilePilot {
    let broker: Sinful
    private let credentials: ClientCredentials
    private var session: SecuritySession?

    /// - Parameter bearer: a capability text instead of the one in the pilot's directory.
    init(_ broker: RunningBroker, _ pilot: PilotFiles, bearer: String? = nil) throws {
        guard let address = Sinful(broker.sinful) else { throw SocketFailure(call: "address", code: 0) }
        self.broker = address
        let trust = try TLSContext.client(
            trustPEM: String(contentsOfFile: pilot.path + "/broker-ca.pem", encoding: .utf8))
        let text = try bearer ?? Self.secret(of: pilot)
        credentials = ClientCredentials(
            tls: .init { (_) throws(TLSFailure) in try trust.makeEngine(.client) },
            bearerToken: SecretBytes(text.utf8), answersFS: false)
    }

    /// The capability text of a pilot.
    static func secret(of pilot: PilotFiles) throws -> String {
        try String(contentsOfFile: pilot.path + "/annex.cap", encoding: .utf8)
            .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .first { !$0.isEmpty && !$0.hasPrefix("#") } ?? ""
    }

    /// A connection for a command, in the session of the connections before.
    mutating func open(_ command: CommandNumber) async throws -> CondorConnection {
        let resumed = session
        let credentials = credentials
        let broker = broker
        let connection = try await CondorConnection.open(
            to: broker,
            handshake: { server in
                ClientHandshake(
                    command: command, credentials: credentials, policy: SecurityPolicy(methods: [.sciTokens]),
                    resume: resumed, connectSinful: broker.description, server: server)
            },
            group: NIOSingletons.posixEventLoopGroup, timeout: TimeAmount(Duration.patience),
            clock: { Int64(time(nil)) })
        if session == nil { session = connection.session }
        if let key = connection.session.key { LogArchive.shared?.add(secret: key.bytes) }
        return connection
    }

    /// Sends the payload of an update that is to be acknowledged; whether it was.
    mutating func isAcknowledged(
        _ build: @escaping @Sendable (inout MessageWriter) throws -> Void
    ) async throws -> Bool {
        let connection = try await open(.updateStartdAdWithAck)
        defer { connection.close() }
        do {
            try await connection.send(build)
            guard let answer = try await connection.receiveIfOpen() else { return false }
            var reader = answer.reader()
            return try reader.readInteger() == 1
        } catch is ChannelError {
            return false
        } catch is IOError {
            return false  // the broker closed before all was written
        }
    }
}

extension RunningBroker {
    /// Memory of the broker's process, in bytes.
    var residentMemory: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// The lines about peers that were turned away so far, and how many peers these were.
    ///
    /// Of one cause there is one line; the number is what the broker has counted. One more peer comes and is waited for:
    /// everything before it has happened then.
    func refusals() async throws -> (lines: [String], count: Int) {
        let marker = try RawSocket(port: port)
        marker.send([1, 0, 0, 0, 8] + withUnsafeBytes(of: UInt64(1_000_000).bigEndian) { Array($0) })
        _ = marker.isClosed(within: 10_000)
        let count = try await status()["Refusals"] ?? 0
        return (
            process.errorLines.filter { $0.contains(" notice refused ") && !$0.contains("command=1000000 ") }, count - 1
        )
    }
}
