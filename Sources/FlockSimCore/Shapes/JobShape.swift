extension RecordedShape {
    /// Attributes that every job of a simulated schedd has (recorded from a 25.14.0 schedd).
    static let job = RecordedShape(
        #"""
        CondorVersion = "$CondorVersion: 25.14.0 2026-01-01 BuildID: flocksim $"
        SubmitVersion = "$CondorVersion: 25.14.0 2026-01-01 BuildID: flocksim $"
        In = "/dev/null"
        Cmd = "/bin/sh"
        Err = "job.err"
        Iwd = "/home/user"
        Out = "job.out"
        Rank = 0.0
        MyType = "Job"
        UserLog = "/home/user/job.log"
        MaxHosts = 1
        MinHosts = 1
        NumCkpts = 0
        Arguments = "-c true"
        DiskUsage = 125
        ImageSize = 125
        JobStatus = 1
        StreamErr = false
        StreamOut = false
        ExitStatus = 0
        TargetType = "Machine"
        TransferIn = false
        Environment = ""
        JobUniverse = 5
        NumRestarts = 0
        CurrentHosts = 0
        ExitBySignal = false
        NumCkpts_RAW = 0
        NumJobStarts = 0
        RemoteSysCpu = 0.0
        Requirements = (TARGET.Arch == "X86_64") && (TARGET.OpSys == "LINUX") && (versionGE(split(TARGET.Con\#
        dorVersion)[1],"25.12.0") || (TARGET.Disk >= RequestDisk)) && (TARGET.Memory >= RequestMemory) && (T\#
        ARGET.HasFileTransfer)
        CommittedTime = 0
        DiskUsage_RAW = 123
        ImageSize_RAW = 123
        JobSubmitFile = "job.sub"
        RemoteUserCpu = 0.0
        CondorPlatform = "$CondorPlatform: X86_64-Debian_12 $"
        ExecutableSize = 125
        NumSystemHolds = 0
        JobNotification = 0
        JobSubmitMethod = 0
        LeaveJobInQueue = false
        JobLeaseDuration = 2400
        TotalSuspensions = 0
        CommittedSlotTime = 0
        NumJobCompletions = 0
        CumulativeSlotTime = 0
        ExecutableSize_RAW = 123
        LastSuspensionTime = 0
        TransferExecutable = false
        RemoteWallClockTime = 0.0
        ShouldTransferFiles = "YES"
        TransferInputSizeMB = 1
        WhenToTransferOutput = "ON_EXIT"
        CumulativeRemoteSysCpu = 0.0
        CommittedSuspensionTime = 0
        CumulativeRemoteUserCpu = 0.0
        CumulativeSuspensionTime = 0
        """#)
}
