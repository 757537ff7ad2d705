/// Spans of time as people write them.
enum TimeSpan {
    /// `90m`, `8h`, `3d`, `45s` or a bare number of seconds; `nil` for anything else or more than ten years.
    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var digits = Substring(text)
        let unit = digits.last.flatMap { units[$0] }
        if unit != nil { digits = digits.dropLast() }
        guard let number = Int(digits), number > 0, number <= 315_360_000 / (unit ?? 1) else { return nil }
        return number * (unit ?? 1)
    }
}
