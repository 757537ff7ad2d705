import CEDAR
import Cryptography
import NIOCore

/// Packets and messages: arbitrary bytes in clear, and a damaged encrypted stream.
enum CEDARStreamTarget {
    private static let key = SecretBytes([UInt8](repeating: 0x42, count: 32))

    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        if input.byte() == UInt8(ascii: "e") { try encrypted(&input) } else { try clear(&input) }
    }

    private static func makeStream(_ options: UInt8) -> CEDARStream {
        let limits = StreamLimits(
            maximumMessageBytes: options & 1 == 0 ? 1 << 20 : 300, maximumPacketPayload: options & 2 == 0 ? 65_536 : 50)
        return CEDARStream(limits: limits, random: FuzzRandom())
    }

    // MARK: In clear

    /// What a stream says of some bytes does not depend on how they arrive, and each message can be sent on.
    private static func clear(_ input: inout FuzzInput) throws(BrokenRule) {
        let options = input.byte()
        let step = max(1, Int(input.byte()))
        let bytes = input.remainder()
        var whole = makeStream(options)
        whole.append(ByteBuffer(bytes: bytes))
        let (messages, failure) = drain(&whole)

        var pieces = makeStream(options)
        var found: [InboundMessage] = []
        var error: WireError?
        for start in stride(from: 0, to: bytes.count, by: step) where error == nil {
            pieces.append(ByteBuffer(bytes: bytes[start..<min(start + step, bytes.count)]))
            let (more, failure) = drain(&pieces)
            found += more
            error = failure
            try require(
                pieces.bufferedBytes <= pieces.limits.maximumMessageBytes + (1 << 20) + step,
                "\(pieces.bufferedBytes) bytes held")
        }
        try require(
            found == messages && error == failure, "another result in pieces of \(step): \(found.count) messages")

        var sender = makeStream(options)
        for message in messages {
            guard let packets = try? sender.encode(message.payload) else {
                throw BrokenRule("a message that came cannot be sent on")
            }
            whole = makeStream(options)
            whole.append(packets)
            try require(drain(&whole).0 == [message], "a message that changed by being sent on")
        }
    }

    private static func drain(_ stream: inout CEDARStream) -> ([InboundMessage], WireError?) {
        var messages: [InboundMessage] = []
        do {
            while let message = try stream.nextMessage() { messages.append(message) }
        } catch {
            return (messages, error)
        }
        return (messages, nil)
    }

    // MARK: Encrypted

    /// What somebody in between did with the bytes on their way.
    private static func damaged(_ packets: [UInt8], _ input: inout FuzzInput) -> [UInt8] {
        var packets = packets
        switch input.byte() % 8 {
        case 1 where !packets.isEmpty: packets[input.short() % packets.count] ^= max(1, input.byte())
        case 2: packets.removeLast(min(input.short(), packets.count))
        case 3: packets += packets
        case 4: packets = input.chunk() + packets
        case 5: packets += input.chunk()
        case 6: packets = []
        default: break
        }
        return packets
    }

    /// Whoever does not have the key can stop a stream at some message, and nothing else.
    private static func encrypted(_ input: inout FuzzInput) throws(BrokenRule) {
        let options = input.byte()
        var sender = makeStream(options & 2)
        var receiver = makeStream(0)
        var sent: [ByteBuffer] = []
        var clearSent: [UInt8] = []
        var clearReceived: [UInt8] = []
        do {
            for _ in 0..<Int(options >> 6) {
                let clear = Array(try sender.encode(ByteBuffer(bytes: input.chunk())).readableBytesView)
                let arriving = damaged(clear, &input)
                clearSent += clear
                clearReceived += arriving
                receiver.append(ByteBuffer(bytes: arriving))
                while try receiver.nextMessage() != nil {}
            }
            try sender.enableEncryption(key: key)
            try receiver.enableEncryption(key: key)
        } catch {
            return
        }
        var received: [ByteBuffer] = []
        while !input.isEmpty, sent.count < 64 {
            let payload = ByteBuffer(bytes: input.chunk())
            guard payload.readableBytes > 0 else { continue }
            sent.append(payload)
            do {
                let packets = Array(try sender.encode(payload).readableBytesView)
                receiver.append(ByteBuffer(bytes: damaged(packets, &input)))
                while let message = try receiver.nextMessage() { received.append(message.payload) }
            } catch {
                break
            }
        }
        try require(received.count <= sent.count, "more messages than were sent")
        try require(Array(sent.prefix(received.count)) == received, "messages that were not sent, or in another order")
        try require(clearSent == clearReceived || received.isEmpty, "an altered transcript went unseen")
    }
}
