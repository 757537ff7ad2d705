import CEDAR
import Foundation
import NIOCore

/// The ad of a slot with everything that is the same for all slots already in the coding of the wire.
struct SlotPattern: Sendable {
    /// What differs from ad to ad and from update to update.
    struct Instance {
        var slot: Int
        /// The number of the update.
        var sequence: Int
        /// `BenchSeq`, by which a query finds out what has arrived.
        var mark: Int
    }

    /// Attributes that are written anew for each ad, or that the server adds.
    private static let replaced: Set<String> = [
        "Name", "Machine", "MyAddress", "UpdateSequenceNumber", "BenchSeq", "State", "MyCurrentTime", "LoadAvg",
        "TotalLoadAvg", "AuthenticatedIdentity", "AuthenticationMethod", "LastHeardFrom", "UpdatesTotal",
        "UpdatesSequenced", "UpdatesLost", "UpdatesHistory", "AnnexName",
    ]

    private let body: ByteBuffer
    private let lineCount: Int

    /// Reads the first ad of a file in the long form.
    init(path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            .filter { line in line.split(separator: " ").first.map { !Self.replaced.contains(String($0)) } ?? false }
        var writer = MessageWriter(encrypted: true, capacity: 16_384)
        for line in lines { writer.write(String(line)) }
        body = writer.payload
        lineCount = lines.count
    }

    /// The name of a slot; eight belong to a machine.
    static func name(of slot: Int) -> String {
        "slot1_\(slot % 8)@\(machine(of: slot))"
    }

    private static func machine(of slot: Int) -> String { "ep\(slot / 8 + 100_000).example.net" }

    /// The public and the private ad of an update as a startd sends them, `command` in front.
    ///
    /// - Parameter command: `nil` for the first message of a connection, whose command travels in the handshake.
    func message(_ instance: Instance, after command: CommandNumber?) -> ByteBuffer {
        let slot = instance.slot
        let node = slot / 8
        let address = "<10.\(node >> 16 & 255).\(node >> 8 & 255).\(node & 255):9618>"
        let lines = [
            "Name = \"\(Self.name(of: slot))\"", "Machine = \"\(Self.machine(of: slot))\"",
            "MyAddress = \"\(address)\"", "UpdateSequenceNumber = \(instance.sequence)",
            "BenchSeq = \(instance.mark)", "State = \"\(slot % 100 == 0 ? "Unclaimed" : "Claimed")\"",
            "MyCurrentTime = \(1_795_385_563 + instance.sequence)", "LoadAvg = 0.\(instance.sequence % 90 + 10)",
            "TotalLoadAvg = 2.\(instance.sequence % 90 + 10)",
        ]
        let secrets = [
            "MyType = \"Machine\"", "Name = \"\(Self.name(of: slot))\"", "MyAddress = \"\(address)\"",
            "ClaimId = \"\(address)#1795384122#\(slot)#[Integrity=\\\"YES\\\";Encryption=\\\"YES\\\";"
                + "CryptoMethods=\\\"AES\\\";]0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"",
        ]
        var writer = MessageWriter(encrypted: true, capacity: body.readableBytes + 2048)
        if let command { writer.write(command) }
        writer.write(lineCount + lines.count)
        for line in lines { writer.write(line) }
        writer.writeBytes(body.readableBytesView)
        writer.endAd()
        writer.write(secrets.count)
        for line in secrets { writer.write(line) }
        writer.endAd()
        return writer.payload
    }

    /// The first message of a connection that brings as little as there can be: the same ad for all.
    static var small: ByteBuffer {
        var writer = MessageWriter(encrypted: true)
        let lines = [
            "MyType = \"Machine\"", "Name = \"idle@ep.example.net\"", "Machine = \"ep.example.net\"",
            "MyAddress = \"<10.0.0.1:9618>\"",
        ]
        writer.write(lines.count)
        for line in lines { writer.write(line) }
        writer.endAd()
        return writer.payload
    }

    /// An update with one string of so many bytes, for the throughput of encryption.
    static func large(_ number: Int, bytes: Int, after command: CommandNumber?) -> ByteBuffer {
        var writer = MessageWriter(encrypted: true, capacity: bytes + 512)
        if let command { writer.write(command) }
        let lines = [
            "MyType = \"Machine\"", "Name = \"large\(number)@ep.example.net\"", "Machine = \"ep.example.net\"",
            "MyAddress = \"<10.0.0.1:9618>\"", "Large = true",
            "Text = \"\(String(repeating: "0123456789abcdef", count: bytes / 16))\"",
        ]
        writer.write(lines.count)
        for line in lines { writer.write(line) }
        writer.endAd()
        return writer.payload
    }
}

extension MessageWriter {
    /// The two empty strings behind an ad's lines (spec 01, 5.1).
    fileprivate mutating func endAd() {
        write("")
        write("")
    }
}
