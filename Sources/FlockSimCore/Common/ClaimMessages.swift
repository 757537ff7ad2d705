package import CEDAR
package import ClassAds

/// `REQUEST_CLAIM`: a schedd asks a startd for a slot (spec 05, 3.3).
package struct ClaimRequest: Sendable {
    /// Largest number of claims to preempt that is read.
    static let maximumPreemptions: Int64 = 1000

    /// The whole claim id.
    package var claim: String
    /// The expanded job ad.
    package var job: ClassAd
    /// Where the schedd listens.
    package var scheddAddress: String
    /// Seconds.
    package var aliveInterval: Int64

    /// A request without preemption.
    package init(claim: String, job: ClassAd, scheddAddress: String, aliveInterval: Int64) {
        self.claim = claim
        self.job = job
        self.scheddAddress = scheddAddress
        self.aliveInterval = aliveInterval
    }

    /// Reads the payload to its end.
    package init(reading reader: inout MessageReader) throws(WireError) {
        claim = try reader.readString() ?? ""
        job = try reader.readClassAd()
        scheddAddress = try reader.readString() ?? ""
        aliveInterval = try reader.readInteger()
        let preempted = try reader.readInteger()
        guard 0...Self.maximumPreemptions ~= preempted else { throw WireError(.outOfRange, "claims to preempt") }
        for _ in 0..<preempted { _ = try reader.readString() }
        try reader.finish()
    }

    /// Writes the payload.
    package func write(to writer: inout MessageWriter) throws(WireError) {
        try writer.writeSecret(claim)
        writer.write(job)
        writer.write(scheddAddress)
        writer.write(aliveInterval)
        writer.write(0)
    }
}

/// The startd's answer to `REQUEST_CLAIM` (spec 05, 3.3).
package struct ClaimReply: Sendable {
    /// A claim and the slot it is for.
    package struct Slot: Sendable {
        /// The whole claim id.
        package var claim: String
        /// The slot as the startd describes it.
        package var ad: ClassAd

        /// A claim of a slot.
        package init(claim: String, ad: ClassAd) {
            self.claim = claim
            self.ad = ad
        }
    }

    /// The integer in front of each part.
    package enum Code: Int64, Sendable {
        case refused = 0
        case accepted = 1
        case oldLeftovers = 3
        case leftovers = 5
        case claimedSlot = 7
    }

    /// Most slots that are read from one answer.
    static let maximumSlots = 64

    /// Whether the claim was granted.
    package var isAccepted: Bool
    /// The slots that were claimed, if the schedd asked for their ads.
    package var claimed: [Slot]
    /// What is left of the partitionable slot.
    package var leftovers: Slot?

    /// An answer.
    package init(isAccepted: Bool, claimed: [Slot] = [], leftovers: Slot? = nil) {
        self.isAccepted = isAccepted
        self.claimed = claimed
        self.leftovers = leftovers
    }

    /// No.
    package static let refused = ClaimReply(isAccepted: false)

    /// The integers the answer consists of, in order.
    package var codes: [Int64] {
        let last: Code = !isAccepted ? .refused : leftovers == nil ? .accepted : .leftovers
        return claimed.map { _ in Code.claimedSlot.rawValue } + [last.rawValue]
    }

    /// Reads the answer to its end.
    package init(reading reader: inout MessageReader) throws(WireError) {
        self.init(isAccepted: true)
        while true {
            let number = try reader.readInteger()
            switch Code(rawValue: number) {
            case .refused:
                self = .refused
                try reader.finish()
                return
            case .accepted:
                try reader.finish()
                return
            case .oldLeftovers, .leftovers:
                leftovers = Slot(claim: try reader.readString() ?? "", ad: try reader.readClassAd())
                try reader.finish()
                return
            case .claimedSlot:
                guard claimed.count < Self.maximumSlots else { throw WireError(.outOfRange, "claimed slots") }
                claimed.append(Slot(claim: try reader.readString() ?? "", ad: try reader.readClassAd()))
            case nil:
                throw WireError(.unexpectedMessage, "answer \(number) to REQUEST_CLAIM")
            }
        }
    }

    /// Writes the answer as one message.
    package func write(to writer: inout MessageWriter) throws(WireError) {
        for slot in claimed {
            writer.write(Code.claimedSlot.rawValue)
            try writer.writeSecret(slot.claim)
            writer.write(slot.ad)
        }
        guard isAccepted else { return writer.write(Code.refused.rawValue) }
        guard let leftovers else { return writer.write(Code.accepted.rawValue) }
        writer.write(Code.leftovers.rawValue)
        try writer.writeSecret(leftovers.claim)
        writer.write(leftovers.ad)
    }
}

/// `ACTIVATE_CLAIM`: a shadow asks a startd to run a job on a claim (spec 05, 3.4).
package struct ActivationRequest: Sendable {
    /// The starter version that every current shadow names.
    static let starter: Int64 = 2

    /// The startd's answer.
    package enum Reply: Int64, Sendable {
        case refused = 0
        case accepted = 1
        case tryAgain = 2
    }

    /// The whole claim id.
    package var claim: String
    /// The job ad.
    package var job: ClassAd

    /// A request to run a job.
    package init(claim: String, job: ClassAd) {
        self.claim = claim
        self.job = job
    }

    /// Reads the payload to its end.
    package init(reading reader: inout MessageReader) throws(WireError) {
        claim = try reader.readString() ?? ""
        _ = try reader.readInteger()
        job = try reader.readClassAd()
        try reader.finish()
    }

    /// Writes the payload.
    package func write(to writer: inout MessageWriter) throws(WireError) {
        try writer.writeSecret(claim)
        writer.write(Self.starter)
        writer.write(job)
    }
}
