package import CEDAR
package import ClassAds
import Cryptography

extension ClassAd {
    /// `cluster.proc` of a job ad.
    package var jobID: String { "\(integer("ClusterId") ?? -1).\(integer("ProcId") ?? -1)" }

    /// An event about the job whose ad this is.
    package func event(
        _ kind: SimulationEvent.Kind, slot: String? = nil, annex: String? = nil, claim: String? = nil,
        reason: String? = nil
    ) -> SimulationEvent {
        SimulationEvent(
            kind, job: jobID, owner: string("Owner"), tag: string("FlockTarget"), slot: slot, annex: annex,
            claim: claim, reason: reason)
    }
}

extension ClaimID {
    /// Whether a peer presented exactly this string; takes the same time for every wrong secret.
    package func matches(_ presented: String) -> Bool {
        constantTimeEqual(Array(text.utf8), Array(presented.utf8))
    }
}
