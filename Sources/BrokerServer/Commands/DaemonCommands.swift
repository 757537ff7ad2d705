import CEDAR
import ClassAds
import CondorNet
import CondorSecurity

/// What every daemon answers.
///
/// Source: spec 04, 12.
struct DaemonCommands: Sendable {
    let context: BrokerContext
    /// Sixteen hexadecimal digits, the same for the life of the process.
    let instance: String

    var commands: [Command] {
        let nothing: [(CommandNumber, AuthorizationLevel)] = [
            (.noOperation, .allow), (.noOperationRead, .read), (.noOperationWrite, .write),
            (.noOperationNegotiator, .negotiator), (.noOperationAdministrator, .administrator),
            (.noOperationOwner, .administrator), (.noOperationConfig, .config), (.noOperationDaemon, .daemon),
            (.noOperationAdvertiseStartd, .advertiseStartd),
            (.noOperationAdvertiseSchedd, .advertiseSchedd), (.noOperationAdvertiseMaster, .advertiseMaster),
        ]
        return nothing.map { number, level in
            Command(number, level, hasPayload: false, isHarmless: true) { _ in .close([]) }
        } + [
            Command(.queryInstance, .allow, hasPayload: false, isHarmless: true) { request in
                var answer = request.makeWriter()
                answer.writeBytes(instance.utf8)
                return .close([answer.payload])
            },
            Command(.configValue, .read) { request in
                var payload = request.payload
                _ = try payload?.readText()
                var answer = request.makeWriter()
                answer.writeNullString()
                return .close([answer.payload])
            },
            Command(.reschedule, .advertiseSchedd, hasPayload: false, isHint: true) { request in
                context.events.post(.reschedule(request.session.identity.user))
                return .close([])
            },
        ]
    }
}
