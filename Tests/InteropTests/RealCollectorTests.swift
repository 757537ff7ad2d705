import CEDAR
import ClassAds
import CondorSecurity
import Cryptography
import Foundation
import Testing

/// Our client against an unmodified collector, with every method both speak.
@Suite(.serialized, .enabled(if: RealCollector.program != nil, "no condor_collector in the PATH"))
struct RealCollectorTests {
    @Test func everyMethodIsAcceptedAndItsSessionCanBeResumed() async throws {
        let collector = try await RealCollector()
        for (method, isEnough) in [
            (.fs, true), (.idTokens, true), (.ssl, true), (.password, true), (.claimToBe, true),
        ] as [(AuthenticationMethod, Bool)] {
            let new = try await collector.client.ask(about: .noOperationWrite, [method])
            #expect(new.session.key != nil && new.session.identity.method == method)
            #expect(new.ads.first?.boolean("AuthorizationSucceeded") == isEnough, "\(method)")
            let again = try await collector.client.ask(about: .noOperationWrite, [method], resume: new.session)
            #expect(again.ads.first?.boolean("AuthorizationSucceeded") == true, "\(method) resumed")
            let query = try await collector.client.query([method], wish: .required, resume: new.session)
            #expect(query.ads.count == 1, "\(method) query")
        }
    }

    @Test func theReplyTellsWhatOurTokenSays() async throws {
        let collector = try await RealCollector()
        let reply = try #require(try await collector.client.ask(about: .noOperationWrite, [.idTokens]).ads.first)
        #expect(reply.string("AuthTokenSubject") == "dave@test.example")
        #expect(reply.string("AuthTokenIssuer") == "test.example")
        #expect(reply.string("AuthTokenScopes") == "condor:/READ,condor:/WRITE")
    }

    @Test func withoutAuthenticationTheSessionIsEncrypted() async throws {
        let collector = try await RealCollector()
        let new = try await collector.client.query([], wish: .never)
        #expect(new.ads.count == 1 && new.session.key != nil && !new.session.identity.isAuthenticated)
        let again = try await collector.client.query([], wish: .never, resume: new.session)
        #expect(again.ads.count == 1)
    }

    @Test func theNextMethodIsTriedWhenOneFails() async throws {
        let collector = try await RealCollector()
        var credentials = collector.credentials
        let stranger = try CertificateAuthority.create(commonName: "Stranger", days: 1)
        credentials.tls = .init { (_) throws(TLSFailure) in
            try TLSContext.client(trustPEM: stranger.certificatePEM).makeEngine(.client)
        }
        credentials.poolPassword = SecretBytes("wrong".utf8)
        let client = OurClient(address: collector.address, credentials: credentials)
        let outcome = try await client.ask(about: .noOperationWrite, [.ssl, .password, .claimToBe])
        #expect(outcome.session.identity.method == .claimToBe)
    }

    @Test func refusalsAreUnderstood() async throws {
        let collector = try await RealCollector()
        await #expect(throws: SecurityRefusal.self) {
            try await collector.client.ask(about: .noOperationWrite, [.sciTokens])
        }
        do {
            _ = try await collector.client.ask(about: .noOperationAdministrator, [.claimToBe])
            Issue.record("erin is no administrator")
        } catch let refusal as SecurityRefusal {
            #expect(refusal.kind == .denied)
        }
        let carol = try await collector.client.ask(about: .noOperationAdministrator, [.ssl])
        #expect(carol.ads.first?.boolean("AuthorizationSucceeded") == true)
        do {
            _ = try await collector.client.query([], wish: .never, resume: Self.unknownSession)
            Issue.record("nobody knows this session")
        } catch let refusal as SecurityRefusal {
            #expect(refusal.kind == .sessionNotFound)
        }
    }

    /// A session that no collector has.
    static let unknownSession = SecuritySession(
        id: "nowhere:1:2:3", key: SecretBytes([UInt8](repeating: 1, count: 32)), identity: .unauthenticated,
        createdAt: Int64(Date().timeIntervalSince1970))
}
