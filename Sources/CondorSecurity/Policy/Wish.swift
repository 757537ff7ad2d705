/// How much one side wants a feature of the connection (spec 02, 4.2).
public enum Wish: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// Refuses it.
    case never
    /// Goes along with it.
    case optional
    /// Wants it, can do without.
    case preferred
    /// Insists.
    case required

    /// What two wishes amount to.
    public enum Outcome: Sendable, Hashable {
        /// The feature is used.
        case yes
        /// The feature is not used.
        case no
        /// The sides cannot agree.
        case fail
    }

    /// A wish by its name; only the first letter counts, and an absent one is NEVER (spec 02, 4.2).
    ///
    /// - Returns: `nil` for a word that is no wish.
    public init?(wire text: String?) {
        guard let text else {
            self = .never
            return
        }
        switch text.utf8.first.map({ $0 & ~0x20 }) {
        case UInt8(ascii: "R"), UInt8(ascii: "Y"), UInt8(ascii: "T"): self = .required
        case UInt8(ascii: "P"): self = .preferred
        case UInt8(ascii: "O"): self = .optional
        case UInt8(ascii: "N"), UInt8(ascii: "F"): self = .never
        default: return nil
        }
    }

    /// The wish as it travels.
    public var wireName: String {
        switch self {
        case .never: "NEVER"
        case .optional: "OPTIONAL"
        case .preferred: "PREFERRED"
        case .required: "REQUIRED"
        }
    }

    /// From reluctant to insisting.
    public static func < (left: Wish, right: Wish) -> Bool { left.rawValue < right.rawValue }

    /// What a client's and a server's wish amount to (spec 02, 4.2).
    public static func reconcile(client: Wish, server: Wish) -> Outcome {
        switch (min(client, server), max(client, server)) {
        case (.never, .required): .fail
        case (.never, _), (.optional, .optional): .no
        default: .yes
        }
    }
}
