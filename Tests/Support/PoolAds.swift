package import ClassAds
import Foundation

/// The ads of a file of `Vectors/ads`, each as its lines.
package func adLines(_ name: String) throws -> [[String]] {
    try Vectors.text("ads/\(name).ad").components(separatedBy: "\n\n")
        .map { $0.split(separator: "\n").map(String.init) }
        .filter { !$0.isEmpty }
}

/// The ads of a file of `Vectors/ads`.
package func recordedAds(_ name: String) throws -> [ClassAd] {
    try adLines(name).map { try ClassAd(lines: $0) }
}
