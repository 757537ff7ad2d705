public import NIOCore

/// One whole message of the peer.
public struct InboundMessage: Sendable, Equatable {
    /// The joined plaintext of its packets.
    public var payload: ByteBuffer
    /// Whether it came encrypted, which decides how its strings are coded.
    public var encrypted: Bool

    /// A message by its parts.
    public init(payload: ByteBuffer, encrypted: Bool) {
        self.payload = payload
        self.encrypted = encrypted
    }

    /// A reader at its beginning.
    public func reader() -> MessageReader { MessageReader(payload, encrypted: encrypted) }
}
