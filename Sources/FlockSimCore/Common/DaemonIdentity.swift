import CEDAR
package import ClassAds

/// Who a simulated daemon says it is: what every daemon puts into every ad (spec 04, 5.5).
package struct DaemonIdentity: Sendable {
    /// `Name` of its own ad.
    package var name: String
    /// `Machine`; also the alias in its address.
    package var machine: String
    /// Where it listens.
    package var host: String
    /// Where it listens.
    package var port: Int
    /// Seconds since 1970.
    package var startTime: Int64

    /// A daemon that listens on `host:port`.
    package init(name: String, machine: String, host: String, port: Int, startTime: Int64) {
        self.name = name
        self.machine = machine
        self.host = host
        self.port = port
        self.startTime = startTime
    }

    /// The version string of every simulated daemon; new enough for all that a broker asks for (spec 04, 2.4).
    package static let version = "$CondorVersion: 25.14.0 2026-01-01 BuildID: flocksim $"

    /// The address in the form of HTCondor's daemons (spec 06, 1).
    package var address: String {
        "<\(host):\(port)?addrs=\(host)-\(port)&alias=\(machine)>"
    }

    /// Puts in what identifies the daemon and says when the ad was made.
    package func publish(into ad: inout ClassAd, now: Int64) {
        ad.set(AttributeName.machine, machine)
        ad.set(AttributeName.myAddress, address)
        ad.set(AttributeName.addressV1, addressV1)
        ad.set(AttributeName.privateNetworkName, machine)
        ad.set(AttributeName.condorVersion, Self.version)
        ad.set(AttributeName.myCurrentTime, Int(now))
    }

    /// Puts in what an update to a collector carries besides the ad itself.
    ///
    /// - Parameter sequence: counts the updates of this ad's name, from 1.
    package func publishUpdate(into ad: inout ClassAd, sequence: Int) {
        ad.set(AttributeName.daemonStartTime, Int(startTime))
        ad.set(AttributeName.daemonLastReconfigTime, Int(startTime))
        ad.set(AttributeName.updateSequenceNumber, sequence)
    }

    private var addressV1: String {
        let rest = #"a="\#(host)"; port=\#(port); n="Internet"; alias="\#(machine)"; ]"#
        return #"{[ p="primary"; \#(rest), [ p="IPv4"; \#(rest)}"#
    }
}

/// Counts the updates of each ad a daemon sends (spec 04, 5.5).
package struct UpdateSequence: Sendable {
    private var counts: [String: Int] = [:]

    /// Nothing was sent yet.
    package init() {}

    /// The number of the next update of the ad of this name.
    package mutating func next(_ name: String) -> Int {
        counts[name, default: 0] += 1
        return counts[name] ?? 1
    }
}
