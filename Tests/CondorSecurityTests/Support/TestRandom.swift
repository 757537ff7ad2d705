import Cryptography
import Synchronization

/// Gives recorded bytes where a script has some of the wanted length, in order, and known bytes otherwise.
final class ScriptedRandom: RandomSource {
    private let script: Mutex<[[UInt8]]>

    init(_ script: [[UInt8]] = []) { self.script = Mutex(script) }

    func bytes(_ count: Int) -> [UInt8] {
        script.withLock { script in
            guard let index = script.firstIndex(where: { $0.count == count }) else {
                return [UInt8](repeating: 7, count: count)
            }
            return script.remove(at: index)
        }
    }
}

/// Repeats one byte.
struct RepeatingRandom: RandomSource {
    var byte: UInt8 = 7
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
}
