/// Two ads that are matched with each other, as HTCondor's match ad holds them (spec 07, 12).
///
/// Everything is evaluated with both ads in their places: `LEFT` and `RIGHT` are visible, and each ad is the
/// `TARGET` of the other.
///
/// ```swift
/// let match = MatchedAds(left: job, right: slot)
/// if match.isSymmetric { print(match.value(.rank, of: .left)) }
/// ```
public struct MatchedAds: Sendable {
    /// A place in a match.
    public enum Side: Sendable {
        /// By convention the job.
        case left
        /// By convention the slot.
        case right
    }

    /// What the match ad computes for a side.
    public enum Property: Sendable {
        /// The Requirements.
        case requirements
        /// The Rank.
        case rank
    }

    private let pair: MatchPair
    private let environment: EvaluationEnvironment

    /// Puts two ads into a match.
    public init(left: ClassAd, right: ClassAd, in environment: EvaluationEnvironment = .system) {
        pair = MatchPair(left, right)
        self.environment = environment
    }

    /// Whether the Requirements of both ads are true; those of the right ad are looked at first.
    public var isSymmetric: Bool { result("symmetricMatch").isTrue }

    /// Whether the Requirements of a side accept the other ad.
    public func accepts(by side: Side) -> Bool { value(.requirements, of: side).isTrue }

    /// What the match ad says of a side.
    public func value(_ property: Property, of side: Side) -> Value {
        switch (property, side) {
        case (.requirements, .left): result("rightMatchesLeft")
        case (.requirements, .right): result("leftMatchesRight")
        case (.rank, .left): result("leftRankValue")
        case (.rank, .right): result("rightRankValue")
        }
    }

    /// The value of an attribute of a side.
    public func evaluate(_ name: String, in side: Side) -> Value {
        var evaluator = Evaluator(startingIn: scope(side), match: pair, environment: environment)
        return evaluator.result(ofAttribute: NameKey(name.utf8))
    }

    /// The value of an expression written in the ad of a side.
    public func evaluate(_ expression: Expression, in side: Side) -> Value {
        var evaluator = Evaluator(startingIn: scope(side), match: pair, environment: environment)
        return evaluator.result(of: expression.node)
    }

    private func scope(_ side: Side) -> Scope {
        switch side {
        case .left: pair.left
        case .right: pair.right
        }
    }

    private func result(_ name: String) -> Value {
        var evaluator = Evaluator(startingIn: MatchPair.root, match: pair, environment: environment)
        return evaluator.result(ofAttribute: NameKey(name.utf8))
    }
}
