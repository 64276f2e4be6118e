import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

/// A folder of its own for each test, with a runner of a name of its own: what is left of it can be found.
final class Workshop {
    let folder: String
    let runnerName: String
    var settings: RunnerSettings

    static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    private static let own = repository + "/Tests/PluginHostTests/Fixtures"
    private static let shared = repository + "/Tests/Fixtures"

    /// The real runner: SLUICE_RUNNER, SLUICE_STAGE, or the one built beside the tests. Nil when there is none.
    static let realRunner: String? = {
        let environment = Context.system.environment
        var candidates: [String] = []
        if let named = environment["SLUICE_RUNNER"] { candidates.append(named) }
        if let stage = environment["SLUICE_STAGE"] { candidates.append(stage + "/libexec/sluice-runner") }
        for program in CommandLine.arguments.prefix(1) + ["/proc/self/exe"] {
            if let real = Files.resolved(program) { candidates.append(Files.folder(of: real) + "/sluice-runner") }
        }
        let build = repository + "/.build/debug/sluice-runner"
        return (candidates + [build]).first(where: Files.exists).flatMap(Files.resolved)
    }()

    /// Whether this machine gives an ordinary user namespaces, tried without the runner.
    static let hasNamespaces = system("unshare -U -r -m -p -n -i --fork true 2>/dev/null") == 0

    static let noRunner: Comment = "no sluice-runner: build it, or set SLUICE_RUNNER or SLUICE_STAGE"

    /// - Parameter runner: the program; the real one when nil.
    init(runner: String? = nil) throws {
        var random = SystemRandomNumberGenerator()
        runnerName = "r" + String(UInt64.random(in: 1...UInt64.max, using: &random), radix: 36)
        folder = "/tmp/sluice-pluginhost-\(getpid())-\(runnerName)"
        try Files.makeFolder(folder)
        let program = try #require(runner ?? Self.realRunner)
        let named = folder + "/" + runnerName
        try #require(symlink(program, named) == 0)
        settings = RunnerSettings(runnerPath: named)
    }

    deinit { removeTree(folder) }

    /// The processes of this workshop's runner that there still are, our own zombies included.
    ///
    /// A grandchild dies a moment after the kill: it is waited for, a second at most.
    func survivors(expected: Int = 0) -> [String] {
        var found = runnerProcesses()
        for _ in 0..<1000 where found.count > expected {
            poll(nil, 0, 1)
            found = runnerProcesses()
        }
        return found
    }

    private func runnerProcesses() -> [String] {
        let names = (try? Files.list("/proc")) ?? []
        let own = Array(runnerName.prefix(15).utf8) + [UInt8(ascii: "\n")]
        return names.filter { name in
            // Bytes: to look through the text of every process of the machine takes a second in a debug build.
            guard Int32(name) != nil, (try? Files.read("/proc/\(name)/comm")) == own,
                let bytes = try? Files.read("/proc/\(name)/stat")
            else { return false }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { return false }
            let fields = text[end...].split(separator: " ")
            // A zombie of another parent is for that parent to reap.
            return !(fields.count > 2 && fields[1] == "Z" && fields[2] != "\(getpid())")
        }
    }

    /// Compiles a fixture of Tests/Fixtures into a plugin of this workshop.
    func plugin(
        _ fixture: String, kind: PluginManifest.Kind = .check, id: String? = nil, wall: Double = 5,
        companions: [String] = [], link: String = "", egress: JSON = [], language: String? = nil, relay: JSON? = nil
    ) throws -> InstalledPlugin {
        let library = folder + "/" + fixture + ".so"
        try run(
            "gcc -shared -fPIC -O1 -std=gnu11 -I\(Self.repository)/SDK/include -Wl,-z,nodelete -o \(library) "
                + "\(Self.shared)/\(fixture).c \(link)")
        return try install(
            fixture, id: id ?? "fixture." + fixture, kind: kind, wall: wall, companions: companions, egress: egress,
            language: language, relay: relay)
    }

    /// A small library of this workshop in a folder of its own; `link` is what it is linked with.
    @discardableResult
    func library(_ name: String, in folder: String = "", link: String = "", text: String = "1") throws -> String {
        let place = self.folder + (folder.isEmpty ? "" : "/" + folder)
        try Files.makeFolder(place)
        try Files.writeAtomically(
            Array("int sluice_test_\(name)(void) { return \(text); }\n".utf8), to: "\(place)/\(name).c")
        try run(
            "gcc -shared -fPIC -Wl,-soname,lib\(name).so -Wl,--no-as-needed -o \(place)/lib\(name).so.new "
                + "\(place)/\(name).c \(link) && mv \(place)/lib\(name).so.new \(place)/lib\(name).so")
        return "\(place)/lib\(name).so"
    }

    /// A "plugin" for the hostile runner, which reads from it how to misbehave.
    func script(_ mode: String, kind: PluginManifest.Kind = .check, wall: Double = 5) throws -> InstalledPlugin {
        try Files.writeAtomically(Array(mode.utf8), to: folder + "/\(mode).so")
        return try install(mode, id: "fixture.hostile", kind: kind, wall: wall, companions: [])
    }

    func install(
        _ name: String, id: String, kind: PluginManifest.Kind, wall: Double, companions: [String],
        egress: JSON = [], language: String? = nil, relay: JSON? = nil, version: String = "1.0.0"
    ) throws -> InstalledPlugin {
        let bytes = try Files.read(folder + "/\(name).so")
        var members: [String: JSON] = [
            "id": .string(id), "kind": .string(kind.rawValue), "version": .string(version),
            "artifacts": [
                [
                    "platform": .string(PluginManifest.hostPlatform), "file": .string(name + ".so"),
                    "size": JSON(bytes.count), "sha256": .string(SHA256.hash(bytes).hex),
                ]
            ],
            "data_access": ["sees": .string(kind.sees), "companions": JSON(companions)], "egress": egress,
            "limits": [
                "memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": .double(wall), "descriptors": 32, "threads": 4,
            ],
        ]
        if let language { members["language"] = .string(language) }
        if let relay { members["relay"] = relay }
        let manifest = manifestJSON(members)
        let path = folder + "/\(name).json"
        try Files.writeAtomically(manifest.canonicalBytes, to: path)
        return try InstalledPlugin(manifestPath: path)
    }

    /// A program that speaks the runner's protocol badly; compiled once, removed when the tests end.
    static let hostileRunner: Result<String, any Error> = Result {
        atexit { unlink(Workshop.hostilePath) }
        try run("gcc -O1 -std=gnu11 -Wall -Werror -o \(hostilePath) \(own)/hostile_runner.c")
        return hostilePath
    }

    private static var hostilePath: String { "/tmp/sluice-hostile-runner-\(getpid())" }
}

/// Runs a command of the shell; a failure is a failure of the test.
func run(_ command: String) throws { try #require(system(command) == 0, "\(command)") }

func removeTree(_ folder: String) {
    for name in (try? Files.list(folder)) ?? [] {
        let path = folder + "/" + name
        if Files.isDirectory(path) { removeTree(path) } else { unlink(path) }
    }
    rmdir(folder)
}

/// A manifest that is right, with some members replaced.
func manifestJSON(_ replaced: [String: JSON] = [:]) -> JSON {
    var members: [String: JSON] = [
        "manifest_version": 1, "id": "sample", "version": "0.1.0", "kind": "check", "publisher": "Sluice",
        "license": "Apache-2.0", "summary": "A sample.", "abi": ["major": 0, "minor": 1],
        "artifacts": [
            [
                "platform": "linux-x86_64", "file": "libSample.so", "size": 12,
                "sha256": .string(String(repeating: "ab", count: 32)),
            ]
        ],
        "resources": [], "extensions": [], "egress": [],
        "data_access": ["sees": "masked batches", "companions": ["key"]],
        "limits": ["memory_bytes": 268_435_456, "cpu_s": 60, "wall_s": 30, "descriptors": 32, "threads": 4],
    ]
    for (key, value) in replaced { members[key] = value }
    return .object(members)
}

func permit(_ action: Policy.Action) -> Permit {
    Permit(action: action, actor: "tester", rule: "test", policyVersion: "1")
}

/// A masked batch of an ordinal and one text column.
func maskedBatch(_ texts: [String?], from ordinal: Int64 = 0) -> MaskedBatch {
    var ordinals = ColumnBuilder(.int64)
    var values = ColumnBuilder(.text)
    for (row, text) in texts.enumerated() {
        ordinals.append(int64: ordinal + Int64(row))
        values.append(text: text)
    }
    return MaskedBatch(
        masked: Batch(
            schema: maskedSchema, columns: [ordinals.finish(), values.finish()], rowCount: texts.count))
}

let maskedSchema = Schema([Field("sluice.ordinal", .int64, nullable: false), Field("c0", .text)])

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
