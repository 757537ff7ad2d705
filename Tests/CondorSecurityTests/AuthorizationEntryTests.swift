import Testing

@testable import CondorSecurity

@Suite struct IPNetworkTests {
    @Test(arguments: [
        ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
        ("10.1.*", "10.1.255.255", true), ("10.1.*", "10.2.0.0", false), ("10.1.", "10.1.0.9", true),
        ("10.1", "10.1.0.9", true), ("128.105.0.0/16", "128.105.7.1", true), ("128.105.0.0/16", "128.106.7.1", false),
        ("10.0.0.0/255.255.192.0", "10.0.63.1", true), ("10.0.0.0/255.255.192.0", "10.0.64.1", false),
        ("10.9.8.7/20", "10.9.15.1", true), ("10.9.8.7/20", "10.9.16.1", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("2001:db8::1", "2001:DB8:0::1", true), ("[2001:db8::1]", "2001:db8::1", true),
        ("2001:db8:*", "2001:db8:ffff::1", true), ("2001:db8:*", "2001:db9::1", false),
        ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("10.1.0.0/16", "::ffff:10.1.2.3", true), ("::ffff:10.1.0.0/112", "10.1.2.3", true),
        ("::/0", "10.1.2.3", false), ("fe80::1", "fe80::1%eth0", true),
    ])
    func aNetworkHoldsAddressesWithItsLeadingBits(network: String, address: String, isInside: Bool) throws {
        let network = try #require(IPNetwork(network))
        #expect(network.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "*", "10.1.2.3.4", "10.256.*", "10..1", "a.b.c.d", "10.1.2.3/33", "10.1.2.3/", "10.0.0.0/255.0.255.0",
        "2001:db8::/129", "2001:db8::/255.255.0.0", "2001:*:1", "host", "10.1.*.3", "::ffff:10.0.0.0/64",
    ])
    func whatIsNoNetworkIsRefused(text: String) { #expect(IPNetwork(text) == nil) }

    @Test(arguments: [("127.8.9.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false)])
    func loopbackIsKnown(text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }
}

@Suite struct WildcardPatternTests {
    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("a*", "Abc", true), ("a*", "ba", false), ("*c", "abc", true),
        ("a*c", "ac", true), ("a*c", "abcb", false), ("*b*", "abc", true), ("a**c", "abbc", true),
        ("*@cs.wisc.edu", "zm@CS.wisc.edu", true), ("*@cs.wisc.edu", "zm@cs.wisc.edu.evil", false),
        ("lab-*.edu", "lab-7.math.edu", true), ("", "", true), ("", "a", false), ("abc", "abc", true),
        ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaa", false),
    ])
    func anAsteriskStandsForAnything(pattern: String, text: String, isMatch: Bool) {
        #expect(WildcardPattern(pattern).matches(text) == isMatch)
    }
}

@Suite struct AuthorizationEntryTests {
    /// Who an entry lets in, tried with a user and one of three places.
    private static func admits(_ entry: String, _ user: String, _ address: String, _ names: [String] = []) throws
        -> Bool
    {
        let list = AuthorizationList("ALLOW_WRITE", [try AuthorizationEntry(entry)])
        let rules = AuthorizationRules([.write: .init(allow: list)])
        let subject = AuthorizationSubject(user: user, address: IPAddress(address), hostNames: names)
        return rules.verdict(on: .write, for: subject).isGranted
    }

    /// The forms of the manual: "Authorization" in HTCondor's security chapter.
    @Test(arguments: [
        ("zmiller@cs.wisc.edu/bird.cs.wisc.edu", "zmiller@cs.wisc.edu", "192.0.2.7", ["bird.cs.wisc.edu"], true),
        ("zmiller@cs.wisc.edu/bird.cs.wisc.edu", "zmiller@cs.wisc.edu", "192.0.2.7", ["fish.cs.wisc.edu"], false),
        ("*@cs.wisc.edu/bird.cs.wisc.edu", "anne@cs.wisc.edu", "192.0.2.7", ["Bird.cs.wisc.edu"], true),
        ("zmiller@cs.wisc.edu/*.cs.wisc.edu", "zmiller@cs.wisc.edu", "192.0.2.7", ["x.cs.wisc.edu"], true),
        ("*@cs.wisc.edu/*", "anne@cs.wisc.edu", "192.0.2.7", [], true),
        ("*@cs.wisc.edu/128.105.*", "anne@cs.wisc.edu", "128.105.9.9", [], true),
        ("*@cs.wisc.edu/128.105.*", "anne@cs.wisc.edu", "128.106.9.9", ["128.105.x"], false),
        ("joesmith@cs.wisc.edu/192.0.2.0/24", "joesmith@cs.wisc.edu", "192.0.2.200", [], true),
        ("joesmith@cs.wisc.edu/192.0.2.0/24", "joesmith@cs.wisc.edu", "192.0.3.200", [], false),
        ("joesmith@cs.wisc.edu/192.0.2.0/255.255.255.0", "joesmith@cs.wisc.edu", "192.0.2.200", [], true),
        ("192.0.2.0/24", "anybody@x", "192.0.2.1", [], true), ("*/192.0.2.0", "anybody@x", "192.0.2.0", [], true),
        ("*/*", "anybody@x", "192.0.2.0", [], true), ("*", "anybody@x", "192.0.2.0", [], true),
        ("anne@x", "anne@x", "192.0.2.0", [], true), ("anne@x", "anne@y", "192.0.2.0", [], false),
        ("host.example.org", "anybody@x", "192.0.2.0", ["host.example.org"], true),
        ("*.ncsa.uiuc.edu", "anybody@x", "192.0.2.0", ["a.b.ncsa.uiuc.edu"], true),
        ("*/{:local_ips:}", "anybody@x", "127.0.0.1", [], true),
        ("*/{:local_ips:}", "anybody@x", "192.0.2.0", [], false),
        ("condor@*", "condor_pool@example.org", "192.0.2.0", [], true),
        ("condor_pool@*", "condor@example.org", "192.0.2.0", [], true),
        ("2001:db8::/32", "anybody@x", "2001:db8::7", [], true),
        ("anne@x/2001:db8:*", "anne@x", "2001:db8::7", [], true),
    ])
    func entriesMeanWhatTheManualSays(
        entry: String, user: String, address: String, names: [String], isAdmitted: Bool
    ) throws {
        #expect(try Self.admits(entry, user, address, names) == isAdmitted)
    }

    @Test(arguments: [
        ("+group", "netgroups"), ("<10.0.0.1:9618>", "brackets"), ("10.0.0.1?x", "brackets"), ("alice/host", "neither"),
        ("@x", "a user is"), ("alice@", "a user is"), ("*@/host", "a user is"), ("alice@x/", "not a host"),
        ("alice@x/10.0.0.0/99", "not a network"), ("alice@x/10.0.0.0.1", "not a host"), ("10.0.0.300", "not a host"),
        ("alice@x/h ost", "not a host"), ("a:9618", "not a network"), ("/10.0.0.1", "neither"),
        ("alice@x/10.0.0.0/8/8", "not a network"),
    ])
    func whatIsNoEntryIsToldInWords(text: String, words: String) {
        let failure = #expect(throws: AuthorizationEntry.Failure.self) { try AuthorizationEntry(text) }
        #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
    }

    @Test func aLongEntryIsRefused() {
        let text = String(repeating: "a", count: 600) + "@x"
        let failure = #expect(throws: AuthorizationEntry.Failure.self) { try AuthorizationEntry(text) }
        #expect((failure?.description.utf8.count ?? 1000) < 100)
    }
}
