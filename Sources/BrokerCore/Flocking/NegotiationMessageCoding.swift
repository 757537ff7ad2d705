package import CEDAR

/// Messages of a round as they stand on the wire (spec 05, 2.1).
extension NegotiationMessage {
    /// Writes the message; a claim is refused on a connection that is not encrypted.
    package func write(to writer: inout MessageWriter) throws(WireError) {
        switch self {
        case .header(let ad, let withCommand):
            if withCommand { writer.write(CommandNumber.negotiate) }
            writer.write(ad)
        case .requestList(let count):
            writer.write(CommandNumber.sendResourceRequestList)
            writer.write(count)
        case .match(let claim, let ad):
            writer.write(CommandNumber.permissionAndAd)
            try writer.writeSecret(claim.text)
            writer.write(ad)
        case .rejectWithReason(let reason, let details):
            writer.write(CommandNumber.rejectedWithReason)
            writer.write(reason)
            if let details { writer.write(details) }
        case .reject:
            writer.write(CommandNumber.rejected)
        case .end:
            writer.write(CommandNumber.endNegotiate)
        }
    }
}

extension NegotiationReply {
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
