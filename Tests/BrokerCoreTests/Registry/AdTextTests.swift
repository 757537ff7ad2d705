import AnnexModel
import ClassAds
import TestSupport
import Testing

@Suite struct AdTextTests {
    @Test(arguments: ["startd_pslot_gpu", "startd_private", "master", "schedd", "collector_self"])
    func realAdsAreReadBack(name: String) throws {
        for ad in try recordedAds(name) { #expect(try AdText.decode(AdText.encode(ad)) == ad) }
    }

    @Test func newlinesAndQuotesInStringsSurvive() throws {
        let ad: ClassAd = ["Quote": "say \"hi\"\\ \n there", "Empty": ""]
        #expect(try AdText.decode(AdText.encode(ad)) == ad)
    }

    @Test func whatIsNoAdIsAnError() {
        #expect(throws: ClassAdError.self) { try AdText.decode(Array("no equals sign\0".utf8)) }
    }
}
