import TestSupport
import Testing

@testable import CEDAR

@Suite struct SinfulTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let `in`: String
        let valid: Bool
        let host: String?
        let port: String?
        let ccb: String?
        let privaddr: String?
        let privnet: String?
        let sock: String?
        let alias: String?
        let noUDP: Bool?
        let params: Int?
        let addrs: [String]?
        let sinful: String?
        let v1: String?
        var testDescription: String { self.in }
    }
    struct Choice: Decodable, Sendable, CustomTestStringConvertible {
        let `in`: String
        let chosen: String?
        var testDescription: String { self.in }
    }
    struct File: Decodable {
        let cases: [Case]
        let choose: [Choice]
    }

    static func file() throws -> File { try vectors("sinful") }

    @Test(arguments: try file().cases.filter(\.valid))
    func whatHTCondorMakesOfAnAddress(item: Case) throws {
        let address = try Sinful(parsing: item.in)
        #expect(address.description == item.sinful)
        #expect(address.host == item.host)
        #expect(address.port == item.port.flatMap { Int($0) })
        #expect(address.ccb == item.ccb)
        #expect(address.privateAddress == item.privaddr)
        #expect(address.privateNetwork == item.privnet)
        #expect(address.sharedPortID == item.sock)
        #expect(address.alias == item.alias)
        #expect(address.noUDP == item.noUDP)
        #expect(address.parameters.count == item.params)
        #expect(address.addresses.map(\.description) == item.addrs)
        #expect(try address.routeList() == item.v1)
    }

    @Test(arguments: try file().cases.filter(\.valid))
    func theCanonicalFormParsesToItself(item: Case) throws {
        let address = try Sinful(parsing: item.in)
        #expect(try Sinful(parsing: address.description) == address)
        guard address.host != nil else { return }
        #expect(try Sinful(parsing: address.contactAddress) == address)
    }

    @Test(arguments: try file().cases.filter { !$0.valid })
    func whatHTCondorRefuses(item: Case) {
        #expect(Sinful(item.in) == nil)
        #expect(throws: WireError(.badString)) { try Sinful(parsing: item.in) }
    }

    @Test(arguments: try file().choose)
    func whichEndpointHTCondorChooses(item: Choice) throws {
        #expect(try Sinful(parsing: item.in).choosingAddress()?.description == item.chosen)
    }

    @Test(arguments: [
        "", "<", ">", "<>x", "<1.2.3.4:9618", "1.2.3.4:9618>", "<[::1>", "<[::1]x>", "<1.2.3.4:65536>",
        "<1.2.3.4:99999999999999999999>", "<1.2.3.4:9618\n>", "<1.2.3.4:9618?x=%0a>", "<1.2.3.4:9618?x=%00>",
        "<1.2.3.4:9618?x=%ff>", "<[a?b]:1>", "<a[b:1>", "<<a:1>", "<1.2.3.4:9618?addrs=1.2.3.4>",
        "<1.2.3.4:9618?addrs=1.2.3.4-99999>",
        "<1.2.3.4:9618?addrs=1.2.3.4-1+host-2>", "{", "{[ ]}", "{[ p=\"primary\"; ]}", "{[ p=\"primary\"; a=\"x",
        "{[ p=\"primary\"; a=\"\"; port=x; n=\"\"; ]}",
    ])
    func malformedTextsAreRefused(text: String) { #expect(Sinful(text) == nil) }

    @Test func overlongTextsAreRefused() {
        #expect(Sinful("<1.2.3.4:1?x=" + String(repeating: "a", count: Sinful.maximumLength) + ">") == nil)
    }

    @Test func parametersAreSetAndRemoved() throws {
        var address = Sinful(host: "1.2.3.4", port: 9618)
        try address.set("sock", to: "a b")
        try address.set("noUDP", to: "")
        address.setAddresses([
            try #require(Sinful.Endpoint(host: "1.2.3.4", port: 9618)),
            try #require(Sinful.Endpoint(host: "2001:db8::1", port: 1)),
        ])
        #expect(address.description == "<1.2.3.4:9618?addrs=1.2.3.4-9618+[2001-db8--1]-1&noUDP&sock=a%20b>")
        try address.set("sock", to: nil)
        address.setAddresses([])
        #expect(address.description == "<1.2.3.4:9618?noUDP>")
    }

    @Test(arguments: [("host", 1), ("[::1]", 1), ("1.2.3.4", 65_536), ("1.2.3.4", -1), ("1.2.3", 1)])
    func anEndpointIsALiteralWithAPort(host: String, port: Int) {
        #expect(Sinful.Endpoint(host: host, port: port) == nil)
    }

    @Test func ipv6IsChosenWhereEnabled() throws {
        let address = try Sinful(parsing: "<1.2.3.4:9618?addrs=10.0.0.1-1+[2001-db8--1]-2>")
        #expect(address.choosingAddress(ipv4: true, ipv6: true)?.host == "2001:db8::1")
        #expect(address.choosingAddress(ipv4: false, ipv6: true)?.port == 2)
        #expect(address.choosingAddress(ipv4: false, ipv6: false) == nil)
    }

    @Test(arguments: [
        ("8.8.8.8", 5), ("10.1.2.3", 4), ("172.31.0.1", 4), ("172.32.0.1", 5), ("192.168.0.1", 4), ("169.254.0.1", 3),
        ("127.0.0.1", 2), ("::1", 2), ("fe80::1", 1), ("fd00::1", 4), ("2001:db8::1", 5),
    ])
    func desirabilityOfAddresses(literal: String, rank: Int) {
        #expect(IPLiteral(literal)?.desirability == rank)
    }

    @Test(arguments: [("<>", nil), ("<1.2.3.4>", nil), ("<1.2.3.4:0>", nil), ("<1.2.3.4:5>", "1.2.3.4:5")])
    func aTargetHasHostAndPort(text: String, target: String?) throws {
        #expect(try Sinful(parsing: text).target().map { "\($0.host):\($0.port)" } == target)
    }

    // MARK: Private networks and CCB

    @Test func inItsOwnNetworkADaemonIsReachedDirectly() throws {
        let address = try Sinful(parsing: "<1.2.3.4:9618?CCBID=5.6.7.8:9618#1&PrivNet=n&alias=vm>")
        #expect(try address.seen(from: "n").ccb == nil)
        #expect(try address.seen(from: "m").ccb == "5.6.7.8:9618#1")
        #expect(try address.seen(from: nil) == address)
    }

    @Test func aPrivateAddressTakesThePlaceOfThePublicOne() throws {
        let address = try Sinful(parsing: "<1.2.3.4:9618?PrivAddr=%3c10.0.0.1:9618%3fsock%3dz%3e&PrivNet=n&alias=vm>")
        #expect(try address.seen(from: "n").description == "<10.0.0.1:9618?alias=vm&sock=z>")
    }

    @Test func contactsAreTakenApart() throws {
        let address = try Sinful(
            parsing: "<1.2.3.4:9618?CCBID=5.6.7.8:9618%3fsock%3dap_collector#12%209.9.9.9:9618#3#4&PrivNet=n>")
        let contacts = try address.ccbContacts
        #expect(contacts.map(\.id) == ["12", "3#4"])
        #expect(contacts.map(\.broker.description) == ["<5.6.7.8:9618?sock=ap_collector>", "<9.9.9.9:9618>"])
        #expect(contacts.map(\.description) == ["5.6.7.8:9618?sock=ap_collector#12", "9.9.9.9:9618#3#4"])
    }

    @Test(arguments: ["1.2.3.4:5", "#1", "1.2.3.4:5#", "<1.2.3.4#1"])
    func malformedContactsAreRefused(text: String) {
        #expect(throws: WireError(.badString)) { try CCBContact(text) }
    }
}
