/// One end of a TCP connection as numbers: what FS writes into its paths and what logs show.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
    /// The IP address without brackets.
    public var host: String
    /// The TCP port.
    public var port: Int

    /// An address by its parts.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, an IPv6 host in brackets.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
