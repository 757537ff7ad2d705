import CEDAR
import CondorSecurity

/// The commands that the ports of a simulated node serve.
enum PilotCommands {
    /// Of a master (spec 04, 11.2).
    static let master: [CommandEntry] =
        bare([
            .reconfigure, .reconfigureFull, .offGraceful, .offFast, .offForce, .offPeaceful, .setPeacefulShutdown,
            .setForceShutdown, .noOperationAdministrator, .noOperationRead, .daemonsOff, .daemonsOffFast,
            .daemonsOffPeaceful, .daemonsOn, .masterOff, .masterOffFast,
        ]) + withPayload([.daemonsOffFlex, .daemonOff, .daemonOffFast, .daemonOffPeaceful, .daemonOn], .administrator)

    /// Of a startd (spec 05, 3.3 to 3.5).
    static let startd: [CommandEntry] =
        withPayload(
            [
                .requestClaim, .activateClaim, .deactivateClaim, .deactivateClaimForcibly, .deactivateClaimJobDone,
                .releaseClaim, .alive,
            ], .daemon) + withPayload([.vacateClaim, .vacateClaimFast], .administrator)
        + bare([.offGraceful, .offFast, .offPeaceful])

    /// A real daemon runs these on the strength of a resumed session, so the simulated one does.
    private static func bare(_ commands: [CommandNumber]) -> [CommandEntry] {
        commands.map {
            CommandEntry(number: $0.rawValue, level: .administrator, hasPayload: false, isHarmless: true)
        }
    }

    private static func withPayload(_ commands: [CommandNumber], _ level: AuthorizationLevel) -> [CommandEntry] {
        commands.map { CommandEntry(number: $0.rawValue, level: level) }
    }
}
