package import CEDAR
package import ClassAds

/// What a negotiator says to a schedd (spec 05, 2.1).
package enum NegotiatorMessage: Sendable {
    /// `NEGOTIATE`: a round begins.
    case header(ClassAd)
    /// `SEND_RESOURCE_REQUEST_LIST`.
    case sendRequests(limit: Int64)
    /// `SEND_JOB_INFO`: the next job, alone and whole.
    case sendJob
    /// `PERMISSION_AND_AD`: a claim id, and the slot it is for.
    case match(claim: String, slot: ClassAd)
    /// `REJECTED` or `REJECTED_WITH_REASON`.
    case rejected(reason: String?)
    /// `END_NEGOTIATE`.
    case end

    /// Reads the rest of a message after its number.
    ///
    /// - Returns: `nil` for a number that is none of the negotiator's.
    package init?(_ number: CommandNumber, reading payload: MessageReader?) throws(WireError) {
        guard var reader = payload else {
            switch number {
            case .endNegotiate: self = .end
            case .rejected: self = .rejected(reason: nil)
            case .sendJobInfo: self = .sendJob
            default: return nil
            }
            return
        }
        switch number {
        case .negotiate:
            self = .header(try reader.readClassAd())
        case .sendResourceRequestList:
            self = .sendRequests(limit: try reader.readInteger())
        case .sendJobInfo:
            self = .sendJob
        case .permissionAndAd:
            self = .match(claim: try reader.readString() ?? "", slot: try reader.readClassAd())
        case .rejectedWithReason:
            self = .rejected(reason: try reader.readString() ?? "")
            // What follows repeats the reason for tools.
            if !reader.isAtEnd { _ = try reader.readClassAd() }
        case .rejected:
            self = .rejected(reason: nil)
        case .endNegotiate:
            self = .end
        default:
            return nil
        }
        try reader.finish()
    }
}

/// What a schedd says to a negotiator (spec 05, 2.1).
package enum ScheddMessage: Sendable {
    /// `JOB_INFO`.
    case jobInfo(ClassAd)
    /// `NO_MORE_JOBS`.
    case noMoreJobs

    /// Writes it as one message.
    package func write(to writer: inout MessageWriter) {
        switch self {
        case .jobInfo(let ad):
            writer.write(CommandNumber.jobInfo.rawValue)
            writer.write(ad)
        case .noMoreJobs:
            writer.write(CommandNumber.noMoreJobs.rawValue)
        }
    }
}
