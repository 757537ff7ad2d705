package import CEDAR

/// What the program around a ``StartdModel`` has to do.
package enum StartdAction: Sendable {
    /// Send this to the collector.
    case update(CollectorUpdate)
    /// The sessions that can be resumed have changed.
    case session(SessionChange)
    /// Connect to the schedd, in the session of the claim, and say this.
    case tellSchedd(address: String, claim: ClaimID, ScheddNotice)
    /// The job of this claim has ended: close the connection on which its shadow waits (spec 05, 3.4).
    case closeStarter(session: String)
    /// For the log.
    case event(SimulationEvent)
    /// The invalidations are out; the daemon is gone.
    case stopped
}

/// What a startd tells the schedd that holds a claim (spec 05, 3.4).
package enum ScheddNotice: Sendable, Equatable {
    /// The claim is over.
    case released
    /// The claim is still there; an answer of -1 ends it.
    case alive
}

/// One job that ran, or runs, on a simulated startd.
package struct JobRecord: Sendable, Equatable {
    /// `cluster.proc`.
    package var job: String
    /// Account name of the job's owner.
    package var owner: String
    /// `FlockTarget` of the job.
    package var tag: String?
    /// Name of the slot.
    package var slot: String
    /// `AnnexName` of the startd.
    package var annex: String?
    /// Seconds since 1970.
    package var startedAt: Int64
    /// `nil` while it runs.
    package var endedAt: Int64?
}

/// How a startd is to stop (spec 04, 11.2).
package enum ShutdownManner: String, Sendable {
    /// Evict at once.
    case fast
    /// Evict, letting jobs clean up; simulated jobs need no time for it.
    case graceful
    /// Let jobs end first.
    case peaceful
}
