import CEDAR
import Cryptography

/// What a server's methods may know and ask.
struct ServerMethodContext {
    let environment: any ServerSecurityEnvironment
    let random: any RandomSource
    /// The client's end of the connection.
    let peer: PeerAddress
    /// Our end of it.
    let local: PeerAddress
    /// The client's release.
    let peerVersion: CondorVersion?
    /// The level the session is opened for.
    let level: AuthorizationLevel
    /// Whether our policy insists on knowing the user, so that TLS without a client certificate is not enough.
    let mustProveUser: Bool

    /// A fresh run of a method.
    func run(_ method: AuthenticationMethod) -> any AuthenticationRun {
        switch method {
        case .claimToBe: ClaimToBeServerRun(context: self)
        case .fs: FilesystemServerRun(context: self)
        case .anonymous: AnonymousServerRun()
        case .ssl, .sciTokens: TLSServerRun(method, context: self)
        case .idTokens: IDTokensServerRun(context: self)
        case .password: preconditionFailure("reconciliation leaves out what we do not serve")
        }
    }
}
