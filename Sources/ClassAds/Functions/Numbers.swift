import Glibc

/// Numbers (spec 07, 9.3).
extension Evaluator {
    static func roundOff(_ function: Function, _ value: Value) -> Value {
        if case .integer = value { return value }
        guard let number = real(value) else { return .error }
        switch function {
        case .floor: return .integer(Int64(wholePartOf: number.rounded(.down)))
        case .round: return .integer(Int64(wholePartOf: number.rounded(.toNearestOrEven)))
        default: return .integer(Int64(wholePartOf: number.rounded(.up)))
        }
    }

    static func power(_ base: Value, _ exponent: Value) -> Value {
        if case .integer(let base) = base, case .integer(let exponent) = exponent, exponent >= 0 {
            return .integer(Int64(wholePartOf: Glibc.pow(Double(base), Double(exponent)) + 0.5))
        }
        guard let base = real(base), let exponent = real(exponent) else { return .error }
        return .real(Glibc.pow(base, exponent))
    }

    mutating func quantize(_ value: Value, _ quantum: Value) throws(EvaluationFailure) -> Value {
        guard let number = Self.real(value) else { return .error }
        var quantum = quantum
        if case .list(let list) = quantum {
            quantum = .real(0)
            for element in list.literal.elements {
                quantum = try evaluate(element)
                guard let candidate = Self.real(quantum) else { return .error }
                if candidate >= number { return quantum }
            }
        }
        guard let step = Self.real(quantum) else { return .error }
        if case .integer(let step) = quantum {
            if step == 0 { return value }
            if case .integer(let whole) = value {
                let sum = whole &+ step &- 1
                return .integer(sum == .min && step == -1 ? sum : (sum / step) &* step)
            }
        } else if abs(step) <= 1e-8 {
            return value
        }
        return .real((number / step).rounded(.up) * step)
    }

    mutating func random(_ limit: Value?) throws(EvaluationFailure) -> Value {
        let bits = environment.random()
        let fraction = Double(bits >> 11) / Double(UInt64(1) << 53)
        switch limit {
        case nil: return .real(fraction)
        case .integer(let limit):
            guard limit > 0 else { throw EvaluationFailure() }
            return .integer(Int64(bits % UInt64(limit)))
        case .real(let limit):
            guard limit > 0 else { throw EvaluationFailure() }
            return .real(fraction * limit)
        default: return .error
        }
    }
}
