import AnnexModel
package import CEDAR
package import ClassAds

/// What a daemon is sent to make it stop (spec 04, 11.3 and 11.7).
package enum ShutdownCommand: Hashable, Sendable {
    /// `DAEMONS_OFF_FLEX`, which is answered; carries the plain command to perform.
    case flexible(CommandNumber)
    /// A command without payload and without answer.
    case plain(CommandNumber)

    /// The command to start.
    package var number: CommandNumber {
        switch self {
        case .flexible: .daemonsOffFlex
        case .plain(let number): number
        }
    }

    /// The payload, if the command has one.
    package var payload: ClassAd? {
        switch self {
        case .flexible(let command):
            var ad = ClassAd()
            ad.set(AttributeName.wantReply, true)
            ad.set(AttributeName.command, command.rawValue)
            return ad
        case .plain: return nil
        }
    }

    /// Whether the daemon answers with an ad.
    package var hasReply: Bool { payload != nil }

    /// The command for a daemon, the answered one where it is known.
    init(for daemon: StoppableDaemon, speed: ShutdownOrder.Speed, plain: Bool) {
        let isFast = speed == .fast
        if daemon.kind == .master, !plain, daemon.accepts(.daemonsOffFlex) {
            self = .flexible(isFast ? .masterOffFast : .masterOff)
        } else {
            self = .plain(isFast ? .offFast : .offGraceful)
        }
    }
}

/// What a master answers to `DAEMONS_OFF_FLEX` (spec 04, 11.3).
package struct ShutdownReply: Hashable, Sendable {
    /// Whether the command is being executed.
    package var isSuccess: Bool
    /// The states of the daemons, `MASTER=Alive STARTD=Shutdown,Graceful`, bounded, for people.
    package var summary: String

    /// The longest summary, in characters.
    package static let maximumLength = 200

    /// Reads the answer.
    package init(_ ad: ClassAd, now: Int64) {
        let environment = EvaluationEnvironment.at(now)
        isSuccess = ad.boolean(AttributeName.success, in: environment) == true
        let states = ad.names.sorted().compactMap { name in
            name == name.uppercased() ? ad.string(name, in: environment).map { "\(name)=\($0)" } : nil
        }
        summary = String(states.joined(separator: " ").filter { !$0.isNewline }.prefix(Self.maximumLength))
    }
}
