/// Evaluation, look-ups and matching.
extension ClassAd {
    /// The value of an attribute; with a target, in a match with it (spec 07, 7 and 12).
    ///
    /// UNDEFINED without such an attribute, ERROR if the evaluation cannot be carried out.
    public func evaluate(
        _ name: String, target: ClassAd? = nil, in environment: EvaluationEnvironment = .system
    ) -> ClassAds.Value {
        var evaluator = evaluator(target: target, in: environment)
        return evaluator.result(ofAttribute: NameKey(name.utf8))
    }

    /// The value of an expression in this ad; with a target, in a match with it (spec 07, 7 and 12).
    ///
    /// ERROR if the evaluation cannot be carried out.
    public func evaluate(
        _ expression: Expression, target: ClassAd? = nil, in environment: EvaluationEnvironment = .system
    ) -> ClassAds.Value {
        var evaluator = evaluator(target: target, in: environment)
        return evaluator.result(of: expression.node)
    }

    private func evaluator(target: ClassAd?, in environment: EvaluationEnvironment) -> Evaluator {
        guard let target else { return Evaluator(startingIn: Scope(self), environment: environment) }
        let match = MatchPair(self, target)
        return Evaluator(startingIn: match.left, match: match, environment: environment)
    }

    // MARK: Typed look-ups (spec 07, 17)

    /// The value of an attribute if it is a string.
    public func string(_ name: String, in environment: EvaluationEnvironment = .system) -> String? {
        evaluate(name, in: environment).stringValue
    }

    /// The bytes of an attribute if it is a string.
    public func byteString(_ name: String, in environment: EvaluationEnvironment = .system) -> ByteString? {
        evaluate(name, in: environment).byteStringValue
    }

    /// The value of an attribute if it is a number, truncated, or a boolean.
    public func integer(_ name: String, in environment: EvaluationEnvironment = .system) -> Int64? {
        evaluate(name, in: environment).integerValue
    }

    /// The value of an attribute if it is a number or a boolean.
    public func real(_ name: String, in environment: EvaluationEnvironment = .system) -> Double? {
        evaluate(name, in: environment).realValue
    }

    /// The value of an attribute if it is boolean-equivalent.
    public func boolean(_ name: String, in environment: EvaluationEnvironment = .system) -> Bool? {
        evaluate(name, in: environment).booleanValue
    }

    // MARK: Matching (spec 07, 12)

    /// Whether the Requirements of both ads accept the other one.
    public static func symmetricMatch(
        _ left: ClassAd, _ right: ClassAd, in environment: EvaluationEnvironment = .system
    ) -> Bool {
        right.accepts(left, in: environment) && left.accepts(right, in: environment)
    }

    /// Whether the Requirements of this ad accept another one.
    public func accepts(_ target: ClassAd, in environment: EvaluationEnvironment = .system) -> Bool {
        evaluate("Requirements", target: target, in: environment).isTrue
    }

    /// The Rank that this ad gives to another one; 0 unless it is a number or a boolean.
    public func rank(of target: ClassAd, in environment: EvaluationEnvironment = .system) -> Double {
        evaluate("Rank", target: target, in: environment).realValue ?? 0
    }
}
