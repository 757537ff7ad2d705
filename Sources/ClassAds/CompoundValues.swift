/// A list: expressions that are evaluated when they are used (spec 07, 2).
public struct ListValue: Sendable, Equatable {
    private final class Storage: Sendable {
        let literal: ListLiteral
        let scope: Scope?
        let isComputed: Bool

        init(_ literal: ListLiteral, scope: Scope?, isComputed: Bool) {
            self.literal = literal
            self.scope = scope
            self.isComputed = isComputed
        }
    }

    private let storage: Storage

    /// A list as written in a certain ad.
    init(_ literal: ListLiteral, scope: Scope?) {
        storage = Storage(literal, scope: scope, isComputed: false)
    }

    /// A list of values that a function made.
    init(computed values: [Value]) {
        storage = Storage(ListLiteral(values.map(Node.literal)), scope: nil, isComputed: true)
    }

    private init(_ storage: Storage) { self.storage = storage }

    var literal: ListLiteral { storage.literal }
    /// The ad that contains the list.
    var scope: Scope? { storage.scope }
    /// Whether `=?=` tells it apart from a written list (spec 07, 8.4).
    var isComputed: Bool { storage.isComputed }

    /// The copy without a place that subscripting an ad yields (spec 07, 8.8).
    var detached: ListValue { ListValue(Storage(literal, scope: nil, isComputed: true)) }

    /// The number of elements.
    public var count: Int { literal.elements.count }

    /// The elements, unevaluated.
    public var elements: [Expression] { literal.elements.map(Expression.init) }

    /// The elements, evaluated where the list was written.
    public func values(in environment: EvaluationEnvironment = .system) -> [Value] {
        literal.elements.map { element in
            var evaluator = Evaluator(startingIn: scope ?? .empty, environment: environment)
            return evaluator.result(of: element)
        }
    }

    /// Structural equality of the elements.
    public static func == (left: Self, right: Self) -> Bool {
        Node.list(left.literal).isSame(as: .list(right.literal))
    }
}

/// An ad as a value, together with the place where it was written (spec 07, 2).
public struct AdValue: Sendable, Equatable {
    let scope: Scope

    init(_ scope: Scope) { self.scope = scope }

    /// The ad itself, without the ads around it.
    public var ad: ClassAd {
        ClassAd(table: scope.table, chainedParent: scope.chained.map { AdValue($0).ad })
    }

    /// Structural equality, chained parents left aside.
    public static func == (left: Self, right: Self) -> Bool {
        left.scope.table.isSame(as: right.scope.table)
    }
}
