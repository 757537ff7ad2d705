/// The configuration of a pilot: one text, for HTCondor's configuration directory on the node.
///
/// Comments stand on lines of their own, because HTCondor takes the rest of a line as part of the
/// value. Source: spec 03, 10.8; spec 05, 5.7 and 6.3; decision 19.
package struct PilotConfiguration: Hashable, Sendable {
    /// How the pilot shows its capability.
    ///
    /// One only: with two, somebody in the middle could choose the weaker.
    package enum Method: String, Sendable, CaseIterable {
        case sciTokens = "SCITOKENS"
        case idTokens = "IDTOKENS"
    }

    /// Why a value cannot stand in the configuration.
    package struct UnsafeValue: Error, Hashable, Sendable {
        /// Which one.
        package var name: String
    }

    package var method: Method
    /// `ip:port` or `host:port` of the broker, as pilots reach it, without angle brackets.
    package var brokerAddress: String
    /// The name in the broker's certificate.
    package var alias: String
    package var annexName: String
    /// The account of the owner on the access point, without domain.
    package var account: String
    /// The request the capability was made for.
    package var requestID: String
    /// When the request ends, in seconds since 1970.
    package var leaseEnd: Int64

    package init(
        method: Method, brokerAddress: String, alias: String, annexName: String, account: String, requestID: String,
        leaseEnd: Int64
    ) {
        self.method = method
        self.brokerAddress = brokerAddress
        self.alias = alias
        self.annexName = annexName
        self.account = account
        self.requestID = requestID
        self.leaseEnd = leaseEnd
    }

    /// The text of the file.
    ///
    /// - Throws: ``UnsafeValue`` if a value has characters that could end a string, a line or a reference.
    package func text() throws(UnsafeValue) -> String {
        try check("broker address", brokerAddress, also: ":.[]?=&-_%")
        try check("alias", alias, also: ".-_")
        try check("annex name", annexName, also: ".-_")
        try check("account", account, also: ".-_")
        try check("request id", requestID, also: "-_")
        return Self.template(method).reduce(into: "") { text, line in
            var line = line
            for (placeholder, value) in values { line = line.replacing(placeholder, with: value) }
            text += line + "\n"
        }
    }

    /// The template with its placeholders, as it is shipped in `conf/`.
    package static func templateText(_ method: Method) -> String {
        template(method).map { $0 + "\n" }.joined()
    }

    private var values: [(String, String)] {
        let alias = method == .sciTokens ? "<\(brokerAddress)\(separator)alias=\(alias)>" : "<\(brokerAddress)>"
        return [
            ("@COLLECTOR@", alias), ("@ANNEX@", annexName), ("@ACCOUNT@", account), ("@REQUEST@", requestID),
            ("@LEASE_END@", "\(leaseEnd)"),
        ]
    }

    private var separator: String { brokerAddress.contains("?") ? "&" : "?" }

    /// The values stand in ClassAd strings and addresses, where quotes, blanks and dollar signs have a meaning.
    private func check(_ name: String, _ value: String, also punctuation: String) throws(UnsafeValue) {
        let isSafe = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: punctuation.utf8.contains(byte)
            }
        }
        guard isSafe, !value.isEmpty, value.utf8.count <= 1024 else { throw UnsafeValue(name: name) }
    }

    private static func template(_ method: Method) -> [String] {
        let credentials =
            switch method {
            case .sciTokens: sciTokens
            case .idTokens: idTokens
            }
        return head + [""] + security + [""] + credentials + [""] + slots
    }

    private static let head = [
        "# Pilot of the annex @ANNEX@; written for request @REQUEST@.",
        "DAEMON_LIST = MASTER STARTD",
        "COLLECTOR_HOST = @COLLECTOR@",
        "# The node may be behind a firewall: the broker calls back through the pilot's own connection.",
        "CCB_ADDRESS = $(COLLECTOR_HOST)",
        "SHARED_PORT_PORT = 0",
    ]

    private static let security = [
        "# Known to all versions from 23.0 on.",
        "use SECURITY : recommended_v9_0",
        "# Required, and one method only: otherwise whoever answers at the broker's address would be believed.",
        "SEC_CLIENT_AUTHENTICATION = REQUIRED",
        "SEC_CLIENT_ENCRYPTION = REQUIRED",
        "SEC_CLIENT_INTEGRITY = REQUIRED",
        "SEC_KNOWN_HOSTS = $(LOCAL_DIR)/known_hosts",
        "# Exists, is empty, mode 0700.",
        "SEC_PASSWORD_DIRECTORY = $(LOCAL_DIR)/passwords.d",
    ]

    private static let sciTokens = [
        "# The capability is shown inside TLS, and only to a server with a certificate of the broker's own authority.",
        "SEC_CLIENT_AUTHENTICATION_METHODS = SCITOKENS",
        "SCITOKENS_FILE = $(LOCAL_DIR)/annex.cap",
        "AUTH_SSL_CLIENT_CAFILE = $(LOCAL_DIR)/broker-ca.pem",
        "AUTH_SSL_CLIENT_USE_DEFAULT_CAS = False",
        "BOOTSTRAP_SSL_SERVER_TRUST = False",
    ]

    private static let idTokens = [
        "# The directory has mode 0700 and exactly one file, mode 0600, owned by the user who runs the pilot.",
        "SEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS",
        "SEC_TOKEN_DIRECTORY = $(LOCAL_DIR)/tokens.d",
        "SEC_TOKEN_SYSTEM_DIRECTORY = $(LOCAL_DIR)/tokens.d",
    ]

    private static let slots = [
        "use feature : PartitionableSlot",
        "IsAnnex = true",
        "AnnexName = \"@ANNEX@\"",
        "hpc_annex_request_id = \"@REQUEST@\"",
        "DaemonStopTime = @LEASE_END@",
        "STARTD_ATTRS = $(STARTD_ATTRS) IsAnnex AnnexName hpc_annex_request_id DaemonStopTime",
        "MASTER_ATTRS = $(MASTER_ATTRS) IsAnnex AnnexName hpc_annex_request_id DaemonStopTime",
        "# Only tagged jobs of the owner, also on claims that are used again.",
        "START = TARGET.FlockTarget =?= MY.AnnexName && stringListMember(TARGET.Owner, \"@ACCOUNT@\")",
        "# The broker sees a change within this time, in seconds.",
        "UPDATE_INTERVAL = 60",
        "# The pilot stops by itself when its request ends.",
        "MASTER.DAEMON_SHUTDOWN_FAST = time() > $(DaemonStopTime)",
    ]
}
