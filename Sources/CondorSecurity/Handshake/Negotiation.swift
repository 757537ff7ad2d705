import CEDAR
import Cryptography

/// What a server keeps of a handshake for a new session while the client authenticates.
struct Negotiation {
    /// Where the session key comes from.
    enum KeySource {
        /// Both sides have computed it.
        case agreed(SecretBytes)
        /// We make it and send it under the secret of TLS (spec 03, 1.3).
        case handedOver
    }

    /// What the client asked for.
    let request: HandshakeRequest
    /// What both sides came to.
    let outcome: Reconciliation
    let keySource: KeySource
    /// Whether our policy insists on knowing the user.
    let mustProveUser: Bool
    /// Methods not tried yet, in our order.
    ///
    /// A method gets one try.
    var remaining: [AuthenticationMethod]
}

/// A client's first ad, as far as it concerns new and resumed sessions alike.
struct HandshakeRequest {
    /// The command in the ad, which may be one of the two special ones (spec 02, 8.2).
    let command: CommandNumber
    /// The command whose level is meant.
    let entry: CommandEntry
    let ad: HandshakeAd

    /// The client's release, if it told.
    var peerVersion: CondorVersion? { ad.string(AttributeName.remoteVersion).flatMap { CondorVersion($0) } }

    /// The command to run.
    func started(_ session: SecuritySession, isResumed: Bool) -> StartedCommand {
        StartedCommand(
            entry: entry, session: session, isResumed: isResumed, firstMessage: nil,
            peerVersion: peerVersion ?? session.peerVersion,
            connectSinful: ad.string(AttributeName.connectSinful),
            commandSinful: ad.string(AttributeName.serverCommandSock),
            subsystem: ad.string(AttributeName.subsystem))
    }
}
