import CEDAR
import Cryptography

/// FS at the server: the client makes a directory that shows who it is (spec 03, 5).
///
/// The file system is touched by the caller alone. A path ends in `_`, which invites clients to append their view of
/// our address, so that nobody in between can pass our challenge on to them.
struct FilesystemServerRun: AuthenticationRun {
    /// Longest extension in bytes.
    static let maximumExtension = 256

    private enum State {
        case idle
        case awaitingDirectory(path: String)
        case inspecting(path: String)
        case over
    }

    private let context: ServerMethodContext
    private var state = State.idle

    init(context: ServerMethodContext) { self.context = context }

    mutating func start() -> MethodProgress {
        let name = "FS_\(context.local.host)_\(context.local.port)_\(Hex.encode(context.random.bytes(8)))_"
        let path = context.environment.fsDirectory + "/" + name
        state = .awaitingDirectory(path: path)
        return .send(clearMessage { $0.write(path) })
    }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        guard case .awaitingDirectory(let path) = state else {
            throw SecurityRefusal(.unexpectedMessage, method: .fs, "while a directory is inspected")
        }
        let (result, appended) = try decoding { () throws(WireError) in
            let result = try reader.readInteger()
            let appended = reader.isAtEnd ? "" : try reader.readString() ?? ""
            try reader.finish()
            return (result, appended)
        }
        guard result == 0 else { return refused("the client made no directory") }
        guard appended.isEmpty || isOurs(appended) else { return refused("the client sees another address of ours") }
        state = .inspecting(path: path + appended)
        return MethodProgress(actions: [.inspectDirectory(path: path + appended)])
    }

    mutating func directoryInspected(_ owner: DirectoryOwner?, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        guard case .inspecting(let path) = state else { preconditionFailure("no directory was asked for") }
        state = .over
        let removal = MethodProgress(actions: [.removeDirectory(path: path)])
        guard let owner, owner.isProof else {
            let refusal = refused("the directory is missing or not as it should be")
            return MethodProgress(actions: refusal.actions + removal.actions, outcome: .failed)
        }
        switch context.environment.verifyAccount(owner, peer: context.peer, now: now) {
        case .success(let credential):
            return .send(clearMessage { $0.write(0) })
                .followed(by: removal)
                .followed(by: MethodProgress(outcome: .succeeded(MethodResult(credential: credential))))
        case .failure(let reason):
            let refusal = refused(reason.reason)
            return MethodProgress(actions: refusal.actions + removal.actions, outcome: .failed)
        }
    }

    /// Whether an extension names our own end of the connection, or a published address, and our shared-port id.
    private func isOurs(_ appended: String) -> Bool {
        guard appended.utf8.count <= Self.maximumExtension, !appended.utf8.contains(UInt8(ascii: "/")) else {
            return false
        }
        let parts = appended.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let address = String(parts[0])
        let bare = "\(context.local.host):\(context.local.port)"
        guard
            [context.local.description, bare].contains(address)
                || context.environment.publishedAddresses.contains(address)
        else { return false }
        guard parts.count == 2 else { return true }
        return context.environment.sharedPortID.map { parts[1] == "sock=" + $0 } ?? false
    }

    private mutating func refused(_ detail: String) -> MethodProgress {
        state = .over
        return MethodProgress(
            actions: [
                .refused(SecurityRefusal(.methodFailed, method: .fs, detail)), .send(clearMessage { $0.write(-1) }),
            ], outcome: .failed)
    }
}
