// swift-tools-version:6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "FlockBroker", path: "..")],
    targets: [
        .systemLibrary(name: "CMalloc"),
        .executableTarget(
            name: "classad-bench", dependencies: ["CMalloc", .product(name: "ClassAds", package: "FlockBroker")],
            swiftSettings: [.treatAllWarnings(as: .error)]),
    ],
    swiftLanguageModes: [.v6]
)
