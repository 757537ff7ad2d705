extension RecordedShape {
    /// Constant attributes of a submitter ad (recorded from a 25.14.0 schedd).
    static let submitter = RecordedShape(
        #"""
        MyType = "Submitter"
        WantResAd = true
        CondorPlatform = "$CondorPlatform: X86_64-Debian_12 $"
        JobsExited = 0
        JobsKilled = 0
        JobsRunning = 0
        JobsStarted = 0
        JobsCompleted = 0
        LocalJobsIdle = 0
        OCUWantedJobs = 0
        JobsExecFailed = 0
        OCURunningJobs = 0
        JobsBadputSizes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        JobsRunningSizes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        LocalJobsRunning = 0
        OCUClaimsClaimed = 0
        RecentJobsExited = 0
        RecentJobsKilled = 0
        JobsExitException = 0
        OCUClaimsBorrowed = 0
        RecentJobsStarted = 0
        SchedulerJobsIdle = 0
        JobsBadputRuntimes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        JobsCompletedSizes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        JobsExitedNormally = 0
        JobsUnmaterialized = 0
        JobsAccumBadputTime = 0
        JobsRunningRuntimes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        RecentJobsCompleted = 0
        JobsAccumExecuteTime = 0
        JobsAccumRunningTime = 0
        JobsAccumTimeToStart = 0
        RecentJobsExecFailed = 0
        SchedulerJobsRunning = 0
        JobsCompletedRuntimes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        RecentJobsBadputSizes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        JobsAccumPreExecuteTime = 0
        RecentJobsExitException = 0
        JobsAccumPostExecuteTime = 0
        RecentJobsBadputRuntimes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        RecentJobsCompletedSizes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        RecentJobsExitedNormally = 0
        RecentJobsAccumBadputTime = 0
        RecentJobsAccumExecuteTime = 0
        RecentJobsAccumRunningTime = 0
        RecentJobsAccumTimeToStart = 0
        RecentJobsCompletedRuntimes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        RecentJobsAccumPreExecuteTime = 0
        JobsAccumExceptionalBadputTime = 0
        RecentJobsAccumPostExecuteTime = 0
        RecentJobsAccumExceptionalBadputTime = 0
        """#)
}
