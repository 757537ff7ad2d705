import CEDAR

@testable import CondorSecurity

/// The ad of a handshake message, after the command number if it is a client's first.
func handshakeAd(_ message: InboundMessage, afterCommand: Bool = false) throws -> HandshakeAd {
    var reader = message.reader()
    if afterCommand { _ = try reader.readCommand() }
    return try HandshakeAd(reading: &reader)
}
