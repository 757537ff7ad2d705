extension RecordedShape {
    /// Constant attributes of a master's ad (recorded from a 25.14.0 master).
    static let master = RecordedShape(
        #"""
        MyType = "DaemonMaster"
        RealUid = 65534
        CondorPlatform = "$CondorPlatform: X86_64-Debian_12 $"
        MonitorSelfAge = 1
        MASTER_Timestamp = 1795383974
        STARTD_Timestamp = 1795383976
        LinuxCapabilities = "0x0"
        DaemonCoreDutyCycle = 0.0002409165072743136
        MonitorSelfCPUUsage = 1.0
        MonitorSelfImageSize = 24676
        RecentDaemonCoreDutyCycle = 0.0002409165072743136
        MonitorSelfResidentSetSize = 16016
        MonitorSelfSecuritySessions = 2
        MonitorSelfRegisteredSocketCount = 1
        """#)
}
