/// A point in time and the zone it is written in (spec 07, 2).
public struct AbsoluteTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public var seconds: Int64
    /// Seconds to add for local time, positive east of Greenwich.
    public var offset: Int32

    /// A point in time.
    public init(seconds: Int64, offset: Int32 = 0) {
        self.seconds = seconds
        self.offset = offset
    }
}
