// swift-tools-version:6.2
import PackageDescription

/// Settings of every target: Swift 6 mode, imports internal unless said otherwise, no warnings.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "FlockBroker",
    products: [
        .library(name: "ClassAds", targets: ["ClassAds"]),
        .library(name: "CEDAR", targets: ["CEDAR"]),
        .library(name: "CondorSecurity", targets: ["CondorSecurity"]),
        .executable(name: "flockbrokerd", targets: ["flockbrokerd"]),
        .executable(name: "flockbroker", targets: ["flockbroker"]),
        .executable(name: "flocksim", targets: ["flocksim"]),
        .executable(name: "classad-eval", targets: ["classad-eval"]),
        // For the package in Fuzz/, which links it with libFuzzer.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

        // The wire and the language. Pure: no sockets, no clocks.
        .target(name: "Cryptography", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "ClassAds", dependencies: ["CPCRE2"], swiftSettings: strict),
        .target(name: "CEDAR", dependencies: ["ClassAds", "Cryptography", nioCore], swiftSettings: strict),
        .target(
            name: "CondorSecurity", dependencies: ["CEDAR", "ClassAds", "Cryptography", nioCore],
            swiftSettings: strict),

        // The domain, its decisions and its memory.
        .target(name: "AnnexModel", dependencies: ["ClassAds"], swiftSettings: strict),
        .target(
            name: "AnnexStore", dependencies: ["AnnexModel", "ClassAds", "Cryptography", grdb], swiftSettings: strict),
        .target(name: "BrokerCore", dependencies: ["AnnexModel", "CEDAR", "ClassAds"], swiftSettings: strict),

        // Input and output.
        .target(
            name: "CondorNet",
            dependencies: ["CondorSecurity", "CEDAR", "ClassAds", "Cryptography", nioCore, nioPosix, logging],
            swiftSettings: strict),
        .target(name: "Configuration", dependencies: ["CEDAR", "CondorSecurity"], swiftSettings: strict),
        .target(
            name: "BrokerServer",
            dependencies: [
                "BrokerCore", "AnnexStore", "AnnexModel", "CondorNet", "CondorSecurity", "CEDAR", "ClassAds",
                "Cryptography", nioCore, nioPosix, logging, lifecycle,
            ],
            swiftSettings: strict),

        // Programs.
        .executableTarget(
            name: "flockbrokerd",
            dependencies: [
                "BrokerServer", "CondorSecurity", "Configuration", argumentParser, logging, lifecycle,
                unixSignals,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "flockbroker",
            dependencies: [
                "CondorNet", "CondorSecurity", "CEDAR", "ClassAds", "Cryptography", "AnnexModel", "AnnexStore",
                "Configuration",
                argumentParser, nioCore, nioPosix, logging,
            ],
            swiftSettings: strict),
        .target(
            name: "FlockSimCore", dependencies: ["ClassAds", "CEDAR", "CondorSecurity", "Cryptography", nioCore],
            swiftSettings: strict),
        .executableTarget(
            name: "flocksim",
            dependencies: [
                "FlockSimCore", "CondorNet", "CondorSecurity", "CEDAR", "ClassAds", "Cryptography", argumentParser,
                nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .executableTarget(name: "classad-eval", dependencies: ["ClassAds"], swiftSettings: strict),

        // What is fuzzed, and what the tests replay.
        .target(
            name: "FuzzTargets",
            dependencies: ["CondorNet", "CondorSecurity", "CEDAR", "ClassAds", "Cryptography", nioCore],
            path: "Fuzz/Targets", swiftSettings: strict),

        // Tests. What several of them share, recorded traffic above all, stands in one target.
        .target(
            name: "TestSupport", dependencies: ["CondorSecurity", "CEDAR", "ClassAds", "Cryptography", nioCore],
            path: "Tests/Support", resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "CryptographyTests", dependencies: ["Cryptography", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ClassAdsTests", dependencies: ["ClassAds", "TestSupport", "classad-eval"],
            exclude: ["Differential/README.md", "Differential/reference.py"],
            resources: [.copy("Vectors")],
            swiftSettings: strict),
        .testTarget(
            name: "CEDARTests", dependencies: ["CEDAR", "ClassAds", "Cryptography", "TestSupport", nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "CondorSecurityTests",
            dependencies: [
                "CondorSecurity", "CEDAR", "ClassAds", "Cryptography", "COpenSSL", "TestSupport", nioCore,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CondorNetTests",
            dependencies: [
                "CondorNet", "CondorSecurity", "CEDAR", "ClassAds", "Cryptography", "TestSupport", nioCore, nioPosix,
                nioEmbedded,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AnnexStoreTests", dependencies: ["AnnexStore", "AnnexModel", "ClassAds", "Cryptography", grdb],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerCoreTests", dependencies: ["BrokerCore", "AnnexModel", "CEDAR", "ClassAds", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "CondorSecurity", "CEDAR"],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerServerTests",
            dependencies: [
                "BrokerServer", "AnnexStore", "CondorSecurity", "CEDAR", "Cryptography", "CondorNet", logging, nioCore,
                nioPosix,
            ], swiftSettings: strict),
        .testTarget(
            name: "FlockSimTests",
            dependencies: ["FlockSimCore", "CEDAR", "ClassAds", "Cryptography", "TestSupport", nioCore],
            swiftSettings: strict),
        .testTarget(name: "FuzzReplayTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "CondorNet", "CondorSecurity", "CEDAR", "ClassAds", "Cryptography", "TestSupport", nioCore, nioPosix,
            ],
            exclude: ["python", "reference"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
