import Foundation
import Testing

/// Every supported version of the real client library, through every entrance, on good days and on bad ones.
@Suite(.serialized) struct LibraryMatrixTests {
    /// A broker, and what its pilots have.
    private struct Scene {
        let broker: RunningBroker
        let library: Library
        var pilots: [Entrance: PilotFiles] = [:]

        init(_ version: String, settings: [String: String] = [:], lifetime: String = "1h") async throws {
            library = try Library(version)
            broker = try await RunningBroker(port: FreePort.find(), settings: settings)
            for entrance in Entrance.allCases where entrance.isOfPilots {
                pilots[entrance] = try await broker.createAnnex(
                    entrance.rawValue, owner: "alice", lifetime: lifetime, method: entrance.rawValue.lowercased())
            }
        }

        /// Starts a peer at each entrance, so that they run side by side.
        func peers(
            _ entrances: [Entrance] = Entrance.allCases, _ oddities: LibrarySteps.Oddities = .init(),
            steps: [LibrarySteps.Step]
        ) throws -> [Entrance: LibrarySteps] {
            try Dictionary(
                uniqueKeysWithValues: entrances.map {
                    ($0, try LibrarySteps(library, $0, broker, pilot: pilots[$0], oddities, steps: steps))
                })
        }

        /// How many sessions it has stored, without those of looking at its figures, and how often one was resumed.
        func sessions(_ broker: RunningBroker) async throws -> [Int] {
            let figures = try await broker.status()
            return [(figures["SessionsCreated"] ?? 0) - broker.sessionsOfTools, figures["SessionsResumed"] ?? 0]
        }
    }

    // MARK: Good days

    /// Queries and ads through every entrance, on a new session, a resumed one, and one from before a crash.
    ///
    /// Sessions of peers that have not said who they are are not stored. What they ask first after the crash fails, as
    /// with every server of HTCondor that was restarted, and then they make a new session by themselves.
    @Test(arguments: Library.versions)
    func everyEntranceServesAndResumes(version: String) async throws {
        let scene = try await Scene(version)
        let peers = try scene.peers(steps: [.query, .advertise, .query, .wait, .query, .query, .advertise])
        for (entrance, peer) in peers {
            let outcomes = try await peer.outcomes(4)
            #expect(outcomes[0].isAnswer && outcomes[2].isAnswer, "\(entrance): \(outcomes)")
            #expect(outcomes[1] == (entrance.mayAdvertise ? .advertised : .failed), "\(entrance): \(outcomes)")
        }
        // Of those who say who they are a session for queries and another for ads; each second query resumed one.
        #expect(try await scene.sessions(scene.broker) == [3 * 2, 5])
        try await scene.broker.eventually("the ads") { try await $0.status()["Updates"] == 3 }

        try await scene.broker.crash()
        let again = try await scene.broker.restarted()
        peers.values.forEach { $0.goOn() }
        for (entrance, peer) in peers {
            let outcomes = try await peer.outcomes(7)
            #expect(outcomes[4].isAnswer == entrance.mayAdvertise, "\(entrance): \(outcomes)")
            #expect(outcomes[5].isAnswer, "\(entrance): \(outcomes)")
            #expect(outcomes[6] == (entrance.mayAdvertise ? .advertised : .failed), "\(entrance): \(outcomes)")
        }
        #expect(try await scene.sessions(again) == [0, 3 * 3])
    }

    // MARK: Wrong and revoked credentials

    @Test(arguments: Library.versions)
    func aWrongCredentialOpensNothing(version: String) async throws {
        let scene = try await Scene(version)
        let stranger = try await RunningBroker()
        // Another broker's annex has the same names and everything else in order.
        for (entrance, file) in [(Entrance.sciTokens, "annex.cap"), (.idTokens, "tokens.d/annex")] {
            let pilot = try #require(scene.pilots[entrance])
            let other = try await stranger.createAnnex(
                entrance.rawValue, owner: "alice", method: entrance.rawValue.lowercased())
            let wrong = try Data(contentsOf: URL(filePath: other.path + "/" + file))
            try wrong.write(to: URL(filePath: pilot.path + "/" + file))
        }
        var peers = try scene.peers([.sciTokens, .idTokens], steps: [.query, .advertise])
        peers.merge(try scene.peers([.ssl], .init(trusting: stranger), steps: [.query, .advertise])) { $1 }
        for (entrance, peer) in peers {
            #expect(try await peer.outcomes(2) == [.failed, .failed], "\(entrance)")
        }
        // An account that is not the access point's may ask, and no more.
        if getuid() == 0 {  // only root can become somebody else to try it
            let nobody = try scene.peers([.fs], .init(account: "nobody"), steps: [.query, .advertise])
            #expect(try await nobody[.fs]?.outcomes(2) == [.answered([]), .failed])
        }
        #expect(try await scene.broker.status()["Updates"] == 0)
    }

    @Test(arguments: Library.versions)
    func aRevokedCapabilityEndsItsSessions(version: String) async throws {
        let scene = try await Scene(version)
        let peers = try scene.peers([.sciTokens, .idTokens], steps: [.query, .advertise, .wait, .query, .advertise])
        for (entrance, peer) in peers {
            let outcomes = try await peer.outcomes(3)
            #expect(outcomes[0].isAnswer && outcomes[1] == .advertised, "\(entrance): \(outcomes)")
            let id = try #require(scene.pilots[entrance]).capability
            let revoked = try await scene.broker.tool(["capability", "revoke", id])
            #expect(revoked.status == 0, "\(revoked)")
        }
        peers.values.forEach { $0.goOn() }
        let late = try scene.peers([.sciTokens, .idTokens], steps: [.query, .advertise])
        for (entrance, peer) in peers {
            #expect(try await peer.outcomes(5).suffix(2) == [.failed, .failed], "\(entrance)")
            #expect(try await late[entrance]?.outcomes(2) == [.failed, .failed], "\(entrance)")
        }
        #expect(try await scene.broker.status()["Slots"] == 0)
    }

    // MARK: Clocks

    /// Nothing that a peer looks at has begun less than an hour ago or ends in less than an hour, tokens excepted:
    /// these are the broker's to judge, by its own clock.
    @Test(arguments: Library.versions, ["-1h", "+1h"])
    func aPeersClockMayBeAnHourOff(version: String, clock: String) async throws {
        let scene = try await Scene(
            version, settings: ["FLOCK_BROKER_CAPABILITY_GRACE": "0"], lifetime: "30m")
        let peers = try scene.peers(Entrance.allCases, .init(clock: clock), steps: [.query, .advertise, .query])
        for (entrance, peer) in peers {
            let outcomes = try await peer.outcomes(3)
            #expect(outcomes[0].isAnswer && outcomes[2].isAnswer, "\(entrance): \(outcomes)")
            #expect(outcomes[1] == (entrance.mayAdvertise ? .advertised : .failed), "\(entrance): \(outcomes)")
        }
    }

    /// A broker that comes up with another clock: capabilities end by it, and nothing else does.
    @Test(arguments: [("-1h", true), ("+1h", false)])
    func theBrokersClockDecidesHowLongACapabilityIsGood(clock: String, isGood: Bool) async throws {
        let scene = try await Scene(
            "25.14.1", settings: ["FLOCK_BROKER_CAPABILITY_GRACE": "0"], lifetime: "30m")
        try await scene.broker.crash()
        let again = try await scene.broker.restarted(settings: ["FLOCK_BROKER_CAPABILITY_GRACE": "0"], clock: clock)
        for (entrance, peer) in try scene.peers(steps: [.query, .advertise]) {
            let outcomes = try await peer.outcomes(2)
            let isPilot = entrance.isOfPilots
            #expect(outcomes[0].isAnswer == (!isPilot || isGood), "\(entrance): \(outcomes)")
            #expect(
                outcomes[1] == (entrance == .fs || isPilot && isGood ? .advertised : .failed),
                "\(entrance): \(outcomes)")
        }
        #expect(again.process.isRunning)
    }
}

extension LibrarySteps.Outcome {
    fileprivate var isAnswer: Bool { if case .answered = self { true } else { false } }
}
