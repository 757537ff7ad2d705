import BrokerCore
import Testing

@Suite struct FlockLocksTests {
    @Test func allMeansEveryNamedLock() {
        #expect(FlockLocks.all.rawValue == 0b111111)
        #expect(FlockLocks.named.count == 6)
    }

    @Test func locksAreOpenedByName() {
        #expect(
            FlockLocks(allBut: ["ownerCheck", "tagCheck"]) == FlockLocks.all.subtracting([.ownerCheck, .tagCheck]))
    }

    @Test func aNameThatIsNoLockOpensNothing() {
        #expect(FlockLocks(allBut: ["ownercheck", "", "all"]) == .all)
    }
}
