import CEDAR
import ClassAds

/// The counters that a collector puts into the ads it stores (spec 04, 5.4).
///
/// They belong to the ad's key and end with the ad. A real collector keeps them longer, in a list of its own that grows
/// with every name ever seen.
package struct UpdateStatistics: Hashable, Sendable {
    /// Updates received.
    package var total: Int64
    /// Updates that should have been received by their numbers, after the first.
    package var sequenced: Int64
    /// Updates missing.
    package var lost: Int64
    /// One bit for each expected update, the newest in front; 1 is a lost one.
    package var history: UInt128

    /// Describes counters.
    package init(total: Int64, sequenced: Int64, lost: Int64, history: UInt128) {
        self.total = total
        self.sequenced = sequenced
        self.lost = lost
        self.history = history
    }

    /// Counters as they were stored, or `nil` if `history` is not a hexadecimal number of 128 bits.
    package init?(total: Int64, sequenced: Int64, lost: Int64, history: String) {
        guard let bits = UInt128(history, radix: 16) else { return nil }
        self.init(total: total, sequenced: sequenced, lost: lost, history: bits)
    }

    /// The history as 32 hexadecimal digits, as it stands in ads.
    package var historyText: String {
        let digits = String(history, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// The counters after `ad` has come, or `nil` for an ad that has none: one without name or address.
    init?(receiving ad: ClassAd, after previous: (statistics: UpdateStatistics?, ad: ClassAd)?) {
        guard ad.contains(AttributeName.name) || ad.contains(AttributeName.machine),
            ad.contains(AttributeName.myAddress)
        else { return nil }
        guard let previous, let statistics = previous.statistics else {
            self.init(total: 1, sequenced: 0, lost: 0, history: 0)
            return
        }
        self = statistics
        total &+= 1
        if let lost = Self.lostUpdates(between: previous.ad, and: ad) { count(lost: lost) }
    }

    /// How many updates are missing between two ads; `nil` if they do not carry numbers.
    private static func lostUpdates(between old: ClassAd, and new: ClassAd) -> Int64? {
        guard let oldNumber = old.integer(AttributeName.updateSequenceNumber, in: .plainValues),
            let newNumber = new.integer(AttributeName.updateSequenceNumber, in: .plainValues),
            let oldStart = old.integer(AttributeName.daemonStartTime, in: .plainValues),
            let newStart = new.integer(AttributeName.daemonStartTime, in: .plainValues)
        else { return nil }
        guard oldStart == newStart else { return 0 }
        let expected = oldNumber &+ 1
        guard newNumber >= expected else { return 1 }
        // Numbers are a peer's choice: the difference is bounded so that counters cannot run over.
        return min(newNumber.subtractingReportingOverflow(expected).partialValue.magnitude.clamped, Self.maximumGap)
    }

    private static let maximumGap: Int64 = 1 << 32

    private mutating func count(lost: Int64) {
        self.lost &+= lost
        sequenced &+= lost + 1
        let bits = Int(min(lost, 128))
        if bits > 0 {
            let ones: UInt128 = bits == 128 ? .max : ~(.max >> UInt128(bits))
            history = bits == 128 ? ones : history >> UInt128(bits) | ones
        }
        history >>= 1
    }

    /// Writes the counters into `ad`.
    func write(to ad: inout ClassAd) {
        ad.set(AttributeName.updatesTotal, total)
        ad.set(AttributeName.updatesSequenced, sequenced)
        ad.set(AttributeName.updatesLost, lost)
        ad.set(AttributeName.updatesHistory, historyText)
    }

    /// Takes what a client claims about itself out of `ad`.
    static func remove(from ad: inout ClassAd) {
        for name in [
            AttributeName.updatesTotal, AttributeName.updatesSequenced, AttributeName.updatesLost,
            AttributeName.updatesHistory,
        ] { ad[name] = nil }
    }
}

extension UInt64 {
    /// This number, or the largest that fits.
    fileprivate var clamped: Int64 { Int64(clamping: self) }
}
