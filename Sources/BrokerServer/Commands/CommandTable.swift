import CEDAR
import CondorNet
import CondorSecurity

/// Runs one command; calls `respond` exactly once, from any thread.
typealias CommandHandler =
    @Sendable (_ request: CommandRequest, _ respond: @escaping @Sendable (CommandOutcome) -> Void) -> Void

/// One row of the command table.
struct Command: Sendable {
    /// What the handshake needs to know of it.
    let entry: CommandEntry
    /// What it does.
    let run: CommandHandler

    /// A command that answers at once.
    init(
        _ number: CommandNumber, _ level: AuthorizationLevel, or alternates: [AuthorizationLevel] = [],
        forceAuthentication: Bool = false, hasPayload: Bool = true, isHarmless: Bool = false, isHint: Bool = false,
        _ body: @escaping @Sendable (CommandRequest) throws -> CommandOutcome
    ) {
        self.init(
            number, level, or: alternates, forceAuthentication: forceAuthentication, hasPayload: hasPayload,
            isHarmless: isHarmless, isHint: isHint
        ) { request, respond in
            do {
                respond(try body(request))
            } catch {
                respond(.refuse(reason: Self.text(of: error)))
            }
        }
    }

    /// A command that answers later, for example when its change is on disk.
    init(
        _ number: CommandNumber, _ level: AuthorizationLevel, or alternates: [AuthorizationLevel] = [],
        forceAuthentication: Bool = false, hasPayload: Bool = true, isHarmless: Bool = false, isHint: Bool = false,
        deferred run: @escaping CommandHandler
    ) {
        entry = CommandEntry(
            number: number.rawValue, level: level, alternateLevels: alternates,
            forceAuthentication: forceAuthentication, hasPayload: hasPayload,
            isHarmless: isHarmless, isHint: isHint)
        self.run = run
    }

    /// The log's text for an error in a payload: its kind, never its content.
    static func text(of error: any Error) -> String {
        switch error {
        case let error as WireError: "malformed payload: \(error.kind)"
        default: "command failed"
        }
    }
}

/// Maps command numbers to handlers and their levels.
///
/// A family of commands is one file; adding a command is adding a row to its family.
struct CommandTable: Sendable {
    private let rows: [Int: Command]

    /// The commands of all families.
    init(_ families: [[Command]]) {
        rows = Dictionary(families.joined().map { ($0.entry.number, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ number: Int) -> Command? { rows[number] }

    /// Numbers of the commands that belong to a level or to one it implies, for `ValidCommands`.
    ///
    /// Source: spec 02, 12.5.
    func numbers(for level: AuthorizationLevel, isMapped: Bool) -> [Int] {
        let levels = Set([level] + level.implied)
        return rows.values
            .filter { levels.contains($0.entry.level) || !levels.isDisjoint(with: $0.entry.alternateLevels) }
            .filter { isMapped || !$0.entry.forceAuthentication }
            .map(\.entry.number).sorted()
    }
}
