extension ClassAd {
    /// Collects the lines of an ad, in any order, and sorts them once.
    ///
    /// ``ClassAd/insert(line:timeZone:)-(UnsafeRawBufferPointer,_)`` keeps the ad sorted after every line, which
    /// costs a peer's very long ad in bad order quadratic time. Of equal names the last expression wins under the
    /// first spelling (spec 07, 6.1).
    public struct Builder: Sendable {
        private var attributes: [Attribute] = []
        private let timeZone: LocalTimeZone

        /// A builder without lines; `timeZone` is that of literal times written without one.
        public init(timeZone: LocalTimeZone = .system) { self.timeZone = timeZone }

        /// The number of lines so far.
        public var count: Int { attributes.count }

        /// Takes a line `Name = expression` in old syntax (spec 07, 6.3).
        ///
        /// - Throws: ``ClassAdError`` without `=`, without a name, or if what follows is no expression.
        public mutating func insert(line: UnsafeRawBufferPointer) throws(ClassAdError) {
            attributes.append(try ClassAd.attribute(line: line, timeZone: timeZone).get())
        }

        /// Takes a line `Name = expression` in old syntax (spec 07, 6.3).
        ///
        /// - Throws: ``ClassAdError`` without `=`, without a name, or if what follows is no expression.
        public mutating func insert(line: [UInt8]) throws(ClassAdError) {
            let result = line.withUnsafeBytes { ClassAd.attribute(line: $0, timeZone: timeZone) }
            attributes.append(try result.get())
        }

        /// The ad.
        public func build() -> ClassAd { ClassAd(table: AttributeTable(unordered: attributes)) }
    }
}
