import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct NegotiationMessageTests {
    /// What we write, read back as the schedd would see the recorded bytes.
    private func written(_ message: NegotiationMessage) throws -> InboundMessage {
        var writer = MessageWriter(encrypted: true)
        try message.write(to: &writer)
        return InboundMessage(payload: writer.payload, encrypted: true)
    }

    private func recorded(_ op: Int) throws -> RecordedNegotiation.Message {
        let recording: RecordedNegotiation = try vectors("nego-negotiate-static")
        return try #require(recording.conversation.first { $0.decoded?.op == op })
    }

    @Test func askingForRequestsIsTheRecordedMessage() throws {
        #expect(try written(.requestList(200)) == recorded(518).inbound)
    }

    @Test func theEndIsTheRecordedMessage() throws {
        #expect(try written(.end) == recorded(425).inbound)
    }

    @Test(arguments: [false, true])
    func aHeaderIsTheRecordedMessageWithAndWithoutTheCommand(withCommand: Bool) throws {
        let recording: RecordedNegotiation = try vectors("nego-negotiate-static")
        let headers = recording.conversation.filter { $0.decoded?.ad?.contains("MatchCaps = \"MatchDiag3\"") == true }
        let header = try #require(withCommand ? headers.dropFirst().first : headers.first)
        let ad = try ClassAd(lines: try #require(header.decoded?.ad))
        #expect(try written(.header(ad, withCommand: withCommand)) == header.inbound)
    }

    @Test func aRejectionIsTheRecordedMessage() throws {
        let message = try recorded(476)
        let ad = try ClassAd(lines: try #require(message.decoded?.ad))
        #expect(
            try written(.rejectWithReason(try #require(message.decoded?.reason), details: ad)) == message.inbound)
    }

    /// Attribute order is free, so the messages are compared by their parts.
    @Test func aMatchIsTheRecordedMessage() throws {
        let message = try recorded(472)
        let text = try #require(message.decoded?.claim)
        let claim = try #require(ClaimID(text))
        let ad = try ClassAd(lines: try #require(message.decoded?.ad))
        let ours = try parts(of: written(.match(claim: claim, ad: ad)))
        let theirs = try parts(of: message.inbound)
        #expect(ours.claim == theirs.claim)
        #expect(ours.ad == theirs.ad)
    }

    private func parts(of message: InboundMessage) throws -> (claim: String?, ad: ClassAd) {
        var reader = message.reader()
        let command = try reader.readCommand()
        #expect(command == .permissionAndAd)
        let claim = try reader.readString()
        let ad = try reader.readClassAd()
        try reader.finish()
        return (claim, ad)
    }

    @Test func aClaimDoesNotLeaveOnAClearConnection() throws {
        var writer = MessageWriter(encrypted: false)
        #expect(throws: WireError.self) {
            try NegotiationMessage.match(claim: Fixture.claim(1), ad: ClassAd()).write(to: &writer)
        }
    }

    @Test func aRejectionHasTheFormThatTheRequestWants() throws {
        let forms = try [0, 1, 2, 3].map { bits in
            let request = try Fixture.request("1.0", autocluster: 2, lines: ["WantMatchDiagnostics = \(bits)"])
            switch NegotiationMessage.rejection(of: request, because: .noFreeSlot("blue")) {
            case .reject: return "plain"
            case .rejectWithReason(let text, let details): return text + (details == nil ? "" : " +ad")
            case .header, .requestList, .match, .end: return "?"
            }
        }
        let text = "annex blue has no free slot"
        #expect(forms == ["plain", text, "\(text) |2|1.0|", "\(text) |2|1.0| +ad"])
    }

    @Test func theDetailsOfARejectionAreThoseOfARealNegotiator() throws {
        let request = try Fixture.request("1.0", autocluster: 2)
        guard
            case .rejectWithReason(_, let details?) = .rejection(of: request, because: .noFreeSlot("blue"))
                as NegotiationMessage
        else {
            Issue.record("a rejection with details was expected")
            return
        }
        var expected = try ClassAd(lines: try #require(recorded(476).decoded?.ad))
        expected.set("Reason", "annex blue has no free slot")
        #expect(details == expected)
    }

    @Test(arguments: ["nego-negotiate-static", "nego-negotiate-pslot"])
    func everyRecordedAnswerOfTheScheddIsRead(name: String) throws {
        let recording: RecordedNegotiation = try vectors(name)
        for message in recording.conversation where message.from == "schedd" {
            switch try NegotiationReply(message.inbound) {
            case .jobInfo(let ad): #expect(ad == (try ClassAd(lines: try #require(message.decoded?.ad))))
            case .noMoreJobs: #expect(message.decoded?.op == 418)
            case .unexpected(let number): Issue.record("\(number) was not expected")
            }
        }
    }

    @Test func aForeignNumberIsReportedAndNotRead() throws {
        var writer = MessageWriter(encrypted: true)
        writer.write(99)
        writer.writeBytes([1, 2, 3])
        guard case .unexpected(99) = try NegotiationReply(InboundMessage(payload: writer.payload, encrypted: true))
        else {
            Issue.record("99 was expected")
            return
        }
    }

    @Test func trailingBytesAreAnError() throws {
        var writer = MessageWriter(encrypted: true)
        writer.write(418)
        writer.writeBytes([0])
        let message = InboundMessage(payload: writer.payload, encrypted: true)
        #expect(throws: WireError.self) { try NegotiationReply(message) }
    }
}

@Suite struct RejectReasonTests {
    @Test func reasonsAreOneLineWithoutBars() {
        let reasons: [RejectReason] = [
            .noSuchAnnex("a|b\nc"), .annexOfAnother("x"), .annexIsClosed("x"), .noFreeSlot("x"),
            .requirementsOfJob("x"),
            .requirementsOfSlot("x"), .waitingAfterRefusal("x"), .unreachable("x"), .universe(9), .concurrencyLimits,
            .unknownUser, .noResourcesStated("RequestDisk"), .noSuchAnnex(String(repeating: "y", count: 1000)),
        ]
        for reason in reasons {
            #expect(!reason.text.contains { $0 == "|" || $0.isNewline }, "\(reason)")
            #expect(reason.text.count <= RejectReason.maximumLength && !reason.text.isEmpty)
        }
    }
}
