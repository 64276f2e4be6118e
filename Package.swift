// swift-tools-version: 6.2
import PackageDescription

// Arrows (docs/architecture.md): a target imports only what is listed here, and a cycle does not compile.

let host: [Target] = [
    .target(name: "Foundations", dependencies: ["CCrypto", "CSystem", "CVector"], path: "Host/Foundations"),
    .target(name: "Columnar", dependencies: ["Foundations", "CVector"], path: "Host/Columnar"),
    .target(name: "Databases", dependencies: ["Foundations", "CSQLite"], path: "Host/Databases"),
    .target(name: "Similarity", path: "Host/Similarity"),
    .target(name: "Detection", dependencies: ["Foundations"], path: "Host/Detection"),
    .target(name: "Contracts", dependencies: ["Foundations"], path: "Host/Contracts"),
    .target(
        name: "Policy", dependencies: ["Foundations", "Columnar", "Contracts", "Detection"], path: "Host/Policy"),
    .target(
        name: "Transform", dependencies: ["Foundations", "Columnar", "Contracts", "CVector"], path: "Host/Transform"),
    .target(
        name: "Engines", dependencies: ["Foundations", "Columnar", "Transform", "Databases"], path: "Host/Engines"),
    .target(
        name: "Store", dependencies: ["Foundations", "Contracts", "Policy", "Databases"], path: "Host/Store"),
    .target(
        name: "Egress", dependencies: ["Foundations", "Contracts", "Policy", "CCurl", "CSystem"], path: "Host/Egress"),
    .target(
        name: "PluginHost", dependencies: ["Foundations", "Columnar", "Contracts", "Policy", "Egress", "CSystem"],
        path: "Host/PluginHost"),
    .target(
        name: "PluginRegistry",
        dependencies: ["Foundations", "Contracts", "Policy", "Egress", "PluginHost", "CSystem"],
        path: "Host/PluginRegistry"),
    .target(
        name: "Conformance",
        dependencies: [
            "Foundations", "Columnar", "Contracts", "Detection", "Policy", "Egress", "PluginHost", "PluginRegistry",
            "Databases", "CSystem",
        ],
        path: "Host/Conformance"),
    .target(
        name: "Inference", dependencies: ["Foundations", "Contracts", "Policy", "Store", "Egress", "PluginHost"],
        path: "Host/Inference"),
    .target(
        name: "Stages",
        dependencies: [
            "Foundations", "Columnar", "Contracts", "Detection", "Policy", "Transform", "Store", "Egress",
            "PluginHost", "Inference", "Similarity", "Databases", "CRE2", "TokenCount",
        ],
        path: "Host/Stages"),
    .target(
        name: "Supervisor",
        dependencies: [
            "Foundations", "Columnar", "Contracts", "Detection", "Policy", "Store", "Egress", "PluginHost",
            "PluginRegistry", "Conformance", "Inference", "Stages", "Databases",
        ],
        path: "Host/Supervisor"),
    .target(
        name: "Evaluation", dependencies: ["Foundations", "Contracts", "Policy", "Detection", "Conformance"],
        path: "Host/Evaluation"),
    .target(name: "Scaffold", dependencies: ["Foundations"], path: "Host/Scaffold"),
    .target(
        name: "CommandLineCore",
        dependencies: [
            "Foundations", "Columnar", "Conformance", "Contracts", "Detection", "Evaluation", "PluginHost", "Policy",
            "Scaffold", "Stages", "Supervisor", "Transform", "Engines", "CSVCore", "CSystem",
        ],
        path: "Host/CommandLine/Core"),
    .executableTarget(
        name: "sluice", dependencies: ["CommandLineCore", "Conformance", "Foundations", "Supervisor"],
        path: "Host/CommandLine",
        exclude: ["Core"]),
]

/// Adapters of model servers: a folder, a core and a plugin each.
let modelProviders = ["OpenAI", "Groq", "Compatible", "Anthropic", "Ollama"]

let plugins: [Target] =
    [
        .target(name: "SluiceSDK", dependencies: ["SluiceABI"], path: "SDK/Swift"),
        .target(name: "CSVCore", path: "Plugins/CSVConnector/Core"),
        .target(
            name: "SluiceConnectorCSV", dependencies: ["CSVCore", "SluiceSDK", "SluiceABI"],
            path: "Plugins/CSVConnector/Entry"),
        .target(name: "CompletenessCore", path: "Plugins/CompletenessCheck/Core"),
        .target(
            name: "SluiceCheckCompleteness", dependencies: ["CompletenessCore", "SluiceSDK", "SluiceABI"],
            path: "Plugins/CompletenessCheck/Entry"),
        .target(name: "LocalCore", path: "Plugins/LocalProvider/Core"),
        .target(
            name: "SluiceProviderLocal", dependencies: ["LocalCore", "SluiceABI"],
            path: "Plugins/LocalProvider/Entry"),
        .target(name: "ProviderKit", dependencies: ["SluiceSDK"], path: "Plugins/ProviderKit"),
        // Estimates of tokens: of the adapters, and of the host before anybody is asked.
        .target(name: "TokenCount", path: "Plugins/TokenCount"),
        // What OpenAI, Groq and the servers that speak their protocol have in common.
        .target(name: "ChatCompletions", dependencies: ["ProviderKit", "SluiceSDK"], path: "Plugins/ChatCompletions"),
    ]
    + modelProviders.flatMap { provider -> [Target] in
        let core = "\(provider)Core"
        let shared: [Target.Dependency] =
            ["OpenAI", "Groq", "Compatible"].contains(provider) ? ["ChatCompletions"] : []
        return [
            .target(
                name: core, dependencies: ["ProviderKit", "SluiceSDK", "TokenCount"] + shared,
                path: "Plugins/\(provider)Provider/Core"),
            .target(
                name: "SluiceProvider\(provider)",
                dependencies: [.init(stringLiteral: core), "ProviderKit", "SluiceSDK", "SluiceABI"],
                path: "Plugins/\(provider)Provider/Entry"),
        ]
    }

// C and C++: their own warnings as errors, and no Swift settings.
let strictC: [CSetting] = [.unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror"])]
let hiddenC: [CSetting] = [.unsafeFlags(["-fvisibility=hidden"])]
// Without these SwiftPM links the Swift runtime into a C program, whose crash handler answers an abort() with system
// calls that the sandbox kills for. The folder stands in for the toolchain's, whose list of what a static Swift program
// needs would bring in the C++ library: every start would load it.
let bareLink: [LinkerSetting] = [
    .unsafeFlags([
        "-nostartfiles", "-static-stdlib", "-resource-dir", "\(Context.packageDirectory)/scripts/runner-link",
    ])
]
let foreign: [Target] = [
    .systemLibrary(name: "CSQLite", path: "Host/CSQLite", pkgConfig: "sqlite3"),
    .target(
        name: "CCrypto", path: "Host/CCrypto", cSettings: strictC, linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CSystem", path: "Host/CSystem", cSettings: strictC),
    .target(name: "CVector", path: "Host/CVector", cSettings: strictC),
    // Not linked: libcurl is loaded with the first request (Host/CCurl/include/ccurl.h).
    .target(name: "CCurl", path: "Host/CCurl", cSettings: strictC, linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CRE2", path: "Host/CRE2", linkerSettings: [.linkedLibrary("re2")]),
    // What a plugin's library finds here before the C library's own is marked so (process.c, relay.c); nothing else of
    // the runner's has a name that a plugin could meet.
    .target(
        name: "RunnerCore", path: "Host/Runner", exclude: ["Main"],
        cSettings: strictC + [.headerSearchPath("../../SDK/include")] + hiddenC,
        linkerSettings: [.linkedLibrary("seccomp"), .linkedLibrary("dl"), .linkedLibrary("pthread")]),
    .executableTarget(
        name: "sluice-runner", dependencies: ["RunnerCore"], path: "Host/Runner/Main",
        cSettings: strictC + [.headerSearchPath(".."), .headerSearchPath("../../../SDK/include")] + hiddenC,
        linkerSettings: bareLink),
    // The suite's: it enters the same sandbox and calls the plugin's tables itself. libffi is its alone.
    .executableTarget(
        name: "sluice-prober", dependencies: ["RunnerCore", "SluiceCKit"], path: "Host/Prober",
        exclude: ["abi_tables.inc"], cSettings: strictC + [.headerSearchPath("../Runner")] + hiddenC,
        linkerSettings: bareLink + [.linkedLibrary("ffi"), .linkedLibrary("m")]),
    .target(
        name: "SluiceABI", path: "SDK",
        exclude: ["Swift", "C", "Rust", "templates", "make", "examples", "exports.map"], sources: ["ABI"],
        publicHeadersPath: "include"),
    .target(
        name: "SluiceCKit", dependencies: ["SluiceABI"], path: "SDK/C", publicHeadersPath: "include",
        cSettings: strictC),
    .target(
        name: "SluiceConnectorSQLite", dependencies: ["SluiceCKit", "SluiceABI"],
        path: "Plugins/SQLiteConnector/Sources", publicHeadersPath: ".",
        cSettings: strictC, linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
        name: "SluiceCheckDuplicates", dependencies: ["SluiceCKit", "SluiceABI"],
        path: "Plugins/DuplicatesCheck/Sources", publicHeadersPath: ".", cSettings: strictC),
]

let tests: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["Foundations", "CSQLite"], path: "Tests/Support",
        exclude: ["hostile_server.py"]),
    .testTarget(
        name: "EndToEndTests", dependencies: ["TestSupport", "Foundations"], path: "Tests/EndToEnd"),
    .testTarget(
        name: "CommandLineTests",
        dependencies: [
            "CommandLineCore", "Conformance", "Foundations", "Contracts", "Databases", "PluginHost", "Stages",
            "Supervisor",
        ],
        path: "Tests/CommandLineTests"),
    .testTarget(
        name: "FoundationsTests", dependencies: ["Foundations", "CCrypto", "CVector"], path: "Tests/FoundationsTests",
        exclude: ["make-schema-pairs.py"]),
    .testTarget(
        name: "LocalProviderTests", dependencies: ["LocalCore"], path: "Tests/LocalProviderTests",
        exclude: ["golden.json", "make-golden.py"]),
    .testTarget(name: "SimilarityTests", dependencies: ["Similarity"], path: "Tests/SimilarityTests"),
    .testTarget(name: "ContractsTests", dependencies: ["Contracts", "Foundations"], path: "Tests/ContractsTests"),
    .testTarget(
        name: "PolicyTests",
        dependencies: ["Policy", "Detection", "Contracts", "Columnar", "Foundations", "Similarity"],
        path: "Tests/PolicyTests"),
    .testTarget(
        name: "DetectionTests", dependencies: ["Detection"], path: "Tests/DetectionTests",
        exclude: ["checks.txt", "forms.txt", "make-checks.py", "make-numbers.py", "names.txt", "numbers.txt"]),
    .testTarget(
        name: "EvaluationTests", dependencies: ["TestSupport", "Evaluation", "Detection", "Foundations"],
        path: "Tests/EvaluationTests"),
    // Documents that are nearly programs; the driver runs them for as long as is wanted, under AddressSanitizer.
    .target(name: "DSLFuzz", dependencies: ["Transform", "Columnar", "Foundations"], path: "Tests/Fuzz/dsl/Core"),
    .executableTarget(name: "sluice-fuzz-dsl", dependencies: ["DSLFuzz"], path: "Tests/Fuzz/dsl/Driver"),
    .testTarget(
        name: "TransformTests", dependencies: ["DSLFuzz", "Transform", "Columnar", "Foundations", "CVector"],
        path: "Tests/TransformTests"),
    .testTarget(
        name: "StoreTests", dependencies: ["Store", "Foundations", "Contracts", "Policy", "Databases"],
        path: "Tests/StoreTests"),
    .testTarget(name: "DatabasesTests", dependencies: ["Databases", "Foundations"], path: "Tests/DatabasesTests"),
    .testTarget(
        name: "EnginesTests", dependencies: ["Engines", "Transform", "Databases", "Columnar", "Foundations"],
        path: "Tests/EnginesTests"),
    .testTarget(
        name: "TargetTests", dependencies: ["TestSupport", "Stages", "Store", "Columnar", "Databases", "Foundations"],
        path: "Tests/TargetTests"),
    .testTarget(
        name: "StagesTests",
        dependencies: [
            "TestSupport", "Stages", "Transform", "Columnar", "Contracts", "Detection", "Policy", "Store", "PluginHost",
            "Inference", "Databases", "Foundations",
        ],
        path: "Tests/StagesTests"),
    .testTarget(
        name: "MappingTests",
        dependencies: [
            "Stages", "Detection", "Inference", "PluginHost", "Policy", "Transform", "Columnar", "Foundations",
            "Contracts",
        ],
        path: "Tests/MappingTests"),
    .testTarget(
        name: "SupervisorTests",
        dependencies: ["PluginRegistry", "Supervisor", "Store", "Policy", "Contracts", "Foundations"],
        path: "Tests/SupervisorTests"),
    .testTarget(
        name: "EgressTests", dependencies: ["TestSupport", "Egress", "Policy", "Contracts", "Foundations"],
        path: "Tests/EgressTests"),
    .testTarget(
        name: "PluginHostTests",
        dependencies: ["TestSupport", "PluginHost", "Egress", "Policy", "Contracts", "Columnar", "Foundations"],
        path: "Tests/PluginHostTests", exclude: ["Fixtures"]),
    .testTarget(
        name: "ConformanceTests", dependencies: ["TestSupport", "Conformance", "PluginHost", "Foundations"],
        path: "Tests/ConformanceTests"),
    .testTarget(
        name: "PluginRegistryTests",
        dependencies: ["TestSupport", "PluginRegistry", "PluginHost", "Egress", "Policy", "Contracts", "Foundations"],
        path: "Tests/PluginRegistryTests"),
    .executableTarget(
        name: "sluice-bench-boundary", dependencies: ["PluginHost", "Policy", "Contracts", "Columnar", "Foundations"],
        path: "Tests/Bench/boundary/Driver"),
    .executableTarget(
        name: "sluice-bench-masking", dependencies: ["Detection", "Policy"], path: "Tests/Bench/masking/Driver"),
    .executableTarget(
        name: "sluice-bench-dsl", dependencies: ["Transform", "Columnar", "Foundations"],
        path: "Tests/Bench/dsl/Driver"),
    .executableTarget(
        name: "sluice-bench-gateway",
        dependencies: [
            "Inference", "PluginHost", "Egress", "Policy", "Contracts", "Foundations", "OpenAICore", "ProviderKit",
            "SluiceSDK",
        ],
        path: "Tests/Bench/gateway/Driver"),
    .testTarget(name: "ColumnarTests", dependencies: ["Columnar", "Foundations"], path: "Tests/ColumnarTests"),
    .testTarget(name: "SDKTests", dependencies: ["SluiceSDK", "SluiceABI"], path: "Tests/SDKTests"),
    .testTarget(name: "CSVConnectorTests", dependencies: ["CSVCore"], path: "Tests/CSVConnectorTests"),
    .testTarget(name: "CompletenessTests", dependencies: ["CompletenessCore"], path: "Tests/CompletenessTests"),
    .testTarget(
        name: "AdapterTests",
        dependencies: ["TestSupport", "ProviderKit", "ChatCompletions", "SluiceSDK", "TokenCount"]
            + modelProviders.map { .init(stringLiteral: "\($0)Core") },
        path: "Tests/AdapterTests"),
    .testTarget(
        name: "InferenceTests",
        dependencies: [
            "TestSupport", "Inference", "PluginHost", "Store", "Egress", "Policy", "Contracts", "Foundations",
        ],
        path: "Tests/InferenceTests"),
]

/// One exported symbol a plugin, and it stays loaded until its process ends. lld, because gold leaves local symbols in
/// the dynamic table when a relocation meets them.
let pluginLink: [LinkerSetting] = [
    .unsafeFlags([
        "-use-ld=lld", "-no-toolchain-stdlib-rpath", "-Xlinker",
        "--version-script=\(Context.packageDirectory)/SDK/exports.map", "-Xlinker", "-z",
        "-Xlinker", "nodelete",
    ])
]

let pluginEntries = Set(
    [
        "SluiceConnectorCSV", "SluiceCheckCompleteness", "SluiceProviderLocal", "SluiceConnectorSQLite",
        "SluiceCheckDuplicates",
    ] + modelProviders.map { "SluiceProvider\($0)" })

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluice", targets: ["sluice"]),
        .executable(name: "sluice-runner", targets: ["sluice-runner"]),
        .executable(name: "sluice-prober", targets: ["sluice-prober"]),
        .library(name: "SluiceSDK", targets: ["SluiceSDK"]),
    ] + pluginEntries.sorted().map { .library(name: $0, type: .dynamic, targets: [$0]) },
    targets: host + plugins + foreign + tests,
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

// Strict settings, once, for every Swift target.
for target in package.targets where (host + plugins + tests).contains(where: { $0.name == target.name }) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
        .define("SLUICE_TEST_HOOKS", .when(configuration: .debug)),
    ]
}
for target in package.targets where pluginEntries.contains(target.name) {
    target.linkerSettings = (target.linkerSettings ?? []) + pluginLink
}
