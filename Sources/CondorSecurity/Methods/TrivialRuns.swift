import CEDAR

/// CLAIMTOBE at the server: believes a name, if the environment does (spec 03, 6.1).
struct ClaimToBeServerRun: AuthenticationRun {
    /// Longest name in bytes.
    static let maximumName = 1023

    let context: ServerMethodContext

    func start() -> MethodProgress { .nothing }

    func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        let name = try decoding { () throws(WireError) in
            let name = try reader.readInteger() == 1 ? reader.readString() ?? "" : nil
            try reader.finish()
            return name
        }
        guard var name else { return .failed }
        guard 1...Self.maximumName ~= name.utf8.count else {
            throw SecurityRefusal(.malformedMessage, method: .claimToBe, "a name of \(name.utf8.count) bytes")
        }
        if !name.contains("@") { name += "@" + context.environment.uidDomain }
        switch context.environment.verifyClaim(name, peer: context.peer, now: now) {
        case .success(let credential):
            return .send(
                clearMessage { $0.write(1) },
                then: .succeeded(MethodResult(credential: credential, limits: [context.level])))
        case .failure(let refusal):
            let refusal = SecurityRefusal(
                .credentialRefused, method: .claimToBe, capabilityID: refusal.publicID, refusal.reason)
            return MethodProgress(
                actions: [.refused(refusal), .send(clearMessage { $0.write(0) })], outcome: .failed)
        }
    }
}

/// ANONYMOUS at the server: nobody in particular, who may read at most (spec 02, 5.1).
struct AnonymousServerRun: AuthenticationRun {
    func start() -> MethodProgress {
        let credential = VerifiedCredential(user: Identity.anonymousUser)
        return .send(
            clearMessage { $0.write(1) }, then: .succeeded(MethodResult(credential: credential, limits: [.read])))
    }

    func received(_ reader: inout MessageReader, now: Int64) -> MethodProgress {
        preconditionFailure("the method ended with its first message")
    }
}

/// CLAIMTOBE at the client (spec 03, 6.1).
struct ClaimToBeClientRun: AuthenticationRun {
    let user: String

    func start() -> MethodProgress {
        .send(
            clearMessage {
                $0.write(1)
                $0.write(user)
            })
    }

    func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        try verdict(&reader, good: 1)
    }
}

/// ANONYMOUS at the client (spec 03, 6.2).
struct AnonymousClientRun: AuthenticationRun {
    func start() -> MethodProgress { .nothing }

    func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        try verdict(&reader, good: 1)
    }
}

/// A server's last message of a method that proves nothing about the server: one integer.
func verdict(_ reader: inout MessageReader, good: Int64) throws(SecurityRefusal) -> MethodProgress {
    let verdict = try decoding { () throws(WireError) in
        let verdict = try reader.readInteger()
        try reader.finish()
        return verdict
    }
    guard verdict == good else { return .failed }
    let server = VerifiedCredential(user: Identity.unauthenticatedUser)
    return MethodProgress(outcome: .succeeded(MethodResult(credential: server)))
}
