import COpenSSL

/// A primitive of the cryptographic library refused its input or is not available.
///
/// What does not verify is ``AuthenticationFailure`` instead. Holds names of operations only, never data.
public struct CryptographyFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was attempted.
    public var operation: String

    /// Names the operation that failed.
    public init(operation: String) { self.operation = operation }

    /// The operation, for logs.
    public var description: String { "\(operation) failed" }
}

/// A ciphertext or tag that does not verify.
public struct AuthenticationFailure: Error, Sendable, Equatable {
    /// The failure; deliberately without a reason.
    public init() {}
}

/// The texts of the library's error queue of this thread, which is empty afterwards.
func drainErrorQueue() -> [String] {
    var reasons: [String] = []
    while true {
        let code = ERR_get_error()
        if code == 0 { return reasons }
        reasons.append(
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                ERR_error_string_n(code, buffer.baseAddress, buffer.count)
                return buffer.baseAddress.map { String(cString: $0) } ?? ""
            })
    }
}
