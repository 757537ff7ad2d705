import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// What condor_master hands to its daemons (spec 02, 11).
@Suite struct InheritedSessionsTests {
    static let info =
        #"[Encryption="YES";Integrity="YES";CryptoMethods="BLOWFISH";CryptoMethodsList="AES.BLOWFISH.3DES";]"#
    static let parent =
        #"node:4711:1795385432:7#[Integrity="YES";ValidCommands="60000,60008";CryptoMethodsList="AES";]"# + secret
    static let family = "family:8f1b4b0c9d2e3f40516273849506172839405162738495a0#" + info + secret
    static let secret = String(repeating: "0123456789abcdef", count: 4)

    /// What condor_master 25.14.0 gave to a daemon that is not one of HTCondor's own; recorded, and long dead.
    static let recorded =
        #" FamilySessionKey:family:f3ef881a9db006050da3e1e591ce8e111ffad5b365fcab51#[Integrity="NO";Encryption="NO";"#
        + #"ShortVersion="25.14.0";CryptoMethods="BLOWFISH";CryptoMethodsList="AES.BLOWFISH.3DES";]"#
        + "d373eb4762710cbd3f58eb091175ec5479039a0c9b4bb531b98795c035b68a1c"

    @Test func whatARealMasterGivesIsUnderstood() throws {
        let sessions = InheritedSessions(Self.recorded).sessions(now: 5)
        #expect(sessions.map(\.id) == ["family:f3ef881a9db006050da3e1e591ce8e111ffad5b365fcab51"])
        #expect(sessions.first?.peerVersion?.short == "25.14.0" && sessions.first?.key != nil)
    }

    @Test func bothSessionsAreFoundAmongOtherWords() throws {
        let sessions = InheritedSessions(" SessionKey:\(Self.parent) Other:x FamilySessionKey:\(Self.family)").sessions(
            now: 5)
        #expect(sessions.map(\.identity.user) == ["condor@parent", "condor@family"])
        #expect(
            sessions.map(\.id) == [
                "node:4711:1795385432:7", "family:8f1b4b0c9d2e3f40516273849506172839405162738495a0",
            ])
        let key = hkdfSHA256(
            SecretBytes(Self.secret.utf8), salt: Array("htcondor".utf8), info: Array("keygen".utf8), count: 32)
        #expect(sessions.allSatisfy { $0.key == key && !$0.isNegotiated && $0.expiresAt == SecuritySession.never })
    }

    @Test func theFamilyMayDoWhatHTCondorLetsItDo() throws {
        let session = try #require(InheritedSessions("FamilySessionKey:\(Self.family)").sessions(now: 5).first)
        let limits = try #require(session.limits)
        for level in AuthorizationLevel.allCases {
            #expect(level.isWithin(limits) == (level != .config && level != .client))
        }
        let parent = try #require(InheritedSessions("SessionKey:\(Self.parent)").sessions(now: 5).first)
        #expect(parent.limits == [.administrator, .daemon])
    }

    @Test func anAdministratorMayDoWithoutTheFamily() {
        let all = InheritedSessions("SessionKey:\(Self.parent) FamilySessionKey:\(Self.family)")
        #expect(all.withoutFamily.sessions(now: 5).map(\.identity.user) == ["condor@parent"])
        #expect(InheritedSessions.none.sessions(now: 5).isEmpty)
    }

    @Test(arguments: [
        "", " ", "FamilySessionKey:", "FamilySessionKey:family:1", "FamilySessionKey:family:1#secret",
        #"FamilySessionKey:family:1#[CryptoMethods="BLOWFISH";]secret"#, "familysessionkey:" + family,
        "FamilySessionKey: " + family, "FamilySessionKey:" + family + "\u{7}",
        String(repeating: "x", count: InheritedSessions.maximumLength) + " FamilySessionKey:" + family,
    ])
    func whatIsNoSessionIsNone(text: String) {
        #expect(InheritedSessions(text).sessions(now: 5).isEmpty)
    }

    @Test func theLastOfSeveralCounts() {
        let other = Self.family.replacing("family:8", with: "family:9")
        let inherited = InheritedSessions("FamilySessionKey:\(Self.family) FamilySessionKey:\(other)")
        #expect(inherited.family?.sessionID.hasPrefix("family:9") == true)
    }

    @Test func nothingSecretIsPrinted() {
        let inherited = InheritedSessions("SessionKey:\(Self.parent) FamilySessionKey:\(Self.family)")
        var text = "\(inherited)"
        dump(inherited, to: &text)
        #expect(!text.contains(Self.secret.prefix(16)))
    }

    @Test func theSessionIsResumedLikeAnyOther() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: []))
        environment.allows = { _, session in session.identity.user == InheritedSessions.familyUser }
        let ours = InheritedSessions("FamilySessionKey:\(Self.family)").sessions(now: Conversation.now)
        ours.forEach { environment.sessions.insert($0) }
        let claim = try #require(ClaimID(Self.family))
        let theirs = try #require(
            SecuritySession(importing: claim, peer: "condor@family", now: Conversation.now))
        var conversation = Conversation(
            makeClient(.updateStartdAd, policy: SecurityPolicy(methods: []), resume: theirs), environment)
        let outcome = try conversation.run()
        #expect(outcome.started?.session.identity.user == "condor@family")
        #expect(try conversation.sendText("payload") == "payload")
    }
}
