extension Node {
    /// Structural equality (spec 07, 14.2).
    func isSame(as other: Node) -> Bool {
        switch (self, other) {
        case (.literal(let left), .literal(let right)): left.isSameLiteral(as: right)
        case (.reference(let left), .reference(let right)):
            left === right || (left.isAbsolute == right.isAbsolute && left.name.spelling == right.name.spelling)
        case (.selection(let left), .selection(let right)):
            left === right || (left.name.spelling == right.name.spelling && left.base.isSame(as: right.base))
        case (.unary(let left), .unary(let right)):
            left === right || (left.symbol == right.symbol && left.operand.isSame(as: right.operand))
        case (.binary(let left), .binary(let right)):
            left === right
                || (left.symbol == right.symbol && left.left.isSame(as: right.left)
                    && left.right.isSame(as: right.right))
        case (.conditional(let left), .conditional(let right)):
            left === right
                || (left.condition.isSame(as: right.condition) && left.whenTrue.isSame(as: right.whenTrue)
                    && left.whenFalse.isSame(as: right.whenFalse))
        case (.call(let left), .call(let right)):
            left === right || (left.name == right.name && left.arguments.isSame(as: right.arguments))
        case (.list(let left), .list(let right)): left === right || left.elements.isSame(as: right.elements)
        case (.ad(let left), .ad(let right)): left === right || left.table.isSame(as: right.table)
        case (.matched(let left), .matched(let right)), (.matchContext(let left), .matchContext(let right)):
            left == right
        default: false
        }
    }
}

extension [Node] {
    /// Elementwise structural equality.
    func isSame(as other: [Node]) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.isSame(as: $1) }
    }
}

extension AttributeTable {
    /// The same names, case aside, with structurally equal expressions.
    func isSame(as other: AttributeTable) -> Bool {
        count == other.count
            && zip(attributes, other.attributes).allSatisfy {
                $0.name.key == $1.name.key && $0.expression.isSame(as: $1.expression)
            }
    }
}

extension Value {
    /// Equality of literals; reals may differ by 2.2e-16 (spec 07, 14.2).
    fileprivate func isSameLiteral(as other: Value) -> Bool {
        switch (self, other) {
        case (.real(let left), .real(let right)), (.relativeTime(let left), .relativeTime(let right)):
            left == right || abs(left - right) < Double.ulpOfOne
        default: self == other
        }
    }
}
