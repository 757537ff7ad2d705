extension Sinful {
    /// The address a text stands for: `<...>`, the same without brackets, or the list form `{...}`.
    ///
    /// Beyond the rules of spec 06, 1.1, control characters, ports above 65535, overlong texts and hosts that could not
    /// be written again are refused.
    /// - Throws: ``WireError/Kind/badString``.
    public init(parsing text: String) throws(WireError) {
        let utf8 = text.utf8
        guard let first = utf8.first, utf8.count <= Self.maximumLength,
            !utf8.contains(where: PercentCoding.isControl)
        else { throw WireError(.badString, "empty, overlong or unprintable address") }
        if first == UInt8(ascii: "{") {
            try self.init(routes: text)
        } else if first == UInt8(ascii: "<") {
            guard utf8.last == UInt8(ascii: ">"), utf8.count >= 2 else {
                throw WireError(.badString, "address without end")
            }
            try self.init(body: text.utf8.dropFirst().dropLast())
        } else if first != UInt8(ascii: "["), Self.isNakedIPv6(text) {
            try self.init(body: "[\(text)]".utf8[...])
        } else {
            try self.init(body: utf8[...])
        }
    }

    /// Whether a body without brackets has two colons before its parameters.
    private static func isNakedIPv6(_ body: String) -> Bool {
        let beforeParameters = body.utf8.prefix { $0 != UInt8(ascii: "?") }
        return beforeParameters.lazy.filter { $0 == UInt8(ascii: ":") }.prefix(2).count == 2
    }

    private init(body: Substring.UTF8View) throws(WireError) {
        var rest = body
        guard !rest.contains(UInt8(ascii: ">")) else { throw WireError(.badString, "text behind an address") }
        let host: Substring.UTF8View
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else {
                throw WireError(.badString, "address with an open bracket")
            }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "?") }
            rest = rest[host.endIndex...]
        }
        var port: Int?
        if rest.first == UInt8(ascii: ":") {
            let digits = rest.dropFirst().prefix { $0 != UInt8(ascii: "?") }
            rest = rest[digits.endIndex...]
            if !digits.isEmpty {
                guard let number = decimal(Substring(digits)), number <= 65_535 else {
                    throw WireError(.badString, "port of an address")
                }
                port = number
            }
        }
        try self.init(checkedHost: String(Substring(host)), port: port)
        guard let mark = rest.popFirst() else { return }
        guard mark == UInt8(ascii: "?") else { throw WireError(.badString, "text behind the port of an address") }
        for item in rest.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }) {
            let name = item.prefix { $0 != UInt8(ascii: "=") }
            guard !name.isEmpty, let decodedName = PercentCoding.decode(name),
                let value = PercentCoding.decode(item[name.endIndex...].dropFirst())
            else { throw WireError(.badString, "parameter of an address") }
            try set(decodedName, to: value)
        }
    }

    /// An address without parameters whose host can be written and read again; an empty one is none.
    init(checkedHost host: String, port: Int?) throws(WireError) {
        let delimiters = "<>[]?\"".utf8
        guard !host.utf8.contains(where: delimiters.contains) else { throw WireError(.badString, "host of an address") }
        self.init(host: host.isEmpty ? nil : host, port: port)
    }
}
