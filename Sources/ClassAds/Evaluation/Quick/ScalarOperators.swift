/// The operators on plain values; the rules are those of ``Value`` (spec 07, 8).
extension Scalar {
    @inline(__always)
    static func apply(_ symbol: UnaryOperator, _ operand: Scalar) -> Scalar {
        switch (symbol, operand.kind) {
        case (.parentheses, _), (_, .undefined), (_, .error), (_, .unsettled): operand
        case (.not, .boolean), (.not, .integer), (.not, .real): .boolean(operand.truth == false)
        case (.minus, .integer): .integer(0 &- operand.integer)
        case (.minus, .real): .real(-operand.real)
        case (.plus, .integer), (.plus, .real): operand
        case (.complement, .integer): .integer(~operand.integer)
        default: .error
        }
    }

    /// Any operator that evaluates both its operands.
    @inline(__always)
    static func apply(_ symbol: BinaryOperator, _ left: Scalar, _ right: Scalar) -> Scalar {
        if left.kind == .integer, right.kind == .integer, let result = order(symbol, left.integer, right.integer) {
            return result
        }
        return applyRest(symbol, left, right)
    }

    private static func applyRest(_ symbol: BinaryOperator, _ left: Scalar, _ right: Scalar) -> Scalar {
        switch symbol {
        case .identical: return .boolean(isIdentical(left, right))
        case .notIdentical: return .boolean(!isIdentical(left, right))
        default: break
        }
        if left.kind == .error || right.kind == .error { return .error }
        if left.kind == .undefined || right.kind == .undefined { return .undefined }
        if left.kind == .string, right.kind == .string {
            return order(symbol, compareFolded(left.bytes, right.bytes, isEquality: symbol.isEquality), 0) ?? .error
        }
        guard left.isNumber, right.isNumber else { return .error }
        if left.kind == .real || right.kind == .real, let result = order(symbol, left.number, right.number) {
            return result
        }
        // Neither is a string, so no bytes are copied.
        guard let left = left.value, let right = right.value else { return .unsettled }
        return Scalar(keptElsewhere: Value.apply(symbol, left, right))
    }

    @inline(__always)
    private static func order<T: Comparable>(_ symbol: BinaryOperator, _ left: T, _ right: T) -> Scalar? {
        switch symbol {
        case .equal: .boolean(left == right)
        case .notEqual: .boolean(left != right)
        case .less: .boolean(left < right)
        case .lessOrEqual: .boolean(left <= right)
        case .greater: .boolean(left > right)
        case .greaterOrEqual: .boolean(left >= right)
        default: nil
        }
    }

    private static func isIdentical(_ left: Scalar, _ right: Scalar) -> Bool {
        guard left.kind == right.kind else { return false }
        return switch left.kind {
        case .undefined, .error, .unsettled: true
        case .boolean, .integer: left.integer == right.integer
        case .real: left.real == right.real
        case .string: left.bytes.elementsEqual(right.bytes)
        }
    }

    /// The order of `strcasecmp`; where only equality matters, unequal lengths decide.
    @inline(__always)
    private static func compareFolded(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, isEquality: Bool
    ) -> Int {
        if isEquality, left.count != right.count { return 1 }
        let shorter = min(left.count, right.count)
        for index in 0..<shorter where left[index] != right[index] {
            let difference = Int(ASCII.lower(left[index])) - Int(ASCII.lower(right[index]))
            if difference != 0 { return difference }
        }
        return left.count - right.count
    }

    /// `&&` (`deciding` false) or `||` (`deciding` true) of two values, the left one not deciding (spec 07, 8.7).
    static func logic(_ left: Scalar, _ right: Scalar, deciding: Bool) -> Scalar {
        if left.truth == nil, left.kind != .undefined { return .error }
        if let right = right.truth {
            if right == deciding { return .boolean(deciding) }
            return left.kind == .undefined ? .undefined : .boolean(!deciding)
        }
        return right.kind == .undefined ? .undefined : .error
    }
}

extension BinaryOperator {
    fileprivate var isEquality: Bool { self == .equal || self == .notEqual }
}
