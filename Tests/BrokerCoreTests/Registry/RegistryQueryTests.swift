import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct RegistryQueryTests {
    private func registry() throws -> Registry {
        let registry = Registry()
        for (name, cpus) in [("slot1@node1", 1), ("slot2@node1", 2), ("slot3@node1", 4)] {
            try registry.bring(.startd, slot(name, more: ["Cpus": Expression(cpus)]), private: claim())
        }
        try registry.bring(.startd, ["MyType": "StartD", "Name": "node1"])
        try registry.bring(.table(.master), master)
        let ap = Sender.accessPoint
        try registry.bring(.table(.schedd), ["Name": "ap", "MyAddress": "<192.0.2.9:9618>"], from: ap)
        try registry.bring(
            .table(.submitter), ["Name": "alice@x", "MyAddress": "<192.0.2.9:9618>", "IdleJobs": 3, "RunningJobs": 2],
            from: ap)
        try registry.bring(.generic, ["MyType": "Zork", "Name": "z"], from: ap)
        return registry
    }

    private func requirements(_ text: String) throws -> ClassAd { ["Requirements": try Expression(parsing: text)] }

    @Test func everyCommandHasItsTable() throws {
        let registry = try registry()
        #expect(try registry.names(.startd) == ["slot1@node1", "slot2@node1", "slot3@node1"])
        #expect(try registry.names(.startd, ["TargetType": "StartD"]) == ["node1"])
        #expect(try registry.names(.startd, ["TargetType": "Slot"]).count == 3)
        #expect(try registry.names(.table(.master)) == ["node1"])
        #expect(try registry.names(.table(.schedd)) == ["ap"])
        #expect(try registry.names(.table(.submitter)) == ["alice@x"])
        #expect(try registry.names(.table(.negotiator)) == [])
        #expect(try registry.names(.any).count == 8)
        #expect(try registry.names(.any, ["TargetType": "Scheduler"]).count == 8)
    }

    @Test func commandsMapToTheirQueries() {
        #expect(AdQuery.Kind(.queryStartdAds) == .startd)
        #expect(AdQuery.Kind(.querySubmitterAds) == .table(.submitter))
        #expect(AdQuery.Kind(.queryAnyAds) == .any)
        #expect(AdQuery.Kind(.queryMultipleAds) == .multiple)
        #expect(AdQuery.Kind(.queryGenericAds) == .generic)
        #expect(AdQuery.Kind(.queryStartdPrivateAds) == nil)
        #expect(AdQuery.Kind(.queryMultiplePrivateAds) == nil)
    }

    @Test func genericTablesAreNamedByTargetTypeWithoutCase() throws {
        let registry = try registry()
        #expect(try registry.names(.generic, ["TargetType": "zORK"]) == ["z"])
        #expect(try registry.names(.generic, ["TargetType": "Nothing"]) == [])
        #expect(throws: QueryRefusal.noType) { try registry.ask(.generic) }
    }

    @Test(arguments: [
        ("Cpus > 1", 2), ("Cpus", 3), ("0.5", 3), ("-1", 3), ("0", 0), ("false", 0), ("undefined", 0), ("error", 0),
        ("\"true\"", 0), ("NoSuch", 0), ("NoSuch =?= undefined", 3), ("TARGET.Cpus > 1", 0), ("MY.Cpus =!= 4", 2),
        ("{ true }", 0), ("ClaimId =!= undefined", 0), ("size(Name) == 11", 3),
    ])
    func conditionsSelectByTheirBooleanValueInThePublicAd(condition: String, count: Int) throws {
        #expect(try registry().ask(.startd, requirements(condition)).count == count)
    }

    @Test(arguments: [("1", 1), ("2", 2), ("1.7", 1), ("0", 3), ("-1", 3), ("\"1\"", 3), ("99", 3)])
    func limitsAreIntegersAboveZero(limit: String, count: Int) throws {
        #expect(try registry().ask(.startd, ["LimitResults": try Expression(parsing: limit)]).count == count)
    }

    @Test func aCursorAnswersInSteps() throws {
        var cursor = try registry().query(AdQuery(kind: .startd, ad: [:]), for: .anybody, now: 1000)
        var sizes: [Int] = []
        while !cursor.isFinished { sizes.append(cursor.next(examining: 2).count) }
        #expect(sizes == [2, 1])
    }

    @Test func aCursorShowsTheAdsAsTheyWereWhenItWasMade() throws {
        let registry = try registry()
        var cursor = try registry.query(AdQuery(kind: .table(.master), ad: [:]), for: .anybody, now: 1000)
        try registry.invalidate(.table(.master), ["Name": "node1"])
        #expect(cursor.all().count == 1)
    }

    @Test func aLocationQueryAsksStartdsThenSlots() throws {
        let answers = try registry().ask(
            .startd, ["LocationQuery": "x", "MachineRequirements": try Expression(parsing: "Cpus == 4")])
        #expect(answers.map { $0.ad.string("Name") } == ["node1", "slot3@node1"])
    }

    @Test func aMultiQueryTakesTheOptionsOfEachType() throws {
        let registry = try registry()
        let query: ClassAd = [
            "TargetType": "Machine, DaemonMaster Zork Nothing",
            "MachineRequirements": try Expression(parsing: "Cpus > 1"),
            "MachineLimitResults": 1, "DaemonMasterProjection": "Name", "Projection": "MyType",
        ]
        let answers = try registry.ask(.multiple, query).map(\.ad)
        #expect(answers.map(\.names) == [["MyType"], ["Name"], ["MyType"]])
        #expect(answers.map { $0.string("MyType") } == ["Machine", nil, "Zork"])
    }

    @Test func theLimitOfAMultiQueryHoldsOverAllTypes() throws {
        let query: ClassAd = ["TargetType": "Machine,DaemonMaster", "LimitResults": 2, "MachineLimitResults": 3]
        #expect(try registry().ask(.multiple, query).count == 2)
    }

    @Test(arguments: [
        (nil, QueryRefusal.noType), ("", .noType), ("Zork", .unknownType), ("Any", .unknownType),
        ("MachinePrivate", .privateAds), ("Machine,machineprivate", .privateAds),
    ])
    func multiQueriesThatCannotBeAnsweredAreRefused(type: String?, refusal: QueryRefusal) throws {
        var query = ClassAd()
        query["TargetType"] = type.map { Expression($0) }
        #expect(throws: refusal) { try registry().ask(.multiple, query) }
    }

    @Test func theCensusCountsSlotsJobsAndAds() throws {
        let census = try registry().census(now: 1000)
        #expect(census.ads[.slot] == 3)
        #expect(census.ads[.generic("zork")] == 1)
        #expect(census.slots == ["Unclaimed": 3])
        #expect(census.idleJobs == 3)
        #expect(census.runningJobs == 2)
    }
}

@Suite struct ProjectionTests {
    private func project(_ projection: String, from ad: ClassAd = slot(more: ["SlotID": 2])) throws -> [String] {
        let registry = Registry()
        try registry.bring(.startd, ad)
        return try registry.ask(.startd, ["Projection": try Expression(parsing: projection)])[0].ad.names
    }

    @Test func wordsAreSeparatedByBlanksAndCommas() throws {
        #expect(
            try project("\"Name,State Cpus\\tMachine ,, SlotID\"").sorted() == [
                "Cpus", "Machine", "Name", "SlotID", "State",
            ])
    }

    @Test func namesComeBackInTheSpellingOfTheRequest() throws {
        #expect(try project("\"nAmE\"") == ["nAmE"])
    }

    @Test(arguments: ["\"(DiskUsage?:0 / real(Disk)) * 100 Name\"", "\"MyType?:\\\"None\\\" NoSuch Name\""])
    func wordsThatAreNoNamesAreIgnored(projection: String) throws {
        #expect(try project(projection) == ["Name"])
    }

    @Test(arguments: ["\"\"", "\" , \"", "7", "undefined", "{ \"Name\" }", "NoSuch", "strcat(\"\")", "1 + 1"])
    func whatGivesNoWordsMeansTheWholeAd(projection: String) throws {
        #expect(try project(projection).count > 8)
    }

    @Test(arguments: [
        ("ifThenElse(SlotID == 2, \"Name State\", \"Name\")", ["Name", "State"]),
        ("ifThenElse(TARGET.SlotID == 1, \"Name State\", \"Name\")", ["Name"]), ("strcat(\"Na\", \"me\")", ["Name"]),
    ])
    func anExpressionIsEvaluatedForEachAd(projection: String, names: [String]) throws {
        #expect(try project(projection).sorted() == names)
    }

    @Test func expressionsBringAlongWhatTheyReferTo() throws {
        let slot = try recordedAds("startd_pslot_cpu")[0]
        #expect(
            try project("\"Requirements\"", from: slot).sorted()
                == ["Cpus", "Disk", "GPUs", "MappingMethod", "Memory", "Requirements", "Start", "WithinResourceLimits"])
    }

    @Test func privateAttributesCannotBeAskedFor() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), private: claim())
        let query: ClassAd = ["Projection": "Name ClaimId", "SendPrivateAttributes": true]
        let answer = try registry.ask(.startd, query, for: .administrator)[0]
        #expect(answer.ad.names == ["Name"])
        #expect(answer.secrets == nil)
    }
}

@Suite struct AdministrationCapabilityTests {
    private static let condorOff: ClassAd = [
        "Projection": "Name MyAddress _condor_PrivRemoteAdminCapability", "SendPrivateAttributes": true,
    ]

    private func secrets(_ query: ClassAd, _ reader: QueryReader) throws -> [String?] {
        let registry = Registry()
        try registry.bring(.table(.master), master)
        return try registry.ask(.table(.master), query, for: reader).map { $0.secrets?.administrationCapability }
    }

    private static let capability = master.string("_condor_PrivRemoteAdminCapability")

    @Test func itIsGivenToTheAnnexsOwnerAndToAdministratorsOnly() throws {
        #expect(try secrets(Self.condorOff, .user("alice@example.net")) == [Self.capability])
        #expect(try secrets(Self.condorOff, .administrator) == [Self.capability])
        #expect(try secrets(Self.condorOff, .user("bob@example.net")) == [nil])
        #expect(try secrets(Self.condorOff, .anybody) == [nil])
    }

    @Test func itIsGivenOnlyWhenTheProjectionNamesIt() throws {
        #expect(try secrets(["Projection": "Name", "SendPrivateAttributes": true], .administrator) == [nil])
        #expect(try secrets(["SendPrivateAttributes": true], .administrator) == [Self.capability])
    }

    @Test func wholeMastersComeWithItUnasked() throws {
        #expect(try secrets([:], .user("alice@example.net")) == [Self.capability])
        #expect(try secrets(["Projection": "Name"], .user("alice@example.net")) == [nil])
    }

    @Test func theAccessPointsOwnDaemonsBelongToNoUser() throws {
        let registry = Registry()
        try registry.bring(.table(.master), master, from: .accessPoint(user: "alice@example.net", method: "FS"))
        #expect(
            try registry.ask(.table(.master), Self.condorOff, for: .user("alice@example.net")).map(\.secrets) == [nil])
    }
}
