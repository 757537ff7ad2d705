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
    /// Whether a command without payload may run although nothing was proven (spec 02, 9.5): it changes nothing, and tells
    /// nothing that is not public.
    public var isHarmless: Bool
    /// Whether a command without payload is a mere hint: on a session that has proven nothing it is taken and left undone.
    ///
    /// Its sender keeps the session so, which it would drop if it were told that there is none (spec 02, 9.4).
    public var isHint: Bool

    /// A command; by default one with a payload and without special demands.
    public init(
        number: Int, level: AuthorizationLevel, alternateLevels: [AuthorizationLevel] = [],
        forceAuthentication: Bool = false, hasPayload: Bool = true, isHarmless: Bool = false, isHint: Bool = false
    ) {
        self.number = number
        self.level = level
        self.alternateLevels = alternateLevels
        self.forceAuthentication = forceAuthentication
        self.hasPayload = hasPayload
        self.isHarmless = isHarmless
        self.isHint = isHint
    }

    /// Every level that is enough.
    public var levels: [AuthorizationLevel] { [level] + alternateLevels }

    /// Whether a client that merely names a session may begin this: a payload will prove it, or nothing comes of it.
    var mayBeginUnproven: Bool { hasPayload || isHarmless || isHint }
}
