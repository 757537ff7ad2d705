package import CEDAR
package import Cryptography

/// Makes the strings that carry a security session: claim ids and capabilities (spec 02, 10.1; spec 05, 3.1).
package struct SecretStrings: Sendable {
    private let address: String
    private let startTime: Int64
    private let random: any RandomSource
    private var sequence = 0

    /// For a daemon that listens at `address` and was started at `startTime`.
    package init(address: String, startTime: Int64, random: any RandomSource) {
        self.address = address
        self.startTime = startTime
        self.random = random
    }

    /// The session behind a claim id (recorded from a 25.14.0 startd with encryption required).
    package static let claimSession = SessionInfo(cryptoMethods: ["AES", "BLOWFISH", "3DES"], version: version)
    /// The version told in session information.
    package static let version = CondorVersion(DaemonIdentity.version)

    /// The next string; `prefix` stands before the address.
    package mutating func next(prefix: String = "", session: SessionInfo) -> ClaimID {
        sequence += 1
        return ClaimID.make(sessionID: "\(prefix)\(address)#\(startTime)#\(sequence)", info: session, random: random)
    }

    /// The next claim id of a startd.
    package mutating func nextClaim() -> ClaimID { next(session: Self.claimSession) }
}
