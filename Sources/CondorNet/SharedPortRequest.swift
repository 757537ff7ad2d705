import CEDAR
import NIOCore

/// The message that a shared port reads before it passes a connection on to one of its daemons.
///
/// Source: spec 06, 3.2.
struct SharedPortRequest {
    /// The name of the socket behind the port.
    let id: String
    /// Seconds after which the hand-over is of no use any more.
    let deadline: Int

    /// Names are bounded, and have no character that a file name could not have.
    init?(id: String, deadline: Int) {
        let isName = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, 1...200 ~= id.utf8.count else { return nil }
        self.id = id
        self.deadline = deadline
    }

    /// `self` addresses the shared port's own process, which does see the message.
    var isForPortItself: Bool { id == "self" }

    /// The message, for a stream in clear.
    var payload: ByteBuffer {
        var writer = MessageWriter(encrypted: false)
        writer.write(CommandNumber.sharedPortConnect)
        writer.write(id)
        writer.write("FLOCK_BROKER")
        writer.write(deadline)
        writer.write(0)
        return writer.payload
    }
}
