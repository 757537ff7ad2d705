package import ClassAds

/// The attributes of a daemon's ad that do not change from one machine to the next.
///
/// The simulated daemons start from what real ones of HTCondor 25.14.0 were recorded to send,
/// so that their ads have the size and the variety of real ads, and set the rest themselves.
package struct RecordedShape: Sendable {
    /// The ad with the constant attributes only.
    package let ad: ClassAd

    /// Reads one attribute a line.
    ///
    /// The text is part of the program; a line that does not parse is a programming error.
    init(_ text: String) { self.init(ClassAd(), text) }

    /// These attributes and those of a text.
    func adding(_ text: String) -> RecordedShape { RecordedShape(ad, text) }

    private init(_ ad: ClassAd, _ text: String) {
        var ad = ad
        for line in text.split(separator: "\n") {
            do {
                try ad.insert(line: String(line))
            } catch {
                preconditionFailure("recorded attribute does not parse: \(line)")
            }
        }
        self.ad = ad
    }
}
