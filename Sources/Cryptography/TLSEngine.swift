/// A TLS connection whose records travel through memory; nothing blocks and no socket is touched.
///
/// Feed the peer's bytes with ``receive(_:)``, advance with ``handshake()``, send what ``drainOutput()`` returns.
/// A protocol so that state machines above it can be tested without TLS (spec 03, 3.3).
public protocol TLSEngine: AnyObject {
    /// Takes over bytes of the peer, in any cut.
    func receive(_ bytes: [UInt8])
    /// Goes as far as the bytes received allow.
    func handshake() throws(TLSFailure) -> TLSProgress
    /// Takes everything that is to be sent; also worth sending after a failure, for its alert.
    func drainOutput() -> [UInt8]
    /// Encrypts `bytes`; up to 16 KiB become one record.
    func write(_ bytes: [UInt8]) throws(TLSFailure)
    /// At most `limit` decrypted bytes of one record; empty when none has arrived in full.
    func read(upTo limit: Int) throws(TLSFailure) -> [UInt8]
    /// The peer's own certificate, validated against our trust; `nil` if it showed none.
    var peerCertificate: TLSPeerCertificate? { get }
}

/// How far a TLS handshake is.
public enum TLSProgress: Sendable, Equatable {
    /// Our side of the handshake is done.
    case complete
    /// More bytes of the peer are needed.
    case needsInput
}

/// The end of a TLS connection we are.
public enum TLSRole: Sendable {
    /// Opens with a ClientHello.
    case client
    /// Answers with a certificate.
    case server
}

/// What is known of the peer of a completed handshake.
public struct TLSPeerCertificate: Sendable, Equatable {
    /// The certificate in DER.
    public var der: [UInt8]
    /// The subject in one-line form, `/O=Example/CN=annex-42`, as map files see it (spec 03, 3.8).
    public var subject: String
    /// The DNS names of the subject alternative name, in order.
    public var dnsNames: [String]
    /// The first common name of the subject.
    public var commonName: String?

    /// A certificate by its parts.
    public init(der: [UInt8], subject: String, dnsNames: [String], commonName: String?) {
        self.der = der
        self.subject = subject
        self.dnsNames = dnsNames
        self.commonName = commonName
    }
}

/// A TLS operation that failed, with the reasons the library gives.
public struct TLSFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was attempted.
    public var operation: String
    /// The library's error queue, oldest first.
    public var reasons: [String]

    /// A failure with its reasons.
    public init(operation: String, reasons: [String]) {
        self.operation = operation
        self.reasons = reasons
    }

    /// Operation and reasons in one line.
    public var description: String {
        reasons.isEmpty ? "\(operation) failed" : "\(operation): \(reasons.joined(separator: "; "))"
    }

    /// The failure the library has just reported on this thread.
    static func current(_ operation: String) -> TLSFailure {
        TLSFailure(operation: operation, reasons: drainErrorQueue())
    }
}
