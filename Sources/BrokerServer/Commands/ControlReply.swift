import BrokerCore
import ClassAds

/// An order of a person that is not carried out, with the words he is told.
struct ControlRefusal: Error {
    /// The numbers of the tool's exit status.
    enum Code: Int {
        case failure = 1
        case notFound = 3
        case refused = 4
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ refusal: LedgerRefusal) {
        switch refusal {
        case .noSuchAnnex, .noSuchCapability: self.init(.notFound, refusal.reason)
        case .annexExists, .annexNotActive, .lifetimeOutOfRange, .tooMany: self.init(.failure, refusal.reason)
        }
    }

    /// The reply that tells of it.
    var reply: ClassAd {
        ["Result": false, "ErrorCode": Expression(code.rawValue), "ErrorString": Expression(message)]
    }
}
