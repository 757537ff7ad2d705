/// Who a peer is, and how we know (spec 03, 1.4).
public struct Identity: Sendable, Hashable, CustomStringConvertible {
    /// `name@domain`, the domain in lower case.
    public let user: String
    /// How it was proven; `nil` if nothing was, or if the session was not negotiated.
    public let method: AuthenticationMethod?

    /// The name of somebody who proved nothing.
    public static let unauthenticatedUser = "unauthenticated@unmapped"
    /// The name ANONYMOUS gives (spec 02, 5.1).
    public static let anonymousUser = "CONDOR_ANONYMOUS_USER"
    /// Somebody who proved nothing.
    public static let unauthenticated = Identity(user: unauthenticatedUser, method: nil)

    /// An identity; the letters of the domain become lower case, the name stays (spec 03, 1.4).
    public init(user: String, method: AuthenticationMethod?) {
        if let at = user.lastIndex(of: "@") {
            self.user = user[...at] + user[user.index(after: at)...].lowercased()
        } else {
            self.user = user
        }
        self.method = method
    }

    /// Whether something was proven.
    ///
    /// ANONYMOUS proves nothing, nor does TLS without a client certificate.
    public var isAuthenticated: Bool {
        user != Self.unauthenticatedUser && method != .anonymous && user != Self.anonymousUser
    }

    /// Whether the proven name is one of a user: commands that insist on authentication ask for this (spec 02, 12.3).
    public var isMapped: Bool { isAuthenticated && domain != "unmapped" }

    /// What stands behind the last `@`; empty without one.
    public var domain: Substring {
        user.lastIndex(of: "@").map { user[user.index(after: $0)...] } ?? ""
    }

    /// The user, with the method if there is one.
    public var description: String { method.map { "\(user) (\($0.displayName))" } ?? user }
}
