import CEDAR
import ClassAds
import CondorSecurity
import Cryptography
import NIOCore

/// Messages of the handshake as a script can ask for them: of the right form around arbitrary contents.
enum FuzzMessages {
    /// A point of the curve, for whoever wants to agree on a key.
    static let publicKey: String = {
        do {
            return Base64.encode(try KeyAgreement(privateScalar: [UInt8](repeating: 9, count: 32)).publicKey)
        } catch {
            preconditionFailure("a scalar within the curve: \(error)")
        }
    }()

    /// The wishes of a new session.
    static func newSession(command: Int, methods: String) -> ByteBuffer {
        first(
            """
            NewSession = "YES"
            Command = \(command)
            Authentication = "OPTIONAL"
            AuthenticationNew = "OPTIONAL"
            Encryption = "OPTIONAL"
            Integrity = "OPTIONAL"
            AuthMethods = "\(methods)"
            CryptoMethods = "AES"
            ECDHPublicKey = "\(publicKey)"
            RemoteVersion = "\(CondorVersion.ours.text)"
            SessionDuration = "3600"
            """)
    }

    /// The wish to resume a session.
    static func resumption(command: Int, id: String, isEncrypted: Bool, wantsResponse: Bool) -> ByteBuffer {
        first(
            """
            UseSession = "YES"
            Command = \(command)
            Sid = "\(id)"
            \(isEncrypted ? "CryptoMethods = \"AES\"" : "")
            ResumeResponse = \(wantsResponse)
            RemoteVersion = "\(CondorVersion.ours.text)"
            """)
    }

    /// A first message: the command and an ad of these lines.
    static func first(_ lines: String) -> ByteBuffer { first(Array(lines.utf8)) }

    /// A first message: the command and an ad of these lines.
    static func first(_ lines: [UInt8]) -> ByteBuffer {
        var writer = MessageWriter(encrypted: false)
        writer.write(CommandNumber.authenticate)
        var payload = writer.payload
        payload.writeImmutableBuffer(ClassAdWireTarget.message(ofLines: lines, encrypted: false))
        return payload
    }

    /// One message in clear, made of what the script says.
    static func scripted(_ input: inout FuzzInput) -> ByteBuffer {
        var writer = MessageWriter(encrypted: false)
        switch input.byte() % 8 {
        case 0:
            writer.writeBytes(input.chunk())
        case 1:
            for _ in 0...Int(input.byte() % 4) { writer.write(input.integer()) }
        case 2:  // TLS: a status and records
            writer.write(input.integer())
            counted(input.chunk(), &writer)
        case 3:  // IDTOKENS, first message
            writer.write(input.integer())
            named(input.chunk(), &writer)
            writer.write("\(Base64URL.encode(input.chunk())).\(Base64URL.encode(input.chunk()))")
            counted(nonce(&input), &writer)
        case 4:  // IDTOKENS, second message
            writer.write(input.integer())
            for _ in 0..<2 { named(input.chunk(), &writer) }
            for _ in 0..<2 { counted(nonce(&input), &writer) }
            counted(input.chunk(), &writer)
        case 5:  // IDTOKENS, third message
            writer.write(input.integer())
            named(input.chunk(), &writer)
            counted(nonce(&input), &writer)
            counted(input.chunk(), &writer)
        case 6:  // a number and a text
            writer.write(input.integer())
            writer.writeBytes(input.chunk().filter { $0 != 0 } + [0])
        default:  // an ad
            return ClassAdWireTarget.message(ofLines: input.chunk(), encrypted: false)
        }
        return writer.payload
    }

    private static func counted(_ bytes: [UInt8], _ writer: inout MessageWriter) {
        writer.write(bytes.count)
        writer.writeBytes(bytes)
    }

    private static func named(_ bytes: [UInt8], _ writer: inout MessageWriter) {
        let text = bytes.filter { $0 != 0 }
        writer.write(text.count)
        writer.writeBytes(text + [0])
    }

    /// A nonce of the right size, or any bytes.
    private static func nonce(_ input: inout FuzzInput) -> [UInt8] {
        let fill = input.byte()
        return fill == 0 ? input.chunk() : [UInt8](repeating: fill, count: 256)
    }
}
