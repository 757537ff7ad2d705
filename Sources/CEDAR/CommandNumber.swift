/// The number a command begins with (spec 02, 04, 05, 06 and our own 78000 to 78099).
public struct CommandNumber: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    public let rawValue: Int

    /// The command of a number, known or not.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// HTCondor's name of the command, `UPDATE_STARTD_AD`, or `COMMAND_123` for an unknown one.
    public var name: String { Self.names[self] ?? "COMMAND_\(rawValue)" }

    /// Whether the command is in the table.
    public var isKnown: Bool { Self.names[self] != nil }

    /// The command of a name as HTCondor spells it; `nil` for an unknown one.
    public init?(name: String) {
        guard let command = Self.names.first(where: { $0.value == name })?.key else { return nil }
        self = command
    }

    /// Name and number, for logs.
    public var description: String { "\(name) (\(rawValue))" }
}

// MARK: Collector updates (spec 04, 3.1)

extension CommandNumber {
    /// `UPDATE_STARTD_AD`.
    public static let updateStartdAd = CommandNumber(rawValue: 0)
    /// `UPDATE_SCHEDD_AD`.
    public static let updateScheddAd = CommandNumber(rawValue: 1)
    /// `UPDATE_MASTER_AD`.
    public static let updateMasterAd = CommandNumber(rawValue: 2)
    /// `UPDATE_CKPT_SRVR_AD`.
    public static let updateCkptServerAd = CommandNumber(rawValue: 4)
    /// `UPDATE_SUBMITTOR_AD`.
    public static let updateSubmitterAd = CommandNumber(rawValue: 11)
    /// `UPDATE_COLLECTOR_AD`.
    public static let updateCollectorAd = CommandNumber(rawValue: 19)
    /// `UPDATE_LICENSE_AD`.
    public static let updateLicenseAd = CommandNumber(rawValue: 42)
    /// `UPDATE_STORAGE_AD`.
    public static let updateStorageAd = CommandNumber(rawValue: 45)
    /// `UPDATE_NEGOTIATOR_AD`.
    public static let updateNegotiatorAd = CommandNumber(rawValue: 49)
    /// `UPDATE_HAD_AD`.
    public static let updateHADAd = CommandNumber(rawValue: 55)
    /// `UPDATE_AD_GENERIC`.
    public static let updateGenericAd = CommandNumber(rawValue: 58)
    /// `UPDATE_STARTD_AD_WITH_ACK`.
    public static let updateStartdAdWithAck = CommandNumber(rawValue: 60)
    /// `UPDATE_GRID_AD`.
    public static let updateGridAd = CommandNumber(rawValue: 70)
    /// `MERGE_STARTD_AD`.
    public static let mergeStartdAd = CommandNumber(rawValue: 73)
    /// `UPDATE_ACCOUNTING_AD`.
    public static let updateAccountingAd = CommandNumber(rawValue: 77)
    /// `UPDATE_OWN_SUBMITTOR_AD`.
    public static let updateOwnSubmitterAd = CommandNumber(rawValue: 80)
}

// MARK: Collector invalidations (spec 04, 3.2)

extension CommandNumber {
    /// `INVALIDATE_STARTD_ADS`.
    public static let invalidateStartdAds = CommandNumber(rawValue: 13)
    /// `INVALIDATE_SCHEDD_ADS`.
    public static let invalidateScheddAds = CommandNumber(rawValue: 14)
    /// `INVALIDATE_MASTER_ADS`.
    public static let invalidateMasterAds = CommandNumber(rawValue: 15)
    /// `INVALIDATE_CKPT_SRVR_ADS`.
    public static let invalidateCkptServerAds = CommandNumber(rawValue: 17)
    /// `INVALIDATE_SUBMITTOR_ADS`.
    public static let invalidateSubmitterAds = CommandNumber(rawValue: 18)
    /// `INVALIDATE_COLLECTOR_ADS`.
    public static let invalidateCollectorAds = CommandNumber(rawValue: 21)
    /// `INVALIDATE_LICENSE_ADS`.
    public static let invalidateLicenseAds = CommandNumber(rawValue: 44)
    /// `INVALIDATE_STORAGE_ADS`.
    public static let invalidateStorageAds = CommandNumber(rawValue: 47)
    /// `INVALIDATE_NEGOTIATOR_ADS`.
    public static let invalidateNegotiatorAds = CommandNumber(rawValue: 51)
    /// `INVALIDATE_HAD_ADS`.
    public static let invalidateHADAds = CommandNumber(rawValue: 57)
    /// `INVALIDATE_ADS_GENERIC`.
    public static let invalidateGenericAds = CommandNumber(rawValue: 59)
    /// `INVALIDATE_GRID_ADS`.
    public static let invalidateGridAds = CommandNumber(rawValue: 72)
    /// `INVALIDATE_ACCOUNTING_ADS`.
    public static let invalidateAccountingAds = CommandNumber(rawValue: 79)
}

// MARK: Collector queries (spec 04, 3.3)

extension CommandNumber {
    /// `QUERY_STARTD_ADS`.
    public static let queryStartdAds = CommandNumber(rawValue: 5)
    /// `QUERY_SCHEDD_ADS`.
    public static let queryScheddAds = CommandNumber(rawValue: 6)
    /// `QUERY_MASTER_ADS`.
    public static let queryMasterAds = CommandNumber(rawValue: 7)
    /// `QUERY_CKPT_SRVR_ADS`.
    public static let queryCkptServerAds = CommandNumber(rawValue: 9)
    /// `QUERY_STARTD_PVT_ADS`.
    public static let queryStartdPrivateAds = CommandNumber(rawValue: 10)
    /// `QUERY_SUBMITTOR_ADS`.
    public static let querySubmitterAds = CommandNumber(rawValue: 12)
    /// `QUERY_COLLECTOR_ADS`.
    public static let queryCollectorAds = CommandNumber(rawValue: 20)
    /// `QUERY_LICENSE_ADS`.
    public static let queryLicenseAds = CommandNumber(rawValue: 43)
    /// `QUERY_STORAGE_ADS`.
    public static let queryStorageAds = CommandNumber(rawValue: 46)
    /// `QUERY_ANY_ADS`.
    public static let queryAnyAds = CommandNumber(rawValue: 48)
    /// `QUERY_NEGOTIATOR_ADS`.
    public static let queryNegotiatorAds = CommandNumber(rawValue: 50)
    /// `QUERY_MULTIPLE_ADS`.
    public static let queryMultipleAds = CommandNumber(rawValue: 53)
    /// `QUERY_MULTIPLE_PVT_ADS`.
    public static let queryMultiplePrivateAds = CommandNumber(rawValue: 54)
    /// `QUERY_HAD_ADS`.
    public static let queryHADAds = CommandNumber(rawValue: 56)
    /// `QUERY_GRID_ADS`.
    public static let queryGridAds = CommandNumber(rawValue: 71)
    /// `QUERY_GENERIC_ADS`.
    public static let queryGenericAds = CommandNumber(rawValue: 74)
    /// `QUERY_ACCOUNTING_ADS`.
    public static let queryAccountingAds = CommandNumber(rawValue: 78)
}

// MARK: CCB and shared port (spec 06, 2.1, 3.2 and 3.4)

extension CommandNumber {
    /// `CCB_REGISTER`.
    public static let ccbRegister = CommandNumber(rawValue: 67)
    /// `CCB_REQUEST`.
    public static let ccbRequest = CommandNumber(rawValue: 68)
    /// `CCB_REVERSE_CONNECT`.
    public static let ccbReverseConnect = CommandNumber(rawValue: 69)
    /// `SHARED_PORT_CONNECT`.
    public static let sharedPortConnect = CommandNumber(rawValue: 75)
    /// `SHARED_PORT_PASS_SOCK`.
    public static let sharedPortPassSocket = CommandNumber(rawValue: 76)
    /// `IMPERSONATION_TOKEN_REQUEST`.
    public static let impersonationTokenRequest = CommandNumber(rawValue: 81)
    /// `CCB_PROXY_CONNECT`.
    public static let ccbProxyConnect = CommandNumber(rawValue: 82)
}

// MARK: Negotiation (spec 05, 2.1)

extension CommandNumber {
    /// `PERMISSION`.
    public static let permission = CommandNumber(rawValue: 407)
    /// `NEGOTIATE`.
    public static let negotiate = CommandNumber(rawValue: 416)
    /// `SEND_JOB_INFO`.
    public static let sendJobInfo = CommandNumber(rawValue: 417)
    /// `NO_MORE_JOBS`.
    public static let noMoreJobs = CommandNumber(rawValue: 418)
    /// `JOB_INFO`.
    public static let jobInfo = CommandNumber(rawValue: 419)
    /// `RESCHEDULE`.
    public static let reschedule = CommandNumber(rawValue: 421)
    /// `END_NEGOTIATE`.
    public static let endNegotiate = CommandNumber(rawValue: 425)
    /// `REJECTED`.
    public static let rejected = CommandNumber(rawValue: 426)
    /// `PERMISSION_AND_AD`.
    public static let permissionAndAd = CommandNumber(rawValue: 472)
    /// `REJECTED_WITH_REASON`.
    public static let rejectedWithReason = CommandNumber(rawValue: 476)
    /// `SEND_RESOURCE_REQUEST_LIST`.
    public static let sendResourceRequestList = CommandNumber(rawValue: 518)
    /// `DIRECT_ATTACH`.
    public static let directAttach = CommandNumber(rawValue: 531)
}

// MARK: Claims (spec 05, 3.3 to 3.5)

extension CommandNumber {
    /// `DEACTIVATE_CLAIM`.
    public static let deactivateClaim = CommandNumber(rawValue: 403)
    /// `DEACTIVATE_CLAIM_FORCIBLY`.
    public static let deactivateClaimForcibly = CommandNumber(rawValue: 404)
    /// `DEACTIVATE_CLAIM_JOB_DONE`.
    public static let deactivateClaimJobDone = CommandNumber(rawValue: 413)
    /// `ALIVE`.
    public static let alive = CommandNumber(rawValue: 441)
    /// `REQUEST_CLAIM`.
    public static let requestClaim = CommandNumber(rawValue: 442)
    /// `RELEASE_CLAIM`.
    public static let releaseClaim = CommandNumber(rawValue: 443)
    /// `ACTIVATE_CLAIM`.
    public static let activateClaim = CommandNumber(rawValue: 444)
    /// `VACATE_CLAIM`.
    public static let vacateClaim = CommandNumber(rawValue: 465)
    /// `VACATE_CLAIM_FAST`.
    public static let vacateClaimFast = CommandNumber(rawValue: 475)
    /// `DRAIN_JOBS`.
    public static let drainJobs = CommandNumber(rawValue: 512)
    /// `CANCEL_DRAIN_JOBS`.
    public static let cancelDrainJobs = CommandNumber(rawValue: 513)
    /// `REHOME`.
    public static let rehome = CommandNumber(rawValue: 562)
}

// MARK: Masters (spec 04, 11.2)

extension CommandNumber {
    /// `DAEMONS_OFF_FLEX`.
    public static let daemonsOffFlex = CommandNumber(rawValue: 452)
    /// `RESTART`.
    public static let restart = CommandNumber(rawValue: 453)
    /// `DAEMONS_OFF`.
    public static let daemonsOff = CommandNumber(rawValue: 454)
    /// `DAEMONS_ON`.
    public static let daemonsOn = CommandNumber(rawValue: 455)
    /// `MASTER_OFF`.
    public static let masterOff = CommandNumber(rawValue: 456)
    /// `DAEMONS_OFF_FAST`.
    public static let daemonsOffFast = CommandNumber(rawValue: 461)
    /// `MASTER_OFF_FAST`.
    public static let masterOffFast = CommandNumber(rawValue: 462)
    /// `DAEMON_OFF`.
    public static let daemonOff = CommandNumber(rawValue: 467)
    /// `DAEMON_OFF_FAST`.
    public static let daemonOffFast = CommandNumber(rawValue: 468)
    /// `DAEMON_ON`.
    public static let daemonOn = CommandNumber(rawValue: 469)
    /// `DAEMON_OFF_PEACEFUL`.
    public static let daemonOffPeaceful = CommandNumber(rawValue: 483)
    /// `DAEMONS_OFF_PEACEFUL`.
    public static let daemonsOffPeaceful = CommandNumber(rawValue: 484)
    /// `RESTART_PEACEFUL`.
    public static let restartPeaceful = CommandNumber(rawValue: 485)
    /// `CHILD_ON`.
    public static let childOn = CommandNumber(rawValue: 490)
    /// `CHILD_OFF`.
    public static let childOff = CommandNumber(rawValue: 491)
    /// `CHILD_OFF_FAST`.
    public static let childOffFast = CommandNumber(rawValue: 492)
    /// `SET_SHUTDOWN_PROGRAM`.
    public static let setShutdownProgram = CommandNumber(rawValue: 508)
}

// MARK: Every daemon (spec 04, 11.2 and 12; spec 02, 1; spec 03, 7)

extension CommandNumber {
    /// `CONFIG_VAL`.
    public static let configValueOld = CommandNumber(rawValue: 457)
    /// `DC_RAISESIGNAL`.
    public static let raiseSignal = CommandNumber(rawValue: 60000)
    /// `DC_CONFIG_PERSIST`.
    public static let configPersist = CommandNumber(rawValue: 60002)
    /// `DC_CONFIG_RUNTIME`.
    public static let configRuntime = CommandNumber(rawValue: 60003)
    /// `DC_RECONFIG`.
    public static let reconfigure = CommandNumber(rawValue: 60004)
    /// `DC_OFF_GRACEFUL`.
    public static let offGraceful = CommandNumber(rawValue: 60005)
    /// `DC_OFF_FAST`.
    public static let offFast = CommandNumber(rawValue: 60006)
    /// `DC_CONFIG_VAL`.
    public static let configValue = CommandNumber(rawValue: 60007)
    /// `DC_AUTHENTICATE`.
    public static let authenticate = CommandNumber(rawValue: 60010)
    /// `DC_NOP`.
    public static let noOperation = CommandNumber(rawValue: 60011)
    /// `DC_RECONFIG_FULL`.
    public static let reconfigureFull = CommandNumber(rawValue: 60012)
    /// `DC_FETCH_LOG`.
    public static let fetchLog = CommandNumber(rawValue: 60013)
    /// `DC_INVALIDATE_KEY`.
    public static let invalidateKey = CommandNumber(rawValue: 60014)
    /// `DC_OFF_PEACEFUL`.
    public static let offPeaceful = CommandNumber(rawValue: 60015)
    /// `DC_SET_PEACEFUL_SHUTDOWN`.
    public static let setPeacefulShutdown = CommandNumber(rawValue: 60016)
    /// `DC_TIME_OFFSET`.
    public static let timeOffset = CommandNumber(rawValue: 60017)
    /// `DC_PURGE_LOG`.
    public static let purgeLog = CommandNumber(rawValue: 60018)
    /// `DC_NOP_READ`.
    public static let noOperationRead = CommandNumber(rawValue: 60020)
    /// `DC_NOP_WRITE`.
    public static let noOperationWrite = CommandNumber(rawValue: 60021)
    /// `DC_NOP_NEGOTIATOR`.
    public static let noOperationNegotiator = CommandNumber(rawValue: 60022)
    /// `DC_NOP_ADMINISTRATOR`.
    public static let noOperationAdministrator = CommandNumber(rawValue: 60023)
    /// `DC_NOP_OWNER`.
    public static let noOperationOwner = CommandNumber(rawValue: 60024)
    /// `DC_NOP_CONFIG`.
    public static let noOperationConfig = CommandNumber(rawValue: 60025)
    /// `DC_NOP_DAEMON`.
    public static let noOperationDaemon = CommandNumber(rawValue: 60026)
    /// `DC_NOP_ADVERTISE_STARTD`.
    public static let noOperationAdvertiseStartd = CommandNumber(rawValue: 60027)
    /// `DC_NOP_ADVERTISE_SCHEDD`.
    public static let noOperationAdvertiseSchedd = CommandNumber(rawValue: 60028)
    /// `DC_NOP_ADVERTISE_MASTER`.
    public static let noOperationAdvertiseMaster = CommandNumber(rawValue: 60029)
    /// `DC_SEC_QUERY`.
    public static let securityQuery = CommandNumber(rawValue: 60040)
    /// `DC_SET_FORCE_SHUTDOWN`.
    public static let setForceShutdown = CommandNumber(rawValue: 60041)
    /// `DC_OFF_FORCE`.
    public static let offForce = CommandNumber(rawValue: 60042)
    /// `DC_SET_READY`.
    public static let setReady = CommandNumber(rawValue: 60043)
    /// `DC_QUERY_READY`.
    public static let queryReady = CommandNumber(rawValue: 60044)
    /// `DC_QUERY_INSTANCE`.
    public static let queryInstance = CommandNumber(rawValue: 60045)
    /// `DC_GET_SESSION_TOKEN`.
    public static let getSessionToken = CommandNumber(rawValue: 60046)
    /// `DC_START_TOKEN_REQUEST`.
    public static let startTokenRequest = CommandNumber(rawValue: 60047)
    /// `DC_FINISH_TOKEN_REQUEST`.
    public static let finishTokenRequest = CommandNumber(rawValue: 60048)
    /// `DC_LIST_TOKEN_REQUEST`.
    public static let listTokenRequest = CommandNumber(rawValue: 60049)
    /// `DC_APPROVE_TOKEN_REQUEST`.
    public static let approveTokenRequest = CommandNumber(rawValue: 60050)
    /// `DC_AUTO_APPROVE_TOKEN_REQUEST`.
    public static let autoApproveTokenRequest = CommandNumber(rawValue: 60051)
    /// `DC_EXCHANGE_SCITOKEN`.
    public static let exchangeSciToken = CommandNumber(rawValue: 60052)
}

// MARK: Our own: one request ad, one reply ad

extension CommandNumber {
    /// `FLOCK_ANNEX_CREATE`.
    public static let flockAnnexCreate = CommandNumber(rawValue: 78000)
    /// `FLOCK_ANNEX_LIST`.
    public static let flockAnnexList = CommandNumber(rawValue: 78001)
    /// `FLOCK_ANNEX_STATUS`.
    public static let flockAnnexStatus = CommandNumber(rawValue: 78002)
    /// `FLOCK_ANNEX_SHUTDOWN`.
    public static let flockAnnexShutdown = CommandNumber(rawValue: 78003)
    /// `FLOCK_CAPABILITY_LIST`.
    public static let flockCapabilityList = CommandNumber(rawValue: 78010)
    /// `FLOCK_CAPABILITY_REVOKE`.
    public static let flockCapabilityRevoke = CommandNumber(rawValue: 78011)
    /// `FLOCK_BROKER_STATUS`.
    public static let flockBrokerStatus = CommandNumber(rawValue: 78090)
}
