/// Operators on values that need no evaluation of their own (spec 07, 8).
extension Value {
    static func apply(_ symbol: UnaryOperator, _ operand: Value) -> Value {
        if symbol == .parentheses { return operand }
        switch operand {
        case .undefined: return .undefined
        case .error: return .error
        case .integer(let value):
            switch symbol {
            case .minus: return .integer(0 &- value)
            case .complement: return .integer(~value)
            case .not: return .boolean(value == 0)
            case .plus, .parentheses: return operand
            }
        case .real(let value):
            switch symbol {
            case .minus: return .real(-value)
            case .not: return .boolean(value == 0)
            case .plus, .parentheses: return operand
            case .complement: return .error
            }
        case .relativeTime(let value):
            switch symbol {
            case .minus: return .relativeTime(-value)
            case .plus, .parentheses: return operand
            case .complement, .not: return .error
            }
        case .boolean(let value): return symbol == .not ? .boolean(!value) : .error
        case .string, .absoluteTime, .list, .classAd: return .error
        }
    }

    /// Any binary operator but elvis and subscript, both operands evaluated.
    static func apply(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Value {
        switch symbol {
        case .and: return and(left, right)
        case .or: return or(left, right)
        case .identical: return identity(left, right, negated: false)
        case .notIdentical: return identity(left, right, negated: true)
        case .elvis: return left.isUndefined ? right : left
        case .subscripted: return .error
        default: break
        }
        if case .integer(let left) = left, case .integer(let right) = right {
            return integers(symbol, left, right)
        }
        if left.isError || right.isError { return .error }
        if left.isUndefined || right.isUndefined { return .undefined }
        switch symbol {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: return compare(symbol, left, right)
        case .add, .subtract, .multiply, .divide, .modulo: return arithmetic(symbol, left, right)
        default: return .error
        }
    }

    // MARK: Logic (spec 07, 8.7)

    static func and(_ left: Value, _ right: Value) -> Value {
        logic(left, right, deciding: false)
    }

    static func or(_ left: Value, _ right: Value) -> Value {
        logic(left, right, deciding: true)
    }

    private static func logic(_ left: Value, _ right: Value, deciding: Bool) -> Value {
        if let left = left.booleanValue {
            if left == deciding { return .boolean(deciding) }
        } else if !left.isUndefined {
            return .error
        }
        if let right = right.booleanValue {
            if right == deciding { return .boolean(deciding) }
            return left.isUndefined ? .undefined : .boolean(!deciding)
        }
        return right.isUndefined ? .undefined : .error
    }

    // MARK: Identity (spec 07, 8.4)

    private static func identity(_ left: Value, _ right: Value, negated: Bool) -> Value {
        let same: Bool
        switch (left, right) {
        case (.undefined, .undefined), (.error, .error): same = true
        case (.boolean(let left), .boolean(let right)): same = left == right
        case (.integer(let left), .integer(let right)): same = left == right
        case (.real(let left), .real(let right)), (.relativeTime(let left), .relativeTime(let right)):
            same = left == right
        case (.string(let left), .string(let right)): same = left == right
        case (.absoluteTime(let left), .absoluteTime(let right)): same = left == right
        case (.list(let left), .list(let right)):
            if left.isComputed == right.isComputed { return .error }
            same = false
        case (.classAd(let left), .classAd(let right)):
            if left.scope.isDetached == right.scope.isDetached { return .error }
            same = false
        default: same = false
        }
        return .boolean(same != negated)
    }

    // MARK: Comparison (spec 07, 8.3)

    private static func compare(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Value {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            return order(symbol, ASCII.compareFolded(left.bytes, right.bytes), 0)
        case (.absoluteTime(let left), .absoluteTime(let right)): return order(symbol, left.seconds, right.seconds)
        case (.relativeTime(let left), .relativeTime(let right)): return order(symbol, left, right)
        case (.real, _), (_, .real):
            guard let left = left.realValue, let right = right.realValue else { return .error }
            return order(symbol, left, right)
        default:
            guard let left = left.integerValue, let right = right.integerValue else { return .error }
            return order(symbol, left, right)
        }
    }

    @inline(__always)
    private static func order<T: Comparable>(_ symbol: BinaryOperator, _ left: T, _ right: T) -> Value {
        switch symbol {
        case .equal: .boolean(left == right)
        case .notEqual: .boolean(left != right)
        case .less: .boolean(left < right)
        case .lessOrEqual: .boolean(left <= right)
        case .greater: .boolean(left > right)
        case .greaterOrEqual: .boolean(left >= right)
        default: .error
        }
    }

    // MARK: Arithmetic (spec 07, 8.5)

    private static func arithmetic(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Value {
        switch (left, right) {
        case (.absoluteTime, _), (_, .absoluteTime), (.relativeTime, _), (_, .relativeTime):
            return times(symbol, left, right)
        case (.real, _), (_, .real):
            guard let left = left.realValue, let right = right.realValue else { return .error }
            return reals(symbol, left, right)
        default:
            guard let left = left.integerValue, let right = right.integerValue else { return .error }
            return integers(symbol, left, right)
        }
    }

    private static func reals(_ symbol: BinaryOperator, _ left: Double, _ right: Double) -> Value {
        let result: Double
        switch symbol {
        case .add: result = left + right
        case .subtract: result = left - right
        case .multiply: result = left * right
        case .divide: result = left / right
        default: return .error
        }
        return result == .infinity ? .error : .real(result)
    }

    private static func times(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Value {
        switch (symbol, left, right) {
        case (.add, .absoluteTime(let time), .relativeTime(let seconds)),
            (.add, .relativeTime(let seconds), .absoluteTime(let time)):
            return .absoluteTime(
                AbsoluteTime(seconds: time.seconds &+ Int64(smallWholePartOf: seconds), offset: time.offset))
        case (.subtract, .absoluteTime(let time), .relativeTime(let seconds)):
            return .absoluteTime(
                AbsoluteTime(seconds: time.seconds &- Int64(smallWholePartOf: seconds), offset: time.offset))
        case (.subtract, .absoluteTime(let left), .absoluteTime(let right)):
            return .relativeTime(Double(left.seconds &- right.seconds))
        case (.add, .relativeTime(let left), .relativeTime(let right)): return .relativeTime(left + right)
        case (.subtract, .relativeTime(let left), .relativeTime(let right)): return .relativeTime(left - right)
        case (.multiply, .relativeTime(let time), .integer(let factor)),
            (.multiply, .integer(let factor), .relativeTime(let time)):
            return .relativeTime(time * Double(factor))
        case (.multiply, .relativeTime(let time), .real(let factor)),
            (.multiply, .real(let factor), .relativeTime(let time)):
            return .relativeTime(time * factor)
        case (.divide, .relativeTime(let time), .integer(let divisor)): return .relativeTime(time / Double(divisor))
        case (.divide, .relativeTime(let time), .real(let divisor)): return .relativeTime(time / divisor)
        default: return .error
        }
    }

    private static func integers(_ symbol: BinaryOperator, _ left: Int64, _ right: Int64) -> Value {
        switch symbol {
        case .add: .integer(left &+ right)
        case .subtract: .integer(left &- right)
        case .multiply: .integer(left &* right)
        case .divide: right == 0 ? .error : .integer(left == .min && right == -1 ? .max : left / right)
        case .modulo: right == 0 ? .error : .integer(left == .min && right == -1 ? 0 : left % right)
        case .bitAnd: .integer(left & right)
        case .bitOr: .integer(left | right)
        case .bitXor: .integer(left ^ right)
        case .shiftLeft: .integer(left &<< right)
        case .shiftRight: .integer(shiftRight(left, right))
        case .shiftRightUnsigned: .integer(shiftRightUnsigned(left, right))
        default: order(symbol, left, right)
        }
    }

    // MARK: Shifts (spec 07, 8.6; counts outside 0–63 as on x86-64)

    private static func shiftRight(_ value: Int64, _ count: Int64) -> Int64 {
        if value >= 0 { return value &>> count }
        return count <= 0 ? value : value >> min(count, 63)
    }

    private static func shiftRightUnsigned(_ value: Int64, _ count: Int64) -> Int64 {
        if value >= 0 { return value &>> count }
        return Int64(bitPattern: (UInt64(bitPattern: value) >> 1) &>> UInt64(bitPattern: count &- 1))
    }
}
