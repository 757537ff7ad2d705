import CEDAR

/// FS at the client: makes the directory the server names, and removes it afterwards (spec 03, 5).
///
/// Only paths that carry the server's address are made, so that nobody can have us answer another server's challenge.
struct FilesystemClientRun: AuthenticationRun {
    /// Longest path in bytes.
    static let maximumPath = 4000

    private enum State {
        case awaitingPath
        case making(path: String, appended: String)
        case awaitingVerdict(made: String?)
    }

    private let server: PeerAddress
    private let sharedPortID: String?
    private var state = State.awaitingPath

    /// A run against the server at that address, reached through a shared port if there is an id.
    init(server: PeerAddress, sharedPortID: String?) {
        self.server = server
        self.sharedPortID = sharedPortID
    }

    func start() -> MethodProgress { .nothing }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        switch state {
        case .awaitingPath:
            return make(
                try decoding { () throws(WireError) in
                    let path = try reader.readString() ?? ""
                    try reader.finish()
                    return path
                })
        case .making:
            throw SecurityRefusal(.unexpectedMessage, method: .fs, "while a directory is made")
        case .awaitingVerdict(let made):
            let end = try verdict(&reader, good: 0)
            guard let made else { return .failed }
            return MethodProgress(actions: [.removeDirectory(path: made)], outcome: end.outcome)
        }
    }

    mutating func directoryMade(_ made: Bool) -> MethodProgress {
        guard case .making(let path, let appended) = state else { preconditionFailure("no directory was asked for") }
        return answer(made: made ? path : nil, appended: appended)
    }

    private mutating func make(_ path: String) -> MethodProgress {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard path.hasPrefix("/"), path.utf8.count <= Self.maximumPath,
            name.hasPrefix("FS_"), !path.split(separator: "/").contains("..")
        else { return answer(made: nil, appended: "") }
        if name.hasSuffix("_") {
            let appended = server.description + (sharedPortID.map { "?sock=" + $0 } ?? "")
            state = .making(path: path + appended, appended: appended)
            return MethodProgress(actions: [.makeDirectory(path: path + appended)])
        }
        guard name.hasPrefix("FS_\(server.host)_\(server.port)_") else { return answer(made: nil, appended: "") }
        state = .making(path: path, appended: "")
        return MethodProgress(actions: [.makeDirectory(path: path)])
    }

    private mutating func answer(made: String?, appended: String) -> MethodProgress {
        state = .awaitingVerdict(made: made)
        return .send(
            clearMessage {
                $0.write(made == nil ? -1 : 0)
                if !appended.isEmpty { $0.write(appended) }
            })
    }
}
