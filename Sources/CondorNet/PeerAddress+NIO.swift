import CondorSecurity
import NIOCore

extension PeerAddress {
    /// The numbers of a socket address; empty for a socket without them.
    init(_ address: SocketAddress?) {
        self.init(host: address?.ipAddress ?? "", port: address?.port ?? 0)
    }
}
