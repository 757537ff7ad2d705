import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct ShutdownPlanTests {
    private static let now: Int64 = 10_000

    private static func order(_ speed: ShutdownOrder.Speed = .fast) -> ShutdownOrder {
        ShutdownOrder(id: "order", annexID: "annex", orderedAt: now, orderedBy: "alice@ap.test", speed: speed)
    }

    private func daemon(
        _ name: String = "m1", kind: StoppableDaemon.Kind = .master, session: Int? = 1, receivedAt: Int64 = now,
        startedAt: Int64 = 5000, commands: [CommandNumber]? = [.offFast, .offGraceful, .daemonsOffFlex]
    ) throws -> StoppableDaemon {
        StoppableDaemon(
            name: name, kind: kind, address: try #require(Sinful("<127.0.0.1:7>")),
            capability: session.map {
                ClaimID.make(sessionID: "admin_<127.0.0.1:7>#1#\($0)", info: SessionInfo(validCommands: commands))
            }, receivedAt: receivedAt, startedAt: startedAt)
    }

    private func plan(_ daemons: [StoppableDaemon], speed: ShutdownOrder.Speed = .fast) -> ShutdownPlan {
        ShutdownPlan(Self.order(speed), daemons: daemons, now: Self.now)
    }

    private func reply(_ success: Bool) -> ShutdownPlan.Result {
        .replied(
            ShutdownReply(["Success": Expression(success), "MASTER": "Alive", "STARTD": "Shutdown,Graceful"], now: 0))
    }

    private func firstOrder(of plan: inout ShutdownPlan) throws -> ShutdownPlan.Order {
        let orders = plan.takeOrders(now: Self.now)
        return try #require(orders.first)
    }

    private func states(_ plan: ShutdownPlan, at now: Int64 = now) -> [String] {
        plan.report(now: now).map { "\($0.masterName) \($0.state.rawValue)" }
    }

    // MARK: What is sent (spec 04, 11.7)

    @Test(arguments: [(ShutdownOrder.Speed.fast, 462), (.graceful, 456)])
    func mastersAreToldByTheCommandThatIsAnswered(speed: ShutdownOrder.Speed, command: Int) throws {
        var plan = plan([try daemon()], speed: speed)
        let order = try firstOrder(of: &plan)
        #expect(order.command.number.rawValue == 452)
        #expect(order.command.payload == ["WantReply": true, "Command": Expression(command)])
        #expect(order.capability.sessionID == "admin_<127.0.0.1:7>#1#1")
    }

    @Test(arguments: [(ShutdownOrder.Speed.fast, 60006), (.graceful, 60005)])
    func mastersThatDoNotListItAreToldByThePlainCommand(speed: ShutdownOrder.Speed, command: Int) throws {
        var plan = plan([try daemon(commands: [.offFast, .offGraceful])], speed: speed)
        let order = try firstOrder(of: &plan)
        #expect(order.command == .plain(CommandNumber(rawValue: command)))
        #expect(order.command.payload == nil)
    }

    @Test func startdsAreToldByThePlainCommand() throws {
        var plan = plan([try daemon(kind: .startd)])
        #expect(plan.takeOrders(now: Self.now).first?.command == .plain(.offFast))
    }

    @Test func aMasterThatDoesNotUnderstandIsToldAgainAtOnce() throws {
        var plan = plan([try daemon(commands: nil)])
        #expect(plan.takeOrders(now: Self.now).first?.command == .flexible(.masterOffFast))
        plan.finished("m1", .notUnderstood, now: Self.now)
        #expect(plan.takeOrders(now: Self.now).first?.command == .plain(.offFast))
        plan.finished("m1", .notUnderstood, now: Self.now)
        #expect(states(plan) == ["m1 failed"])
    }

    @Test func daemonsAreToldInOrderAndNotAllAtOnce() throws {
        var plan = plan([try daemon("m3"), try daemon("m1"), try daemon("m2")])
        #expect(plan.takeOrders(now: Self.now, limit: 2).map(\.daemon) == ["m1", "m2"])
        #expect(plan.takeOrders(now: Self.now, limit: 2).map(\.daemon) == [])
        plan.finished("m1", .accepted, now: Self.now)
        #expect(plan.takeOrders(now: Self.now, limit: 2).map(\.daemon) == ["m3"])
    }

    // MARK: Capabilities (decision 14)

    @Test(arguments: [(Self.now - 1799, true), (Self.now - 1800, false)])
    func aCapabilityIsUsedFor1800Seconds(receivedAt: Int64, isUsed: Bool) throws {
        var plan = plan([try daemon(receivedAt: receivedAt)])
        #expect(plan.takeOrders(now: Self.now).isEmpty == !isUsed)
    }

    @Test func aMasterWithoutACapabilityWaitsForItsNextUpdate() throws {
        var plan = plan([try daemon(session: nil)])
        #expect(plan.takeOrders(now: Self.now).isEmpty)
        #expect(plan.report(now: Self.now).map(\.detail) == ["waiting for an update with an administration capability"])
        plan.saw(try daemon(session: 1), now: Self.now + 60)
        #expect(plan.takeOrders(now: Self.now + 60).map(\.daemon) == ["m1"])
    }

    @Test func aCapabilityThatTheDaemonDoesNotKnowIsNotUsedAgain() throws {
        let old = try daemon(session: 1)
        var plan = plan([old])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", .sessionUnknown, now: Self.now)
        plan.saw(old, now: Self.now + 5)
        #expect(plan.takeOrders(now: Self.now + 5).isEmpty)
        plan.saw(try daemon(session: 2), now: Self.now + 6)
        #expect(plan.takeOrders(now: Self.now + 6).map(\.capability.sessionID) == ["admin_<127.0.0.1:7>#1#2"])
    }

    @Test func aCapabilityThatSaysItIsOverIsNotUsed() throws {
        let daemon = StoppableDaemon(
            name: "m1", kind: .master, address: try #require(Sinful("<127.0.0.1:7>")),
            capability: ClaimID.make(sessionID: "admin_<127.0.0.1:7>#1#1", info: SessionInfo(expiresAt: Self.now)),
            receivedAt: Self.now)
        #expect(!daemon.hasLiveCapability(now: Self.now))
        #expect(daemon.hasLiveCapability(now: Self.now - 1))
    }

    @Test func aRecordedAdGivesADaemonWithItsCommands() throws {
        let ads = try RecordedAds()
        let daemon = try #require(
            StoppableDaemon(ad: ads.publicPartitionable, kind: .startd, key: "s", receivedAt: Self.now))
        #expect(daemon.capability?.info?.validCommands?.contains(.offFast) == true)
        #expect(daemon.startedAt == 1_795_387_019)
    }

    // MARK: How far it is

    @Test func anAnswerConfirmsAndOnlyTheGoodbyeEnds() throws {
        var plan = plan([try daemon()])
        #expect(states(plan) == ["m1 pending"])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", reply(true), now: Self.now)
        #expect(states(plan) == ["m1 confirmed"])
        #expect(plan.report(now: Self.now).map(\.detail) == ["MASTER=Alive STARTD=Shutdown,Graceful"])
        #expect(!plan.isComplete)
        plan.left("m1", .invalidated, now: Self.now + 3)
        #expect(states(plan) == ["m1 gone"])
        #expect(plan.report(now: Self.now).map(\.detail) == ["invalidated"])
        #expect(plan.isComplete)
    }

    @Test func aCommandWithoutAnswerIsOrderedOnly() throws {
        var plan = plan([try daemon(kind: .startd)])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", .accepted, now: Self.now)
        #expect(states(plan) == ["m1 ordered"])
    }

    @Test func anExpiredAdEndsItToo() throws {
        var plan = plan([try daemon()])
        plan.left("m1", .expired, now: Self.now)
        #expect(plan.report(now: Self.now).map(\.detail) == ["expired"])
        #expect(plan.isComplete)
    }

    @Test func failuresAreTriedAgainAfterAWait() throws {
        var plan = plan([try daemon()])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", .failed("no route"), now: Self.now)
        #expect(states(plan) == ["m1 failed"])
        #expect(plan.nextDeadline(after: Self.now) == Self.now + 10)
        #expect(plan.takeOrders(now: Self.now + 9).isEmpty)
        #expect(plan.takeOrders(now: Self.now + 10).count == 1)
    }

    @Test func aRefusalInTheAnswerIsAFailure() throws {
        var plan = plan([try daemon()])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", reply(false), now: Self.now)
        #expect(states(plan) == ["m1 failed"])
    }

    @Test func anOrderWithoutAResultIsGivenAgain() throws {
        var plan = plan([try daemon()])
        _ = plan.takeOrders(now: Self.now)
        #expect(plan.nextDeadline(after: Self.now) == Self.now + ShutdownPlan.orderTime)
        #expect(plan.takeOrders(now: Self.now + ShutdownPlan.orderTime).count == 1)
    }

    @Test func aDaemonThatSaidGoodbyeMeanwhileIsNotAFailure() throws {
        var plan = plan([try daemon()])
        _ = plan.takeOrders(now: Self.now)
        plan.left("m1", .invalidated, now: Self.now)
        plan.finished("m1", .failed("connection closed"), now: Self.now)
        #expect(states(plan) == ["m1 gone"])
    }

    // MARK: Late arrivals (decision 13)

    @Test func aMasterThatRegistersLaterIsToldTheSame() throws {
        var plan = plan([])
        #expect(plan.isComplete)
        plan.saw(try daemon("late"), now: Self.now + 7200)
        #expect(!plan.isComplete)
        #expect(plan.takeOrders(now: Self.now + 7200).isEmpty)
        plan.saw(try daemon("late", receivedAt: Self.now + 7200), now: Self.now + 7200)
        #expect(plan.takeOrders(now: Self.now + 7200).map(\.command) == [.flexible(.masterOffFast)])
    }

    @Test func anotherProcessUnderTheSameNameIsToldAgain() throws {
        var plan = plan([try daemon()])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", reply(true), now: Self.now)
        plan.saw(try daemon(session: 2, startedAt: 9000), now: Self.now + 30)
        #expect(states(plan) == ["m1 pending"])
        #expect(plan.takeOrders(now: Self.now + 30).count == 1)
    }

    @Test func updatesAfterTheOrderAreNoReasonToRepeatItAtOnce() throws {
        var plan = plan([try daemon()])
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", reply(true), now: Self.now)
        plan.saw(try daemon(session: 2), now: Self.now + 60)
        #expect(plan.takeOrders(now: Self.now + 60).isEmpty)
    }

    @Test(arguments: [(ShutdownOrder.Speed.fast, 1), (.graceful, 0)])
    func aMasterThatStaysIsToldAgainUnlessItMayTakeItsTime(speed: ShutdownOrder.Speed, count: Int) throws {
        var plan = plan([try daemon()], speed: speed)
        _ = plan.takeOrders(now: Self.now)
        plan.finished("m1", reply(true), now: Self.now)
        let later = Self.now + ShutdownPlan.patience
        plan.saw(try daemon(session: 2, receivedAt: later), now: later)
        #expect(plan.takeOrders(now: later).count == count)
    }

    @Test func afterARestartTheRowsGoOn() throws {
        let earlier = MasterStop(orderID: "order", masterName: "m1", state: .confirmed, detail: "x", at: Self.now - 5)
        var plan = ShutdownPlan(Self.order(), daemons: [try daemon()], earlier: [earlier], now: Self.now)
        #expect(plan.report(now: Self.now) == [earlier])
        #expect(plan.takeOrders(now: Self.now).isEmpty)
    }

    @Test func daemonsThatWereGoneAfterARestartStayInTheReport() throws {
        let earlier = MasterStop(orderID: "order", masterName: "m0", state: .ordered, at: Self.now - 5)
        let foreign = MasterStop(orderID: "another", masterName: "m9", state: .ordered, at: Self.now - 5)
        let plan = ShutdownPlan(Self.order(), earlier: [earlier, foreign], now: Self.now)
        #expect(states(plan) == ["m0 gone"])
        #expect(plan.isComplete)
    }

    @Test func noReportShowsASecret() throws {
        let daemon = try daemon()
        var plan = plan([daemon])
        let order = try firstOrder(of: &plan)
        let secret = String(try #require(daemon.capability).text.suffix(64))
        #expect(!"\(order)\(plan.report(now: Self.now))".contains(secret))
    }
}
