import CEDAR
package import ClassAds

extension ClassAd {
    /// Sets an attribute to an expression of the program's own making.
    ///
    /// A text that does not parse is a programming error; text from a peer goes through
    /// ``ClassAds/Expression/init(parsing:syntax:)`` instead.
    package mutating func setExpression(_ name: String, _ text: String) {
        do {
            self[name] = try Expression(parsing: text, syntax: .old)
        } catch {
            preconditionFailure("expression of \(name) does not parse: \(text)")
        }
    }

    /// Copies one attribute, if the other ad has it.
    package mutating func copy(_ name: String, from other: ClassAd) {
        if let expression = other[name] { self[name] = expression }
    }

    /// The address to connect to: `StartdIpAddr`, else `MyAddress` (spec 05, 2.6).
    package var contactAddress: String? { string("StartdIpAddr") ?? string("MyAddress") }
}

/// The items of a list in a string, separated by commas or white space.
package func listItems(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init)
}
