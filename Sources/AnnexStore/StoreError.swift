/// What went wrong with the broker's memory on disk.
///
/// `kind` is what code compares; `detail` is for the log. Neither holds a secret or a value that was being written.
package struct StoreError: Error, Hashable, CustomStringConvertible {
    /// The kinds of trouble.
    package enum Kind: String, Sendable {
        /// The state directory cannot be made, read or protected.
        case directory
        /// `broker.key` cannot be read, has the wrong size or is readable by others.
        case keyFile
        /// The file was written by a newer version of the broker.
        case newerSchema
        /// SQLite failed: disk full, I/O error, lock not obtained, damaged file.
        case database
        /// The change contradicts what is stored, for example an ad of an annex that does not exist.
        case constraint
        /// The capability that a change builds on is revoked or unknown.
        case capability
        /// More changes wait than the store is willing to queue.
        case overloaded
        /// The store was closed.
        case closed
    }

    /// What went wrong.
    package var kind: Kind
    /// More for the log.
    package var detail: String

    /// Describes an error.
    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// Kind and detail in one line.
    package var description: String { "\(kind.rawValue): \(detail)" }

    /// Compares kinds: details are for people.
    package static func == (left: Self, right: Self) -> Bool { left.kind == right.kind }

    /// Hashes what ``==(_:_:)`` compares.
    package func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

/// Whether what is acknowledged can be written.
package enum StoreHealth: Hashable, Sendable {
    /// The last commit succeeded, or there was none yet.
    case healthy
    /// The last commit failed. Changes are not acknowledged until one succeeds; the broker should refuse new capabilities.
    case failing(reason: String, consecutiveFailures: Int)
}
