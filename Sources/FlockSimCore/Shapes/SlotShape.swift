extension RecordedShape {
    /// Attributes that every ad of every slot carries with the same value (recorded from a 25.14.0 startd).
    static let slot = machine.adding(
        #"""
        MyType = "Machine"
        CpuBusy = false
        LoadAvg = 1.03
        NumPids = 0
        ClockMin = 1357
        TotalGPUs = 0
        SlotWeight = Cpus
        TargetType = "Job"
        ConsoleIdle = 1210
        Unhibernate = MY.MachineLastMatchTime =!= undefined
        DetectedGPUs = 0
        KeyboardIdle = 1210
        TotalLoadAvg = 1.03
        CondorLoadAvg = 0.0
        ExecuteVolume = "65024"
        LastBenchmark = 0
        TotalSlotGPUs = 0
        VirtualMemory = 24684084
        MonitorSelfAge = 0
        CondorScratchDir = "#CoNdOrScRaTcHdIr#"
        HasStartDaemonAd = true
        NextFetchWorkDelay = -1
        DaemonCoreDutyCycle = 0.0006045512510718387
        LastFetchWorkSpawned = 0
        MachineMaxVacateTime = 10 * 60
        MonitorSelfImageSize = 22672
        AcceptedWhileDraining = false
        LastFetchWorkCompleted = 0
        RetirementTimeRemaining = 0
        RecentDaemonCoreDutyCycle = 0.0006045512510718387
        MonitorSelfResidentSetSize = 16560
        MonitorSelfSecuritySessions = 2
        """#)

    /// Policy attributes that only the ad in the answer to `REQUEST_CLAIM` carries (spec 05, 3.3).
    static let claimedSlot = RecordedShape(
        #"""
        KILL = false
        IsOwner = false
        PREEMPT = false
        SUSPEND = false
        CONTINUE = true
        WANT_HOLD = false
        WANT_VACATE = true
        WANT_SUSPEND = false
        RunBenchmarks = false
        CLAIM_WORKLIFE = 1200
        PERIODIC_CHECKPOINT = ((time() - LastPeriodicCheckpoint) / 60.0) > (180.0 + 15)
        """#)
}
