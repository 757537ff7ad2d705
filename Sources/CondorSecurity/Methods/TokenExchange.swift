import CEDAR
import Cryptography
import NIOCore

/// The three messages of IDTOKENS, and what is computed for them (spec 03, 2.5 and 2.6).
enum TokenExchange {
    /// Bytes of a nonce.
    static let nonceSize = 256
    /// Longest name in bytes.
    static let maximumName = 1023
    /// Longest code in bytes; ours have 20.
    static let maximumCode = 64
    /// The status of a good message.
    static let good: Int64 = 0
    /// The status of a side that gives up.
    static let error: Int64 = -1

    /// The authentication key: what a holder of the token and its issuer can compute, and nobody else.
    static func key(signingInput: String, signature: SecretBytes) -> SecretBytes {
        hkdfSHA256(signature, salt: seedA + signingInput.utf8, info: "master ka".utf8, count: 32)
    }

    /// The server's proof, over both names and both nonces.
    static func serverCode(
        key: SecretBytes, client: String, server: String, clientNonce: [UInt8], serverNonce: [UInt8]
    ) -> [UInt8] {
        hmacSHA1(Array("\(client) \(server)".utf8) + [0] + clientNonce + serverNonce, key: key)
    }

    /// The client's proof, over its name and the server's nonce.
    static func clientCode(key: SecretBytes, client: String, serverNonce: [UInt8]) -> [UInt8] {
        hmacSHA1(Array(client.utf8) + [0] + serverNonce, key: key)
    }

    /// Client to server: who I am, and my token without its signature.
    struct Hello {
        var status = TokenExchange.good
        var client = ""
        var signingInput = ""
        var clientNonce: [UInt8] = []

        init() {}

        init(reading reader: inout MessageReader) throws(WireError) {
            status = try reader.readInteger()
            client = try TokenExchange.readName(&reader)
            signingInput = try reader.readString() ?? ""
            clientNonce = try TokenExchange.readBytes(&reader, upTo: TokenExchange.nonceSize)
            try reader.finish()
        }

        var message: ByteBuffer {
            clearMessage {
                $0.write(status)
                TokenExchange.write(name: client, to: &$0)
                $0.write(signingInput)
                TokenExchange.write(bytes: clientNonce, to: &$0)
            }
        }
    }

    /// Server to client: I know your signature.
    struct Challenge {
        var status = TokenExchange.good
        var client = ""
        var server = ""
        var clientNonce: [UInt8] = []
        var serverNonce: [UInt8] = []
        var code: [UInt8] = []

        init() {}

        init(reading reader: inout MessageReader) throws(WireError) {
            status = try reader.readInteger()
            client = try TokenExchange.readName(&reader)
            server = try TokenExchange.readName(&reader)
            clientNonce = try TokenExchange.readBytes(&reader, upTo: TokenExchange.nonceSize)
            serverNonce = try TokenExchange.readBytes(&reader, upTo: TokenExchange.nonceSize)
            code = try TokenExchange.readBytes(&reader, upTo: TokenExchange.maximumCode)
            try reader.finish()
        }

        var message: ByteBuffer {
            clearMessage {
                $0.write(status)
                TokenExchange.write(name: client, to: &$0)
                TokenExchange.write(name: server, to: &$0)
                TokenExchange.write(bytes: clientNonce, to: &$0)
                TokenExchange.write(bytes: serverNonce, to: &$0)
                TokenExchange.write(bytes: code, to: &$0)
            }
        }
    }

    /// Client to server: so do I.
    struct Proof {
        var status = TokenExchange.good
        var client = ""
        var serverNonce: [UInt8] = []
        var code: [UInt8] = []

        init() {}

        init(reading reader: inout MessageReader) throws(WireError) {
            status = try reader.readInteger()
            client = try TokenExchange.readName(&reader)
            serverNonce = try TokenExchange.readBytes(&reader, upTo: TokenExchange.nonceSize)
            code = try TokenExchange.readBytes(&reader, upTo: TokenExchange.maximumCode)
            try reader.finish()
        }

        var message: ByteBuffer {
            clearMessage {
                $0.write(status)
                TokenExchange.write(name: client, to: &$0)
                TokenExchange.write(bytes: serverNonce, to: &$0)
                TokenExchange.write(bytes: code, to: &$0)
            }
        }
    }

    private static func write(name: String, to writer: inout MessageWriter) {
        writer.write(name.utf8.count)
        writer.write(name)
    }

    private static func write(bytes: [UInt8], to writer: inout MessageWriter) {
        writer.write(bytes.count)
        writer.writeBytes(bytes)
    }

    /// A name with its length in bytes before it.
    private static func readName(_ reader: inout MessageReader) throws(WireError) -> String {
        let count = try reader.readInteger()
        guard 0...Int64(maximumName) ~= count else { throw WireError(.badLength, "a name of \(count) bytes") }
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

    /// The fixed bytes SEED_A (spec 03, appendix A).
    static let seedA: [UInt8] = [
        0x3e, 0x4a, 0x50, 0x20, 0x47, 0xd5, 0xf4, 0xe5, 0xdc, 0x7c, 0x69, 0xbb, 0x52, 0x10, 0xcb, 0xb6,
        0x16, 0x7a, 0xdd, 0x80, 0x84, 0xf7, 0xdd, 0x9e, 0xf3, 0xad, 0x2c, 0xca, 0x71, 0xd2, 0x83, 0xdd,
        0x11, 0x4a, 0x4f, 0xbb, 0x7b, 0x1e, 0xe9, 0x0a, 0xdf, 0xa8, 0x62, 0xc4, 0x43, 0x04, 0xde, 0x54,
        0x73, 0xa3, 0x17, 0x2f, 0x73, 0x5c, 0x2c, 0xbb, 0x6e, 0x77, 0x5b, 0x5d, 0x40, 0xd3, 0x9f, 0xac,
        0xe8, 0x73, 0x18, 0x25, 0x23, 0xf9, 0x25, 0x2b, 0x62, 0x3b, 0xe0, 0xd4, 0xb1, 0x67, 0xa3, 0xa8,
        0x04, 0x0c, 0xac, 0xfe, 0xe9, 0xee, 0x3d, 0xa0, 0x2c, 0x0a, 0xbb, 0xf4, 0xd9, 0xd8, 0xb1, 0x1f,
        0x89, 0x00, 0x4c, 0x94, 0x39, 0x23, 0xce, 0x5d, 0x95, 0x08, 0xbb, 0x3f, 0x04, 0xbc, 0x66, 0xa3,
        0xfa, 0x20, 0xa1, 0x3a, 0x41, 0x6c, 0x5e, 0x6f, 0x4e, 0x0d, 0x31, 0x87, 0xd4, 0x5f, 0xc7, 0x83,
        0x35, 0xc5, 0xe4, 0x85, 0xdb, 0x2c, 0x5a, 0x37, 0x17, 0x97, 0x0c, 0xc2, 0x6e, 0x7b, 0x6b, 0x9d,
        0x19, 0x65, 0xb4, 0x7a, 0x67, 0xdf, 0x77, 0xa3, 0x1f, 0x22, 0xf0, 0x8a, 0x6c, 0x0b, 0xa5, 0x70,
        0x97, 0xa2, 0x1a, 0x9c, 0xa7, 0xc6, 0x04, 0x24, 0xf7, 0x27, 0x39, 0xab, 0x5c, 0xb9, 0x15, 0xa4,
        0x18, 0x5b, 0xd1, 0x09, 0x82, 0x8e, 0x35, 0xe4, 0x21, 0x08, 0xab, 0x85, 0x1c, 0x08, 0xa3, 0xdf,
        0xfd, 0xe0, 0xe3, 0xb0, 0x6f, 0x3d, 0x39, 0x38, 0xcd, 0xad, 0x6d, 0xf6, 0xef, 0x9a, 0x6f, 0x6d,
        0xc2, 0xcb, 0x74, 0xf0, 0x22, 0x85, 0x12, 0xeb, 0x7a, 0x3d, 0x68, 0x23, 0x01, 0x06, 0x84, 0xb0,
        0x15, 0xc1, 0x2a, 0xc3, 0x01, 0x4c, 0x4f, 0x9f, 0x93, 0x8e, 0x38, 0x4d, 0xad, 0x1e, 0x3b, 0xd7,
        0x45, 0xff, 0x8c, 0x14, 0x1f, 0xd7, 0x0b, 0x46, 0x5b, 0xa8, 0xaf, 0x5d, 0x1b, 0x98, 0xb4, 0xb1,
    ]
}
