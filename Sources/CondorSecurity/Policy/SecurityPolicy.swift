/// One side's wishes for connections at one authorization level (spec 02, 4.1).
public struct SecurityPolicy: Sendable, Equatable {
    /// Whether the client proves who it is.
    public var authentication: Wish
    /// Whether packets are encrypted; with AES they always are once there is a key.
    public var encryption: Wish
    /// Whether packets are protected against change.
    public var integrity: Wish
    /// The methods, best first; a server's order decides.
    public var methods: [AuthenticationMethod]
    /// How long a session may be used, in seconds.
    public var sessionDuration: Int64
    /// How long a session may stay unused, in seconds; 0 is for ever.
    public var sessionLease: Int64
    /// A client's trust domain; a server's comes from its ``ServerSecurityEnvironment``.
    public var trustDomain: String?
    /// A client's signing keys; a server's come from its ``ServerSecurityEnvironment``.
    public var issuerKeys: [String]
    /// Whether a server hands its session key over inside TLS where only TLS methods are left (spec 03, 10.9).
    public var handOverKeys: Bool

    /// A policy; the defaults insist on authentication and encryption.
    public init(
        authentication: Wish = .required, encryption: Wish = .required, integrity: Wish = .required,
        methods: [AuthenticationMethod], sessionDuration: Int64 = 3600, sessionLease: Int64 = 3600,
        trustDomain: String? = nil, issuerKeys: [String] = [], handOverKeys: Bool = true
    ) {
        self.authentication = authentication
        self.encryption = encryption
        self.integrity = integrity
        self.methods = methods
        self.sessionDuration = sessionDuration
        self.sessionLease = sessionLease
        self.trustDomain = trustDomain
        self.issuerKeys = issuerKeys
        self.handOverKeys = handOverKeys
    }

    /// What peers from before 23.10 compare: authentication raised to the other two wishes (spec 02, 4.1).
    var legacyAuthentication: Wish {
        authentication == .never ? .never : max(authentication, encryption, integrity)
    }

    /// Whether a raw first command, which negotiates nothing, would get around this policy (spec 02, 1.1).
    var forbidsRawCommands: Bool { max(authentication, encryption, integrity) == .required }
}
