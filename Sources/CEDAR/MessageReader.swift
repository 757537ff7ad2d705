public import NIOCore

/// Takes values out of a message, in wire order (spec 01, 4).
///
/// Every length is compared with what is left before anything is copied.
public struct MessageReader: Sendable {
    /// Most bytes of a string with a counted length (spec 01, 4.3).
    public static let maximumStringBytes = 10_000_000

    /// The byte that stands for "no string" (spec 01, 4.3); no UTF-8 text begins with it.
    static let nullString: UInt8 = 0xAD

    private var payload: ByteBuffer
    /// Whether strings are counted, as they are on an encrypted stream.
    public let encrypted: Bool

    /// A reader of `payload`, whose strings are counted if it came `encrypted`.
    public init(_ payload: ByteBuffer, encrypted: Bool) {
        self.payload = payload
        self.encrypted = encrypted
    }

    /// Whether everything has been read.
    public var isAtEnd: Bool { payload.readableBytes == 0 }

    /// Bytes left.
    public var remainingBytes: Int { payload.readableBytes }

    /// Insists that everything has been read (spec 01, 3.2).
    public func finish() throws(WireError) {
        guard isAtEnd else { throw WireError(.trailingBytes, "\(payload.readableBytes)") }
    }

    /// An integer of eight bytes (spec 01, 4.1).
    public mutating func readInteger() throws(WireError) -> Int64 {
        guard let value: Int64 = payload.readInteger() else { throw WireError(.truncated, "in an integer") }
        return value
    }

    /// An integer that must fit 32 bits, as nearly all numbers of the protocol do.
    public mutating func readInt32() throws(WireError) -> Int32 {
        let value = try readInteger()
        guard let small = Int32(exactly: value) else { throw WireError(.outOfRange, "\(value)") }
        return small
    }

    /// An integer that must lie in `range`: a count or length before it is believed.
    public mutating func readInteger(in range: ClosedRange<Int>) throws(WireError) -> Int {
        let value = try readInteger()
        guard let integer = Int(exactly: value), range ~= integer else { throw WireError(.outOfRange, "\(value)") }
        return integer
    }

    /// A command number.
    public mutating func readCommand() throws(WireError) -> CommandNumber {
        CommandNumber(rawValue: Int(try readInt32()))
    }

    /// A string, or `nil` for the NULL string; bytes that are not UTF-8 are repaired.
    public mutating func readString() throws(WireError) -> String? {
        try withString { bytes in String(decoding: bytes, as: UTF8.self) }
    }

    /// A string that must not be NULL.
    public mutating func readText() throws(WireError) -> String {
        guard let text = try readString() else { throw WireError(.badString, "NULL") }
        return text
    }

    /// The bytes of a string as they are, or `nil` for the NULL string.
    public mutating func readStringBytes() throws(WireError) -> [UInt8]? {
        try withString { bytes in Array(bytes) }
    }

    /// `count` bytes without framing of their own (spec 01, 4.4).
    public mutating func readBytes(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, let bytes = payload.readBytes(length: count) else {
            throw WireError(.truncated, "\(count) bytes wanted, \(payload.readableBytes) left")
        }
        return bytes
    }

    /// Everything that is left.
    public mutating func readRemainingBytes() -> [UInt8] {
        payload.readBytes(length: payload.readableBytes) ?? []
    }

    /// Gives the bytes of the next string, without its NUL, to `body`, and moves behind it; `nil` for the NULL string.
    mutating func withString<R>(
        _ body: (UnsafeRawBufferPointer) throws(WireError) -> R
    ) throws(WireError) -> R? {
        let counted: Int? = encrypted ? try readStringLength() : nil
        var outcome: Result<(value: R?, consumed: Int), WireError> = .failure(WireError(.badString))
        payload.withUnsafeReadableBytes { rest in
            let field = counted.map { UnsafeRawBufferPointer(rebasing: rest[..<$0]) } ?? rest
            do throws(WireError) {
                outcome = .success(try Self.read(field, isCounted: counted != nil, body))
            } catch {
                outcome = .failure(error)
            }
        }
        let (value, consumed) = try outcome.get()
        payload.moveReaderIndex(forwardBy: consumed)
        return value
    }

    private mutating func readStringLength() throws(WireError) -> Int {
        let length = try readInteger()
        guard 1...Int64(Self.maximumStringBytes) ~= length else { throw WireError(.badString, "length \(length)") }
        guard length <= Int64(payload.readableBytes) else { throw WireError(.truncated, "in a string") }
        return Int(length)
    }

    /// Reads one string at the start of `field`; a counted one takes the whole field, another ends with its NUL.
    private static func read<R>(
        _ field: UnsafeRawBufferPointer, isCounted: Bool, _ body: (UnsafeRawBufferPointer) throws(WireError) -> R
    ) throws(WireError) -> (value: R?, consumed: Int) {
        if field.first == nullString { return (nil, isCounted ? field.count : 1) }
        guard let end = firstNUL(in: field) else {
            throw isCounted ? WireError(.badString, "without NUL") : WireError(.truncated, "in a string")
        }
        return (try body(UnsafeRawBufferPointer(rebasing: field[..<end])), isCounted ? field.count : end + 1)
    }
}
