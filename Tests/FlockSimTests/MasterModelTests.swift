import CEDAR
import ClassAds
import TestSupport
import Testing

@testable import FlockSimCore

@Suite struct MasterModelTests {
    private static let now: Int64 = 1_800_000_000

    private static func master() -> MasterModel {
        MasterModel(
            identity: DaemonIdentity(name: "node1", machine: "node1", host: "127.0.0.1", port: 4001, startTime: now),
            attributes: ["AnnexName": "a1"], resources: SlotResources(cpus: 4, memory: 4096, disk: 1),
            random: CountingRandom())
    }

    private static func capability(_ actions: [MasterAction]) -> String? {
        for case .update(let update) in actions {
            return update.ads[0].string("_condor_PrivRemoteAdminCapability")
        }
        return nil
    }

    /// What each action is, without its contents.
    private static func kinds(_ actions: [MasterAction]?) -> [String]? {
        actions?.map {
            switch $0 {
            case .update(let update): update.command.name
            case .session(.open): "open"
            case .session(.close): "close"
            case .stopStartd(let manner): "stop \(manner.rawValue)"
            case .startStartd: "start"
            case .event(let event): event.event.rawValue
            case .stopped: "stopped"
            }
        }
    }

    @Test func adIsARealMastersAdWithTheAnnexName() throws {
        var master = Self.master()
        let actions = master.updates(now: Self.now)
        guard case .update(let update) = try #require(actions.last) else {
            Issue.record("no update")
            return
        }
        #expect(update.command == .updateMasterAd)
        #expect(update.ads[0].string("MyType") == "DaemonMaster")
        #expect(update.ads[0].string("AnnexName") == "a1")
        #expect(update.ads[0].string("MasterIpAddr") == update.ads[0].string("MyAddress"))
    }

    @Test func capabilityIsSharedForThirtySecondsThenRenewed() {
        var master = Self.master()
        let first = Self.capability(master.updates(now: Self.now))
        #expect(Self.capability(master.updates(now: Self.now + 29)) == first)
        #expect(Self.capability(master.updates(now: Self.now + 30)) != first)
    }

    @Test func capabilityNamesTheCommandsOfAMaster() throws {
        var master = Self.master()
        let capability = try #require(Self.capability(master.updates(now: Self.now)).flatMap { ClaimID($0) })
        #expect(capability.sessionID == "admin_<127.0.0.1:4001?addrs=127.0.0.1-4001&alias=node1>#1800000000#1")
        #expect(capability.info?.validCommands?.contains(.daemonsOffFlex) == true)
    }

    @Test func capabilityEndsAfterHalfAnHour() {
        var master = Self.master()
        #expect(Self.kinds(master.updates(now: Self.now)) == ["open", "UPDATE_MASTER_AD"])
        #expect(Self.kinds(master.updates(now: Self.now + 1799)) == ["open", "UPDATE_MASTER_AD"])
        #expect(Self.kinds(master.updates(now: Self.now + 1800)) == ["close", "UPDATE_MASTER_AD"])
    }

    @Test(arguments: [
        (60005, ["shutdown", "stop graceful"]), (60006, ["shutdown", "stop fast"]),
        (60015, ["shutdown", "stop peaceful"]), (60042, ["shutdown", "stop graceful"]),
        (456, ["shutdown", "stop graceful"]), (462, ["shutdown", "stop fast"]), (454, ["stop graceful"]),
        (461, ["stop fast"]), (484, ["stop peaceful"]), (60004, []), (60023, []), (455, []),
    ])
    func commandsWithoutPayload(number: Int, expected: [String]) {
        var master = Self.master()
        #expect(Self.kinds(master.command(CommandNumber(rawValue: number), now: Self.now)) == expected)
    }

    @Test func unknownCommandIsNone() {
        var master = Self.master()
        #expect(Self.kinds(master.command(CommandNumber(rawValue: 99), now: Self.now)) == nil)
    }

    @Test func masterLeavesLast() {
        var master = Self.master()
        _ = master.command(.offFast, now: Self.now)
        #expect(Self.kinds(master.startdStopped(now: Self.now)) == ["INVALIDATE_MASTER_ADS", "stopped"])
        #expect(Self.kinds(master.startdStopped(now: Self.now)) == [])
    }

    @Test func masterStaysWhenOnlyDaemonsAreStopped() {
        var master = Self.master()
        _ = master.command(.daemonsOff, now: Self.now)
        #expect(Self.kinds(master.startdStopped(now: Self.now)) == [])
        #expect(Self.kinds(master.command(.daemonsOn, now: Self.now)) == ["start"])
    }

    @Test func flexibleCommandPerformsTheInnerOneAndReports() {
        var master = Self.master()
        let (reply, actions) = master.flexible(["WantReply": true, "Command": 456], now: Self.now)
        #expect(Self.kinds(actions) == ["shutdown", "stop graceful"])
        #expect(reply?.string("STARTD") == "Shutdown,Graceful")
        #expect(reply?.string("MASTER") == "Alive")
        #expect(reply?.boolean("Success") == true)
    }

    @Test func flexibleCommandZeroOnlyReports() {
        var master = Self.master()
        let (reply, actions) = master.flexible(["WantReply": true, "Command": 0], now: Self.now)
        #expect(actions.isEmpty)
        #expect(reply?.string("STARTD") == "Alive")
    }

    @Test func flexibleCommandWithoutWishIsNotAnswered() {
        var master = Self.master()
        #expect(master.flexible(["Command": 462], now: Self.now).reply == nil)
    }

    @Test func daemonOffNamesItsDaemon() {
        var master = Self.master()
        #expect(Self.kinds(master.command(.daemonOffFast, daemon: "SCHEDD", now: Self.now)) == [])
        #expect(Self.kinds(master.command(.daemonOffFast, daemon: "STARTD", now: Self.now)) == ["stop fast"])
    }
}
