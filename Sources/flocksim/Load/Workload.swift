import ArgumentParser

/// What a load consists of.
enum Workload: String, CaseIterable, ExpressibleByArgument {
    case handshakes = "H"
    case resumptions = "R"
    case insert = "U1"
    case replace = "U2"
    case spread = "U3"
    case singles = "U4"
    case acknowledged = "U5"
    case refresh = "U6"
    case whole = "Q1"
    case projected = "Q2"
    case fewWhole = "Q3"
    case fewProjected = "Q4"
    case byName = "Q5"
    case none = "Q6"
    case locate = "Q7"
    case mixed = "M1"
    case mixedProjected = "M2"
    case mixedWhole = "M3"
    case throughputIn = "TI"
    case throughputOut = "TO"
    case idle = "C"

    /// What it does, for the help.
    var summary: String {
        switch self {
        case .handshakes: "new sessions, each with the question whether a command would be authorized"
        case .resumptions: "resumed sessions with the same question"
        case .insert: "every slot once, on one kept connection, for the first time"
        case .replace: "the same again"
        case .spread: "the same over many kept connections with sessions of their own"
        case .singles: "an update on a connection of its own, session resumed"
        case .acknowledged: "an acknowledged update on a connection of its own, session resumed"
        case .refresh: "every slot once, with nothing new but time, number and load"
        case .whole: "the whole pool"
        case .projected: "five attributes of every slot"
        case .fewWhole: "one slot in a hundred, whole"
        case .fewProjected: "five attributes of one slot in a hundred"
        case .byName: "one slot by its name"
        case .none: "a constraint that no slot fulfils"
        case .locate: "a location query on a connection of its own, session resumed"
        case .mixed: "updates at a fixed rate, and how long until they are seen"
        case .mixedProjected: "the same while somebody asks Q2 again and again"
        case .mixedWhole: "the same while somebody asks Q1 again and again"
        case .throughputIn: "large encrypted messages to the server"
        case .throughputOut: "large encrypted messages from the server"
        case .idle: "kept connections with sessions of their own that do nothing; memory is what counts"
        }
    }

    /// Whether it makes ads of a pattern.
    var needsAds: Bool {
        switch self {
        case .handshakes, .resumptions, .throughputIn, .throughputOut, .idle: false
        default: true
        }
    }
}
