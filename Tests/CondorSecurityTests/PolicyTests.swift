import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

@Suite struct PolicyTests {
    struct Primitives: Decodable {
        struct Row: Decodable {
            var client: String
            var server: String
            var result: String
        }
        struct Claim: Decodable {
            var claimId: String
            var sessionId: String
            var aesKey: String
        }
        var reconcile: [Row]
        var claimId: [Claim]
    }

    @Test func wishesReconcileAsRecorded() throws {
        let primitives: Primitives = try vectors("primitives")
        #expect(primitives.reconcile.count == 16)
        for row in primitives.reconcile {
            let client = try #require(Wish(wire: row.client))
            let server = try #require(Wish(wire: row.server))
            let results: [Wish.Outcome: String] = [.yes: "YES", .no: "NO", .fail: "FAIL"]
            #expect(results[Wish.reconcile(client: client, server: server)] == row.result)
        }
    }

    @Test(
        arguments: [
            ("yes", .required), ("TRUE", .required), ("Req", .required), ("p", .preferred), ("Optional", .optional),
            ("no", .never), ("False", .never), (nil, .never), ("", nil), ("maybe", nil),
        ] as [(String?, Wish?)])
    func onlyTheFirstLetterOfAWishCounts(text: String?, wish: Wish?) {
        #expect(Wish(wire: text) == wish)
    }

    @Test(
        arguments: [
            (.daemon, [.daemon, .write, .read]), (.administrator, [.administrator, .write, .read]),
            (.write, [.write, .read]), (.advertiseStartd, [.advertiseStartd, .read]), (.allow, [.allow]),
        ] as [(AuthorizationLevel, [AuthorizationLevel])])
    func levelsImplyOthers(level: AuthorizationLevel, implied: [AuthorizationLevel]) {
        #expect(level.implied == implied)
    }

    @Test(
        arguments: [
            (.read, "ADVERTISE_STARTD", true), (.advertiseStartd, "DAEMON", false), (.write, "READ", false),
            (.allow, "DENY", true), (.read, "DENY", false), (.read, "", true), (.daemon, " read , daemon", true),
        ] as [(AuthorizationLevel, String, Bool)])
    func limitsIncludeWhatTheirMembersImply(level: AuthorizationLevel, text: String, isWithin: Bool) {
        #expect(level.isWithin(AuthorizationLevel.limits(from: text)) == isWithin)
    }

    @Test func anEmptyLimitIsWrittenSoThatItAllowsNothing() {
        #expect(AuthorizationLevel.limits(from: AuthorizationLevel.text(of: [])) == [])
    }

    @Test(arguments: ["TOKEN", "tokens", "IDTOKEN", "IdTokens"])
    func tokensHaveManyNamesAndTravelUnderOne(name: String) {
        #expect(AuthenticationMethod(name: name)?.wireName == "TOKEN")
        #expect(AuthenticationMethod(name: name)?.displayName == "IDTOKENS")
    }

    @Test func listsOfMethodsKeepOrderAndDropTheUnknown() {
        #expect(AuthenticationMethod.list(from: "FS, TOKEN,KERBEROS,IDTOKENS SSL") == [.fs, .idTokens, .ssl])
    }

    @Test(arguments: [
        ("Alice@Example.ORG", "Alice@example.org", true, true), ("ssl@unmapped", "ssl@unmapped", true, false),
        ("unauthenticated@unmapped", "unauthenticated@unmapped", false, false),
        ("CONDOR_ANONYMOUS_USER", "CONDOR_ANONYMOUS_USER", false, false), ("a@b@C", "a@b@c", true, true),
    ])
    func identitiesAreNormalizedAndJudged(user: String, normal: String, isAuthenticated: Bool, isMapped: Bool) {
        let identity = Identity(user: user, method: .ssl)
        #expect(identity.user == normal)
        #expect(identity.isAuthenticated == isAuthenticated && identity.isMapped == isMapped)
    }

    @Test func sessionsBehindClaimIDsHaveTheRecordedKeys() throws {
        let primitives: Primitives = try vectors("primitives")
        for row in primitives.claimId {
            let claim = try #require(ClaimID(row.claimId))
            let session = try #require(SecuritySession(importing: claim, peer: "x@matchsession", now: 1))
            #expect(session.id == row.sessionId)
            #expect(session.key?.bytes == (try bytes(row.aesKey)))
        }
    }

    @Test func aCapabilityIsImportedWithItsEndAndWithoutRenewal() throws {
        let claim = try #require(
            ClaimID(#"<127.0.0.1:1>#1#1#[Encryption="YES";ShortVersion="25.14.0";SessionExpires=1795385534;]abcdef"#))
        let session = try #require(SecuritySession(importing: claim, peer: "negotiator-side@matchsession", now: 5))
        #expect(session.expiresAt == 1_795_385_534 && session.lease == 0)
        #expect(session.peerVersion?.short == "25.14.0")
    }

    @Test(arguments: ["<127.0.0.1:1>#1#1#abcdef", #"<127.0.0.1:1>#1#1#[CryptoMethods="BLOWFISH";]abcdef"#])
    func withoutInfoOrAESThereIsNoSession(text: String) throws {
        #expect(SecuritySession(importing: try #require(ClaimID(text)), peer: "x@y", now: 1) == nil)
    }

    @Test func whatWeExportCanBeImported() throws {
        let (session, claim) = SecuritySession.exporting(
            id: "flock#1#1", peer: "collector-side@matchsession", limits: [.administrator],
            validCommands: [CommandNumber(rawValue: 78000)], expiresAt: 100, now: 1)
        let text = try #require(ClaimID(claim.text))
        let imported = try #require(SecuritySession(importing: text, peer: "x@matchsession", now: 1))
        #expect(imported.id == session.id && imported.key == session.key && imported.expiresAt == 100)
        #expect(session.expiresAt == 100 + SecuritySession.slop)
    }
}
