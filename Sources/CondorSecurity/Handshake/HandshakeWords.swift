/// The words of a `ReturnCode` (spec 02, 7 and 9.4).
enum ReturnCode {
    static let authorized = "AUTHORIZED"
    static let denied = "DENIED"
    static let sessionNotFound = "SID_NOT_FOUND"
}

/// The cipher this module speaks, as ads name it.
let aesMethodName = "AES"
/// Bytes of a session key.
let sessionKeySize = 32
/// Bytes of the nonces that make every resumption unlike any other (spec 02, 9.3).
let resumeNonceSize = 33
