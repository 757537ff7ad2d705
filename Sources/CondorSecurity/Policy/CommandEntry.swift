/// What the handshake must know of a registered command (spec 02, 12).
public struct CommandEntry: Sendable, Hashable {
    /// The command number.
    public var number: Int
    /// The level it needs, and whose policy is negotiated.
    public var level: AuthorizationLevel
    /// Further levels each of which is enough, as in "DAEMON or ALLOW" (spec 03, 7).
    public var alternateLevels: [AuthorizationLevel]
    /// Whether it insists on a proven and mapped user whatever the policy says.
    public var forceAuthentication: Bool
    /// Whether the client sends something after the handshake; only that proves that it has a resumed session's key.
    public var hasPayload: Bool
    /// Whether a command without payload may run although nothing was proven (spec 02, 9.5).
    public var isHarmless: Bool

    /// A command; by default one with a payload and without special demands.
    public init(
        number: Int, level: AuthorizationLevel, alternateLevels: [AuthorizationLevel] = [],
        forceAuthentication: Bool = false, hasPayload: Bool = true, isHarmless: Bool = false
    ) {
        self.number = number
        self.level = level
        self.alternateLevels = alternateLevels
        self.forceAuthentication = forceAuthentication
        self.hasPayload = hasPayload
        self.isHarmless = isHarmless
    }

    /// Every level that is enough.
    public var levels: [AuthorizationLevel] { [level] + alternateLevels }

    /// Whether a client that merely names a session may run this: there is a payload to prove it, or no harm in it.
    var mayRunUnproven: Bool { hasPayload || isHarmless }
}
