/// The two ways of writing expressions (spec 07, 1.2).
///
/// They share the grammar and differ in quoted strings, quoted names and printing.
public enum Syntax: Sendable, Hashable {
    /// C-like escapes; nested ads, `-long:new`, JSON and XML expressions.
    case new
    /// The wire, `-long` output, configuration and submit files.
    case old
}
