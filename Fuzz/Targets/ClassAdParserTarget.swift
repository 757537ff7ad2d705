import ClassAds

/// Every text form of the language: what was understood is printed, and what was printed is understood as the same.
enum ClassAdParserTarget {
    /// The first byte names the form, the rest is the text.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        let form = input.byte()
        let text = input.remainder()
        switch form {
        case UInt8(ascii: "n"): try expression { () throws(ClassAdError) in try parse(text, .new) }
        case UInt8(ascii: "o"): try expression { () throws(ClassAdError) in try parse(text, .old) }
        case UInt8(ascii: "p"): try expression { () throws(ClassAdError) in try parse(text, .new, full: false) }
        case UInt8(ascii: "a"):
            try ad { () throws(ClassAdError) in try ClassAd(parsing: text, timeZone: .utc) }
        case UInt8(ascii: "l"):
            try ad { () throws(ClassAdError) in try ClassAd(longForm: text, timeZone: .utc) }
        case UInt8(ascii: "j"):
            try ad { () throws(ClassAdError) in try ClassAd(parsingJSON: text, timeZone: .utc) }
        case UInt8(ascii: "x"):
            try ad { () throws(ClassAdError) in try ClassAd(parsingXML: text, timeZone: .utc) }
        default: return
        }
    }

    private static func parse(
        _ text: [UInt8], _ syntax: Syntax, full: Bool = true
    ) throws(ClassAdError) -> Expression {
        try Expression(parsing: text, syntax: syntax, full: full, timeZone: .utc)
    }

    private static func expression(_ parsed: () throws(ClassAdError) -> Expression) throws(BrokenRule) {
        let expression: Expression
        do { expression = try parsed() } catch { return }
        try ClassAdRules.survivesPrinting(expression)
    }

    private static func ad(_ parsed: () throws(ClassAdError) -> ClassAd) throws(BrokenRule) {
        let ad: ClassAd
        do { ad = try parsed() } catch { return }
        try ClassAdRules.survivesPrinting(ad)
    }
}

/// What must hold of anything that was parsed.
///
/// HTCondor's printed text is not always the text of the same expression; what is known to be lost is let pass.
enum ClassAdRules {
    /// Rounds of printing and reading after which the text must stay as it is.
    static let maximumRounds = 100

    /// Printed text is accepted, means the same, and from the second time on prints as itself.
    static func survivesPrinting(_ expression: Expression) throws(BrokenRule) {
        for syntax in [Syntax.new, .old] {
            let printed = expression.bytes(syntax)
            let again = try stable("\(syntax)", printed, isOld: syntax == .old, { $0.bytes(syntax) }) {
                (text) throws(ClassAdError) in try Expression(parsing: text, syntax: syntax, timeZone: .utc)
            }
            // Of reals the last digit is lost (spec 07, 5.2).
            guard let again, syntax == .new, !printed.contains(UInt8(ascii: "E")) else { continue }
            let values = [expression, again].map { ClassAd().evaluate($0, in: ClassAdEvaluatorTarget.environment) }
            try require(
                values[0].description == values[1].description,
                "\(shown(printed)) is \(values[1]) and not \(values[0])")
        }
    }

    /// The same for an ad in each of its forms, without the values.
    static func survivesPrinting(_ ad: ClassAd) throws(BrokenRule) {
        // A NUL in a name, which only a file can have, is nothing that JSON or XML can say.
        guard !ad.attributes.contains(where: { $0.name.bytes.contains(0) }) else { return }
        _ = try stable("new syntax", ad.bytes(.new), isOld: false, { $0.bytes(.new) }) { (text) throws(ClassAdError) in
            try ClassAd(parsing: text, timeZone: .utc)
        }
        _ = try stable("JSON", ad.jsonBytes(), isOld: false, { $0.jsonBytes() }) { (text) throws(ClassAdError) in
            try ClassAd(parsingJSON: text, timeZone: .utc)
        }
        _ = try stable("XML", ad.xmlBytes(), isOld: false, { $0.xmlBytes() }) { (text) throws(ClassAdError) in
            try ClassAd(parsingXML: text, timeZone: .utc)
        }
        // Lines cannot name every attribute, and a line feed in a string ends them (spec 07, 5.4).
        let lines = ad.longFormBytes()
        guard ad.names.allSatisfy({ ClassAd.isValidName($0.utf8) }),
            lines.count(where: { $0 == UInt8(ascii: "\n") }) == ad.publicPart.count
        else { return }
        _ = try stable("long form", lines, isOld: true, { $0.longFormBytes() }) { (text) throws(ClassAdError) in
            try ClassAd(longForm: text, timeZone: .utc)
        }
    }

    /// What printed text is understood as; `nil` if it is of the kind that need not be understood.
    private static func stable<T>(
        _ form: String, _ printed: [UInt8], isOld: Bool, _ print: (T) -> [UInt8],
        _ parse: ([UInt8]) throws(ClassAdError) -> T
    ) throws(BrokenRule) -> T? {
        guard !isLossy(printed, isOld: isOld) else {
            _ = try? parse(printed)  // it need not be accepted
            return nil
        }
        var text = printed
        var first: T?
        // A minus before a number is read as part of it, and of -0 there is no integer: that takes a round each.
        for _ in 0..<maximumRounds {
            let parsed: T
            do {
                parsed = try parse(text)
            } catch {
                throw BrokenRule("printed \(form) is refused (\(error)): \(shown(text))")
            }
            if first == nil { first = parsed }
            let next = print(parsed)
            if next == text { return first }
            text = next
        }
        throw BrokenRule("\(form) that never prints as itself: \(shown(printed))")
    }

    /// Whether a text may hold what printing loses: names in quotes, times, and in old syntax backslashes.
    static func isLossy(_ text: [UInt8], isOld: Bool) -> Bool {
        text.contains(UInt8(ascii: "'")) || isOld && text.contains(UInt8(ascii: "\\"))
            || String(decoding: text, as: UTF8.self).lowercased().contains("time(")
    }
}
