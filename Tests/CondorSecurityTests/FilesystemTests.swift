import CEDAR
import ClassAds
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// FS at the server: whose view of our address it accepts (spec 03, 5).
@Suite struct FilesystemTests {
    /// What the server wants after a client's answer.
    static func actions(
        _ extension: String?, result: Int64 = 0, environment: (inout TestEnvironment) -> Void = { _ in }
    ) throws -> [ServerHandshake.Action] {
        var settings = MethodMatrixTests.environment(SecurityPolicy(methods: [.fs]))
        environment(&settings)
        var server = ServerRuleTests.server(settings)
        _ = server.received(ServerRuleTests.message(try ServerRuleTests.wishes()), now: Conversation.now)
        _ = server.received(ServerRuleTests.integers(4), now: Conversation.now)
        var writer = MessageWriter(encrypted: false)
        writer.write(result)
        if let text = `extension` { writer.write(text) }
        return server.received(InboundMessage(payload: writer.payload, encrypted: false), now: Conversation.now)
    }

    /// The directories to inspect.
    static func inspected(_ actions: [ServerHandshake.Action]) -> [String] {
        actions.compactMap { if case .inspectDirectory(let path) = $0 { path } else { nil } }
    }

    @Test(arguments: [nil, "", "127.0.0.1:9618"])
    func ourOwnEndOfTheConnectionIsAccepted(text: String?) throws {
        let paths = Self.inspected(try Self.actions(text))
        #expect(paths.count == 1)
        let path = try #require(paths.first)
        #expect(path.hasPrefix("/tmp/FS_127.0.0.1_9618_") && path.hasSuffix("_" + (text ?? "")))
    }

    @Test(arguments: [
        "127.0.0.1:9619", "10.0.0.1:9618", "/../../root", "127.0.0.1:9618/", "127.0.0.1:9618?sock=other",
        String(repeating: "x", count: 300),
    ])
    func anotherViewOfOurAddressIsRefused(text: String) throws {
        let actions = try Self.actions(text)
        #expect(Self.inspected(actions).isEmpty)
        #expect(actions.count == 2)
    }

    @Test func behindASharedPortOurIDMustBeNamed() throws {
        let ours = try Self.actions("127.0.0.1:9618?sock=collector") { $0.sharedPortID = "collector" }
        #expect(Self.inspected(ours).count == 1)
        let other = try Self.actions("127.0.0.1:9618?sock=schedd") { $0.sharedPortID = "collector" }
        #expect(Self.inspected(other).isEmpty)
    }

    @Test func aPublishedAddressIsAcceptedAsWell() throws {
        let actions = try Self.actions("203.0.113.7:9618") { $0.publishedAddresses = ["203.0.113.7:9618"] }
        #expect(Self.inspected(actions).count == 1)
    }

    @Test func aClientThatMadeNothingMayTryAnotherMethod() throws {
        let actions = try Self.actions(nil, result: -1)
        #expect(Self.inspected(actions).isEmpty && refusalKinds(actions).isEmpty)
    }
}
