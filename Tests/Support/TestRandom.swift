import Cryptography
import Synchronization

/// Gives the recorded choices of a peer by their size, every time the same, and known bytes otherwise.
///
/// Without memory, so that a machine may be copied at any moment and each copy goes on alike.
package struct FixedRandom: RandomSource {
    private var choices: [Int: [UInt8]] = [:]

    package init() {}

    /// Of several choices of one size the first holds.
    package init(_ script: [[UInt8]]) {
        for choice in script where choices[choice.count] == nil { choices[choice.count] = choice }
    }

    package func bytes(_ count: Int) -> [UInt8] { choices[count] ?? [UInt8](repeating: 7, count: count) }
}

/// Gives recorded bytes where a script has some of the wanted length, each once and in order, and known bytes otherwise.
package final class ScriptedRandom: RandomSource {
    private let script: Mutex<[[UInt8]]>

    package init(_ script: [[UInt8]] = []) { self.script = Mutex(script) }

    package func bytes(_ count: Int) -> [UInt8] {
        script.withLock { script in
            guard let index = script.firstIndex(where: { $0.count == count }) else {
                return [UInt8](repeating: 7, count: count)
            }
            return script.remove(at: index)
        }
    }
}

/// Bytes that are different each time and the same in each run.
package final class CountingRandom: RandomSource {
    private let last = Mutex<UInt8>(0)

    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        last.withLock { last in
            last &+= 1
            return [UInt8](repeating: last, count: count)
        }
    }
}
