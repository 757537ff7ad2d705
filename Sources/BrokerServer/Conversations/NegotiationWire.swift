import BrokerCore
import CEDAR
import ClassAds

/// The messages of a round as bytes.
///
/// Source: spec 05, 2.1.
extension NegotiationMessage {
    /// Writes the message.
    ///
    /// - Throws: ``WireError`` if the claim would go out in clear.
    func write(to writer: inout MessageWriter) throws(WireError) {
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
        case .rejectWithReason(let text, let details):
            writer.write(CommandNumber.rejectedWithReason)
            writer.write(text)
            if let details { writer.write(details) }
        case .reject:
            writer.write(CommandNumber.rejected)
        case .end:
            writer.write(CommandNumber.endNegotiate)
        }
    }
}

extension NegotiationReply {
    /// Reads a message of the schedd.
    init(_ reader: inout MessageReader) throws(WireError) {
        let number = try reader.readInteger()
        switch Int(clamping: number) {
        case CommandNumber.jobInfo.rawValue: self = .jobInfo(try reader.readClassAd())
        case CommandNumber.noMoreJobs.rawValue: self = .noMoreJobs
        default: self = .unexpected(number)
        }
    }
}
