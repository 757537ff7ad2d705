import Cryptography
package import NIOCore

/// The bytes of hexadecimal digits in a vector.
package func bytes(_ hex: String) throws -> [UInt8] {
    guard let bytes = Hex.decode(hex) else { throw Vectors.Failure(description: "not hexadecimal: \(hex.prefix(40))") }
    return bytes
}

/// The same as a buffer.
package func buffer(_ hex: String) throws -> ByteBuffer { ByteBuffer(bytes: try bytes(hex)) }

/// The hexadecimal digits of a buffer, for failures that can be read.
package func hex(_ buffer: ByteBuffer) -> String { Hex.encode(buffer.readableBytesView) }
