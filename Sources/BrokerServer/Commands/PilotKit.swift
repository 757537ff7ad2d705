import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import CondorSecurity
import Cryptography

/// Makes what a pilot is given: its configuration, its capability, and the certificate it pins.
struct PilotKit: Sendable {
    let address: @Sendable () -> String
    let alias: String
    let trustDomain: String
    let authorityPEM: @Sendable () -> String
    let tokenKeyName: String
    let tokenKey: SecretBytes

    /// The reply to the order that made a request.
    func kit(for new: NewRequest, method: String) throws -> ClassAd {
        let account = String(new.annex.key.owner.prefix { $0 != "@" })
        let isToken = new.text == nil
        let configuration = PilotConfiguration(
            method: isToken ? .idTokens : .sciTokens, brokerAddress: address(), alias: alias,
            annexName: new.annex.key.name, account: account, requestID: new.request.id,
            leaseEnd: new.request.endsAt)
        let text: String
        do {
            text = try configuration.text()
        } catch {
            throw ControlRefusal(.failure, "cannot be written into a pilot's configuration: \(error.name)")
        }
        var kit: ClassAd = [
            "AnnexName": Expression(new.annex.key.name), "Owner": Expression(new.annex.key.owner),
            "AnnexId": Expression(new.annex.id), "RequestId": Expression(new.request.id),
            "CapabilityId": Expression(new.capability.id), "ExpiresAt": Expression(new.annex.expiresAt),
            "Method": Expression(method),
        ]
        // Line by line: a quote before a newline cannot stand in a string on the wire (spec 01, 5.2).
        kit["PilotConfiguration"] = Expression(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { Expression(String($0)) })
        if let secret = new.text {
            kit.set("_condor_privCapability", secret.text)
            kit.set("CaCertificate", authorityPEM())
        } else {
            kit.set("_condor_privCapability", token(for: new))
        }
        return kit
    }

    /// An IDTOKEN whose id is the capability's (spec 03, 10.4).
    private func token(for new: NewRequest) -> String {
        let claims = IDTokenClaims(
            keyName: tokenKeyName, issuer: trustDomain, subject: "annex-\(new.capability.id)@\(trustDomain)",
            id: new.capability.id, issuedAt: new.capability.issuedAt, expiresAt: new.capability.expiresAt,
            scopes: new.capability.scopes.map { "condor:/\($0)" })
        return IDToken.mint(claims, key: tokenKey).text
    }
}
