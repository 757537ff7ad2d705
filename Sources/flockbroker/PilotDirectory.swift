import ClassAds
import Glibc

/// The directory that a researcher copies to the login node: everything a pilot needs to register.
struct PilotDirectory {
    let path: String

    /// Makes the directory, before anything is asked of the broker; nothing may be there yet.
    func prepare() throws { try make(path) }

    /// Takes back ``prepare()`` when the broker said no.
    func discard() {
        // Files of a half-written directory stay for the user to see; an empty one goes.
        _ = rmdir(path)
    }

    /// Fills the directory from the broker's reply.
    ///
    /// - Throws: ``Failure`` naming the file that could not be written.
    func write(_ reply: ClassAd) throws {
        guard case .list(let lines) = reply.evaluate("PilotConfiguration"),
            let secret = reply.string("_condor_privCapability")
        else {
            throw Failure(message: "the broker's reply is incomplete", code: ExitStatus.failure)
        }
        switch reply.string("Method") {
        case "IDTOKENS":
            try make("\(path)/tokens.d")
            try file("tokens.d/annex", secret + "\n", mode: 0o600)
        default:
            try file("annex.cap", secret + "\n", mode: 0o600)
            guard let authority = reply.string("CaCertificate") else {
                throw Failure(message: "the broker's reply is incomplete", code: ExitStatus.failure)
            }
            try file("broker-ca.pem", authority, mode: 0o644)
        }
        try make("\(path)/passwords.d")
        let configuration = lines.values().compactMap(\.stringValue).joined(separator: "\n")
        try file("pilot.conf", configuration, mode: 0o644)
    }

    private func make(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else {
            throw Failure(
                message: "cannot create \(path): \(String(cString: strerror(errno)))", code: ExitStatus.failure)
        }
    }

    private func file(_ name: String, _ content: String, mode: mode_t) throws {
        let full = "\(path)/\(name)"
        let descriptor = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw Failure(
                message: "cannot write \(full): \(String(cString: strerror(errno)))", code: ExitStatus.failure)
        }
        defer { close(descriptor) }
        var bytes = Array(content.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                throw Failure(
                    message: "cannot write \(full): \(String(cString: strerror(errno)))", code: ExitStatus.failure)
            }
            bytes = bytes.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else {
            throw Failure(message: "cannot write \(full)", code: ExitStatus.failure)
        }
    }
}
