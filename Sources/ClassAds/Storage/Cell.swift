/// An expression as ads keep it: most are a plain literal, which needs no tree.
enum Cell: Sendable {
    case undefined
    case error
    case boolean(Bool)
    case integer(Int64)
    case real(Double)
    case string(ByteString)
    /// Anything else, literal times included.
    case body(ExpressionBody)

    init(_ node: Node) {
        if case .literal(let value) = node, let cell = Cell(plain: value) {
            self = cell
        } else {
            self = .body(ExpressionBody(node))
        }
    }

    init(_ value: Value) { self = Cell(plain: value) ?? .body(ExpressionBody(.literal(value))) }

    private init?(plain value: Value) {
        switch value {
        case .undefined: self = .undefined
        case .error: self = .error
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .real(let value): self = .real(value)
        case .string(let value): self = .string(value)
        case .absoluteTime, .relativeTime, .list, .classAd: return nil
        }
    }

    /// The value, if the expression is a plain literal.
    @inline(__always)
    var plainValue: Value? {
        switch self {
        case .undefined: .undefined
        case .error: .error
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .string(let value): .string(value)
        case .body: nil
        }
    }

    var node: Node {
        if case .body(let body) = self { return body.node }
        return .literal(plainValue ?? .error)
    }
}
