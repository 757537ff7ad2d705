/// An attribute of an ad.
struct Attribute: Sendable {
    let name: Name
    var cell: Cell

    init(name: Name, cell: Cell) {
        self.name = name
        self.cell = cell
    }

    init(name: Name, expression: Node) { self.init(name: name, cell: Cell(expression)) }

    var expression: Node { cell.node }
}

/// The attributes of one ad, in internal order: by length of the name, then folded (spec 07, 6.2).
struct AttributeTable: Sendable {
    private(set) var shape: Shape
    /// The expressions, in the order of the shape.
    private(set) var cells: [Cell]

    init() {
        shape = .empty
        cells = []
    }

    /// Cells in the order of a shape.
    init(shape: Shape, cells: [Cell]) {
        self.shape = shape
        self.cells = cells
    }

    /// Takes attributes in any order; of equal names the last expression wins under the first spelling.
    init(unordered: [Attribute]) {
        self.init(unordered: unordered.map(\.name), unordered.map(\.cell))
    }

    /// Takes attributes in any order; of equal names the last expression wins under the first spelling.
    init(unordered names: [Name], _ cells: [Cell]) {
        let keys = names.map(\.key)
        let isOrdered = (1..<max(1, keys.count)).allSatisfy { keys[$0 - 1] < keys[$0] }
        if isOrdered {
            self.init(shape: Shape(ordered: names, keys), cells: cells)
            return
        }
        let order = names.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1] }
        var orderedNames: [Name] = []
        var orderedCells: [Cell] = []
        orderedNames.reserveCapacity(names.count)
        orderedCells.reserveCapacity(names.count)
        for index in order {
            if let last = orderedNames.last, last.key == keys[index] {
                orderedCells[orderedCells.count - 1] = cells[index]
            } else {
                orderedNames.append(names[index])
                orderedCells.append(cells[index])
            }
        }
        self.init(shape: Shape(ordered: orderedNames), cells: orderedCells)
    }

    var count: Int { cells.count }

    /// The attributes in internal order.
    var attributes: AttributeList { AttributeList(shape: shape, cells: cells) }

    /// The index of a name, or nil.
    @inline(__always)
    func index(of key: NameKey) -> Int? { shape.index(of: key) }

    /// The expression of a name.
    subscript(key: NameKey) -> Cell? { index(of: key).map { cells[$0] } }

    /// Replaces the expression under its old spelling, or adds the attribute.
    mutating func insert(_ name: Name, _ cell: Cell) {
        let position = shape.insertionIndex(of: name.key)
        if position < cells.count, shape.keys[position] == name.key {
            cells[position] = cell
        } else {
            ownShape()
            shape.insert(name, at: position)
            cells.insert(cell, at: position)
        }
    }

    /// Removes a name and says whether it was there.
    @discardableResult
    mutating func remove(_ key: NameKey) -> Bool {
        guard let index = index(of: key) else { return false }
        ownShape()
        shape.remove(at: index)
        cells.remove(at: index)
        return true
    }

    mutating func removeAll(where condition: (Name) -> Bool) {
        let kept = shape.names.indices.filter { !condition(shape.names[$0]) }
        guard kept.count < cells.count else { return }
        self = AttributeTable(shape: Shape(ordered: kept.map { shape.names[$0] }), cells: kept.map { cells[$0] })
    }

    /// Puts another shape of the same names in the place of its own.
    mutating func share(_ other: Shape) { shape = other }

    private mutating func ownShape() {
        if !isKnownUniquelyReferenced(&shape) { shape = shape.copy }
    }
}

/// The attributes of a table as a collection.
struct AttributeList: RandomAccessCollection, Sendable {
    let shape: Shape
    let cells: [Cell]

    var startIndex: Int { 0 }
    var endIndex: Int { cells.count }

    subscript(position: Int) -> Attribute { Attribute(name: shape.names[position], cell: cells[position]) }
}
