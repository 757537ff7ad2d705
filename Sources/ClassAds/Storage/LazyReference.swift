import Synchronization

/// An object that is made when it is first needed, by whichever thread is first.
///
/// What `AtomicLazyReference` does, but open to specialization: reading it costs one load.
struct LazyReference<Object: AnyObject & Sendable>: ~Copyable, Sendable {
    /// The address of an object that this reference has retained, or 0.
    private let address: Atomic<UInt>

    init(_ object: Object? = nil) {
        address = Atomic(object.map(Self.retainedAddress) ?? 0)
    }

    deinit { Self.unmanaged(address.load(ordering: .acquiring))?.release() }

    /// The object, if there is one.
    @inline(__always)
    var object: Object? { Self.unmanaged(address.load(ordering: .acquiring))?.takeUnretainedValue() }

    /// Stores an object unless there is one, and returns the one that is there.
    func store(_ object: Object) -> Object {
        let new = Self.retainedAddress(object)
        let (exchanged, original) = address.compareExchange(
            expected: 0, desired: new, ordering: .acquiringAndReleasing)
        guard !exchanged else { return object }
        Self.unmanaged(new)?.release()
        return Self.unmanaged(original)?.takeUnretainedValue() ?? object
    }

    private static func retainedAddress(_ object: Object) -> UInt {
        UInt(bitPattern: Unmanaged.passRetained(object).toOpaque())
    }

    @inline(__always)
    private static func unmanaged(_ address: UInt) -> Unmanaged<Object>? {
        UnsafeRawPointer(bitPattern: address).map { Unmanaged.fromOpaque($0) }
    }
}
