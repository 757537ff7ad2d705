/// Every attribute name that code uses, in HTCondor's spelling.
///
/// Names are case-insensitive in ads; write them as they stand here.
public enum AttributeName {
    // MARK: Security handshake (spec 02, 3 to 9; spec 03, 2 and 7)

    /// `AuthCommand`.
    public static let authCommand = "AuthCommand"
    /// `AuthMethods`.
    public static let authMethods = "AuthMethods"
    /// `AuthMethodsList`.
    public static let authMethodsList = "AuthMethodsList"
    /// `AuthRequired`.
    public static let authRequired = "AuthRequired"
    /// `AuthTokenGroups`.
    public static let authTokenGroups = "AuthTokenGroups"
    /// `AuthTokenId`.
    public static let authTokenID = "AuthTokenId"
    /// `AuthTokenIssuer`.
    public static let authTokenIssuer = "AuthTokenIssuer"
    /// `AuthTokenScopes`.
    public static let authTokenScopes = "AuthTokenScopes"
    /// `AuthTokenSubject`.
    public static let authTokenSubject = "AuthTokenSubject"
    /// `Authentication`.
    public static let authentication = "Authentication"
    /// `AuthenticationNew`.
    public static let authenticationNew = "AuthenticationNew"
    /// `AuthorizationSucceeded`.
    public static let authorizationSucceeded = "AuthorizationSucceeded"
    /// `ClientId`.
    public static let clientID = "ClientId"
    /// `Command`.
    public static let command = "Command"
    /// `ConnectSinful`.
    public static let connectSinful = "ConnectSinful"
    /// `CryptoMethods`.
    public static let cryptoMethods = "CryptoMethods"
    /// `CryptoMethodsList`.
    public static let cryptoMethodsList = "CryptoMethodsList"
    /// `ECDHPublicKey`.
    public static let ecdhPublicKey = "ECDHPublicKey"
    /// `Enact`.
    public static let enact = "Enact"
    /// `Encryption`.
    public static let encryption = "Encryption"
    /// `Integrity`.
    public static let integrity = "Integrity"
    /// `IssuerKeys`.
    public static let issuerKeys = "IssuerKeys"
    /// `LimitAuthorization`.
    public static let limitAuthorization = "LimitAuthorization"
    /// `NegotiatedSession`.
    public static let negotiatedSession = "NegotiatedSession"
    /// `NewSession`.
    public static let newSession = "NewSession"
    /// `Nonce`.
    public static let nonce = "Nonce"
    /// `OutgoingNegotiation`.
    public static let outgoingNegotiation = "OutgoingNegotiation"
    /// `ParentUniqueID`.
    public static let parentUniqueID = "ParentUniqueID"
    /// `RemoteVersion`.
    public static let remoteVersion = "RemoteVersion"
    /// `RequestId`.
    public static let tokenRequestID = "RequestId"
    /// `RequestedIdentity`.
    public static let requestedIdentity = "RequestedIdentity"
    /// `RequestedKey`.
    public static let requestedKey = "RequestedKey"
    /// `ResumeResponse`.
    public static let resumeResponse = "ResumeResponse"
    /// `ReturnCode`.
    public static let returnCode = "ReturnCode"
    /// `ServerCommandSock`.
    public static let serverCommandSock = "ServerCommandSock"
    /// `ServerPid`.
    public static let serverPid = "ServerPid"
    /// `SessionDuration`.
    public static let sessionDuration = "SessionDuration"
    /// `SessionExpires`.
    public static let sessionExpires = "SessionExpires"
    /// `SessionLease`.
    public static let sessionLease = "SessionLease"
    /// `ShortVersion`.
    public static let shortVersion = "ShortVersion"
    /// `Sid`.
    public static let sid = "Sid"
    /// `Subsystem`.
    public static let subsystem = "Subsystem"
    /// `Token`.
    public static let token = "Token"
    /// `TokenExpirationTime`.
    public static let tokenExpirationTime = "TokenExpirationTime"
    /// `TokenLifetime`.
    public static let tokenLifetime = "TokenLifetime"
    /// `TriedAuthentication`.
    public static let triedAuthentication = "TriedAuthentication"
    /// `TrustDomain`.
    public static let trustDomain = "TrustDomain"
    /// `UseSession`.
    public static let useSession = "UseSession"
    /// `User`.
    public static let user = "User"
    /// `ValidCommands`.
    public static let validCommands = "ValidCommands"
    /// `PeerLocation`.
    public static let peerLocation = "PeerLocation"

    // MARK: All ads (spec 04, 4 to 10)

    /// `MyType`.
    public static let myType = "MyType"
    /// `TargetType`.
    public static let targetType = "TargetType"
    /// `Name`.
    public static let name = "Name"
    /// `Machine`.
    public static let machine = "Machine"
    /// `MyAddress`.
    public static let myAddress = "MyAddress"
    /// `AddressV1`.
    public static let addressV1 = "AddressV1"
    /// `CondorVersion`.
    public static let condorVersion = "CondorVersion"
    /// `CondorPlatform`.
    public static let condorPlatform = "CondorPlatform"
    /// `AuthenticatedIdentity`.
    public static let authenticatedIdentity = "AuthenticatedIdentity"
    /// `AuthenticationMethod`.
    public static let authenticationMethod = "AuthenticationMethod"
    /// `LastHeardFrom`.
    public static let lastHeardFrom = "LastHeardFrom"
    /// `ClassAdLifetime`.
    public static let classAdLifetime = "ClassAdLifetime"
    /// `UpdateSequenceNumber`.
    public static let updateSequenceNumber = "UpdateSequenceNumber"
    /// `UpdatesTotal`.
    public static let updatesTotal = "UpdatesTotal"
    /// `UpdatesSequenced`.
    public static let updatesSequenced = "UpdatesSequenced"
    /// `UpdatesLost`.
    public static let updatesLost = "UpdatesLost"
    /// `UpdatesHistory`.
    public static let updatesHistory = "UpdatesHistory"
    /// `DaemonStartTime`.
    public static let daemonStartTime = "DaemonStartTime"
    /// `DaemonLastReconfigTime`.
    public static let daemonLastReconfigTime = "DaemonLastReconfigTime"
    /// `MyCurrentTime`.
    public static let myCurrentTime = "MyCurrentTime"
    /// `Requirements`.
    public static let requirements = "Requirements"
    /// `Rank`.
    public static let rank = "Rank"
    /// `Absent`.
    public static let absent = "Absent"
    /// `Offline`.
    public static let offline = "Offline"
    /// `HasStartDaemonAd`.
    public static let hasStartDaemonAd = "HasStartDaemonAd"
    /// `CCBID`.
    public static let ccbID = "CCBID"

    // MARK: Queries (spec 04, 8)

    /// `Projection`.
    public static let projection = "Projection"
    /// `LimitResults`.
    public static let limitResults = "LimitResults"
    /// `LocationQuery`.
    public static let locationQuery = "LocationQuery"
    /// `SendPrivateAttributes`.
    public static let sendPrivateAttributes = "SendPrivateAttributes"
    /// `ServerTime`.
    public static let serverTime = "ServerTime"

    // MARK: Slots and pilots (spec 04, 5; spec 05, 3)

    /// `AnnexName`.
    public static let annexName = "AnnexName"
    /// `IsAnnex`.
    public static let isAnnex = "IsAnnex"
    /// `State`.
    public static let state = "State"
    /// `Activity`.
    public static let activity = "Activity"
    /// `EnteredCurrentState`.
    public static let enteredCurrentState = "EnteredCurrentState"
    /// `EnteredCurrentActivity`.
    public static let enteredCurrentActivity = "EnteredCurrentActivity"
    /// `SlotID`.
    public static let slotID = "SlotID"
    /// `SlotType`.
    public static let slotType = "SlotType"
    /// `SlotTypeID`.
    public static let slotTypeID = "SlotTypeID"
    /// `SlotWeight`.
    public static let slotWeight = "SlotWeight"
    /// `PartitionableSlot`.
    public static let partitionableSlot = "PartitionableSlot"
    /// `DynamicSlot`.
    public static let dynamicSlot = "DynamicSlot"
    /// `NumDynamicSlots`.
    public static let numDynamicSlots = "NumDynamicSlots"
    /// `NumDynamicSlotsTime`: when a dynamic slot was cut off or given back last.
    public static let numDynamicSlotsTime = "NumDynamicSlotsTime"
    /// `Cpus`.
    public static let cpus = "Cpus"
    /// `Memory`.
    public static let memory = "Memory"
    /// `Disk`.
    public static let disk = "Disk"
    /// `GPUs`.
    public static let gpus = "GPUs"
    /// `TotalSlotCpus`.
    public static let totalSlotCpus = "TotalSlotCpus"
    /// `Start`.
    public static let start = "Start"
    /// `StartdIpAddr`.
    public static let startdIpAddr = "StartdIpAddr"
    /// `MasterIpAddr`.
    public static let masterIpAddr = "MasterIpAddr"
    /// `ScheddIpAddr`.
    public static let scheddIpAddr = "ScheddIpAddr"
    /// `CollectorIpAddr`.
    public static let collectorIpAddr = "CollectorIpAddr"
    /// `NegotiatorIpAddr`.
    public static let negotiatorIpAddr = "NegotiatorIpAddr"
    /// `RemoteOwner`.
    public static let remoteOwner = "RemoteOwner"
    /// `RemoteUser`.
    public static let remoteUser = "RemoteUser"
    /// `RemoteScheddName`.
    public static let remoteScheddName = "RemoteScheddName"
    /// `CurrentRank`.
    public static let currentRank = "CurrentRank"
    /// `PublicClaimId`.
    public static let publicClaimID = "PublicClaimId"
    /// `IsDirectAttach`.
    public static let isDirectAttach = "IsDirectAttach"

    // MARK: Private attributes (spec 01, 5.4)

    /// `Capability`.
    public static let capability = "Capability"
    /// `ChildClaimIds`.
    public static let childClaimIDs = "ChildClaimIds"
    /// `ClaimId`.
    public static let claimID = "ClaimId"
    /// `ClaimIdList`.
    public static let claimIDList = "ClaimIdList"
    /// `ClaimIds`.
    public static let claimIDs = "ClaimIds"
    /// `TransferKey`.
    public static let transferKey = "TransferKey"
    /// The administration capability daemons add to their ads; also begins with the prefix of new private attributes.
    public static let remoteAdminCapability = "_condor_PrivRemoteAdminCapability"

    // MARK: Submitters, schedds and jobs (spec 05, 1 and 2)

    /// `ScheddName`.
    public static let scheddName = "ScheddName"
    /// `SubmitterTag`.
    public static let submitterTag = "SubmitterTag"
    /// `IdleJobs`.
    public static let idleJobs = "IdleJobs"
    /// `RunningJobs`.
    public static let runningJobs = "RunningJobs"
    /// `HeldJobs`.
    public static let heldJobs = "HeldJobs"
    /// `FlockedJobs`.
    public static let flockedJobs = "FlockedJobs"
    /// `WeightedIdleJobs`.
    public static let weightedIdleJobs = "WeightedIdleJobs"
    /// `WeightedRunningJobs`.
    public static let weightedRunningJobs = "WeightedRunningJobs"
    /// `Owner`.
    public static let owner = "Owner"
    /// `AutoClusterAttrs`.
    public static let autoClusterAttrs = "AutoClusterAttrs"
    /// `AutoClusterId`.
    public static let autoClusterID = "AutoClusterId"
    /// `NegotiatorJobConstraint`.
    public static let negotiatorJobConstraint = "NegotiatorJobConstraint"
    /// `NegotiatorName`.
    public static let negotiatorName = "NegotiatorName"
    /// `NegotiatorMatchExpr`.
    public static let negotiatorMatchExpr = "NegotiatorMatchExpr"
    /// `MatchClaimedPslots`.
    public static let matchClaimedPslots = "MatchClaimedPslots"
    /// `MatchCaps`.
    public static let matchCaps = "MatchCaps"
    /// `WantMatchDiagnostics`.
    public static let wantMatchDiagnostics = "WantMatchDiagnostics"
    /// `WantPslotPreemption`.
    public static let wantPslotPreemption = "WantPslotPreemption"
    /// `JobCanFlock`.
    public static let jobCanFlock = "JobCanFlock"
    /// `FlockTo`.
    public static let flockTo = "FlockTo"
    /// `FlockTarget`.
    public static let flockTarget = "FlockTarget"
    /// `TargetAnnexName`.
    public static let targetAnnexName = "TargetAnnexName"
    /// `ClusterId`.
    public static let clusterID = "ClusterId"
    /// `ProcId`.
    public static let procID = "ProcId"
    /// `GlobalJobId`.
    public static let globalJobID = "GlobalJobId"
    /// `JobUniverse`.
    public static let jobUniverse = "JobUniverse"
    /// `RequestCpus`.
    public static let requestCpus = "RequestCpus"
    /// `RequestMemory`.
    public static let requestMemory = "RequestMemory"
    /// `RequestDisk`.
    public static let requestDisk = "RequestDisk"
    /// `RequestGPUs`.
    public static let requestGPUs = "RequestGPUs"
    /// `ConcurrencyLimits`.
    public static let concurrencyLimits = "ConcurrencyLimits"
    /// `MatchedConcurrencyLimits`.
    public static let matchedConcurrencyLimits = "MatchedConcurrencyLimits"
    /// `RemotePool`.
    public static let remotePool = "RemotePool"
    /// `RemoteGroup`.
    public static let remoteGroup = "RemoteGroup"
    /// `RemoteNegotiatingGroup`.
    public static let remoteNegotiatingGroup = "RemoteNegotiatingGroup"
    /// `RemoteAutoregroup`.
    public static let remoteAutoregroup = "RemoteAutoregroup"
    /// `RestrictToAuthenticatedIdentity`.
    public static let restrictToAuthenticatedIdentity = "RestrictToAuthenticatedIdentity"
    /// `NumAds`.
    public static let numAds = "NumAds"
    /// `Submitter`.
    public static let submitter = "Submitter"
    /// `ActionResult`.
    public static let actionResult = "ActionResult"
    /// `_condor_RESOURCE_COUNT`.
    public static let resourceCount = "_condor_RESOURCE_COUNT"

    // MARK: CCB and shared port (spec 06, 2 and 3)

    /// `RequestID`.
    public static let ccbRequestID = "RequestID"
    /// `Result`.
    public static let result = "Result"
    /// `ErrorString`.
    public static let errorString = "ErrorString"
    /// `ErrorCode`.
    public static let errorCode = "ErrorCode"
    /// `Cookie`.
    public static let cookie = "Cookie"

    // MARK: Administration (spec 04, 11)

    /// `WantReply`.
    public static let wantReply = "WantReply"
    /// `HowFast`.
    public static let howFast = "HowFast"
    /// `OnCompletion`.
    public static let onCompletion = "OnCompletion"
    /// `CheckExpr`.
    public static let checkExpr = "CheckExpr"
    /// `StartExpr`.
    public static let startExpr = "StartExpr"
    /// `Drain`.
    public static let drain = "Drain"
    /// `DrainReason`.
    public static let drainReason = "DrainReason"
    /// `ShutdownTask`.
    public static let shutdownTask = "ShutdownTask"
    /// `IsReady`.
    public static let isReady = "IsReady"
    /// `Success`.
    public static let success = "Success"
}
