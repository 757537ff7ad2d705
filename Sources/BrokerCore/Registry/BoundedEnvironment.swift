import ClassAds

extension EvaluationEnvironment {
    /// For attributes that ought to be plain values and that a peer may have made expressions of.
    ///
    /// The clock stands still and the work is bounded, so that such an ad costs no more than an honest one.
    static let plainValues = EvaluationEnvironment(now: 0, maximumSteps: 1000, maximumStringBytes: 1 << 20)
}
