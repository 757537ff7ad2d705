package import CEDAR
package import Cryptography

/// The administration capability of a daemon, renewed as time goes (spec 04, 11.1).
package struct AdminSessions: Sendable {
    /// Ads made within this time share one session; seconds.
    package static let reuse: Int64 = 30
    /// How long a session lives; seconds.
    package static let lifetime: Int64 = 1800

    /// Commands a master allows its administrator (recorded from 25.14.0).
    package static let masterCommands = [
        60004, 60012, 60006, 60005, 60042, 60015, 60016, 60041, 60023, 60024, 60013, 60018, 60051, 452, 453, 485,
        454, 461, 484, 455, 456, 462, 469, 467, 468, 483, 490, 491, 492, 508, 497, 60021, 60052, 60007, 457, 60020,
        60044,
    ]
    /// Commands a startd allows its administrator (recorded from 25.14.0).
    package static let startdCommands = [
        60004, 60012, 60006, 60005, 60042, 60015, 60016, 60041, 60023, 60024, 60013, 60018, 60051, 447, 474, 465,
        475, 512, 562, 513, 60021, 60052, 1000, 1200, 60007, 457, 60020, 448, 470, 5, 53, 429,
    ]
    /// Commands a schedd allows its administrator (recorded from 25.14.0).
    package static let scheddCommands = [
        60004, 60012, 60006, 60005, 60042, 60015, 60016, 60041, 60023, 60024, 60013, 60018, 60051, 541, 542, 543,
        544, 559, 549, 60021, 60052, 421, 478, 480, 486, 488, 489, 487, 499, 531, 464, 551, 552, 1112, 509, 511, 526,
        527, 528, 521, 507, 60007, 457, 60020, 550, 443, 441, 6, 12, 5, 515, 516, 519, 540, 560, 553, 1111,
    ]

    private var strings: SecretStrings
    private let session: SessionInfo
    private var open: [(madeAt: Int64, capability: ClaimID)] = []

    /// No session yet.
    package init(address: String, startTime: Int64, validCommands: [Int], random: any RandomSource) {
        strings = SecretStrings(address: address, startTime: startTime, random: random)
        session = SessionInfo(
            cryptoMethods: [], validCommands: validCommands.map { CommandNumber(rawValue: $0) }, version: nil)
    }

    /// The capability for an ad made now, and what that changes in the sessions.
    package mutating func capability(now: Int64) -> (capability: ClaimID, changes: [SessionChange]) {
        var changes: [SessionChange] = []
        while let oldest = open.first, oldest.madeAt + Self.lifetime <= now {
            changes.append(.close(id: oldest.capability.sessionID))
            open.removeFirst()
        }
        if let newest = open.last, now < newest.madeAt + Self.reuse { return (newest.capability, changes) }
        let made = strings.next(prefix: "admin_", session: session)
        open.append((now, made))
        changes.append(.open(SessionGrant(made, role: .administrator, expiresAt: now + Self.lifetime)))
        return (made, changes)
    }
}
