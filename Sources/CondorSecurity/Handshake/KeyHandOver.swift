import CEDAR
import Cryptography
import NIOCore

/// A session key made by the server, wrapped under a secret of TLS: the second key message (spec 03, 1.3).
struct KeyHandOver {
    /// The number of AES in this message.
    private static let aesProtocol: Int64 = 3

    private let wrapped: [UInt8]

    init(wrapping key: SecretBytes, with secret: SecretBytes) throws(CryptographyFailure) {
        wrapped = try wrapSessionKey(key, with: secret)
    }

    init(reading reader: inout MessageReader) throws(SecurityRefusal) {
        wrapped = try decoding { () throws(WireError) in
            let keySize = try reader.readInteger()
            let cipher = try reader.readInteger()
            _ = try reader.readInteger()  // a duration that nobody uses
            let wrappedSize = try reader.readInteger()
            guard keySize == sessionKeySize, cipher == Self.aesProtocol, wrappedSize == keySize else {
                throw WireError(.outOfRange, "not an AES key")
            }
            let wrapped = try reader.readBytes(sessionKeySize)
            try reader.finish()
            return wrapped
        }
    }

    /// The key.
    func key(with secret: SecretBytes) throws(CryptographyFailure) -> SecretBytes {
        try unwrapSessionKey(wrapped, with: secret)
    }

    var message: ByteBuffer {
        clearMessage {
            $0.write(sessionKeySize)
            $0.write(Self.aesProtocol)
            $0.write(0)
            $0.write(wrapped.count)
            $0.writeBytes(wrapped)
        }
    }
}
