/// An ad as a place where names are looked up (spec 07, 7.1).
///
/// A scope is made for the ad an evaluation starts in and whenever a nested ad
/// is met; it shares the attributes and never copies them.
final class Scope: Sendable {
    let table: AttributeTable
    /// The nested ad this scope stands for; nil for a whole ad.
    let literal: AdLiteral?
    /// Where attributes are looked for that ``table`` lacks (spec 07, 11).
    let chained: Scope?
    /// The ad that contains this one.
    let parent: Scope?
    /// For a match context, what each of its attributes stands for; otherwise empty.
    private let contextSides: [MatchSide]
    /// Whether this is the copy that subscripting an ad yields (spec 07, 8.8).
    let isDetached: Bool

    init(_ ad: ClassAd, parent: Scope? = nil) {
        table = ad.table
        literal = nil
        chained = ad.chainedParent.map { Scope($0) }
        self.parent = parent
        contextSides = []
        isDetached = false
    }

    init(_ literal: AdLiteral, parent: Scope?, contextSides: [MatchSide] = []) {
        table = literal.table
        self.literal = literal
        chained = nil
        self.parent = parent
        self.contextSides = contextSides
        isDetached = false
    }

    private init(detached other: Scope) {
        table = other.table
        literal = other.literal
        chained = other.chained
        parent = nil
        contextSides = []
        isDetached = true
    }

    /// The same ad without the ads around it.
    var detached: Scope { Scope(detached: self) }

    /// The outermost ad around this one.
    var outermost: Scope {
        var scope = self
        while let parent = scope.parent { scope = parent }
        return scope
    }

    /// Whether both stand for the same ad in the same place.
    func isSame(as other: Scope) -> Bool {
        if self === other { return true }
        guard let literal, literal === other.literal else { return false }
        switch (parent, other.parent) {
        case (nil, nil): return true
        case (let mine?, let theirs?): return mine.isSame(as: theirs)
        default: return false
        }
    }

    /// The ad that holds an attribute, which may be a chained parent, and its place there.
    @inline(__always)
    func find(_ key: NameKey) -> (holder: Scope, index: Int)? {
        if let index = table.index(of: key) { return (self, index) }
        var next = chained
        while let scope = next {
            if let index = scope.table.index(of: key) { return (scope, index) }
            next = scope.chained
        }
        return nil
    }

    /// The value of an attribute of the ad itself if that is a literal: the usual case, without ceremony.
    @inline(__always)
    func literal(_ key: NameKey) -> Value? {
        table.index(of: key).flatMap { table.cells[$0].plainValue }
    }

    /// The side of the match that an attribute of a match context stands for, without evaluating `.LEFT` or
    /// `.RIGHT`.
    @inline(__always)
    func sideOfContext(_ index: Int) -> MatchSide? { contextSides.isEmpty ? nil : contextSides[index] }

    /// An ad without attributes.
    static let empty = Scope(ClassAd())
}
