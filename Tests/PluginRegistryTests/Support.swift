import Foundations
import Glibc
import PluginHost
import Testing

@testable import PluginRegistry
@testable import Policy

/// A folder of its own with a publisher's key, a packed plugin and a home.
final class Bench {
    let folder: String
    let context: Context
    var home: String { folder + "/home" }
    var plugins: PluginFolder { PluginFolder(home: home, context: context) }

    init() throws {
        var random = SystemRandomNumberGenerator()
        folder =
            "/tmp/sluice-registry-\(getpid())-" + String(UInt64.random(in: 1...UInt64.max, using: &random), radix: 36)
        context = .system
        try Files.makeFolder(folder + "/home/locks")
    }

    deinit { FolderTree.remove(folder) }

    /// A key pair by its seed's first byte.
    static func key(_ number: UInt8) throws -> Ed25519.SigningKey {
        try #require(Ed25519.SigningKey(seed: [UInt8](repeating: number, count: 32)))
    }

    /// Keys that trust key 1 for the publisher acme.
    static func keys(_ more: [TrustedKey] = []) throws -> TrustedKeys {
        TrustedKeys(shipped: KeyList(keys: [try trusted(1, "acme")]), own: KeyList(keys: more))
    }

    static func trusted(_ number: UInt8, _ publisher: String) throws -> TrustedKey {
        TrustedKey(
            key: try key(number).publicKey, publisher: publisher, status: .trusted, since: "2026-01-01T00:00:00.000Z")
    }

    static func revoked(_ number: UInt8) throws -> TrustedKey {
        TrustedKey(
            key: try key(number).publicKey, publisher: "acme", status: .revoked, since: "2026-02-01T00:00:00.000Z",
            reason: "it got out")
    }

    /// A compiled library, made once for all tests.
    static let library: Result<[UInt8], any Error> = Result {
        let path = "/tmp/sluice-registry-library-\(getpid())"
        defer { for end in [".c", ".so"] { unlink(path + end) } }
        try Files.writeAtomically(
            Array(
                "#include <stdlib.h>\nconst void *sluice_plugin_entry(const void *h) { if (!h) abort(); return h; }\n"
                    .utf8), to: path + ".c")
        try #require(system("cc -shared -fPIC -Wl,-z,noexecstack -o \(path).so \(path).c") == 0)
        return try Files.read(path + ".so")
    }

    static func template(_ replaced: [String: JSON] = [:]) -> JSON {
        var members: [String: JSON] = [
            "manifest_version": 1, "id": "acme.check", "version": "1.0.0", "kind": "check", "publisher": "acme",
            "license": "Apache-2.0", "summary": "A sample.", "abi": ["major": 0, "minor": 1],
            "artifacts": [["file": "acme.so"]], "resources": [], "extensions": [], "egress": [],
            "data_access": ["sees": "masked batches", "companions": ["key"]],
            "limits": ["memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": 30, "descriptors": 32, "threads": 4],
        ]
        for (key, value) in replaced {
            if value == .null { members.removeValue(forKey: key) } else { members[key] = value }
        }
        return .object(members)
    }

    /// A signed package; its manifest's path.
    func package(
        _ name: String = "package", _ replaced: [String: JSON] = [:], key: UInt8? = 1
    ) throws -> String {
        let source = folder + "/source-" + name
        try Files.makeFolder(source)
        try Files.writeAtomically(try Self.library.get(), to: source + "/acme.so")
        try Files.writeAtomically(Self.template(replaced).canonicalBytes, to: source + "/template.json")
        let packed = try Packer.pack(
            template: source + "/template.json", into: "\(folder)/\(name)", context: context)
        if let key { try sign(packed.manifestPath, key: key) }
        return packed.manifestPath
    }

    func sign(_ path: String, key: UInt8) throws {
        let bytes = try Files.read(path)
        let manifest = try PluginManifest.parse(bytes, name: Files.name(of: path))
        let signature = try ManifestSignature(signing: manifest, bytes, key: try Self.key(key))
        try Files.writeAtomically(signature.bytes, to: path + ".sig")
    }

    func installer(_ keys: TrustedKeys, shipped: [PluginCatalog.Entry] = []) -> Installer {
        Installer(folder: plugins, keys: keys, shipped: PluginCatalog(entries: shipped))
    }

    static let permit = Permit(
        action: .manageProviderRegistry, actor: "ann", rule: "test", policyVersion: "1")
    static let grant = LockedPlugin.Grant(user: "me", role: "Admin", how: .yes)
    static func passes(_ path: String) throws(SluiceError) -> ConformanceVerdict {
        ConformanceVerdict(suiteVersion: "1.0.0", reportSHA256: SHA256.hash([1]), seed: 7, faults: [])
    }

    @discardableResult
    func install(
        _ path: String, keys: TrustedKeys? = nil, allowDowngrade: Bool = false
    ) throws -> InstallPlan.Step {
        let installer = installer(try keys ?? Self.keys())
        let plan = try installer.plan(manifestPath: path, allowDowngrade: allowDowngrade)
        return try installer.commit(
            plan, grant: Self.grant, conformance: Self.passes, permit: Bench.permit, record: { _, _, _ in }
        ).step
    }

    /// Everything below the home, by path.
    func state() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for file in try FolderTree.read(home, files: 10_000, bytes: 1 << 30) { found[file.path] = file.bytes }
        return found
    }
}

/// The error that a call throws; a call that throws none is an issue.
func failure(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> SluiceError? {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as SluiceError { return error } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// Random numbers that a seed replays (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
