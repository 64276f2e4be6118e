public import Foundations
internal import Glibc

/// A plugin of somebody else, made of a fixture of Tests/Fixtures for one test.
public struct ThirdParty {
    public enum Kind: String {
        case check, connector, provider

        var sees: String {
            switch self {
            case .check: "masked batches"
            case .connector: "own source"
            case .provider: "masked prompts"
            }
        }
    }

    public let id: String
    public let kind: Kind
    public let fixture: String
    public var version = "1.0.0"
    /// Whether the fixture is written on the C kit.
    public var usesKit = true
    /// What the compiler is told beside id and version, without `-D`.
    public var defines: [String] = []
    public var wall: Double = 30
    public var companions: [String] = []
    public var egress: JSON = []
    /// The `source` of a connector.
    public var source: JSON?

    public init(_ id: String, _ kind: Kind, fixture: String) {
        self.id = id
        self.kind = kind
        self.fixture = fixture
    }
}

extension Scene {
    /// The folder that `SLUICE_PLUGINS` names, with a copy of ours in it.
    public func ownPlugins() throws -> String {
        let folder = path("plugins")
        if environment["SLUICE_PLUGINS"] == nil {
            let done = try run("/bin/cp", ["-rL", stage + "/lib/sluice/plugins", folder])
            guard done.status == 0 else { throw LaunchFailure(description: done.errText) }
            environment["SLUICE_PLUGINS"] = folder
        }
        return folder
    }

    /// Compiles a plugin and puts it beside ours; one of the same id is replaced.
    ///
    /// - Returns: SHA-256 of its library, in hexadecimal.
    @discardableResult
    public func install(_ plugin: ThirdParty) throws -> String {
        let folder = try ownPlugins()
        let library = "\(plugin.id)-\(plugin.version).so"
        let sources = plugin.usesKit ? ["text", "guard", "writer", "json", "schema", "build", "view"] : []
        let built = try run(
            "/usr/bin/cc",
            [
                "-shared", "-fPIC", "-O1", "-std=gnu11", "-Wall", "-Werror", "-I\(Stage.repository)/SDK/include",
                "-I\(Stage.repository)/SDK/C/include", "-DFIXTURE_ID=\"\(plugin.id)\"",
                "-DFIXTURE_VERSION=\"\(plugin.version)\"", "-Wl,-z,nodelete", "-o", "\(folder)/\(library)",
                "\(Stage.repository)/Tests/Fixtures/\(plugin.fixture).c",
            ] + plugin.defines.map { "-D" + $0 } + sources.map { "\(Stage.repository)/SDK/C/kit_\($0).c" } + ["-lm"])
        guard built.status == 0 else { throw LaunchFailure(description: built.errText) }
        let bytes = try Files.read("\(folder)/\(library)")
        let hash = SHA256.hash(bytes).hex
        let manifest: JSON = .members([
            "manifest_version": 1, "id": .string(plugin.id), "version": .string(plugin.version),
            "kind": .string(plugin.kind.rawValue), "publisher": "example", "license": "Apache-2.0",
            "summary": "A plugin of somebody else.", "abi": ["major": 0, "minor": 1],
            "artifacts": [
                [
                    "platform": .string(Self.platform), "file": .string(library), "size": JSON(bytes.count),
                    "sha256": .string(hash),
                ]
            ],
            "resources": [], "extensions": [], "egress": plugin.egress,
            "data_access": ["sees": .string(plugin.kind.sees), "companions": JSON(plugin.companions)],
            "limits": [
                "memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": .double(plugin.wall), "descriptors": 16,
                "threads": 4,
            ],
            "source": plugin.source,
        ])
        try Files.writeAtomically(manifest.canonicalBytes, to: "\(folder)/\(plugin.id).json")
        return hash
    }

    /// Takes a plugin's manifest away.
    public func uninstall(_ id: String) throws {
        let path = "\(try ownPlugins())/\(id).json"
        guard unlink(path) == 0 else { throw LaunchFailure(description: "\(path) is not there") }
    }

    private static var platform: String {
        #if arch(arm64)
        "linux-aarch64"
        #else
        "linux-x86_64"
        #endif
    }

    /// Changes the staged Policy Manifest or threshold profile of this scene, which has a registry of its own then.
    public func changeRegistry(_ file: String, _ change: (inout [String: JSON]) -> Void) throws {
        let registry = path("registry")
        if environment["SLUICE_REGISTRY"] == nil {
            let done = try run("/bin/cp", ["-rL", stage + "/share/sluice/registry", registry])
            guard done.status == 0 else { throw LaunchFailure(description: done.errText) }
            environment["SLUICE_REGISTRY"] = registry
        }
        guard case .object(var document) = try JSONParser.parse(try Files.read("\(registry)/\(file)")) else {
            throw LaunchFailure(description: "\(file) is no object")
        }
        change(&document)
        try Files.writeAtomically(JSON.object(document).canonicalBytes, to: "\(registry)/\(file)")
    }
}
