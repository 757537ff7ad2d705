import ClassAds
import Testing

@Suite struct EvaluationTests {
    let slot: ClassAd = ["Name": "slot1@host", "Cpus": 4, "Arch": "X86_64"]

    @Test func expressionsSeeTheAd() throws {
        let fits = try Expression(parsing: "Cpus > 2 && Arch == \"x86_64\"")
        #expect(slot.evaluate(fits) == .boolean(true))
        #expect(slot.evaluate("Cpus") == .integer(4))
        #expect(slot.evaluate("Memory") == .undefined)
    }

    @Test func targetIsTheOtherAd() throws {
        let job = try ClassAd(
            parsing: "[ Requirements = TARGET.Cpus >= RequestCpus && Arch == \"X86_64\"; RequestCpus = 2 ]")
        #expect(job.evaluate("Requirements", target: slot) == .boolean(true))
        #expect(job.evaluate("Requirements") == .undefined)
    }

    @Test func aMatchNeedsBothSides() throws {
        let job = try ClassAd(parsing: "[ Requirements = TARGET.Cpus > 2; Owner = \"alice\"; Rank = TARGET.Cpus ]")
        var slot = slot
        #expect(!ClassAd.symmetricMatch(job, slot))
        slot["Requirements"] = try Expression(parsing: "TARGET.Owner == \"alice\"")
        #expect(ClassAd.symmetricMatch(job, slot))
        #expect(job.rank(of: slot) == 4)
        slot["Requirements"] = try Expression(parsing: "TARGET.Owner == \"bob\"")
        #expect(!ClassAd.symmetricMatch(job, slot))
    }

    @Test func circularReferencesAreUndefined() throws {
        let ad = try ClassAd(parsing: "[ x = x + 1; d = d || true; a = b; b = a ]")
        #expect(ad.evaluate("x") == .undefined)
        #expect(ad.evaluate("d") == .boolean(true))
        #expect(ad.evaluate("a") == .undefined)
    }

    @Test func anAdMatchedWithItsOwnCopyIsNotCircular() throws {
        let ad = try ClassAd(parsing: "[ x = TARGET.y; y = 7 ]")
        #expect(ad.evaluate("x", target: ad) == .integer(7))
    }

    @Test func nestedAdsAreSearchedOutward() throws {
        let ad = try ClassAd(parsing: "[ x = 1; n = [ y = x; z = MY.x; p = parent.x ] ]")
        #expect(ad.evaluate(try Expression(parsing: "n.y")) == .integer(1))
        #expect(ad.evaluate(try Expression(parsing: "n.z")) == .integer(1))
        #expect(ad.evaluate(try Expression(parsing: "n.p")) == .integer(1))
    }

    @Test func referencesAreCollected() throws {
        let ad = try ClassAd(parsing: "[ a = b + TARGET.Memory; b = Disk ]")
        let expression = try Expression(parsing: "a > 1 && a < TARGET.q.r")
        #expect(ad.externalReferences(of: expression) == ["Disk", "Memory", "q"])
        #expect(ad.fullExternalReferences(of: expression) == ["Disk", "TARGET.Memory", "TARGET.q.r"])
        #expect(ad.internalReferences(of: expression) == ["a", "b"])
    }
}
