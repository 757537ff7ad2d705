import Foundation

/// Evaluates ClassAd cases: one JSON object per line in, one out, in order.
@main
struct Command {
    static func main() {
        while let line = readLine(strippingNewline: true) {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            FileHandle.standardOutput.write(Data((CaseRunner.answer(to: line) + "\n").utf8))
        }
    }
}
