import Foundation
import Glibc

/// A server that takes connections and dies in the face of whoever made them.
final class DyingServer: Sendable {
    /// How far it gets.
    enum Death: CaseIterable {
        /// It never reads what it is sent.
        case beforeReading
        /// It reads the first message and is gone in good order.
        case afterReading
        /// It reads the first message, and the connection is reset.
        case byReset
    }

    private let descriptor: Int32
    /// Where it listens.
    let port: Int

    init(_ death: Death) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard status else {
            let code = errno
            Glibc.close(descriptor)
            throw SocketFailure(call: "listen", code: code)
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        // A thread, because accepting blocks; it ends with the socket.
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                if death != .beforeReading {
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    _ = recv(connection, &buffer, buffer.count, 0)
                }
                if death == .byReset {
                    var linger = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(
                        connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                }
                Glibc.close(connection)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        Glibc.close(descriptor)
    }
}
