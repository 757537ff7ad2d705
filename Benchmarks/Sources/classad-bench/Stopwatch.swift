import CMalloc
import Glibc

/// Measures the processor time of repeated work.
enum Stopwatch {
    /// Nanoseconds of processor time of this process.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Nanoseconds per call: the best of seven rounds of a tenth of a second.
    static func nanoseconds(_ work: () -> Void) -> Double {
        var batch = 1
        while elapsed(batch, work) < 10_000_000 { batch *= 2 }
        batch *= 10
        return (0..<7).map { _ in Double(elapsed(batch, work)) / Double(batch) }.min() ?? 0
    }

    private static func elapsed(_ count: Int, _ work: () -> Void) -> Int {
        let start = now
        for _ in 0..<count { work() }
        return now - start
    }
}

/// Bytes that the allocator has handed out.
enum Heap {
    static var usedBytes: Int {
        malloc_trim(0)
        let figures = mallinfo2()
        return Int(figures.uordblks + figures.hblkhd)
    }
}
