/// The known name that a mistyped one most resembles, or `nil` if none is near.
///
/// Near means: at most a third of the letters, and never more than four, have to change, or one
/// name is the other with something added.
package func suggestion(for name: String, among known: [String]) -> String? {
    let wanted = Array(name.uppercased().utf8.prefix(maximumNameLength))
    var best: (name: String, distance: Int)?
    for candidate in known {
        let letters = Array(candidate.uppercased().utf8)
        let shorter = min(wanted.count, letters.count)
        let isExtension = shorter > Settings.prefix.utf8.count + 2 && wanted.starts(with: letters.prefix(shorter))
        let distance = isExtension ? 1 : editDistance(wanted, letters)
        if distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    guard let best, best.distance <= min(4, max(1, wanted.count / 3)) else { return nil }
    return best.name
}

/// Names longer than this are nobody's typing error.
private let maximumNameLength = 128

/// The number of insertions, removals, replacements and swaps of neighbours between two texts.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var older: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
        var current = [row + 1]
        for column in 0..<right.count {
            let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
            var least = min(replaced, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                least = min(least, older[column - 1] + 1)
            }
            current.append(least)
        }
        older = previous
        previous = current
    }
    return previous[right.count]
}
