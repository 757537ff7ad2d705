/// One way of giving arbitrary bytes to the product.
///
/// libFuzzer drives these from the package in `Fuzz/`; the ordinary tests replay what it has found. What a target
/// checks is described in `Fuzz/README.md`.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Every text form of ads and expressions.
    case classAdParser = "classad-parser"
    /// An expression and two ads.
    case classAdEvaluator = "classad-evaluator"
    /// Ads in messages.
    case classAdWire = "classad-wire"
    /// Packets and messages, in clear and encrypted.
    case cedarStream = "cedar-stream"
    /// Addresses, claim ids and what else travels as one text.
    case addresses
    /// Tokens and the JSON in them.
    case tokens
    /// A server's connection, from its first byte to its commands.
    case handshake
    /// A server's authentication methods and a hostile client.
    case serverMethods = "server-methods"
    /// A client's authentication methods and a hostile server.
    case clientMethods = "client-methods"

    /// Runs the target.
    ///
    /// - Throws: ``BrokenRule`` if the product did something that it must not do.
    public func run(_ bytes: [UInt8]) throws(BrokenRule) {
        var input = FuzzInput(bytes)
        switch self {
        case .classAdParser: try ClassAdParserTarget.run(&input)
        case .classAdEvaluator: try ClassAdEvaluatorTarget.run(&input)
        case .classAdWire: try ClassAdWireTarget.run(&input)
        case .cedarStream: try CEDARStreamTarget.run(&input)
        case .addresses: try AddressTarget.run(&input)
        case .tokens: try TokenTarget.run(&input)
        case .handshake: try HandshakeTarget.run(&input)
        case .serverMethods: try ServerMethodTarget.run(&input)
        case .clientMethods: try ClientMethodTarget.run(&input)
        }
    }
}

/// A rule that did not hold for an input.
public struct BrokenRule: Error, CustomStringConvertible {
    /// The rule, and how it was broken.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Insists on a rule.
func require(_ holds: Bool, _ rule: @autoclosure () -> String) throws(BrokenRule) {
    guard holds else { throw BrokenRule(rule()) }
}

/// Bytes as they can be shown.
func shown(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        0x20..<0x7F ~= byte ? String(Unicode.Scalar(byte)) : "\\x" + String(byte, radix: 16)
    }.joined()
}
