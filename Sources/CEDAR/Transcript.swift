import Cryptography

/// Digests of what both sides sent in clear, which the first encrypted packets authenticate (spec 01, 6.5).
struct Transcript {
    /// Clear bytes of one direction after which a handshake is no longer believed in.
    ///
    /// HTCondor stops its digests near this point, and a connection that stays in clear need not be hashed for ever.
    static let maximumBytes = 1 << 20

    /// One direction: nothing yet, a running hash, or too much.
    private enum Direction {
        case empty
        case running(SHA256Hasher, bytes: Int)
        case abandoned

        mutating func add(_ packet: UnsafeRawBufferPointer) {
            var hasher: SHA256Hasher
            let bytes: Int
            switch self {
            case .empty: (hasher, bytes) = (SHA256Hasher(), packet.count)
            case .running(let running, let count): (hasher, bytes) = (running, count + packet.count)
            case .abandoned: return
            }
            self = .abandoned  // gives up the second reference, so that the hash is not copied
            guard bytes <= Transcript.maximumBytes else { return }
            hasher.update(packet)
            self = .running(hasher, bytes: bytes)
        }

        /// Zero bytes, not the hash of nothing, stand for a direction without clear packets.
        func digest() throws(WireError) -> [UInt8] {
            switch self {
            case .empty: [UInt8](repeating: 0, count: SHA256Hasher.digestSize)
            case .running(let hasher, _): hasher.digest()
            case .abandoned: throw WireError(.unexpectedMessage, "encryption after a megabyte in clear")
            }
        }
    }

    private var sent = Direction.empty
    private var received = Direction.empty

    /// Adds a whole packet, header included, that we sent.
    mutating func addSent(_ packet: UnsafeRawBufferPointer) { sent.add(packet) }

    /// Adds a whole packet, header included, that the peer sent.
    mutating func addReceived(_ packet: UnsafeRawBufferPointer) { received.add(packet) }

    /// Both digests, as of now.
    func digests() throws(WireError) -> (sent: [UInt8], received: [UInt8]) {
        (try sent.digest(), try received.digest())
    }
}
