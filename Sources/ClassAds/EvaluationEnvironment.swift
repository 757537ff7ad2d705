import Glibc

/// All that an evaluation may learn from outside: the clock, the zone, random numbers, and how much work it may do.
public struct EvaluationEnvironment: Sendable {
    /// Nil: the clock is read when an expression asks for it.
    private var fixedNow: Int64?
    /// The zone of local times.
    public var timeZone: LocalTimeZone
    /// Returns 64 random bits, for `random()`.
    public var random: @Sendable () -> UInt64
    /// Node evaluations before an evaluation fails (spec 07, 10.2).
    public var maximumSteps: Int

    /// Bytes of strings that one evaluation may build before it fails.
    ///
    /// The reference has no such limit; nested calls of `strcat` could fill the memory.
    public var maximumStringBytes: Int

    /// The tables of `userMap()` by name; names are looked up without regard to case (spec 07, 9.12).
    public var userMaps: [String: UserMap] {
        get { site?.userMaps ?? [:] }
        set { site = Site(userMaps: newValue, homeDirectory: homeDirectory) }
    }

    /// The home of an account, for `userHome()`; nil if accounts are not to be looked up (spec 07, 9.12).
    public var homeDirectory: (@Sendable (String) -> String?)? {
        get { site?.homeDirectory }
        set { site = Site(userMaps: userMaps, homeDirectory: newValue) }
    }

    /// What few environments have, in one place so that a copy costs little.
    private var site: Site?

    private final class Site: Sendable {
        let userMaps: [String: UserMap]
        let homeDirectory: (@Sendable (String) -> String?)?
        let mapsByKey: [NameKey: UserMap]

        init(userMaps: [String: UserMap], homeDirectory: (@Sendable (String) -> String?)?) {
            self.userMaps = userMaps
            self.homeDirectory = homeDirectory
            mapsByKey = [NameKey: UserMap](userMaps.map { (NameKey($0.utf8), $1) }) { first, _ in first }
        }
    }

    func userMap(_ key: NameKey) -> UserMap? { site?.mapsByKey[key] }

    /// An environment with a given clock.
    public init(
        now: Int64, timeZone: LocalTimeZone = .utc, maximumSteps: Int = 10_000_000,
        maximumStringBytes: Int = 64 << 20,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    ) {
        fixedNow = now
        self.timeZone = timeZone
        self.maximumSteps = maximumSteps
        self.maximumStringBytes = maximumStringBytes
        self.random = random
    }

    /// The clock and the zone of the process.
    public static let system: EvaluationEnvironment = {
        var environment = EvaluationEnvironment(now: 0, timeZone: .system)
        environment.fixedNow = nil
        return environment
    }()

    /// Seconds since 1970.
    public var now: Int64 {
        get { fixedNow ?? Int64(time(nil)) }
        set { fixedNow = newValue }
    }
}
