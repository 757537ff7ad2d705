import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Logging

/// Our own commands: one request ad in, one reply ad out.
///
/// Source: `decisions.md` 4 and 11.
struct ControlCommands: Sendable {
    let context: BrokerContext
    let annexes: AnnexOffice
    let status: @Sendable () async -> ClassAd

    var commands: [Command] {
        [
            row(.flockAnnexCreate) { try await annexes.create($0, by: $1) },
            row(.flockAnnexList) { annexes.list(for: $1, asking: $0) },
            row(.flockAnnexStatus) { try annexes.status($0, for: $1) },
            row(.flockAnnexShutdown) { try await annexes.shutdown($0, by: $1) },
            row(.flockCapabilityList) { annexes.capabilities(for: $1, asking: $0) },
            row(.flockCapabilityRevoke) { try await annexes.revoke($0, by: $1) },
            row(.flockBrokerStatus) { _, _ in await status() },
        ]
    }

    /// A command of people: it insists on knowing who they are, and its answer is encrypted.
    private func row(
        _ number: CommandNumber, _ body: @escaping @Sendable (ClassAd, Caller) async throws -> ClassAd
    ) -> Command {
        Command(number, .write, forceAuthentication: true) { request, respond in
            do {
                guard var payload = request.payload, request.isEncrypted, request.session.capabilityID == nil else {
                    return respond(.refuse(reason: "a person's command needs a person's encrypted session"))
                }
                let ad = try payload.readClassAd()
                try payload.finish()
                let caller = Caller(
                    user: request.session.identity.user, method: request.session.identity.method?.displayName ?? "-",
                    isAdministrator: context.authority.isAdministrator(request.session, peer: request.peer),
                    peer: request.peer.description)
                Task {
                    var answer = request.makeWriter()
                    do {
                        var reply = try await body(ad, caller)
                        reply.set("Result", true)
                        answer.write(reply, options: .includePrivate)
                    } catch let refusal as ControlRefusal {
                        answer.write(refusal.reply)
                    } catch let refusal as LedgerRefusal {
                        answer.write(ControlRefusal(refusal).reply)
                    } catch {
                        context.log.error("order failed", metadata: ["command": "\(number)", "error": "\(error)"])
                        answer.write(
                            ControlRefusal(.failure, "the broker could not carry it out; its log says why").reply)
                    }
                    respond(.close([answer.payload]))
                }
            } catch {
                respond(.refuse(reason: Command.text(of: error)))
            }
        }
    }
}

/// Who gives an order.
struct Caller: Sendable {
    var user: String
    var method: String
    var isAdministrator: Bool
    var peer: String
}
