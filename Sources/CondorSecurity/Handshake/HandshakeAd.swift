import CEDAR
import ClassAds
import NIOCore

/// An ad of the handshake: nothing but literals, so that reading it evaluates nothing (spec 01, 5.5).
struct HandshakeAd {
    private var ad: ClassAd

    /// An ad to be filled and sent.
    init() { ad = ClassAd() }

    /// Reads the ad at the end of a message.
    init(reading reader: inout MessageReader) throws(SecurityRefusal) {
        ad = try decoding { () throws(WireError) in
            let ad = try reader.readClassAd(limits: .handshake)
            try reader.finish()
            return ad
        }
    }

    /// Whether there is such an attribute, of whatever type.
    func contains(_ name: String) -> Bool { ad[name] != nil }

    /// A text; `nil` if there is none.
    func string(_ name: String) -> String? { ad[name]?.literal?.stringValue }

    /// A number, also one that travels as text, as `SessionDuration` does.
    func integer(_ name: String) -> Int64? {
        guard let value = ad[name]?.literal else { return nil }
        return value.integerValue ?? value.stringValue.flatMap { Int64($0) }
    }

    /// A truth value.
    func boolean(_ name: String) -> Bool? { ad[name]?.literal.map(\.isTrue) }

    /// Whether an attribute says yes by its first letter: `"YES"`.
    func saysYes(_ name: String) -> Bool { string(name)?.utf8.first.map { $0 & ~0x20 } == UInt8(ascii: "Y") }

    /// A command number.
    func command(_ name: String) -> Int? { integer(name).flatMap { Int(exactly: $0) } }

    /// Sets a text.
    mutating func set(_ name: String, _ text: String) { ad.set(name, text) }

    /// Sets a number.
    mutating func set(_ name: String, _ number: Int64) { ad.set(name, number) }

    /// Sets a truth value.
    mutating func set(_ name: String, _ truth: Bool) { ad.set(name, truth) }

    /// Sets what a feature came to.
    mutating func set(_ name: String, yes: Bool) { ad.set(name, yes ? "YES" : "NO") }

    /// The payload of a message of nothing but this ad.
    func message(encrypted: Bool) -> ByteBuffer {
        var writer = MessageWriter(encrypted: encrypted)
        writer.write(ad)
        return writer.payload
    }

    /// The payload of a message of a command number and this ad, in clear.
    func message(after command: CommandNumber) -> ByteBuffer {
        clearMessage {
            $0.write(command)
            $0.write(ad)
        }
    }
}
