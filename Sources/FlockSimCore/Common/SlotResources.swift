/// Processors, memory and disk of a slot.
package struct SlotResources: Sendable, Equatable {
    /// Processor cores.
    package var cpus: Int64
    /// MiB.
    package var memory: Int64
    /// KiB.
    package var disk: Int64

    /// An amount of each resource.
    package init(cpus: Int64, memory: Int64, disk: Int64) {
        self.cpus = cpus
        self.memory = memory
        self.disk = disk
    }

    package static func + (left: Self, right: Self) -> Self {
        SlotResources(cpus: left.cpus + right.cpus, memory: left.memory + right.memory, disk: left.disk + right.disk)
    }

    package static func - (left: Self, right: Self) -> Self {
        SlotResources(cpus: left.cpus - right.cpus, memory: left.memory - right.memory, disk: left.disk - right.disk)
    }

    /// One of `count` equal shares; what does not divide evenly is left out.
    package func share(of count: Int64) -> Self {
        SlotResources(cpus: cpus / count, memory: memory / count, disk: disk / count)
    }

    /// Whether a slot with these resources can give `other` away.
    package func covers(_ other: Self) -> Bool {
        other.cpus <= cpus && other.memory <= memory && other.disk <= disk
    }
}
