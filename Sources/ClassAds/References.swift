/// The references of an expression (spec 07, 13).
extension ClassAd {
    /// The attributes outside this ad that an expression depends on, trimmed and sorted without regard to case.
    ///
    /// Nil if they cannot be told, for example for circular attributes (spec 07, 13.1).
    public func externalReferences(
        of expression: Expression, in environment: EvaluationEnvironment = .system
    ) -> [String]? {
        references(of: expression, .external, trimmed: true, environment)
    }

    /// The attributes of this ad that an expression depends on, trimmed and sorted without regard to case.
    ///
    /// Nil if they cannot be told (spec 07, 13.2).
    public func internalReferences(
        of expression: Expression, in environment: EvaluationEnvironment = .system
    ) -> [String]? {
        references(of: expression, .internal, trimmed: true, environment)
    }

    /// Like ``externalReferences(of:)`` with full names such as `TARGET.Memory`.
    public func fullExternalReferences(
        of expression: Expression, in environment: EvaluationEnvironment = .system
    ) -> [String]? {
        references(of: expression, .external, trimmed: false, environment)
    }

    /// Like ``internalReferences(of:)`` with full names.
    public func fullInternalReferences(
        of expression: Expression, in environment: EvaluationEnvironment = .system
    ) -> [String]? {
        references(of: expression, .internal, trimmed: false, environment)
    }

    private func references(
        of expression: Expression, _ kind: ReferenceCollector.Kind, trimmed: Bool, _ environment: EvaluationEnvironment
    ) -> [String]? {
        var collector = ReferenceCollector(kind, startingIn: Scope(self), environment: environment)
        guard collector.collect(expression.node) else { return nil }
        return (trimmed ? collector.trimmed : collector.names).sorted.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Names that differ in more than case, each in its first spelling.
struct NameSet {
    private var spellings: [NameKey: [UInt8]] = [:]

    mutating func insert(_ spelling: [UInt8]) {
        let key = NameKey(spelling)
        if spellings[key] == nil { spellings[key] = spelling }
    }

    /// In the order of `strcasecmp`.
    var sorted: [[UInt8]] { spellings.values.sorted { ASCII.compareFolded($0, $1) < 0 } }
}
