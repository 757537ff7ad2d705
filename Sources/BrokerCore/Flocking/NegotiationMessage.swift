package import CEDAR
package import ClassAds

/// What the broker says to a schedd within a round (spec 05, 2.1).
package enum NegotiationMessage: Sendable {
    /// The header; the command number is left out on a new connection, where it went ahead with the session.
    case header(ClassAd, withCommand: Bool)
    /// Ask for up to so many requests.
    case requestList(Int)
    /// A slot for a request. The claim is a secret.
    case match(claim: ClaimID, ad: ClassAd)
    /// No slot for a request.
    case rejectWithReason(String, details: ClassAd?)
    /// No slot, to a schedd that does not want to know why.
    case reject
    /// The end of the round.
    case end

    /// Writes the message; a claim is refused on a connection that is not encrypted.
    package func write(to writer: inout MessageWriter) throws(WireError) {
        switch self {
        case .header(let ad, let withCommand):
            if withCommand { writer.write(CommandNumber.negotiate.rawValue) }
            try writer.write(ad)
        case .requestList(let count):
            writer.write(CommandNumber.sendResourceRequestList.rawValue)
            writer.write(count)
        case .match(let claim, let ad):
            writer.write(CommandNumber.permissionAndAd.rawValue)
            try writer.writeSecret(claim.text)
            try writer.write(ad)
        case .rejectWithReason(let reason, let details):
            writer.write(CommandNumber.rejectedWithReason.rawValue)
            writer.write(reason)
            if let details { try writer.write(details) }
        case .reject:
            writer.write(CommandNumber.rejected.rawValue)
        case .end:
            writer.write(CommandNumber.endNegotiate.rawValue)
        }
    }

    /// A rejection in the form that the request asks for (spec 05, 2.8).
    package static func rejection(of request: ResourceRequest, because reason: RejectReason) -> NegotiationMessage {
        guard request.diagnostics != 0 else { return .reject }
        guard request.diagnostics > 2 else { return .rejectWithReason(reason.wireText(for: request), details: nil) }
        var details = ClassAd()
        details.set(AttributeName.autoClusterID, Int(request.autocluster))
        details.set(AttributeName.jobID, request.jobID)
        details.set(AttributeName.reason, reason.text)
        return .rejectWithReason(reason.wireText(for: request), details: details)
    }
}

/// What the schedd answers.
package enum NegotiationReply: Sendable {
    /// A request.
    case jobInfo(ClassAd)
    /// There are no more.
    case noMoreJobs
    /// Something that no schedd says in a round.
    case unexpected(Int64)

    /// Reads one message.
    package init(_ message: InboundMessage) throws(WireError) {
        var reader = message.reader()
        let number = try reader.readInteger()
        switch Int(exactly: number).map(CommandNumber.init(rawValue:)) {
        case .jobInfo?:
            self = .jobInfo(try reader.readClassAd())
            try reader.finish()
        case .noMoreJobs?:
            self = .noMoreJobs
            try reader.finish()
        default:
            self = .unexpected(number)
        }
    }
}
