public import CEDAR

/// A command that may run: who asked for it, and how.
public struct StartedCommand: Sendable {
    /// The command.
    public var entry: CommandEntry
    /// The state of the connection from now on.
    ///
    /// Of a raw command it has neither id nor key.
    public var session: SecuritySession
    /// Whether the session is older than this connection.
    public var isResumed: Bool
    /// For a raw first command, what follows its number in the same message.
    public var firstMessage: MessageReader?
    /// The peer's release, if it told.
    public var peerVersion: CondorVersion?
    /// The address text the peer used to reach us.
    public var connectSinful: String?
    /// The peer's own command address, if it is a daemon.
    public var commandSinful: String?
    /// What the peer is: `STARTD`, `TOOL`.
    public var subsystem: String?

    /// The command number.
    public var number: Int { entry.number }
}
