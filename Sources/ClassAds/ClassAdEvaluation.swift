/// Evaluation, look-ups and matching.
extension ClassAd {
    /// The value of an attribute; with a target, in a match with it (spec 07, 7 and 12).
    ///
    /// UNDEFINED without such an attribute, ERROR if the evaluation cannot be carried out.
    public func evaluate(
        _ name: String, target: ClassAd? = nil, in environment: EvaluationEnvironment = .system
    ) -> ClassAds.Value {
        evaluate(NameKey(name.utf8), target: target, in: environment)
    }

    func evaluate(
        _ key: NameKey, target: ClassAd? = nil, in environment: EvaluationEnvironment = .system
    ) -> ClassAds.Value {
        if let index = table.index(of: key) {
            if let value = table.cells[index].plainValue { return value }
            if let value = quickResult(of: table.cells[index], target, environment)?.value { return value }
        }
        var evaluator = evaluator(target: target, in: environment)
        return evaluator.result(ofAttribute: key)
    }

    /// The value of an expression in this ad; with a target, in a match with it (spec 07, 7 and 12).
    ///
    /// ERROR if the evaluation cannot be carried out.
    public func evaluate(
        _ expression: Expression, target: ClassAd? = nil, in environment: EvaluationEnvironment = .system
    ) -> ClassAds.Value {
        if let value = expression.cell.plainValue { return value }
        if let value = quickResult(of: expression.cell, target, environment)?.value { return value }
        var evaluator = evaluator(target: target, in: environment)
        return evaluator.result(of: expression.node)
    }

    /// Whether an expression is true in this ad; with a target, in a match with it.
    public func isTrue(
        _ expression: Expression, target: ClassAd? = nil, in environment: EvaluationEnvironment = .system
    ) -> Bool {
        if let result = quickResult(of: expression.cell, target, environment) { return result.truth == true }
        return evaluate(expression, target: target, in: environment).isTrue
    }

    /// The result of a program in this ad; nil without a program or if it settles nothing.
    ///
    /// The bytes of a string belong to the ads.
    private func quickResult(
        of cell: Cell, _ target: ClassAd?, _ environment: EvaluationEnvironment
    ) -> QuickResult? {
        guard case .body(let body) = cell else { return nil }
        let program = body.program
        guard program.isSupported, var evaluator = QuickEvaluator(self, target: target, environment: environment)
        else { return nil }
        let result = evaluator.run(program)
        // The bytes of a string result are copied while everybody who may own them is there.
        return withExtendedLifetime(self) {
            withExtendedLifetime(target) {
                withExtendedLifetime(program) { evaluator.keepingStrings { QuickResult(result) } }
            }
        }
    }

    /// What a program yielded.
    private struct QuickResult {
        let truth: Bool?
        let value: ClassAds.Value?

        init?(_ scalar: Scalar) {
            guard scalar.kind != .unsettled else { return nil }
            truth = scalar.truth
            value = scalar.value
        }
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
        evaluate(Self.requirementsKey, target: target, in: environment).isTrue
    }

    /// The Rank that this ad gives to another one; 0 unless it is a number or a boolean.
    public func rank(of target: ClassAd, in environment: EvaluationEnvironment = .system) -> Double {
        evaluate(Self.rankKey, target: target, in: environment).realValue ?? 0
    }

    private static let requirementsKey = NameKey("requirements".utf8)
    private static let rankKey = NameKey("rank".utf8)
}
