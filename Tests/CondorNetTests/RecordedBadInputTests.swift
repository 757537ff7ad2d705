import CEDAR
import NIOCore
import TestSupport
import Testing

@testable import CondorNet

/// Recorded connections with damage: a connection is accepted and valid, or closed once with one line in the log.
@Suite struct RecordedBadInputTests {
    /// Recordings whose client our server turns away as it should, with the reason; all others are accepted.
    static let refused: [String: String] = [
        "cedar/wheel25-denied": "denied", "cedar/collector-denied": "denied",
        "cedar/wheel25-resume-unknown-sid": "sessionNotFound", "cedar/collector-resume-unknown-sid": "sessionNotFound",
        "cedar/daemon-family-session-rejected": "sessionNotFound", "auth-idtokens-refused": "credentialRefused",
        "auth-scitokens-refused": "credentialRefused", "cedar/collector-no-common-method": "noCommonMethod",
        // The client gave up.
        "auth-ssl-client-wronghost": "authenticationFailed",
        // Methods that we do not have, and a key that the recording does not tell.
        "auth-password-collector": "noKeyAgreement", "auth-idtokens-collector": "credentialRefused",
    ]

    /// All but those of our own client, which say nothing that a server does not hear from the others.
    static let names: [String] = Recording.names.filter { !$0.hasPrefix("auth-ours-") }

    @Test(arguments: names)
    func theRecordingItselfIsTakenAsIntended(name: String) throws {
        let exchange = try Exchange(try vectors(name))
        #expect(exchange.outcome.faults == [])
        #expect(exchange.outcome.refusals == [Self.refused[name]].compactMap(\.self))
    }

    @Test(arguments: names)
    func everyByteMayBeCorrupted(name: String) throws {
        let exchange = try Exchange(try vectors(name))
        for (index, packet) in exchange.packets.enumerated() {
            for place in packet.bytes.indices {
                var bytes = packet.bytes
                bytes[place] ^= place % 2 == 0 ? 0x01 : 0xFF
                let victim = exchange.outcome(replacing: index, by: bytes)
                try Self.expectSound(victim, exchange, "byte \(place) of packet \(index)")
                if packet.isEncrypted {
                    let isRefused = !victim.isAccepted
                    try #require(isRefused, "a forged packet was accepted: byte \(place) of \(index)")
                }
            }
        }
    }

    @Test(arguments: names)
    func theConnectionMayEndAnywhere(name: String) throws {
        let exchange = try Exchange(try vectors(name))
        var victim = exchange.fresh
        for (count, byte) in exchange.bytes.enumerated() {
            var cut = victim
            cut.end()
            try Self.expectSound(cut, exchange, "cut after \(count) bytes")
            victim.feed(CollectionOfOne(byte))
        }
        victim.end()
        try Self.expectSound(victim, exchange, "byte by byte")
        #expect(
            victim.refusals == exchange.outcome.refusals && victim.commands.count == exchange.outcome.commands.count)
    }

    @Test(arguments: names)
    func everyPacketLengthMayLie(name: String) throws {
        let exchange = try Exchange(try vectors(name))
        for (index, packet) in exchange.packets.enumerated() {
            for length: UInt32 in [0, 1, 1 << 31, .max] {
                var bytes = packet.bytes
                withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(1..<5, with: $0) }
                let victim = exchange.outcome(replacing: index, by: bytes)
                try Self.expectSound(victim, exchange, "length \(length) in packet \(index)")
                let isRefused = !victim.isAccepted
                try #require(isRefused, "length \(length) in packet \(index)")
            }
        }
    }

    /// Counts of attributes, counts of records and lengths of strings stand somewhere among these places.
    @Test(arguments: names)
    func everyNumberInAClearMessageMayLie(name: String) throws {
        let exchange = try Exchange(try vectors(name))
        for (index, packet) in exchange.packets.enumerated() where !packet.isEncrypted {
            for place in packet.bytes.indices.dropFirst(5).dropLast(7) {
                // The numbers of an ad stand before its text; in the messages of the methods, which are short, anywhere.
                guard packet.bytes.count <= 600 || place < 5 + 40 || (place - 5) % 8 == 0 else { continue }
                for number: UInt64 in [0, 1, 1 << 31, 1 << 32 - 1, .max] {
                    var bytes = packet.bytes
                    withUnsafeBytes(of: number.bigEndian) { bytes.replaceSubrange(place..<(place + 8), with: $0) }
                    let victim = exchange.outcome(replacing: index, by: bytes)
                    try Self.expectSound(victim, exchange, "\(number) at \(place) of packet \(index)")
                }
            }
        }
    }

    /// At most a command for each packet, never more waiting than was sent, and one end.
    static func expectSound(
        _ victim: Victim, _ exchange: Exchange, _ what: @autoclosure () -> String,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let sent = exchange.packets.reduce(0) { $0 + $1.bytes.count }
        guard victim.faults.isEmpty, victim.commands.count <= exchange.packets.count,
            victim.mostBuffered <= sent
        else {
            Issue.record("\(what()): \(victim.faults), \(victim.commands.count) commands", sourceLocation: location)
            throw Unsound()
        }
    }
}

/// Ends a test whose first finding is enough.
struct Unsound: Error {}
