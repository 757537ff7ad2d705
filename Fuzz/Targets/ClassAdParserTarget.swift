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
enum ClassAdRules {
    /// Printed text is accepted and prints as itself, in both syntaxes.
    static func survivesPrinting(_ expression: Expression) throws(BrokenRule) {
        for syntax in [Syntax.new, .old] {
            let printed = expression.bytes(syntax)
            let again: Expression
            do {
                again = try Expression(parsing: printed, syntax: syntax, timeZone: .utc)
            } catch {
                throw BrokenRule("printed \(syntax) text is refused (\(error)): \(shown(printed))")
            }
            let twice = again.bytes(syntax)
            try require(twice == printed, "\(syntax): \(shown(printed)) prints as \(shown(twice)) next time")
        }
    }

    /// The same for an ad in each of its forms.
    static func survivesPrinting(_ ad: ClassAd) throws(BrokenRule) {
        try fixed("new syntax", ad, { $0.bytes(.new) }) { (text) throws(ClassAdError) in
            try ClassAd(parsing: text, timeZone: .utc)
        }
        try fixed("JSON", ad, { $0.jsonBytes() }) { (text) throws(ClassAdError) in
            try ClassAd(parsingJSON: text, timeZone: .utc)
        }
        try fixed("XML", ad, { $0.xmlBytes() }) { (text) throws(ClassAdError) in
            try ClassAd(parsingXML: text, timeZone: .utc)
        }
        // Lines cannot name every attribute, and a line feed in a string ends them (spec 07, 6.3 and 15.2).
        guard ad.names.allSatisfy({ ClassAd.isValidName($0.utf8) }),
            ad.longFormBytes().count(where: { $0 == UInt8(ascii: "\n") }) == ad.publicPart.count
        else { return }
        try fixed("long form", ad, { $0.longFormBytes() }) { (text) throws(ClassAdError) in
            try ClassAd(longForm: text, timeZone: .utc)
        }
    }

    private static func fixed(
        _ form: String, _ ad: ClassAd, _ printed: (ClassAd) -> [UInt8],
        _ parse: ([UInt8]) throws(ClassAdError) -> ClassAd
    ) throws(BrokenRule) {
        let text = printed(ad)
        let again: ClassAd
        do {
            again = try parse(text)
        } catch {
            throw BrokenRule("printed \(form) is refused (\(error)): \(shown(text))")
        }
        let twice = printed(again)
        try require(twice == text, "\(form): \(shown(text)) prints as \(shown(twice)) next time")
    }
}
