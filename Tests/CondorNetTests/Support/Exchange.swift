import CEDAR
import NIOCore
import TestSupport
import Testing

@testable import CondorNet
@testable import CondorSecurity

/// The client's side of a recording as bytes that our server takes.
///
/// Clear packets are the recorded ones. What came encrypted is encrypted anew, since the first packets authenticate what
/// our server has said, which is not word for word what the recorded one said.
struct Exchange {
    /// A packet of the client.
    struct Packet {
        var bytes: [UInt8]
        var isEncrypted: Bool
    }

    let replay: ReplayEnvironment
    private(set) var packets: [Packet] = []
    /// The server before each packet; `nil` where it has a TLS engine and cannot be copied.
    private(set) var before: [Victim?] = []
    /// The server after the last packet and the client's end.
    private(set) var outcome: Victim

    init(_ recording: Recording) throws {
        let messages = try recording.messages()
        let replay = try ReplayEnvironment(recording, messages)
        self.replay = replay
        outcome = Victim(replay.server, random: replay.random, local: replay.local)
        var client = CEDARStream(
            limits: StreamLimits(maximumMessageBytes: 64 << 20, maximumPacketPayload: 4096), random: FixedRandom())
        // Who resumes a session has its key; who makes one gets it from the server.
        let resumed = recording.sid.flatMap { replay.server.sessions.find($0, now: ReplayEnvironment.now)?.key }
        for message in messages where message.from == .client {
            if message.message.encrypted, !client.isEncrypted { break }
            if outcome.closes > 0 { break }
            let bytes = try client.encode(message.message.payload)
            for packet in Self.packets(of: bytes) {
                packets.append(Packet(bytes: packet, isEncrypted: client.isEncrypted))
                before.append(replay.engines.value == 0 ? outcome : nil)
                outcome.feed(packet)
                Self.listen(&client, &outcome)
                if let resumed, !client.isEncrypted { try client.enableEncryption(key: resumed) }
            }
        }
        outcome.end()
    }

    /// All bytes of the client.
    var bytes: [UInt8] { packets.flatMap(\.bytes) }

    /// A server that has not heard anything.
    var fresh: Victim { Victim(replay.server, random: replay.random, local: replay.local) }

    /// What becomes of the server if one packet is another.
    func outcome(replacing index: Int, by packet: [UInt8]) -> Victim {
        var start = index
        while start > 0, before[start] == nil { start -= 1 }
        var victim = before[start] ?? fresh
        for earlier in packets[start..<index] { victim.feed(earlier.bytes) }
        victim.feed(packet)
        for later in packets[(index + 1)...] where victim.closes == 0 { victim.feed(later.bytes) }
        victim.end()
        return victim
    }

    /// The client takes what the server wrote, for its digests, and its key as soon as there is one.
    static func listen(_ client: inout CEDARStream, _ server: inout Victim) {
        for event in server.takeOutput() {
            switch event {
            case .session(let session):
                // A second naming of the session finds encryption on already.
                if let key = session.key { try? client.enableEncryption(key: key) }
            case .bytes(let bytes):
                client.append(bytes)
                // The last words to a client that is denied come under a key that the test does not see.
                while (try? client.nextMessage()) != nil {}
            }
        }
    }

    /// A stream of bytes cut at its packets.
    static func packets(of bytes: ByteBuffer) -> [[UInt8]] {
        var rest = bytes
        var packets: [[UInt8]] = []
        while let length: UInt32 = rest.getInteger(at: rest.readerIndex + 1),
            let packet = rest.readBytes(length: 5 + Int(length))
        {
            packets.append(packet)
        }
        return packets
    }
}
