import ClassAds
import Foundation

/// The members of a case, with text as bytes.
///
/// A member `K` holds text that is UTF-8; other bytes come as hexadecimal in `K_hex`.
struct CaseFields {
    private let members: [String: Any]

    init(_ members: [String: Any]) { self.members = members }

    /// The bytes of a text member; nil if it is missing.
    func bytes(_ name: String) -> [UInt8]? {
        if let text = members[name] as? String { return Array(text.utf8) }
        return (members[name + "_hex"] as? String).flatMap(Self.unhex)
    }

    func text(_ name: String) -> String? { members[name] as? String }

    func flag(_ name: String, default fallback: Bool) -> Bool { (members[name] as? Bool) ?? fallback }

    func texts(_ name: String) -> [String]? { members[name] as? [String] }

    func contains(_ name: String) -> Bool { members[name] != nil || members[name + "_hex"] != nil }

    /// The syntax of expressions, new unless said otherwise.
    var syntax: Syntax { text("syntax") == "old" ? .old : .new }

    /// The zone of the case, Greenwich unless said otherwise.
    var zone: LocalTimeZone {
        text("tz").flatMap(TimeZoneRules.init).map(LocalTimeZone.rules) ?? .utc
    }

    private static func unhex(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            result.append(byte)
            rest = rest.dropFirst(2)
        }
        return result
    }
}

/// The members of an answer.
struct Answer {
    private(set) var members: [String: Any] = [:]

    init() {}

    init(failure: String) { members["fail"] = failure }

    subscript(_ name: String) -> Any? {
        get { members[name] }
        set { members[name] = newValue }
    }

    /// Sets a text member, in hexadecimal if it is not UTF-8.
    mutating func set(_ name: String, _ bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            members[name] = text
        } else {
            members[name + "_hex"] = Self.hex(bytes)
        }
    }

    /// Text as an element of an array.
    static func element(_ bytes: [UInt8]) -> Any {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return ["hex": hex(bytes)]
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The bits of a double; all NaN alike.
    static func bits(_ value: Double) -> String {
        let text = String(value.isNaN ? 0x7ff8_0000_0000_0000 : value.bitPattern, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// A typed value.
    static func value(_ value: Value) -> Answer {
        var answer = Answer()
        answer["type"] = typeName(value)
        switch value {
        case .undefined, .error: break
        case .boolean(let value): answer["value"] = value
        case .integer(let value): answer["value"] = String(value)
        case .real(let real):
            answer["bits"] = bits(real)
            answer.set("old", ClassAds.Expression(value).bytes(.old))
        case .string(let text): answer.set("value", text.bytes)
        case .absoluteTime(let time):
            answer["secs"] = time.seconds
            answer["offset"] = Int64(time.offset)
            answer.set("new", ClassAds.Expression(value).bytes(.new))
        case .relativeTime(let seconds):
            answer["bits"] = bits(seconds)
            answer.set("new", ClassAds.Expression(value).bytes(.new))
        case .list, .classAd: answer.set("new", ClassAds.Expression(value).bytes(.new))
        }
        return answer
    }

    private static func typeName(_ value: Value) -> String {
        switch value {
        case .undefined: "undefined"
        case .error: "error"
        case .boolean: "boolean"
        case .integer: "integer"
        case .real: "real"
        case .string: "string"
        case .absoluteTime: "abstime"
        case .relativeTime: "reltime"
        case .list: "list"
        case .classAd: "classad"
        }
    }
}
