import CEDAR

/// Names that only real or simulated peers use, in HTCondor's spelling.
extension AttributeName {
    /// `AccountingGroup`.
    static let accountingGroup = "AccountingGroup"
    /// `AcctGroupUser`.
    static let acctGroupUser = "AcctGroupUser"
    /// `ChildAccountingGroup`.
    static let childAccountingGroup = "ChildAccountingGroup"
    /// `ChildActivity`.
    static let childActivity = "ChildActivity"
    /// `ChildCpus`.
    static let childCpus = "ChildCpus"
    /// `ChildCurrentRank`.
    static let childCurrentRank = "ChildCurrentRank"
    /// `ChildDisk`.
    static let childDisk = "ChildDisk"
    /// `ChildDSlotId`.
    static let childDynamicSlotID = "ChildDSlotId"
    /// `ChildEnteredCurrentState`.
    static let childEnteredCurrentState = "ChildEnteredCurrentState"
    /// `ChildGPUs`.
    static let childGPUs = "ChildGPUs"
    /// `ChildMemory`.
    static let childMemory = "ChildMemory"
    /// `ChildName`.
    static let childName = "ChildName"
    /// `ChildRemoteOwner`.
    static let childRemoteOwner = "ChildRemoteOwner"
    /// `ChildRemoteUser`.
    static let childRemoteUser = "ChildRemoteUser"
    /// `ChildRetirementTimeRemaining`.
    static let childRetirementTimeRemaining = "ChildRetirementTimeRemaining"
    /// `ChildState`.
    static let childState = "ChildState"
    /// `ClaimEndTime`.
    static let claimEndTime = "ClaimEndTime"
    /// `_condor_CLAIM_PARTITIONABLE_SLOT`.
    static let claimPartitionableSlot = "_condor_CLAIM_PARTITIONABLE_SLOT"
    /// `ClientMachine`.
    static let clientMachine = "ClientMachine"
    /// `CollectorHost`.
    static let collectorHost = "CollectorHost"
    /// `COLLECTOR_HOST_STRING`.
    static let collectorHostString = "COLLECTOR_HOST_STRING"
    /// `CpusProvisioned`.
    static let cpusProvisioned = "CpusProvisioned"
    /// `CpusUsage`.
    static let cpusUsage = "CpusUsage"
    /// `DetectedCpus`.
    static let detectedCpus = "DetectedCpus"
    /// `DetectedMemory`.
    static let detectedMemory = "DetectedMemory"
    /// `DiskProvisioned`.
    static let diskProvisioned = "DiskProvisioned"
    /// `DiskUsage`.
    static let diskUsage = "DiskUsage"
    /// `DSlotId`.
    static let dynamicSlotID = "DSlotId"
    /// `EnteredCurrentStatus`.
    static let enteredCurrentStatus = "EnteredCurrentStatus"
    /// `ExecutableSize`.
    static let executableSize = "ExecutableSize"
    /// `ExpectedMachineGracefulDrainingCompletion`.
    static let expectedMachineGracefulDrainingCompletion = "ExpectedMachineGracefulDrainingCompletion"
    /// `ExpectedMachineQuickDrainingCompletion`.
    static let expectedMachineQuickDrainingCompletion = "ExpectedMachineQuickDrainingCompletion"
    /// `FileSystemDomain`.
    static let fileSystemDomain = "FileSystemDomain"
    /// `FirstJobMatchDate`.
    static let firstJobMatchDate = "FirstJobMatchDate"
    /// `GpusProvisioned`.
    static let gpusProvisioned = "GpusProvisioned"
    /// `ImageSize`.
    static let imageSize = "ImageSize"
    /// `IsSplittable`.
    static let isSplittable = "IsSplittable"
    /// `JobId`.
    static let jobID = "JobId"
    /// `JobLeaseDuration`.
    static let jobLeaseDuration = "JobLeaseDuration"
    /// `JobPrio`.
    static let jobPrio = "JobPrio"
    /// `JobQueueBirthdate`.
    static let jobQueueBirthdate = "JobQueueBirthdate"
    /// `JobsCompleted`.
    static let jobsCompleted = "JobsCompleted"
    /// `JobsStarted`.
    static let jobsStarted = "JobsStarted"
    /// `JobsSubmitted`.
    static let jobsSubmitted = "JobsSubmitted"
    /// `JobStart`.
    static let jobStart = "JobStart"
    /// `LastRejMatchReason`.
    static let lastRejMatchReason = "LastRejMatchReason"
    /// `LastRejMatchTime`.
    static let lastRejMatchTime = "LastRejMatchTime"
    /// `LastSlotName`.
    static let lastSlotName = "LastSlotName"
    /// `MachineResources`.
    static let machineResources = "MachineResources"
    /// `MASTER`.
    static let master = "MASTER"
    /// `MASTER_PID`.
    static let masterPID = "MASTER_PID"
    /// `MASTER_StartTime`.
    static let masterStartTime = "MASTER_StartTime"
    /// `MaxJobRetirementTime`.
    static let maxJobRetirementTime = "MaxJobRetirementTime"
    /// `MemoryProvisioned`.
    static let memoryProvisioned = "MemoryProvisioned"
    /// `MonitorSelfTime`.
    static let monitorSelfTime = "MonitorSelfTime"
    /// `NumAlive`.
    static let numAlive = "NumAlive"
    /// `NumDead`.
    static let numDead = "NumDead"
    /// `_condor_NUM_DYNAMIC_SLOTS`.
    static let numDynamicSlotsWanted = "_condor_NUM_DYNAMIC_SLOTS"
    /// `NumHung`.
    static let numHung = "NumHung"
    /// `NumOwners`.
    static let numOwners = "NumOwners"
    /// `NumUsers`.
    static let numUsers = "NumUsers"
    /// `OCUWanted`.
    static let ocuWanted = "OCUWanted"
    /// `OsUser`.
    static let osUser = "OsUser"
    /// `ParentSlotId`.
    static let parentSlotID = "ParentSlotId"
    /// `PrivateNetworkName`.
    static let privateNetworkName = "PrivateNetworkName"
    /// `ProvisionedResources`.
    static let provisionedResources = "ProvisionedResources"
    /// `PslotRollupInformation`.
    static let pslotRollupInformation = "PslotRollupInformation"
    /// `QDate`.
    static let queueDate = "QDate"
    /// `_condor_RESOURCE_CLUSTER`.
    static let resourceCluster = "_condor_RESOURCE_CLUSTER"
    /// `_condor_RESOURCE_CONSTRAINT`.
    static let resourceConstraint = "_condor_RESOURCE_CONSTRAINT"
    /// `_condor_RESOURCE_PROC`.
    static let resourceProc = "_condor_RESOURCE_PROC"
    /// `_condor_SECURE_CLAIM_ID`.
    static let secureClaimID = "_condor_SECURE_CLAIM_ID"
    /// `_condor_SEND_CLAIMED_AD`.
    static let sendClaimedAd = "_condor_SEND_CLAIMED_AD"
    /// `_condor_SEND_LEFTOVERS`.
    static let sendLeftovers = "_condor_SEND_LEFTOVERS"
    /// `STARTD`.
    static let startd = "STARTD"
    /// `_condor_StartdHandlesAlives`.
    static let startdHandlesAlives = "_condor_StartdHandlesAlives"
    /// `STARTD_PID`.
    static let startdPID = "STARTD_PID"
    /// `StartdSendsAlives`.
    static let startdSendsAlives = "StartdSendsAlives"
    /// `STARTD_StartTime`.
    static let startdStartTime = "STARTD_StartTime"
    /// `StarterPid`.
    static let starterPID = "StarterPid"
    /// `TotalClaimRunTime`.
    static let totalClaimRunTime = "TotalClaimRunTime"
    /// `TotalCpus`.
    static let totalCpus = "TotalCpus"
    /// `TotalDisk`.
    static let totalDisk = "TotalDisk"
    /// `TotalFlockedJobs`.
    static let totalFlockedJobs = "TotalFlockedJobs"
    /// `TotalIdleJobs`.
    static let totalIdleJobs = "TotalIdleJobs"
    /// `TotalInUseCpus`.
    static let totalInUseCpus = "TotalInUseCpus"
    /// `TotalInUseDisk`.
    static let totalInUseDisk = "TotalInUseDisk"
    /// `TotalInUseMemory`.
    static let totalInUseMemory = "TotalInUseMemory"
    /// `TotalJobAds`.
    static let totalJobAds = "TotalJobAds"
    /// `TotalJobRunTime`.
    static let totalJobRunTime = "TotalJobRunTime"
    /// `TotalMemory`.
    static let totalMemory = "TotalMemory"
    /// `TotalRunningJobs`.
    static let totalRunningJobs = "TotalRunningJobs"
    /// `TotalSlotDisk`.
    static let totalSlotDisk = "TotalSlotDisk"
    /// `TotalSlotMemory`.
    static let totalSlotMemory = "TotalSlotMemory"
    /// `TotalSlots`.
    static let totalSlots = "TotalSlots"
    /// `TotalSubmitProcs`.
    static let totalSubmitProcs = "TotalSubmitProcs"
    /// `TotalTimeClaimedBusy`.
    static let totalTimeClaimedBusy = "TotalTimeClaimedBusy"
    /// `TotalTimeOwnerIdle`.
    static let totalTimeOwnerIdle = "TotalTimeOwnerIdle"
    /// `TotalTimeUnclaimedIdle`.
    static let totalTimeUnclaimedIdle = "TotalTimeUnclaimedIdle"
    /// `UidDomain`.
    static let uidDomain = "UidDomain"
    /// `UtsnameNodename`.
    static let utsnameNodename = "UtsnameNodename"
    /// `WithinResourceLimits`.
    static let withinResourceLimits = "WithinResourceLimits"
    /// `ClaimRequests`.
    static let claimRequests = "ClaimRequests"
    /// `ActivationRequests`.
    static let activationRequests = "ActivationRequests"
    /// `JobStarts`.
    static let jobStarts = "JobStarts"
}
