package import CondorSecurity
import Glibc

/// What the system's resolver knows of hosts; its questions take as long as the resolver takes.
package struct NameLookup: Sendable {
    /// An answer.
    package enum Answer: Sendable, Equatable {
        /// These, and perhaps none.
        case found([String])
        /// Nobody could say.
        case failed
    }

    /// The names of an address, as its reverse entry has them.
    package var names: @Sendable (_ address: IPAddress) -> Answer
    /// The addresses of a name.
    package var addresses: @Sendable (_ name: String) -> Answer

    /// A source of answers; tests give their own.
    package init(
        names: @escaping @Sendable (IPAddress) -> Answer, addresses: @escaping @Sendable (String) -> Answer
    ) {
        self.names = names
        self.addresses = addresses
    }

    /// The system's resolver.
    package static let system = NameLookup(names: systemNames, addresses: systemAddresses)

    /// Names of one host that are kept.
    private static let maximumNames = 16

    /// The names of a host that can be believed: each leads back to the address.
    ///
    /// An address has the names of its reverse entry, whose owner may write there what he likes, and those of `expected`
    /// that resolve to it. Source: `src/condor_utils/ipv6_hostname.cpp`, get_hostname_with_alias.
    package func confirmedNames(of address: IPAddress, expected: [String]) -> Answer {
        var isComplete = true
        var candidates = expected
        switch names(address) {
        case .found(let names):
            candidates += names.prefix(Self.maximumNames).map { $0.lowercased() }.filter { !expected.contains($0) }
        case .failed: isComplete = false
        }
        var confirmed: [String] = []
        for name in candidates {
            switch addresses(name) {
            case .found(let found): if found.contains(where: { IPAddress($0) == address }) { confirmed.append(name) }
            case .failed: isComplete = false
            }
        }
        return confirmed.isEmpty && !isComplete ? .failed : .found(confirmed)
    }

    /// `EAI_NODATA` and `EAI_ADDRFAMILY` of glibc, which hides them behind a macro.
    private static let noAddress: Int32 = -5
    private static let noAddressOfFamily: Int32 = -9

    @Sendable private static func systemNames(_ address: IPAddress) -> Answer {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
            let code = withSocketAddress(address) { pointer, size in
                getnameinfo(pointer, size, buffer.baseAddress, socklen_t(buffer.count), nil, 0, NI_NAMEREQD)
            }
            switch code {
            case 0: return .found(buffer.baseAddress.map { [String(cString: $0)] } ?? [])
            case EAI_NONAME: return .found([])
            default: return .failed
            }
        }
    }

    @Sendable private static func systemAddresses(_ name: String) -> Answer {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        switch getaddrinfo(name, nil, &hints, &list) {
        case 0: break
        case EAI_NONAME, noAddress, noAddressOfFamily: return .found([])
        default: return .failed
        }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee, found.count < maximumNames * 4 {
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
                let code = getnameinfo(
                    entry.ai_addr, entry.ai_addrlen, buffer.baseAddress, socklen_t(buffer.count), nil, 0,
                    NI_NUMERICHOST)
                if code == 0, let text = buffer.baseAddress { found.append(String(cString: text)) }
            }
            next = entry.ai_next
        }
        return .found(found)
    }

    private static func withSocketAddress<R>(
        _ address: IPAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var storage = sockaddr_storage()
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let size: Int
            if address.bytes.count == 4 {
                size = MemoryLayout<sockaddr_in>.size
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { short in
                    short.pointee.sin_family = sa_family_t(AF_INET)
                    withUnsafeMutableBytes(of: &short.pointee.sin_addr) { $0.copyBytes(from: address.bytes) }
                }
            } else {
                size = MemoryLayout<sockaddr_in6>.size
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { long in
                    long.pointee.sin6_family = sa_family_t(AF_INET6)
                    withUnsafeMutableBytes(of: &long.pointee.sin6_addr) { $0.copyBytes(from: address.bytes) }
                }
            }
            return pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }

    /// The addresses of this host's interfaces.
    package static func localAddresses() -> Set<IPAddress> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: Set<IPAddress> = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr else { continue }
            let size: Int
            switch Int32(address.pointee.sa_family) {
            case AF_INET: size = MemoryLayout<sockaddr_in>.size
            case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
            default: continue
            }
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
                let code = getnameinfo(
                    address, socklen_t(size), buffer.baseAddress, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
                if code == 0, let text = buffer.baseAddress, let parsed = IPAddress(String(cString: text)) {
                    found.insert(parsed)
                }
            }
        }
        return found
    }
}
