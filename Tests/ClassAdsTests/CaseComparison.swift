import Foundation

/// Compares answers as the case files demand: reals within two units in the last place, failure and ERROR alike,
/// extra members ignored.
enum CaseComparison {
    static func matches(_ expected: Any, _ given: Any?) -> Bool {
        switch expected {
        case let expected as [String: Any]:
            guard let given = given as? [String: Any] else { return false }
            if isFailure(expected) { return isFailure(given) }
            if let bits = expected["bits"] as? String {
                guard expected["type"] as? String == given["type"] as? String, let other = given["bits"] as? String
                else { return false }
                return bits == other || isNear(bits, other)
            }
            return expected.allSatisfy { matches($0.value, given[$0.key]) }
        case let expected as [Any]:
            guard let given = given as? [Any], given.count == expected.count else { return false }
            return zip(expected, given).allSatisfy { matches($0, $1) }
        case let expected as String: return expected == given as? String
        case let expected as NSNumber: return (given as? NSNumber).map { $0 == expected } ?? false
        case is NSNull: return given is NSNull
        default: return false
        }
    }

    private static func isFailure(_ answer: [String: Any]) -> Bool {
        answer["fail"] as? String == "eval" || answer["type"] as? String == "error"
    }

    private static func isNear(_ left: String, _ right: String) -> Bool {
        guard let left = UInt64(left, radix: 16), let right = UInt64(right, radix: 16) else { return false }
        return (left > right ? left - right : right - left) <= 2
    }
}
