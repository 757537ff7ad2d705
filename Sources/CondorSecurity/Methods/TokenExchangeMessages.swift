import CEDAR
import NIOCore

/// A message of ``TokenExchange``: a status, then fields in a fixed order.
///
/// One list of fields serves reading and writing.
protocol TokenExchangeMessage {
    /// A message with the status of a good one and empty fields.
    init()
    /// ``TokenExchange/good``, or what the sender says instead.
    var status: Int64 { get set }
    /// What follows the status, in order.
    static var fields: [TokenExchangeField<Self>] { get }
}

/// One field of a message, and where it is kept.
enum TokenExchangeField<Message> {
    /// A text with its length in bytes before it.
    case name(WritableKeyPath<Message, String>)
    /// A text.
    case text(WritableKeyPath<Message, String>)
    /// Bytes with their number before them.
    case bytes(WritableKeyPath<Message, [UInt8]>, upTo: Int)
}

extension TokenExchangeMessage {
    /// Reads a whole message.
    init(reading reader: inout MessageReader) throws(WireError) {
        self.init()
        status = try reader.readInteger()
        for field in Self.fields {
            switch field {
            case .name(let path): self[keyPath: path] = try Self.readName(&reader)
            case .text(let path): self[keyPath: path] = try reader.readString() ?? ""
            case .bytes(let path, let limit): self[keyPath: path] = try Self.readBytes(&reader, upTo: limit)
            }
        }
        try reader.finish()
    }

    /// A message that says no more than that its sender gives up.
    static var givingUp: ByteBuffer {
        var message = Self()
        message.status = TokenExchange.error
        return message.payload
    }

    /// The message as it travels.
    var payload: ByteBuffer {
        clearMessage { writer in
            writer.write(status)
            for field in Self.fields {
                switch field {
                case .name(let path):
                    writer.write(self[keyPath: path].utf8.count)
                    writer.write(self[keyPath: path])
                case .text(let path):
                    writer.write(self[keyPath: path])
                case .bytes(let path, _):
                    writer.write(self[keyPath: path].count)
                    writer.writeBytes(self[keyPath: path])
                }
            }
        }
    }

    private static func readName(_ reader: inout MessageReader) throws(WireError) -> String {
        let count = try reader.readInteger()
        guard 0...Int64(TokenExchange.maximumName) ~= count else {
            throw WireError(.badLength, "a name of \(count) bytes")
        }
        let name = try reader.readString() ?? ""
        guard name.utf8.count == count else { throw WireError(.badLength, "\(name.utf8.count) bytes, not \(count)") }
        return name
    }

    private static func readBytes(_ reader: inout MessageReader, upTo limit: Int) throws(WireError) -> [UInt8] {
        let count = try reader.readInteger()
        guard 0...Int64(limit) ~= count else {
            throw WireError(.badLength, "\(count) bytes where \(limit) are the most")
        }
        return try reader.readBytes(Int(count))
    }
}

extension TokenExchange {
    /// Client to server: who I am, and my token without its signature.
    struct Hello: TokenExchangeMessage {
        var status = TokenExchange.good
        var client = ""
        var signingInput = ""
        var clientNonce: [UInt8] = []

        static var fields: [TokenExchangeField<Hello>] {
            [.name(\.client), .text(\.signingInput), .bytes(\.clientNonce, upTo: nonceSize)]
        }
    }

    /// The same of PASSWORD, where there is nothing to show.
    struct PasswordHello: TokenExchangeMessage {
        var status = TokenExchange.good
        var client = ""
        var clientNonce: [UInt8] = []

        static var fields: [TokenExchangeField<PasswordHello>] {
            [.name(\.client), .bytes(\.clientNonce, upTo: nonceSize)]
        }
    }

    /// Server to client: I know your secret.
    struct Challenge: TokenExchangeMessage {
        var status = TokenExchange.good
        var client = ""
        var server = ""
        var clientNonce: [UInt8] = []
        var serverNonce: [UInt8] = []
        var code: [UInt8] = []

        static var fields: [TokenExchangeField<Challenge>] {
            [
                .name(\.client), .name(\.server), .bytes(\.clientNonce, upTo: nonceSize),
                .bytes(\.serverNonce, upTo: nonceSize), .bytes(\.code, upTo: maximumCode),
            ]
        }
    }

    /// Client to server: so do I.
    struct Proof: TokenExchangeMessage {
        var status = TokenExchange.good
        var client = ""
        var serverNonce: [UInt8] = []
        var code: [UInt8] = []

        static var fields: [TokenExchangeField<Proof>] {
            [.name(\.client), .bytes(\.serverNonce, upTo: nonceSize), .bytes(\.code, upTo: maximumCode)]
        }
    }
}
