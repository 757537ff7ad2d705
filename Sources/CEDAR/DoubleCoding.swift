/// The lossy coding of floating-point numbers outside of ads: a fraction of 31 bits and an exponent (spec 01, 4.2).
///
/// No command of a collector has one; it is here so that none of the protocol's values is missing.
private enum DoubleCoding {
    /// What a fraction of 1 is on the wire.
    static let unit = 2_147_483_647.0
    /// Exponents of the doubles there are, with room.
    static let exponents = -1100...1100
}

extension MessageWriter {
    /// A finite number as two integers; what comes out at the other end differs from it in the tenth digit.
    public mutating func write(_ value: Double) {
        precondition(value.isFinite, "only finite numbers have a coding")
        // The fraction lies between a half and one, where Swift's significand lies between one and two.
        let exponent = value.isZero ? 0 : Int(value.exponent) + 1
        let fraction = value.isZero ? 0 : value.significand / 2
        let magnitude = Int64(fraction * DoubleCoding.unit)
        write(value.sign == .minus ? -magnitude : magnitude)
        write(exponent)
    }
}

extension MessageReader {
    /// A number of two integers.
    ///
    /// - Throws: ``WireError/Kind/outOfRange`` for a fraction of more than 32 bits and an exponent that no double has.
    public mutating func readDouble() throws(WireError) -> Double {
        let fraction = Double(try readInt32()) / DoubleCoding.unit
        let exponent = try readInteger(in: DoubleCoding.exponents)
        return Double(sign: .plus, exponent: exponent, significand: fraction)
    }
}
