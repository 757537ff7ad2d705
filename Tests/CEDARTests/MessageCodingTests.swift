import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CEDAR

/// Values of `primitives.json`.
struct Primitives: Decodable {
    struct Integer: Decodable {
        let value: String
        let wire: String
    }
    struct Number: Decodable {
        let value: String
        let wire: String
        let decodesTo: String
    }
    struct Text: Decodable {
        let value: String?
        let clear: String
        let encryptedStream: String
    }
    struct Ad: Decodable {
        let lines: [String]
        let clear: String
        let encryptedStream: String
        let clearWithoutTypes: String
    }
    struct Nonce: Decodable {
        let iv: String
        let n: UInt32
        let nonce: String
    }
    struct Claim: Decodable {
        let claimId: String
        let sessionId: String
        let sessionInfo: String?
        let secretText: String
        let aesKey: String
    }
    let int: [Integer]
    let double: [Number]
    let string: [Text]
    let ad: [Ad]
    let nonceCounter: [Nonce]
    let claimId: [Claim]

    static func load() throws -> Primitives { try vectors("primitives") }
}

@Suite struct MessageCodingTests {
    func reader(_ hex: String, encrypted: Bool = false) throws -> MessageReader {
        MessageReader(try buffer(hex), encrypted: encrypted)
    }

    func written(encrypted: Bool = false, _ body: (inout MessageWriter) throws -> Void) rethrows -> String {
        var writer = MessageWriter(encrypted: encrypted)
        try body(&writer)
        return hex(writer.payload)
    }

    // MARK: Integers

    @Test func integersAreEightBytesBigEndian() throws {
        for vector in try Primitives.load().int {
            let value = try #require(Int64(vector.value))
            #expect(written { $0.write(value) } == vector.wire)
            var reader = try reader(vector.wire)
            #expect(try reader.readInteger() == value)
            try reader.finish()
        }
    }

    @Test(arguments: ["0000000080000000", "ffffffff7fffffff", "7fffffffffffffff", "8000000000000000"])
    func integersBeyond32BitsAreOutOfRangeWhereTheyMustFit(wire: String) throws {
        var reader = try reader(wire)
        #expect(throws: WireError(.outOfRange)) { try reader.readInt32() }
    }

    @Test(arguments: ["ffffffffffffffff", "0000000000000005", "8000000000000000", "7fffffffffffffff"])
    func integersOutsideTheAskedRangeAreRefused(wire: String) throws {
        var reader = try reader(wire)
        #expect(throws: WireError(.outOfRange)) { try reader.readInteger(in: 0...4) }
    }

    // MARK: Floating-point numbers

    @Test func doublesAreAFractionAndAnExponent() throws {
        for vector in try Primitives.load().double {
            let value = try #require(Double(vector.value))
            #expect(written { $0.write(value) } == vector.wire)
            var reader = try reader(vector.wire)
            #expect(try reader.readDouble() == Double(vector.decodesTo))
            try reader.finish()
        }
    }

    @Test(arguments: [Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, -Double.leastNormalMagnitude])
    func theLargestAndSmallestDoublesArrive(value: Double) throws {
        var reader = try reader(written { $0.write(value) })
        let error = abs(try reader.readDouble() / value - 1)
        #expect(error < 1e-9 || value.isSubnormal)
    }

    @Test(arguments: [
        "00000000800000000000000000000001", "000000003fffffff0000000000010000", "000000003fffffff8000000000000000",
    ])
    func impossibleDoublesAreRefused(wire: String) throws {
        var reader = try reader(wire)
        #expect(throws: WireError(.outOfRange)) { try reader.readDouble() }
    }

    // MARK: Strings

    @Test(arguments: [false, true])
    func stringsHaveTwoCodings(encrypted: Bool) throws {
        for vector in try Primitives.load().string {
            let wire = encrypted ? vector.encryptedStream : vector.clear
            let text = written(encrypted: encrypted) { writer in
                if let value = vector.value { writer.write(value) } else { writer.writeNullString() }
            }
            #expect(text == wire)
            var reader = try reader(wire, encrypted: encrypted)
            #expect(try reader.readString() == vector.value)
            try reader.finish()
        }
    }

    @Test func aStringEndsAtItsFirstNUL() throws {
        #expect(written { $0.write("ab\0cd") } == "616200")
        #expect(written(encrypted: true) { $0.write("ab\0cd") } == "0000000000000003616200")
    }

    @Test func whatFollowsTheNULWithinACountIsIgnored() throws {
        var reader = try reader("0000000000000005" + "6100626364" + "0000000000000007", encrypted: true)
        #expect(try reader.readString() == "a")
        #expect(try reader.readInteger() == 7)
    }

    @Test func theNULLStringTakesOneByteInClear() throws {
        var reader = try reader("ad6100")
        #expect(try reader.readString() == nil)
        #expect(try reader.readString() == "a")
        try reader.finish()
    }

    @Test func textRefusesTheNULLString() throws {
        var reader = try reader("ad")
        #expect(throws: WireError(.badString)) { try reader.readText() }
    }

    @Test func bytesThatAreNotUTF8AreKept() throws {
        var reader = try reader("fffe00")
        #expect(try reader.readStringBytes() == [0xFF, 0xFE])
    }

    @Test(arguments: ["0000000000000000", "ffffffffffffffff", "0000000000989681", "7fffffffffffffff"])
    func impossibleStringLengthsAreRefused(length: String) throws {
        var reader = try reader(length + "6100", encrypted: true)
        #expect(throws: WireError(.badString)) { try reader.readString() }
    }

    @Test func aCountedStringWithoutNULIsRefused() throws {
        var reader = try reader("00000000000000026162", encrypted: true)
        #expect(throws: WireError(.badString)) { try reader.readString() }
    }

    @Test func aStringBeyondTheMessageIsTruncated() throws {
        var counted = try reader("00000000000000036100", encrypted: true)
        #expect(throws: WireError(.truncated)) { try counted.readString() }
        var clear = try reader("6162")
        #expect(throws: WireError(.truncated)) { try clear.readString() }
        var empty = try reader("")
        #expect(throws: WireError(.truncated)) { try empty.readString() }
    }

    @Test func secretsAreRefusedInClear() {
        var writer = MessageWriter(encrypted: false)
        #expect(throws: WireError(.secretOnClearStream)) { try writer.writeSecret("claim") }
        #expect(writer.payload.readableBytes == 0)
    }

    @Test func secretsAreOrdinaryStringsWhenEncrypted() throws {
        #expect(try written(encrypted: true) { try $0.writeSecret("a") } == "00000000000000026100")
    }

    // MARK: Bytes and ends

    @Test func rawBytesHaveNoFraming() throws {
        #expect(written(encrypted: true) { $0.writeBytes([1, 2, 3]) } == "010203")
        var reader = try reader("010203", encrypted: true)
        #expect(try reader.readBytes(2) == [1, 2])
        #expect(reader.readRemainingBytes() == [3])
    }

    @Test(arguments: [-1, 4, Int.max, Int.min])
    func impossibleByteCountsAreRefused(count: Int) throws {
        var reader = try reader("010203")
        #expect(throws: WireError(.truncated)) { try reader.readBytes(count) }
    }

    @Test func leftOverBytesAreAnError() throws {
        #expect(throws: WireError(.trailingBytes)) { try reader("00").finish() }
    }

    // MARK: Ads

    @Test func adsHaveTwoCodings() throws {
        for vector in try Primitives.load().ad {
            let ad = try ClassAd(lines: vector.lines)
            for (wire, encrypted, hasTypes) in [
                (vector.clear, false, true), (vector.encryptedStream, true, true),
                (vector.clearWithoutTypes, false, false),
            ] {
                var reader = try reader(wire, encrypted: encrypted)
                #expect(try reader.readClassAd(hasTypes: hasTypes) == ad)
                try reader.finish()
                var writer = MessageWriter(encrypted: encrypted)
                writer.write(ad, options: ClassAdWireOptions(omitsTypes: !hasTypes))
                #expect(writer.payload.readableBytes == wire.count / 2)
            }
        }
    }

    @Test(arguments: [false, true], [4091, 64 << 10])
    func largeAdsAreCutIntoPacketsLikeEverythingElse(encrypted: Bool, packetPayload: Int) throws {
        var ad: ClassAd = ["Long": Expression(String(repeating: "0123456789", count: 30_000))]
        for number in 0..<5000 { ad.set("Attribute\(number)", Int64(number)) }
        let limits = StreamLimits(maximumMessageBytes: 64 << 20, maximumPacketPayload: packetPayload)
        var (sender, receiver) = (CEDARStream(limits: limits), CEDARStream(limits: limits))
        if encrypted {
            let key = SecretBytes([UInt8](repeating: 3, count: 32))
            try sender.enableEncryption(key: key)
            try receiver.enableEncryption(key: key)
        }
        var writer = sender.makeWriter()
        writer.write(ad)
        receiver.append(try sender.encode(writer.payload))
        var reader = try #require(try receiver.nextMessage()).reader()
        #expect(try reader.readClassAd() == ad)
        try reader.finish()
    }

    static let secretive: ClassAd = [
        "Name": "slot1", "ClaimId": "<1.2.3.4:5>#1#2#secret", "_condor_PrivX": "secret", "transferkey": "secret",
    ]

    @Test(arguments: [
        ClassAdWireOptions.noPrivate, .includePrivate, .reverseConnect,
        ClassAdWireOptions(projection: ["ClaimId", "name"]),
    ])
    func privateAttributesStayOffClearStreams(options: ClassAdWireOptions) throws {
        var writer = MessageWriter(encrypted: false)
        writer.write(Self.secretive, options: options)
        var reader = MessageReader(writer.payload, encrypted: false)
        let names = try reader.readClassAd().names.map { $0.lowercased() }
        #expect(names == (options == .reverseConnect ? ["name", "claimid"] : ["name"]))
    }

    @Test func privateAttributesGoEncryptedIfAsked() throws {
        var writer = MessageWriter(encrypted: true)
        writer.write(Self.secretive, options: .includePrivate)
        var reader = MessageReader(writer.payload, encrypted: true)
        #expect(try reader.readClassAd() == Self.secretive)
        writer = MessageWriter(encrypted: true)
        writer.write(Self.secretive)
        reader = MessageReader(writer.payload, encrypted: true)
        #expect(try reader.readClassAd() == Self.secretive.publicPart)
    }

    /// The hello that a real registrant sent (spec 06, 2.6).
    @Test func aReversedConnectionShowsItsConnectIDBehindTheMarker() {
        let ad: ClassAd = [
            "ClaimId": "ebdb417989a2ff650018205b6e30c8a6f7a35e61", "MyAddress": "<127.0.0.1:21196?alias=vm>",
            "RequestID": "1",
        ]
        var writer = MessageWriter(encrypted: false)
        writer.write(CommandNumber.ccbReverseConnect)
        writer.write(ad, options: .reverseConnect)
        var expected = ByteBuffer()
        expected.writeInteger(Int64(69))
        expected.writeInteger(Int64(3))
        expected.writeString("ZKM\0ClaimId = \"ebdb417989a2ff650018205b6e30c8a6f7a35e61\"\0")
        expected.writeString("MyAddress = \"<127.0.0.1:21196?alias=vm>\"\0RequestID = \"1\"\0\0\0")
        #expect(writer.payload.readableBytes == 132)
        #expect(writer.payload == expected)
    }

    @Test(arguments: [false, true])
    func theMarkerIsNotCountedAndItsLineIsTaken(encrypted: Bool) throws {
        var writer = MessageWriter(encrypted: encrypted)
        writer.write(1)
        for line in ["ZKM", "Capability = \"x\"", "", ""] { writer.write(line) }
        var reader = MessageReader(writer.payload, encrypted: encrypted)
        #expect(try reader.readClassAd() == ["Capability": "x"])
        try reader.finish()
    }

    @Test(arguments: [
        ["ZKM", "ClaimId = \"x\""], ["A = 1 + 1"], ["A = { 1 }"], ["A = [ b = 1 ]"], ["A = f(1)"], ["A = B"],
    ])
    func handshakesRefuseAllButLiterals(lines: [String]) throws {
        var writer = MessageWriter(encrypted: false)
        writer.write(1)
        for line in lines + ["", ""] { writer.write(line) }
        var reader = MessageReader(writer.payload, encrypted: false)
        #expect(throws: WireError(.badClassAd)) { try reader.readClassAd(limits: .handshake) }
    }

    @Test(arguments: ["A = 1", "A = -1", "A = 2.5", "A = \"x\"", "A = true", "A = undefined"])
    func handshakesAcceptLiterals(line: String) throws {
        var writer = MessageWriter(encrypted: false)
        writer.write(1)
        for line in [line, "", ""] { writer.write(line) }
        var reader = MessageReader(writer.payload, encrypted: false)
        #expect(try reader.readClassAd(limits: .handshake).count == 1)
    }

    @Test(arguments: [(100, true), (101, false)])
    func handshakesHaveAtMostAHundredAttributes(count: Int, accepted: Bool) {
        var writer = MessageWriter(encrypted: false)
        writer.write(count)
        for index in 0..<count { writer.write("A\(index) = 1") }
        writer.write("")
        writer.write("")
        var reader = MessageReader(writer.payload, encrypted: false)
        let ad = try? reader.readClassAd(limits: .handshake)  // the error's kind is tested with the other counts
        #expect((ad != nil) == accepted)
    }

    @Test(arguments: [-1, 10_001, .max, .min, 1 << 31, 1 << 32 - 1] as [Int64])
    func impossibleAttributeCountsAreRefused(count: Int64) {
        var writer = MessageWriter(encrypted: false)
        writer.write(count)
        writer.write("A = 1")
        var reader = MessageReader(writer.payload, encrypted: false)
        #expect(throws: WireError(.tooManyAttributes)) { try reader.readClassAd() }
    }

    @Test(arguments: ["", "A", "= 1", "A = ", "A = (", "A = \"x"])
    func malformedLinesAreRefused(line: String) {
        var writer = MessageWriter(encrypted: false)
        writer.write(1)
        for line in [line, "", ""] { writer.write(line) }
        var reader = MessageReader(writer.payload, encrypted: false)
        #expect(throws: WireError(.badClassAd)) { try reader.readClassAd() }
    }

    @Test func theLastOfEqualNamesCounts() throws {
        var writer = MessageWriter(encrypted: false)
        writer.write(2)
        for line in ["A = 1", "a = 2", "", ""] { writer.write(line) }
        var reader = MessageReader(writer.payload, encrypted: false)
        #expect(try reader.readClassAd().integer("A") == 2)
    }

    @Test func errorsDoNotRepeatTheLine() throws {
        var writer = MessageWriter(encrypted: false)
        writer.write(1)
        for line in ["ClaimId = \"hunter2", "", ""] { writer.write(line) }
        var reader = MessageReader(writer.payload, encrypted: false)
        let error = #expect(throws: WireError.self) { try reader.readClassAd() }
        #expect(error?.description.contains("hunter2") == false)
    }

    // MARK: Sender's options

    func lines(_ ad: ClassAd, _ options: ClassAdWireOptions) throws -> [String] {
        var writer = MessageWriter(encrypted: false)
        writer.write(ad, options: options)
        var reader = MessageReader(writer.payload, encrypted: false)
        let count = try reader.readInteger(in: 0...100)
        let lines = try (0..<count).map { _ in try reader.readText() }
        if !options.omitsTypes {
            #expect(try reader.readText() == "")
            #expect(try reader.readText() == "")
        }
        try reader.finish()
        return lines
    }

    static let slot: ClassAd = {
        var ad: ClassAd = ["Cpus": 4, "Memory": 1024, "Name": "slot1@e1", "Disk": 7]
        ad["Requirements"] = try? Expression(parsing: "Start && Disk > 1")  // parses, or the tests below fail
        ad["Start"] = try? Expression(parsing: "Cpus > 1")
        return ad
    }()

    /// Spec 04, 8.4: names as in the request, in the order of letters, once, unknown ones skipped.
    @Test func aProjectionSendsTheNamesAskedFor() throws {
        let options = ClassAdWireOptions(projection: ["name", "CPUS", "Nothing", "Name", "(Disk)"])
        #expect(try lines(Self.slot, options) == ["CPUS = 4", "name = \"slot1@e1\""])
    }

    @Test func aProjectionBringsWhatItRefersTo() throws {
        let options = ClassAdWireOptions(projection: ["Requirements"])
        #expect(
            try lines(Self.slot, options)
                == ["Cpus = 4", "Disk = 7", "Requirements = Start && Disk > 1", "Start = Cpus > 1"])
    }

    @Test func aProjectionCanBeExact() throws {
        let options = ClassAdWireOptions(projection: ["Start"], expandsProjection: false)
        #expect(try lines(Self.slot, options) == ["Start = Cpus > 1"])
    }

    @Test func theServerTimeIsOneMoreLine() throws {
        let options = ClassAdWireOptions(projection: ["Cpus"], serverTime: 1_795_386_395)
        #expect(try lines(Self.slot, options) == ["Cpus = 4", "ServerTime = 1795386395"])
    }

    @Test func typesCanBeLeftOut() throws {
        #expect(try lines(["A": 1], ClassAdWireOptions(omitsTypes: true)) == ["A = 1"])
    }
}
