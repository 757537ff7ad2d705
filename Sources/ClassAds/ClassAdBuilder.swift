extension ClassAd {
    /// Collects the lines of an ad, in any order, and sorts them once.
    ///
    /// Expressions are checked, their trees are made when they are needed. Of
    /// equal names the last expression wins under the first spelling (spec 07, 6.1).
    public struct Builder: Sendable {
        /// When expressions that are no plain literals are parsed.
        public enum Trees: Sendable {
            /// When they are used; until then it is only known that they are correct.
            case whenNeeded
            /// At once: quicker for ads all of whose expressions will be used.
            case atOnce
        }

        private let timeZone: LocalTimeZone
        private let pool: AdPool?
        private let trees: Trees
        /// The names that are expected, as long as they come.
        private var expected: NameOrder?
        private var names: [Name] = []
        private var cells: [Cell] = []

        /// A builder without lines.
        ///
        /// - Parameters:
        ///   - expectedCount: how many lines will come, if that is known.
        ///   - pool: with it the ad shares names, strings and expressions with others.
        ///   - trees: when expressions are parsed.
        ///   - timeZone: that of literal times written without one.
        public init(
            expectedCount: Int = 0, pool: AdPool? = nil, trees: Trees = .whenNeeded, timeZone: LocalTimeZone = .system
        ) {
            self.timeZone = timeZone
            self.pool = pool
            self.trees = trees
            expected = pool?.lastOrder(ofCount: expectedCount)
            cells.reserveCapacity(expectedCount)
        }

        /// The number of lines so far.
        public var count: Int { cells.count }

        /// Whether the expression of the last line is a single literal.
        public var lastIsLiteral: Bool { cells.last.map { Expression(cell: $0).literal != nil } ?? false }

        /// Takes a line `Name = expression` in old syntax (spec 07, 6.3).
        ///
        /// - Throws: ``ClassAdError`` without `=`, without a name, or if what follows is no expression.
        public mutating func insert(line: UnsafeRawBufferPointer) throws(ClassAdError) {
            let result = line.withMemoryRebound(to: UInt8.self) { insert($0) }
            try result.get()
        }

        /// Takes a line `Name = expression` in old syntax (spec 07, 6.3).
        ///
        /// - Throws: ``ClassAdError`` without `=`, without a name, or if what follows is no expression.
        public mutating func insert(line: [UInt8]) throws(ClassAdError) {
            let result = line.withUnsafeBufferPointer { insert($0) }
            try result.get()
        }

        /// Takes the lines of the `-long` form, blank ones and comments skipped (spec 07, 15.2).
        ///
        /// - Throws: the ``ClassAdError`` of the first bad line.
        public mutating func insert(longForm text: some Collection<UInt8>) throws(ClassAdError) {
            let result = text.withContiguousStorageIfAvailable { insert(lines: $0) }
            try (result ?? Array(text).withUnsafeBufferPointer { insert(lines: $0) }).get()
        }

        private mutating func insert(lines text: UnsafeBufferPointer<UInt8>) -> Result<Void, ClassAdError> {
            var start = 0
            while start < text.count {
                let end = text[start...].firstIndex(of: ASCII.newline) ?? text.count
                let line = UnsafeBufferPointer(rebasing: text[start..<end])
                start = end + 1
                guard let first = line.first(where: { !ASCII.isSpace($0) }), first != UInt8(ascii: "#") else {
                    continue
                }
                if case .failure(let error) = insert(line) { return .failure(error) }
            }
            return .success(())
        }

        private mutating func insert(_ line: UnsafeBufferPointer<UInt8>) -> Result<Void, ClassAdError> {
            var right = expectedRight(of: line)
            var name: Name?
            if right == nil {
                switch AttributeLine.split(line) {
                case .failure(let error): return .failure(error)
                case .success(let parts):
                    name = NameTable.shared.name(UnsafeBufferPointer(rebasing: line[parts.name]))
                    right = parts.right
                }
            }
            let start = right ?? line.count
            let text = UnsafeBufferPointer(rebasing: line[start...])
            switch AttributeLine.cell(text, pool: pool, trees: trees, timeZone: timeZone) {
            case .failure(var error):
                error.position += start
                return .failure(error)
            case .success(let cell):
                if let name { add(name) }
                cells.append(cell)
                return .success(())
            }
        }

        /// Where the right side begins, if the line starts with the expected name and ` = `.
        @inline(__always)
        private func expectedRight(of line: UnsafeBufferPointer<UInt8>) -> Int? {
            guard let expected, cells.count < expected.names.count else { return nil }
            let name = expected.names[cells.count].spelling
            let end = name.count
            guard line.count > end + 3, line[end] == ASCII.space, line[end + 1] == UInt8(ascii: "="),
                line[end + 2] == ASCII.space, line[end + 3] != ASCII.space,
                name.withUnsafeBufferPointer({
                    UnsafeRawBufferPointer($0).hasSameBytes(as: UnsafeBufferPointer(rebasing: line[..<end]))
                })
            else { return nil }
            return end + 3
        }

        /// Takes a name that was not the expected one.
        private mutating func add(_ name: Name) {
            if let expected {
                names = Array(expected.names[..<cells.count])
                self.expected = nil
            }
            names.append(name)
        }

        /// The ad.
        public func build() -> ClassAd { ClassAd(table: table) }

        private var table: AttributeTable {
            if let expected {
                if expected.names.count == cells.count { return expected.table(cells) }
                return Self.table(Array(expected.names[..<cells.count]), cells, pool)
            }
            return Self.table(names, cells, pool)
        }

        private static func table(_ names: [Name], _ cells: [Cell], _ pool: AdPool?) -> AttributeTable {
            if let order = pool?.order(of: names) { return order.table(cells) }
            return AttributeTable(unordered: names, cells)
        }
    }

    /// The same ad, its names, strings and expressions shared with others by a pool.
    public func shared(in pool: AdPool) -> ClassAd {
        var result = self
        if let order = pool.order(of: table.shape.names), order.places == nil { result.table.share(order.shape) }
        return result
    }
}
