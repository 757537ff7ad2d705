import ArgumentParser

/// What the tool's exit status says.
enum ExitStatus {
    /// Something went wrong that none of the others names.
    static let failure = ExitCode(1)
    /// There is no such thing, or nothing to do.
    static let notFound = ExitCode(3)
    /// Refused by policy or for lack of permission.
    static let refused = ExitCode(4)
    /// The broker could not be reached.
    static let unreachable = ExitCode(5)
    /// Done for some nodes, not for all.
    static let partial = ExitCode(6)

    /// The status for an `ErrorCode` of the broker's replies, which uses the same numbers.
    static func of(errorCode: Int64) -> ExitCode {
        (3...6).contains(errorCode) ? ExitCode(Int32(errorCode)) : failure
    }
}

/// Ends the program with a message on standard error.
struct Failure: Error {
    var message: String
    var code: ExitCode
}
