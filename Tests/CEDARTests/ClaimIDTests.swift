import Cryptography
import TestSupport
import Testing

@testable import CEDAR

@Suite struct ClaimIDTests {
    struct Item: Decodable {
        let claim: String
        /// Absent where the text stands for "no claim".
        let sessionId: String?
        let sessionInfo: String?
        let keyText: String?
        let sessionKey: String?
        let `public`: String?
        let sinful: String?
    }
    struct File: Decodable { let items: [Item] }

    static let text = "<1.2.3.4:5?addrs=1.2.3.4-5>#1795387019#10#[Encryption=\"YES\";CryptoMethods=\"AES\";]00ff"

    @Test func recordedClaimIDsComeApart() throws {
        for item in try vectors("nego-claimid", as: File.self).items {
            guard let sessionID = item.sessionId else {
                #expect(ClaimID(item.claim) == nil)
                continue
            }
            let claim = try #require(ClaimID(item.claim))
            #expect(claim.sessionID == sessionID)
            #expect(claim.secretText == SecretBytes(try #require(item.keyText).utf8))
            #expect(Hex.encode(claim.sessionKey.bytes) == item.sessionKey)
            #expect(claim.publicForm == item.public)
            #expect(claim.sinful?.description == item.sinful)
            #expect(claim.text == item.claim)
            #expect(claim.info?.text == item.sessionInfo)
        }
    }

    @Test func capabilitiesOfAllKindsComeApart() throws {
        for vector in try Primitives.load().claimId {
            let claim = try #require(ClaimID(vector.claimId))
            #expect(claim.sessionID == vector.sessionId)
            #expect(claim.secretText == SecretBytes(vector.secretText.utf8))
            #expect(Hex.encode(claim.sessionKey.bytes) == vector.aesKey)
            #expect((claim.info != nil) == (vector.sessionInfo?.isEmpty == false))
            #expect(claim.sinful != nil)
        }
    }

    @Test func infoTellsWhatTheSessionMayDo() throws {
        let info = try #require(
            SessionInfo(
                "[Integrity=\"NO\";Encryption=\"YES\";ShortVersion=\"25.14.0\";CryptoMethods=\"BLOWFISH\";"
                    + "ValidCommands=\"416,60004\";SessionExpires=1795387101;CryptoMethodsList=\"AES.BLOWFISH.3DES\";New=1]"
            ))
        #expect(
            info
                == SessionInfo(
                    encryption: true, integrity: false, cryptoMethods: ["AES", "BLOWFISH", "3DES"],
                    validCommands: [.negotiate, .reconfigure], expiresAt: 1_795_387_101,
                    version: CondorVersion(short: "25.14.0")))
    }

    @Test(arguments: ["", "[", "]", "[x]", "[A=\"]", "[ValidCommands=\"1,x\"]", "[SessionExpires=soon]"])
    func malformedInfoIsRefused(text: String) { #expect(SessionInfo(text) == nil) }

    @Test(arguments: [
        "", "#", "a", "#secret", "a#", "a#...", "a#[Encryption=\"YES\";]", "a#[x]secret", "a\n#secret",
        "a#" + String(repeating: "x", count: ClaimID.maximumLength),
    ])
    func whatIsNoClaimIDIsRefused(text: String) { #expect(ClaimID(text) == nil) }

    @Test func aClaimIDWithoutInfoHasNoSession() throws {
        let claim = try #require(ClaimID("<1.2.3.4:5>#1#2#secret"))
        #expect(claim.info == nil)
        #expect(claim.secretText == SecretBytes("secret".utf8))
    }

    @Test func theSecretIsNeverPrinted() throws {
        let claim = try #require(ClaimID(Self.text))
        var dumped = ""
        dump(claim, to: &dumped)
        for shown in ["\(claim)", String(reflecting: claim), dumped] { #expect(!shown.contains("00ff")) }
        #expect("\(claim)" == "<1.2.3.4:5?addrs=1.2.3.4-5>#1795387019#10#...")
    }

    @Test func claimIDsAreEqualAsWholeTexts() throws {
        #expect(ClaimID(Self.text) == ClaimID(Self.text))
        #expect(ClaimID(Self.text) != ClaimID(Self.text + "0"))
    }

    @Test func aNewOneComesApartAgain() throws {
        let made = ClaimID.make(
            sessionID: "admin_<1.2.3.4:5>#7#1",
            info: SessionInfo(validCommands: [.offFast, .masterOff], expiresAt: 99),
            random: FixedRandom([[UInt8](repeating: 0xAB, count: 32)]))
        #expect(
            made.text
                == "admin_<1.2.3.4:5>#7#1#[Integrity=\"YES\";Encryption=\"YES\";ShortVersion=\"25.14.0\";"
                + "CryptoMethods=\"AES\";ValidCommands=\"60006,456\";SessionExpires=99;]"
                + String(repeating: "ab", count: 32))
        let parsed = try #require(ClaimID(made.text))
        #expect(parsed == made)
        #expect(parsed.info == made.info)
        #expect(parsed.sessionKey == made.sessionKey)
        #expect(parsed.sinful == Sinful("<1.2.3.4:5>"))
    }

    @Test func newOnesDiffer() { #expect(ClaimID.make(sessionID: "a") != ClaimID.make(sessionID: "a")) }
}
