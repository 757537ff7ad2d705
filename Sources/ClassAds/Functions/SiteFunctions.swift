/// Functions that depend on what a site has set up (spec 07, 9.12).
extension Evaluator {
    /// `userMap(map, user [, preferred [, default]])`.
    mutating func userMap(_ arguments: [Value]) throws(EvaluationFailure) -> Value {
        let fallback = arguments.count == 4 ? arguments[3] : .undefined
        guard case .string(let map) = arguments[0], case .string(let user) = arguments[1] else {
            return arguments[0].isError || arguments[1].isError ? .error : fallback
        }
        let (name, method) = Self.split(map.bytes)
        guard let found = environment.userMap(NameKey(name)),
            let mapped = try found.result(of: user.bytes, method: method, &self)
        else { return fallback }
        if arguments.count == 2 { return .string(ByteString(mapped)) }
        let items = StringList.items(mapped, [UInt8(ascii: ",")])
        guard let first = items.first else { return fallback }
        guard case .string(let preferred) = arguments[2] else { return .string(ByteString(first)) }
        return .string(ByteString(items.first { ASCII.equalFolded($0, preferred.bytes) } ?? first))
    }

    /// The name of a map and the method behind its first dot; without one, all methods.
    private static func split(_ map: [UInt8]) -> (name: ArraySlice<UInt8>, method: [UInt8]) {
        guard let dot = map.firstIndex(of: ASCII.dot) else { return (map[...], [UInt8(ascii: "*")]) }
        return (map[..<dot], Array(map[(dot + 1)...]))
    }

    /// `userHome(user [, default])`; without ``EvaluationEnvironment/homeDirectory`` no account has a home.
    func userHome(_ arguments: [Value]) -> Value {
        var fallback: Value?
        if arguments.count == 2, case .string(let text) = arguments[1], !text.isEmpty { fallback = arguments[1] }
        switch arguments[0] {
        case .string(let user):
            let home = environment.homeDirectory.flatMap { $0(user.description) }
            return home.map { .string($0) } ?? fallback ?? .undefined
        case .undefined: return fallback ?? .undefined
        default: return fallback ?? .error
        }
    }
}
