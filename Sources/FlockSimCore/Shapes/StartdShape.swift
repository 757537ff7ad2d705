extension RecordedShape {
    /// Constant attributes of a startd's daemon ad (recorded from a 25.14.0 startd).
    static let startd = machine.adding(
        #"""
        MyType = "StartD"
        ClockMin = 1330
        TotalLoadAvg = 2.01
        LastBenchmark = 1795385453
        ExecuteVolumes = { "65024" }
        MonitorSelfAge = 1
        AvgTransferInputMB = 0.0
        ExcessBackfillCpus = 0.0
        ExcessBackfillDisk = 0
        AvgTransferOutputMB = 0.0
        DaemonCoreDutyCycle = 0.0005227024640569455
        ExcessBackfillMemory = 0
        MonitorSelfImageSize = 22320
        TotalTransferInputMB = 0.0
        TotalTransferOutputMB = 0.0
        TotalBackfillInUseCpus = 0.0
        TotalBackfillInUseDisk = 0
        TotalBackfillInUseMemory = 0
        RecentDaemonCoreDutyCycle = 0.0005227024640569455
        MonitorSelfResidentSetSize = 16220
        MonitorSelfSecuritySessions = 3
        """#)
}
