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
}
