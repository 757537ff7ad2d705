package import NIOCore

/// What a listener grants peers that have not proven who they are.
///
/// Nobody is kept out by others who only open connections: where room has to be made, it is those who have waited
/// longest or hold most that leave.
package struct ConnectionLimits: Sendable {
    /// Open connections in all.
    package var unproven = 4096
    /// Open connections from one address; many pilots may share the address of a cluster's gateway.
    package var unprovenPerAddress = 1000
    /// Bytes held for all of them together: messages that are not complete, and answers that are not taken.
    package var unprovenBytes = 128 << 20
    /// New connections a second from one address in the long run; those above it wait for their turn.
    package var connectionsPerSecond = 100
    /// New connections from one address that are served without delay after a quiet time.
    package var burst = 1000
    /// Longest time that a connection waits for its turn; one that would wait longer is closed.
    package var longestDelay = TimeAmount.seconds(10)
    /// For how many connections one counts whose peer was turned away for its credential or its bytes.
    package var costOfFailure = 10
    /// Whether connections from this machine have no rate: its users have simpler ways to make it busy.
    package var exemptsLoopback = true

    /// The limits of a broker.
    package init() {}
}
