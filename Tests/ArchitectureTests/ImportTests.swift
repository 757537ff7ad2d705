import Testing

@Suite struct ImportTests {
    static let table = ArchitectureTable.flockBroker

    // MARK: The tree

    @Test func everyTargetHasARowInTheTable() throws {
        let unknown = try SourceTree.load().targets.filter { Self.table.row(of: $0) == nil }
        #expect(unknown == [])
    }

    @Test func modulesImportOnlyWhatTheTableAllows() throws {
        let tree = try SourceTree.load()
        #expect(!tree.files.isEmpty)
        let violations = tree.files.flatMap { file in
            Self.table.violations(of: file.target, ImportStatement.all(in: file.text)).map { "\(file.path), \($0)" }
        }
        #expect(violations == [])
    }

    // MARK: The table

    @Test func theTablePointsOnlyDownwards() {
        var below: Set<String> = []
        for row in Self.table.rows {
            #expect(row.own.subtracting(below) == [], "\(row.target) reaches up")
            below.insert(row.target)
        }
    }

    @Test(arguments: [
        ("COpenSSL", "Cryptography"), ("CPCRE2", "ClassAds"), ("GRDB", "AnnexStore"),
    ])
    func aForeignLibraryHasOneDoor(library: String, door: String) {
        let users = Self.table.rows.filter { $0.own.union($0.foreign).contains(library) }.map(\.target)
        #expect(users == [door])
    }

    @Test(arguments: ["Cryptography", "ClassAds", "CEDAR", "CondorSecurity", "AnnexModel", "BrokerCore"])
    func pureModulesImportNeitherFoundationNorSockets(target: String) throws {
        let row = try #require(Self.table.row(of: target))
        let impure: Set<String> = ["Foundation", "FoundationEssentials", "Dispatch", "NIOPosix", "Logging"]
        #expect(row.foreign.intersection(impure) == [])
    }

    @Test func decisionsKnowNothingOfNIO() throws {
        let row = try #require(Self.table.row(of: "BrokerCore"))
        #expect(row.foreign.filter { $0.hasPrefix("NIO") } == [])
    }

    // MARK: The checker can fail

    @Test(arguments: [
        ("ClassAds", "import Foundation"),
        ("CEDAR", "public import NIOPosix"),
        ("CEDAR", "package import struct BrokerCore.Registry"),
        ("CondorSecurity", "@preconcurrency import CondorNet"),
        ("BrokerCore", "#if canImport(NIOCore)\n    import NIOCore\n#endif"),
        ("AnnexModel", "import ClassAds; import AnnexStore"),
        ("BrokerServer", "import GRDB"),
        ("CondorNet", "import COpenSSL  // for one constant"),
        ("flockbrokerd", "import CondorNet"),
        ("BrokerServer", "@_exported import BrokerCore"),
        ("BrokerServer", "@testable import BrokerCore"),
        ("Unheard", "import ClassAds"),
    ])
    func aForbiddenImportIsFound(target: String, text: String) {
        let statements = ImportStatement.all(in: SourceText(text))
        #expect(Self.table.violations(of: target, statements).count == 1)
    }

    @Test(arguments: [
        ("CEDAR", "public import NIOCore\ninternal import ClassAds\nimport struct Cryptography.SecretBytes"),
        ("ClassAds", "// import Foundation"),
        ("ClassAds", "/*\nimport Foundation\n*/"),
        ("ClassAds", "let text = \"\"\"\n    import Foundation\n    \"\"\""),
        ("ClassAds", "let importFoundation = true"),
        ("AnnexStore", "@preconcurrency import GRDB"),
    ])
    func whatIsAllowedIsNotReported(target: String, text: String) {
        let statements = ImportStatement.all(in: SourceText(text))
        #expect(Self.table.violations(of: target, statements) == [])
    }

    @Test func anImportIsReadWithItsAttributesAndLine() {
        let text = "\n@preconcurrency @_spi(Inner) public import struct CEDAR.Sinful  // why"
        #expect(
            ImportStatement.all(in: SourceText(text)).map { [$0.module, "\($0.line)"] + $0.attributes }
                == [["CEDAR", "2", "@preconcurrency", "@_spi"]])
    }
}
