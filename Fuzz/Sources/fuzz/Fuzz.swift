import CFuzzer
import FuzzTargets
import Glibc

/// Runs one target under libFuzzer: `fuzz TARGET [libFuzzer's own arguments]`.
@main enum Fuzz {
    /// The target of this process; libFuzzer's callback takes no context.
    nonisolated(unsafe) static var target = FuzzTarget.classAdParser  // written before libFuzzer starts

    /// Tells the target to the processes that libFuzzer starts for merging: it gives them its own arguments only.
    private static let variable = "FUZZ_TARGET"

    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        if count > 1, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) {
            setenv(variable, target.rawValue, 1)
            // libFuzzer's arguments begin behind the target, with the name of the program before them.
            arguments?[1] = CommandLine.unsafeArgv[0]
            arguments = arguments?.advanced(by: 1)
            count -= 1
        }
        guard let name = getenv(variable), let target = FuzzTarget(rawValue: String(cString: name)) else {
            print("usage: fuzz TARGET [libFuzzer's arguments]; targets:")
            for target in FuzzTarget.allCases { print("  \(target.rawValue)") }
            exit(2)
        }
        Self.target = target
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
