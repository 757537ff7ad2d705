/// A moment around a commit at which a test may end the process, to see what a restart finds.
package struct FaultPoint: Hashable, Sendable, RawRepresentable, CaseIterable {
    /// The two sides of a commit.
    package enum Stage: String, Sendable, CaseIterable {
        /// Everything of the group is written, nothing is committed.
        case beforeCommit
        /// The group is on disk; nobody has been told yet.
        case afterCommit
    }

    /// Which side of the commit.
    package let stage: Stage
    /// The change whose group it is.
    package let kind: Change.Kind

    /// Names a moment.
    package init(_ stage: Stage, _ kind: Change.Kind) {
        self.stage = stage
        self.kind = kind
    }

    /// Reads a name such as `beforeCommit.capabilityRevoked`.
    package init?(rawValue: String) {
        let parts = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let stage = Stage(rawValue: String(parts[0])),
            let kind = Change.Kind(rawValue: String(parts[1]))
        else { return nil }
        self.init(stage, kind)
    }

    /// The name.
    package var rawValue: String { "\(stage.rawValue).\(kind.rawValue)" }

    /// All moments, for a test that goes through them.
    package static var allCases: [FaultPoint] {
        Stage.allCases.flatMap { stage in Change.Kind.allCases.map { FaultPoint(stage, $0) } }
    }
}

/// Told of every ``FaultPoint`` that is passed, on the writer's thread.
package protocol FaultInjecting: Sendable {
    /// The writer has come to `point`, once for each change of that kind in the group.
    func reached(_ point: FaultPoint)
}

/// What the daemon uses: nothing happens.
package struct NoFaults: FaultInjecting {
    /// Makes one.
    package init() {}
    /// Does nothing.
    package func reached(_ point: FaultPoint) {}
}
