import ClassAds
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import CEDAR

/// The values in recorded messages.
@Suite struct ContentReplayTests {
    @Test(arguments: try Recording.all().filter { $0.contents != nil })
    func everyRecordedMessageHoldsTheRecordedValues(recording: Recording) throws {
        let payloads = try recording.payloads()
        let contents = try #require(recording.contents)
        #expect(payloads.count == contents.count)
        for (message, recorded) in zip(contents, payloads) {
            var reader = MessageReader(recorded.payload, encrypted: recorded.encrypted)
            for item in message.content {
                if let int = item.int { #expect(try reader.readInteger() == int) }
                if let string = item.string { #expect(try reader.readString() == string) }
                if let lines = item.ad { #expect(try reader.readClassAd() == ClassAd(lines: lines)) }
            }
            if !message.content.isEmpty { try reader.finish() }
        }
    }

    /// Ads of the security handshake keep to literals (spec 01, 5.5).
    @Test(arguments: try Recording.all())
    func recordedHandshakesKeepToTheHandshakeLimits(recording: Recording) throws {
        let first = try #require(recording.payloads().first { $0.from == .client })
        var reader = MessageReader(first.payload, encrypted: false)
        guard try reader.readCommand() == .authenticate else { return }
        #expect(try reader.readClassAd(limits: .handshake).contains(AttributeName.command))
        try reader.finish()
    }

    /// A message of `Vectors/wire/`, or a request and its reply.
    struct WireCase: Decodable, Sendable, CustomTestStringConvertible {
        struct Line: Decodable, Sendable {
            let text: String
            init(from decoder: any Decoder) throws {
                if let text = try? decoder.singleValueContainer().decode(String.self) {  // else it is an object
                    self.text = text
                } else {
                    text = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .text)
                }
            }
            enum Key: CodingKey { case text }
        }
        struct Ad: Decodable, Sendable {
            let count: Int
            let exprs: [Line]
            let trailing: [String]
        }
        struct Item: Decodable, Sendable {
            let int: Int64?
            let ad: Ad?
        }
        let name: String
        let decoded: [Item]?

        var testDescription: String { name }

        static func all() throws -> [WireCase] {
            try Vectors.files(in: "wire", withExtension: "json").map {
                try vectors("wire/" + $0.deletingPathExtension().lastPathComponent)
            }
        }

        /// The bytes of the file beside it, which has one packet a line.
        func bytes() throws -> ByteBuffer {
            try streams().reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
        }

        /// The bytes of each line of the file beside it.
        func streams() throws -> [ByteBuffer] {
            try Vectors.text("wire/\(name).hex").split(separator: "\n").map { line in
                try buffer(String(line.drop { "<> ".contains($0) }))
            }
        }
    }

    func messages(of bytes: ByteBuffer) throws -> [InboundMessage] {
        var stream = CEDARStream()
        stream.append(bytes)
        var messages: [InboundMessage] = []
        while let message = try stream.nextMessage() { messages.append(message) }
        #expect(!stream.hasPartialInput)
        return messages
    }

    @Test(arguments: try WireCase.all().filter { $0.decoded != nil })
    func aMessageOnTheWireHoldsTheRecordedValues(item: WireCase) throws {
        let messages = try messages(of: item.bytes())
        var reader = try #require(messages.first).reader()
        #expect(messages.count == 1)
        for value in try #require(item.decoded) {
            if let int = value.int { #expect(try reader.readInteger() == int) }
            if let ad = value.ad { #expect(try reader.readClassAd() == ClassAd(lines: ad.exprs.map(\.text))) }
        }
        try reader.finish()
    }

    /// Current senders write attributes in wire order and canonical text, so that we write the same bytes.
    @Test(arguments: try WireCase.all().filter { $0.decoded != nil })
    func wholeAdsInWireOrderAreWrittenBackByteForByte(item: WireCase) throws {
        let isInWireOrder = try item.decoded?.allSatisfy { value in
            guard let ad = value.ad else { return true }
            let lines = ad.exprs.map(\.text)
            var found: [String] = []
            try ClassAd(lines: lines).forEachLine { _, line in found.append(String(decoding: line, as: UTF8.self)) }
            return found == lines && !lines.contains { ClassAd.isPrivate(String($0.prefix { $0 != " " })) }
        }
        guard isInWireOrder == true else { return }
        let payload = try #require(messages(of: item.bytes()).first).payload
        var reader = MessageReader(payload, encrypted: false)
        var writer = MessageWriter(encrypted: false)
        for value in try #require(item.decoded) {
            if value.int != nil { writer.write(try reader.readInteger()) }
            if value.ad != nil { writer.write(try reader.readClassAd()) }
        }
        #expect(hex(writer.payload) == hex(payload))
    }

    @Test(arguments: try WireCase.all().filter { $0.decoded == nil })
    func requestsAndRepliesAreWholeMessages(item: WireCase) throws {
        for bytes in try item.streams() where bytes.readableBytes > 0 { _ = try messages(of: bytes) }
    }

    // MARK: Ads of a real pool

    /// A file of `Vectors/ads/`, with the lines of each ad.
    struct PoolFile: Sendable, CustomTestStringConvertible {
        let name: String
        let ads: [[String]]
        var testDescription: String { name }

        static func all() throws -> [PoolFile] {
            try Vectors.files(in: "ads", withExtension: "ad").map { url in
                let name = url.deletingPathExtension().lastPathComponent
                return PoolFile(name: name, ads: try adLines(name))
            }
        }
    }

    @Test(arguments: try PoolFile.all(), [false, true])
    func adsOfARealPoolSurviveTheWire(file: PoolFile, encrypted: Bool) throws {
        for lines in file.ads {
            let ad = try ClassAd(lines: lines)
            var writer = MessageWriter(encrypted: encrypted)
            writer.write(ad, options: .includePrivate)
            var reader = MessageReader(writer.payload, encrypted: encrypted)
            #expect(try reader.readClassAd() == (encrypted ? ad : ad.publicPart))
            try reader.finish()
        }
    }

    @Test(arguments: try PoolFile.all())
    func adsOfARealPoolAreWrittenAsTheyCame(file: PoolFile) throws {
        for lines in file.ads {
            var writer = MessageWriter(encrypted: true)
            writer.write(try ClassAd(lines: lines), options: .includePrivate)
            var reader = MessageReader(writer.payload, encrypted: true)
            let count = try reader.readInteger(in: 0...10_000)
            let written = try (0..<count).map { _ in try reader.readText() }
            #expect(Set(written) == Set(lines))
            #expect(count == lines.count)
        }
    }
}
