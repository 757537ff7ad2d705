/// A plain value without reference counts.
///
/// The bytes of a string belong to an ad, a program or the ``QuickEvaluator`` that computed them, and stay while these
/// are kept.
struct Scalar {
    enum Kind: UInt8 {
        case undefined, error, boolean, integer, real, string
        /// The quick evaluation does not know; ``Evaluator`` has to be asked.
        case unsettled
    }

    let kind: Kind
    private let length: UInt32
    private let bits: UInt64

    private init(_ kind: Kind, bits: UInt64 = 0, length: UInt32 = 0) {
        self.kind = kind
        self.length = length
        self.bits = bits
    }

    static var undefined: Scalar { Scalar(.undefined) }
    static var error: Scalar { Scalar(.error) }
    static var unsettled: Scalar { Scalar(.unsettled) }
    @inline(__always) static func boolean(_ value: Bool) -> Scalar { Scalar(.boolean, bits: value ? 1 : 0) }
    @inline(__always) static func integer(_ value: Int64) -> Scalar {
        Scalar(.integer, bits: UInt64(bitPattern: value))
    }
    @inline(__always) static func real(_ value: Double) -> Scalar { Scalar(.real, bits: value.bitPattern) }

    /// A string whose bytes somebody keeps in place; too long ones are left to the ``Evaluator``.
    ///
    /// Elements of a native array stay where they are until it is changed or released.
    @inline(__always)
    static func string(keptElsewhere string: ByteString) -> Scalar {
        string.bytes.withUnsafeBufferPointer { bytes in
            guard bytes.count <= Int(Int32.max) else { return .unsettled }
            return Scalar(
                .string, bits: UInt64(UInt(bitPattern: bytes.baseAddress)), length: UInt32(bytes.count))
        }
    }

    /// A plain value whose string, if it is one, somebody keeps in place; others are unsettled.
    init(keptElsewhere value: Value) {
        switch value {
        case .undefined: self = .undefined
        case .error: self = .error
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .real(let value): self = .real(value)
        case .string(let value): self = .string(keptElsewhere: value)
        case .absoluteTime, .relativeTime, .list, .classAd: self = .unsettled
        }
    }

    /// The integer of an integer, 1 or 0 of a boolean.
    @inline(__always)
    var integer: Int64 { Int64(bitPattern: bits) }

    /// The value of a real.
    @inline(__always)
    var real: Double { Double(bitPattern: bits) }

    /// The value of an integer, a boolean or a real as a double.
    @inline(__always)
    var number: Double { kind == .real ? real : Double(integer) }

    /// The bytes of a string.
    @inline(__always)
    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(bits)), count: Int(length))
    }

    @inline(__always)
    var isNumber: Bool { kind == .integer || kind == .real || kind == .boolean }

    /// The boolean equivalent (spec 07, 2).
    @inline(__always)
    var truth: Bool? {
        switch kind {
        case .boolean, .integer: bits != 0
        case .real: real != 0
        case .undefined, .error, .string, .unsettled: nil
        }
    }

    /// The value, its bytes copied; nil if it is unsettled.
    var value: Value? {
        switch kind {
        case .undefined: .undefined
        case .error: .error
        case .boolean: .boolean(bits != 0)
        case .integer: .integer(integer)
        case .real: .real(real)
        case .string: .string(ByteString(bytes))
        case .unsettled: nil
        }
    }
}
