package import CEDAR

/// What the program around a ``ScheddModel`` has to do.
package enum ScheddAction: Sendable {
    /// Send this to the collector.
    case update(CollectorUpdate)
    /// The sessions that can be resumed have changed.
    case session(SessionChange)
    /// Ask the startd for a slot; then ``ScheddModel/claimAnswered(_:reply:now:)``.
    case requestClaim(address: String, claim: ClaimID, ClaimRequest)
    /// Ask the startd to run a job; then ``ScheddModel/activationAnswered(_:reply:now:)``.
    case activate(address: String, claim: ClaimID, ActivationRequest)
    /// After this many seconds call ``ScheddModel/jobDurationPassed(_:now:)``.
    case runJob(seconds: Double, claim: ClaimID)
    /// Tell the startd that the job is done; then ``ScheddModel/deactivated(_:willStartAnother:now:)``.
    case deactivate(address: String, claim: ClaimID)
    /// Give the claim back; no answer.
    case release(address: String, claim: ClaimID)
    /// For the log.
    case event(SimulationEvent)
}

/// What becomes of a negotiator's connection after a message.
package enum NegotiationOutcome: Sendable {
    /// Send these and wait for more.
    case keepOpen([ScheddMessage])
    /// Close without a word.
    case close
}
