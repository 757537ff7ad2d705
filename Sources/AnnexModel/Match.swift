/// A slot's claim handed out to a schedd: a lease that the broker remembers until the claim ends.
///
/// Kept so that no claim is offered twice and so that later slot ads can be compared with what was promised
/// (spec 05, 2.13 and 5.5). It never holds the claim id itself.
package struct Match: Hashable, Sendable, Identifiable {
    /// The claim id's public form, everything up to the last `#` and `...` after it (spec 05, 3.1).
    package let claimPublicID: String
    /// The incarnation of the annex whose slot it is.
    package let annexID: String
    /// The slot's key in the registry: `Name` as HTCondor makes it (spec 04, 4.2).
    package let slotKey: String
    /// Name of the schedd it was given to.
    package let schedd: String
    /// The submitter for whom it was negotiated.
    package let submitter: String
    /// The user whose job it is, `alice@uid.domain`.
    package let user: String
    /// The first job's cluster.
    package let cluster: Int64
    /// The first job's process.
    package let proc: Int64
    /// The schedd's autocluster of that job, for the back-off of spec 05, 2.13.
    package let autocluster: Int64
    /// When it was handed out, in seconds since 1970.
    package let handedOutAt: Int64
    /// When a slot ad showed the claim in use, in seconds since 1970.
    package var confirmedAt: Int64?

    /// The public claim id: there is one match per claim.
    package var id: String { claimPublicID }

    /// Describes a match.
    package init(
        claimPublicID: String, annexID: String, slotKey: String, schedd: String, submitter: String, user: String,
        cluster: Int64, proc: Int64, autocluster: Int64, handedOutAt: Int64, confirmedAt: Int64? = nil
    ) {
        self.claimPublicID = claimPublicID
        self.annexID = annexID
        self.slotKey = slotKey
        self.schedd = schedd
        self.submitter = submitter
        self.user = user
        self.cluster = cluster
        self.proc = proc
        self.autocluster = autocluster
        self.handedOutAt = handedOutAt
        self.confirmedAt = confirmedAt
    }

    /// How long a claim may stay unseen before the match counts as lost, in seconds (spec 05, 3.6).
    package static let confirmationTimeout: Int64 = 150

    /// Whether it was handed out so long ago without being seen that the schedd cannot have used it.
    package func isLost(now: Int64) -> Bool {
        confirmedAt == nil && now - handedOutAt >= Self.confirmationTimeout
    }
}
