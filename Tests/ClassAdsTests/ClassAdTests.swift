import ClassAds
import Testing

@Suite struct ClassAdTests {
    @Test func attributesAreFoundInAnyCase() {
        let ad: ClassAd = ["Name": "slot1@host", "Cpus": 4]
        #expect(ad["CPUS"] == 4)
        #expect(ad.string("name") == "slot1@host")
        #expect(ad.contains("cpus"))
        #expect(!ad.contains("Memory"))
    }

    @Test func namesComeInWireOrder() throws {
        var ad = ClassAd()
        for name in ["Zeta", "alpha", "ALPHA2", "n1", "n10", "_u", "A"] { ad.set(name, 1) }
        #expect(ad.names == ["A", "_u", "n1", "n10", "Zeta", "alpha", "ALPHA2"])
        #expect(ad.longForm() == "_u = 1\nA = 1\nalpha = 1\nALPHA2 = 1\nn1 = 1\nn10 = 1\nZeta = 1\n")
    }

    @Test func replacingKeepsTheFirstSpelling() {
        var ad: ClassAd = ["Cpus": 4]
        ad.set("CPUS", 8)
        #expect(ad.names == ["Cpus"])
        #expect(ad["cpus"] == 8)
    }

    @Test func settingNilRemoves() {
        var ad: ClassAd = ["A": 1, "B": 2]
        ad["a"] = nil
        #expect(ad == ["B": 2])
    }

    @Test(arguments: [
        ("A = 5 junk", "A = 5"), (" a b  =  x+1", "a b = x + 1"), ("P = \"C:\\dir\\\"", "P = \"C:\\dir\\\""),
        ("N='it''s'", "N = it"), ("R = !x", "R =  !x"),
    ])
    func linesAreReadInOldSyntaxAndWhatFollowsIsDropped(line: String, printed: String) throws {
        var ad = ClassAd()
        try ad.insert(line: line)
        var lines: [String] = []
        ad.forEachLine { lines.append(String(decoding: $1, as: UTF8.self)) }
        #expect(lines == [printed])
    }

    @Test(arguments: ["A == 5", "A = ", "= 5", "A", "", "A = \"x\\\" == y"])
    func linesThatDoNotParseAreRefused(line: String) {
        var ad = ClassAd()
        #expect(throws: ClassAdError.self) { try ad.insert(line: line) }
        #expect(ad.isEmpty)
    }

    @Test func typedLookupsConvertNumbers() throws {
        let ad = try ClassAd(parsing: "[ a = 2.9; b = true; c = a > 2; d = \"x\"; e = zz ]")
        #expect(ad.integer("a") == 2)
        #expect(ad.real("b") == 1)
        #expect(ad.boolean("c") == true)
        #expect(ad.integer("d") == nil)
        #expect(ad.string("e") == nil)
    }

    @Test func privateAttributesAreLeftOutOfWhatPeopleSee() {
        let ad: ClassAd = ["ClaimId": "secret", "_condor_priv_x": "secret", "Name": "n"]
        #expect(ad.publicPart == ["Name": "n"])
        #expect(ad.longForm() == "Name = \"n\"\n")
        #expect(ad.description == "[ Name = \"n\" ]")
        #expect(ClassAd.isPrivate("CLAIMID"))
        #expect(ClassAd.isPrivateV2("_Condor_PrivKey"))
        #expect(!ClassAd.isPrivateV2("ClaimId"))
    }

    @Test func mergingOverwrites() {
        var ad: ClassAd = ["A": 1, "B": 2]
        ad.merge(["b": 3, "C": 4])
        #expect(ad == ["A": 1, "B": 3, "C": 4])
    }

    @Test func chainedParentsAreSearchedAndShadowed() throws {
        var job: ClassAd = ["ProcId": 3]
        job.chain(to: ["Owner": "alice", "ProcId": 0])
        #expect(job.string("Owner") == "alice")
        #expect(job.integer("ProcId") == 3)
        let wasThere = job.remove("Owner")
        #expect(wasThere)
        #expect(job["Owner"] == .undefined)
    }
}
