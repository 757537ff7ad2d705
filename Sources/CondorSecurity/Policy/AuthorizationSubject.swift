/// Who wants something and from where: what the rules of authorization look at.
public struct AuthorizationSubject: Sendable, Equatable {
    /// The user, `name@domain`.
    public var user: String
    /// Whether the name is proven and that of a user.
    public var isMapped: Bool
    /// The peer's address; `nil` if it has none, which no address and no network fits.
    public var address: IPAddress?
    /// Names of the peer's host, confirmed forwards; `nil` if they could not be looked up.
    public var hostNames: [String]?
    /// The levels of the annex capability it comes with; `nil` for everybody without one.
    public var capability: [AuthorizationLevel]?
    /// The levels that its session carries by itself, as those from claims and parents do (spec 02, 10.5 and 11).
    public var inherent: [AuthorizationLevel]

    /// A subject by its parts.
    public init(
        user: String, isMapped: Bool = true, address: IPAddress? = nil, hostNames: [String]? = [],
        capability: [AuthorizationLevel]? = nil, inherent: [AuthorizationLevel] = []
    ) {
        self.user = user
        self.isMapped = isMapped
        self.address = address
        self.hostNames = hostNames
        self.capability = capability
        self.inherent = inherent
    }

    /// The holder of a session, at the other end of a connection.
    ///
    /// - Parameter hostNames: the confirmed names of the peer's host.
    public init(_ session: SecuritySession, peer: PeerAddress, hostNames: [String]?) {
        self.init(
            user: session.identity.user, isMapped: session.identity.isMapped, address: IPAddress(peer.host),
            hostNames: hostNames, capability: session.capabilityID == nil ? nil : session.limits ?? [],
            inherent: Self.inherentLevels(of: session))
    }

    /// What a session is good for without any rule.
    ///
    /// Only for sessions that no handshake made: their names cannot be had by authenticating.
    private static func inherentLevels(of session: SecuritySession) -> [AuthorizationLevel] {
        guard !session.isNegotiated, session.key != nil else { return [] }
        return switch session.identity.user {
        case "condor@family":
            [.administrator, .daemon, .negotiator, .advertiseStartd, .advertiseSchedd, .advertiseMaster]
        case "condor@parent", "condor@child":
            [.daemon]
        default:
            session.limits ?? []
        }
    }

    /// The peer's host for a line of the log: its address and its names.
    var place: String {
        let names = hostNames.map { $0.isEmpty ? "" : " (\($0.prefix(4).joined(separator: ", ")))" }
        return (address?.description ?? "an unknown address") + (names ?? " (names not known)")
    }
}
