/// The two ads of a match as scopes (spec 07, 12).
struct MatchPair: Sendable {
    let left: Scope
    let right: Scope

    init(_ left: ClassAd, _ right: ClassAd) {
        self.left = Scope(left, parent: Self.contextScope(.left))
        self.right = Scope(right, parent: Self.contextScope(.right))
    }

    subscript(side: MatchSide) -> Scope {
        switch side {
        case .left: left
        case .right: right
        }
    }

    /// The match ad, the root of every match.
    ///
    /// Its ads are those of the running evaluation.
    static let root = Scope(
        AdLiteral(
            AttributeTable(unordered: [
                attribute(
                    "symmetricMatch",
                    .binary(BinaryOperation(.and, of(.right, "requirements"), of(.left, "requirements")))),
                attribute("leftMatchesRight", of(.right, "requirements")),
                attribute("rightMatchesLeft", of(.left, "requirements")),
                attribute("leftRankValue", of(.left, "rank")),
                attribute("rightRankValue", of(.right, "rank")),
                attribute("LEFT", .matched(.left)),
                attribute("RIGHT", .matched(.right)),
                attribute("lCtx", .matchContext(.left)),
                attribute("rCtx", .matchContext(.right)),
            ])), parent: nil)

    static func contextScope(_ side: MatchSide) -> Scope {
        switch side {
        case .left: leftContext
        case .right: rightContext
        }
    }

    private static let leftContext = context(of: .left, facing: .right)
    private static let rightContext = context(of: .right, facing: .left)

    private static func context(of own: MatchSide, facing other: MatchSide) -> Scope {
        let sides = ["other": other, "target": other, "my": own, "ad": own]
        let table = AttributeTable(
            unordered: sides.map { name, side in
                let ad = Name(side == .left ? "LEFT" : "RIGHT")
                return attribute(name, .reference(Reference(ad, isAbsolute: true)))
            })
        return Scope(
            AdLiteral(table), parent: root,
            contextSides: table.attributes.compactMap { sides[$0.name.text] })
    }

    private static func attribute(_ name: String, _ expression: Node) -> Attribute {
        Attribute(name: Name(name), expression: expression)
    }

    private static func of(_ side: MatchSide, _ name: String) -> Node {
        let ad = Node.reference(Reference(Name(side == .left ? "LEFT" : "RIGHT")))
        return .selection(Selection(ad, Name(name)))
    }
}
