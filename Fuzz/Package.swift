// swift-tools-version:6.2
import PackageDescription

// The targets themselves are in the main package, where the tests replay them; here is only what libFuzzer needs.
let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "FlockBroker", path: "..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: ["CFuzzer", .product(name: "FuzzTargets", package: "FlockBroker")]),
    ],
    swiftLanguageModes: [.v6]
)
