/// What the writer has done so far, for metrics and tests.
package struct StoreFigures: Hashable, Sendable {
    /// Groups committed.
    package var groups = 0
    /// Changes committed.
    package var changes = 0
    /// Writes that were refused although the database worked.
    package var refused = 0
    /// Groups that could not be committed.
    package var failedGroups = 0
}
