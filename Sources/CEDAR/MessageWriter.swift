public import NIOCore

/// Puts values into a message, in the coding of the stream it is for (spec 01, 4).
public struct MessageWriter: Sendable {
    /// What was written so far.
    public internal(set) var payload: ByteBuffer
    /// Whether strings are counted, as they are on an encrypted stream.
    public let encrypted: Bool

    /// An empty message for a stream that is `encrypted` or not at the moment of sending.
    ///
    /// - Parameter capacity: bytes to make room for at once.
    public init(encrypted: Bool, capacity: Int = 512) {
        self.encrypted = encrypted
        payload = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// An integer of eight bytes.
    public mutating func write(_ value: Int64) { payload.writeInteger(value) }

    /// An integer of eight bytes.
    public mutating func write(_ value: Int) { payload.writeInteger(Int64(value)) }

    /// A command number.
    public mutating func write(_ command: CommandNumber) { write(command.rawValue) }

    /// A string; it ends at its first NUL, since strings of the protocol cannot hold one (spec 01, 4.3).
    public mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { writeString(UnsafeRawBufferPointer($0)) }
    }

    /// A string that is a secret.
    ///
    /// - Throws: ``WireError/Kind/secretOnClearStream`` unless the stream is encrypted (spec 01, 4.5).
    public mutating func writeSecret(_ text: String) throws(WireError) {
        guard encrypted else { throw WireError(.secretOnClearStream) }
        write(text)
    }

    /// The NULL string (spec 01, 4.3).
    public mutating func writeNullString() {
        if encrypted { write(1) }
        payload.writeInteger(MessageReader.nullString)
    }

    /// Bytes without framing of their own (spec 01, 4.4).
    public mutating func writeBytes(_ bytes: some Sequence<UInt8>) { payload.writeBytes(bytes) }

    /// A string of the bytes before the first NUL.
    mutating func writeString(_ bytes: UnsafeRawBufferPointer) {
        let text = UnsafeRawBufferPointer(rebasing: bytes[..<(firstNUL(in: bytes) ?? bytes.count)])
        if encrypted { write(text.count + 1) }
        payload.writeBytes(text)
        payload.writeInteger(UInt8(0))
    }
}
