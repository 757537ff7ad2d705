import CFuzzer
import FuzzTargets
import Glibc

/// Runs one target under libFuzzer: `fuzz TARGET [libFuzzer's own arguments]`.
@main enum Fuzz {
    /// The target of this process; libFuzzer's callback takes no context.
    nonisolated(unsafe) static var target = FuzzTarget.classAdParser  // written before libFuzzer starts

    static func main() {
        guard CommandLine.argc > 1, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
            print("usage: fuzz TARGET [libFuzzer's arguments]; targets:")
            for target in FuzzTarget.allCases { print("  \(target.rawValue)") }
            exit(2)
        }
        Self.target = target
        // libFuzzer sees its own arguments only, behind the name of the program.
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        arguments?[1] = CommandLine.unsafeArgv[0]
        arguments = arguments?.advanced(by: 1)
        var count = CommandLine.argc - 1
        exit(LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) })
    }
}

/// One input: a trap, or a rule that does not hold, is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try Fuzz.target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("broken rule: \(error)")
    }
    return 0
}
