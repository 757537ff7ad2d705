import Foundation
import Testing

/// What the tool's exit status says where the broker says nothing.
@Suite struct ToolTests {
    @Test(arguments: DyingServer.Death.allCases)
    func aBrokerThatDiesDuringTheHandshakeIsUnreachableAndRefusesNothing(death: DyingServer.Death) async throws {
        let server = try DyingServer(death)
        let tool = try ChildProcess(
            Programs.tool, ["status", "--pool", "127.0.0.1:\(server.port)"], name: "flockbroker")
        #expect(try await tool.waitForExit() == 5)
        #expect(tool.errorLines.contains { $0.contains("cannot reach the broker") })
    }
}
