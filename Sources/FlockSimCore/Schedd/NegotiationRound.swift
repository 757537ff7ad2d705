import ClassAds

/// One round with a negotiator, from the header to its end (spec 05, section 2).
struct NegotiationRound: Sendable {
    /// Consecutive jobs of one autocluster.
    struct Request: Sendable {
        let autoCluster: Int?
        var jobs: [JobID]
    }

    let submitter: String
    /// Pool of the negotiator.
    let pool: String
    /// The negotiator reads an ad with each rejection (`MatchDiag3`).
    let wantsDiagnosticsAd: Bool
    /// What was not sent yet.
    var requests: [Request]
    var rejectedAutoClusters: Set<Int> = []
    var matched = 0
    var rejected = 0
}
