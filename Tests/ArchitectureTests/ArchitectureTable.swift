/// Which module may import what: the table of `docs/architecture.md`, in a form that can be checked.
///
/// The rows stand from the lowest module to the highest, and a row may name only modules of rows above it in this list.
/// Importing therefore points downwards and cannot go round in a circle.
struct ArchitectureTable {
    /// One target of the package.
    struct Row {
        /// The target; its folder in `Sources/` has its name.
        var target: String
        /// Modules of this package that it may import.
        var own: Set<String>
        /// Modules of the system, the toolchain and of packages that it may import.
        var foreign: Set<String>
    }

    /// The rows, lowest first.
    var rows: [Row]

    /// The row of `target`, or `nil` if the table does not know it.
    func row(of target: String) -> Row? {
        rows.first { $0.target == target }
    }

    /// The imports of `statements`, written in `target`, that the table does not allow.
    func violations(of target: String, _ statements: [ImportStatement]) -> [String] {
        guard let row = row(of: target) else { return ["\(target) has no row in the architecture table"] }
        return statements.compactMap { statement in
            if let attribute = statement.attributes.first(where: Self.forbiddenAttributes.contains) {
                return "line \(statement.line): \(attribute) import \(statement.module)"
            }
            guard statement.module != target, !row.own.contains(statement.module),
                !row.foreign.contains(statement.module)
            else { return nil }
            return "line \(statement.line): import \(statement.module)"
        }
    }

    /// Attributes that would pass one module on as another's, or open what is internal.
    private static let forbiddenAttributes: Set<String> = ["@_exported", "@_implementationOnly", "@testable"]
}

extension ArchitectureTable {
    /// The modules of this package.
    static let flockBroker: ArchitectureTable = {
        let wire: Set<String> = ["Cryptography", "ClassAds", "CEDAR", "CondorSecurity"]
        /// What a pure module needs of the platform: memory, numbers, locks. No files, no sockets, no clocks by convention.
        let pure: Set<String> = ["Glibc", "Synchronization"]
        let foundation: Set<String> = ["Foundation", "FoundationEssentials"]
        let sockets: Set<String> = ["NIOCore", "NIOPosix", "Logging"]

        return ArchitectureTable(rows: [
            Row(target: "COpenSSL", own: [], foreign: []),
            Row(target: "CPCRE2", own: [], foreign: []),

            Row(target: "Cryptography", own: ["COpenSSL"], foreign: pure),
            Row(target: "ClassAds", own: ["CPCRE2"], foreign: pure),
            Row(target: "CEDAR", own: ["ClassAds", "Cryptography"], foreign: pure.union(["NIOCore"])),
            Row(
                target: "CondorSecurity", own: ["CEDAR", "ClassAds", "Cryptography"], foreign: pure.union(["NIOCore"])),

            Row(target: "AnnexModel", own: ["ClassAds"], foreign: ["Synchronization"]),
            Row(
                target: "AnnexStore", own: ["AnnexModel", "ClassAds", "Cryptography"],
                foreign: pure.union(foundation).union(["GRDB", "Dispatch"])),
            Row(target: "BrokerCore", own: ["AnnexModel", "CEDAR", "ClassAds"], foreign: ["Synchronization"]),

            Row(target: "CondorNet", own: wire, foreign: pure.union(sockets)),
            Row(target: "Configuration", own: ["CEDAR", "CondorSecurity"], foreign: pure.union(foundation)),
            Row(
                target: "BrokerServer",
                own: wire.union(["AnnexModel", "AnnexStore", "BrokerCore", "CondorNet"]),
                foreign: pure.union(sockets).union(foundation).union(["ServiceLifecycle", "Dispatch"])),
            Row(target: "FlockSimCore", own: wire, foreign: pure.union(["NIOCore"])),

            Row(
                target: "flockbrokerd", own: ["BrokerServer", "CondorSecurity", "Configuration"],
                foreign: pure.union(foundation).union(["ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals"])),
            Row(
                target: "flockbroker",
                own: wire.union(["AnnexModel", "AnnexStore", "CondorNet", "Configuration"]),
                foreign: pure.union(foundation).union(sockets).union(["ArgumentParser"])),
            Row(
                target: "flocksim", own: wire.union(["CondorNet", "FlockSimCore"]),
                foreign: pure.union(foundation).union(sockets).union(["ArgumentParser", "UnixSignals"])),
            Row(target: "classad-eval", own: ["ClassAds"], foreign: pure.union(foundation)),

            Row(target: "TestSupport", own: wire, foreign: pure.union(foundation).union(["NIOCore"])),
        ])
    }()
}
