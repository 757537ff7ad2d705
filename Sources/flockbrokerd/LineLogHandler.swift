import Glibc
import Logging

/// Writes one line per event: time, level, text, then key=value pairs.
///
/// Whatever a peer sent stays on its line: control characters are written as escapes.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    private let descriptor: Int32

    /// Writes to standard error, or to an open file.
    init(level: Logger.Level, descriptor: Int32 = 2) {
        logLevel = level
        self.descriptor = descriptor
    }

    /// Opens a log file for adding to it; `nil` if that fails.
    static func open(_ path: String) -> Int32? {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        return descriptor >= 0 ? descriptor : nil
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Self.timestamp()) \(event.level) \(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(Self.quoted("\(value)"))" }
        var bytes = Array((Self.escaped(line) + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // There is nowhere left to complain to.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Local time in HTCondor's form.
    private static func timestamp() -> String {
        var clock = time(nil)
        var fields = tm()
        localtime_r(&clock, &fields)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard strftime(buffer.baseAddress, buffer.count, "%m/%d/%y %H:%M:%S", &fields) > 0,
                let text = buffer.baseAddress
            else { return "" }
            return String(cString: text)
        }
    }

    private static func quoted(_ value: String) -> String {
        let plain = value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        return plain && !value.isEmpty ? value : "\"" + value.replacing("\"", with: "'") + "\""
    }

    private static func escaped(_ line: String) -> String {
        guard line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return line }
        return line.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.value < 0x20 || scalar.value == 0x7F {
                result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
