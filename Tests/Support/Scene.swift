public import Foundations
internal import Glibc

/// The tree that `scripts/stage` laid out: what a user would have installed.
public enum Stage {
    public static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// `SLUICE_STAGE`, else the debug stage of this checkout.
    public static let root: String = {
        let named = Context.system.environment["SLUICE_STAGE"] ?? ""
        let path = named.isEmpty ? repository + "/.build/stage/debug" : named
        return Files.resolved(path) ?? path
    }()

    public static let isThere = Files.exists(root + "/bin/sluice")
    public static let absence = "no staged tree: run `swift build && scripts/stage debug`, or set SLUICE_STAGE"

    /// Whether the hooks that tests need (wire recorder, identity masker) are compiled in: not in a release.
    public static let hasHooks: Bool = {
        let bytes = (try? Files.read(root + "/bin/sluice")) ?? []
        return Bytes.contains("SLUICE_RECORD_WIRE", in: bytes)
    }()

    /// The folder of the unpacked evaluation sets, when `SLUICE_EVAL_DATA` names one.
    public static let evaluationData: String? = {
        let named = Context.system.environment["SLUICE_EVAL_DATA"] ?? ""
        return Files.isDirectory(named + "/schematch") && Files.isDirectory(named + "/semantic-types") ? named : nil
    }()
}

/// One test's own folder, home and targets; removed when the test ends.
///
/// Not Sendable: a test makes its own.
public final class Scene {
    public let folder: String
    /// The staged tree that is used: the shared one, until the test copies it.
    public private(set) var stage = Stage.root
    /// More variables for every call.
    public var environment: [String: String] = [:]
    private var calls = 0

    public var home: String { folder + "/home" }

    public init() throws {
        var random = SystemRandomNumberGenerator()
        let name = String(UInt64.random(in: 1...UInt64.max, using: &random), radix: 36)
        folder = "/tmp/sluice-e2e-\(getpid())-\(name)"
        try Files.makeFolder(folder)
    }

    deinit { Self.removeTree(folder) }

    public static func removeTree(_ folder: String) {
        for name in (try? Files.list(folder)) ?? [] {
            let path = folder + "/" + name
            // A link is removed, never followed.
            var info = stat()
            if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { removeTree(path) } else { unlink(path) }
        }
        rmdir(folder)
    }

    // MARK: Files

    public func path(_ name: String) -> String { folder + "/" + name }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, bytes: Array(text.utf8)) }

    @discardableResult
    public func write(_ name: String, bytes: [UInt8]) throws -> String {
        try Files.writeAtomically(bytes, to: path(name))
        return path(name)
    }

    /// All files below a folder with their bytes, by path relative to it.
    public static func files(below folder: String) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in (try? Files.list(folder)) ?? [] {
            let path = folder + "/" + name
            if Files.isDirectory(path) {
                for (inner, bytes) in files(below: path) { found[name + "/" + inner] = bytes }
            } else {
                found[name] = try? Files.read(path)
            }
        }
        return found
    }

    // MARK: Targets

    /// Makes a database by SQL, or changes one.
    @discardableResult
    public func database(_ name: String, _ sql: String) throws -> String {
        try Database(path(name)).execute(sql)
        return path(name)
    }

    /// The rows of a query, each value as text (NULL is `∅`).
    public func rows(_ name: String, _ sql: String) throws -> [[String]] { try Database(path(name)).rows(sql) }

    public func count(_ name: String, _ table: String) throws -> Int {
        Int(try rows(name, "SELECT count(*) FROM \"\(table)\"").first?.first ?? "") ?? -1
    }

    // MARK: Programs

    private func variables() -> [String: String] {
        var all = ["PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8"]
        let own = Context.system.environment
        for name in ["LD_LIBRARY_PATH", "ASAN_OPTIONS"] { all[name] = own[name] }
        return all.merging(environment) { $1 }
    }

    /// Starts `sluice` and does not wait.
    public func start(_ arguments: [String], home: String? = nil) throws -> Launched {
        calls += 1
        return try Launched(
            stage + "/bin/sluice", arguments + ["--home", home ?? self.home], environment: variables(), folder: folder,
            output: path("call-\(calls)"))
    }

    /// Runs `sluice` to its end in this folder; `--home` is added.
    ///
    /// - Parameter limit: seconds, after which it is killed and the status is 124.
    public func sluice(_ arguments: String..., home: String? = nil, limit: Int = 120) throws -> Finished {
        calls += 1
        let all = ["--kill-after=5", "\(limit)", stage + "/bin/sluice"] + arguments + ["--home", home ?? self.home]
        return try Launched(
            "/usr/bin/timeout", all, environment: variables(), folder: folder, output: path("call-\(calls)")
        ).wait()
    }

    /// Runs another program to its end, in this folder.
    public func run(_ program: String, _ arguments: [String]) throws -> Finished {
        calls += 1
        return try Launched(program, arguments, environment: variables(), folder: folder, output: path("call-\(calls)"))
            .wait()
    }

    /// Notes from now on how far the host reads the file of this name.
    public func readCounter(of name: String) throws -> ReadCounter {
        let library = path("read_counter.so")
        let source = "\(Stage.repository)/Tests/Fixtures/read_counter.c"
        let built = try run("/usr/bin/cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
        guard built.status == 0 else { throw LaunchFailure(description: built.errText) }
        let counter = ReadCounter(file: path("read_counter.txt"))
        environment.merge(
            ["LD_PRELOAD": library, "READ_COUNTER_NAME": "/" + name, "READ_COUNTER_FILE": counter.file]
        ) { $1 }
        return counter
    }

    // MARK: An installation of its own

    /// Uses a copy of the staged tree, which the test may damage.
    public func copyStage() throws {
        let copy = path("stage")
        let done = try run("/bin/cp", ["-rL", stage, copy])
        guard done.status == 0 else { throw LaunchFailure(description: done.errText) }
        stage = copy
    }

    /// Runs the plugins in runners of this name, so that what is left of them can be found.
    public func nameRunner() throws -> String {
        let name = "r" + folder.split(separator: "-").last.map(String.init)!.suffix(13)
        let done = try run("/bin/cp", [stage + "/libexec/sluice-runner", path(name)])
        guard done.status == 0 else { throw LaunchFailure(description: done.errText) }
        environment["SLUICE_RUNNER"] = path(name)
        return name
    }

    /// Puts a fixture of Tests/Fixtures in the place of an installed plugin, under its id.
    ///
    /// - Parameters:
    ///   - id: the plugin whose manifest stays, but for library, size, hash and wall limit.
    ///   - wall: `limits.wall_s`.
    ///   - companions: of masked columns, which a check may ask for.
    ///   - sees: `data_access.sees`; as the plugin's own when nil.
    public func replacePlugin(
        _ id: String, byFixture fixture: String, wall: Double = 30, companions: [String] = [],
        sees: String? = nil, egress: JSON = []
    ) throws {
        let library = "lib\(fixture).so"
        let plugins = stage + "/lib/sluice/plugins"
        let built = try run(
            "/usr/bin/cc",
            [
                "-shared", "-fPIC", "-O1", "-std=gnu11", "-I\(Stage.repository)/SDK/include", "-DFIXTURE_ID=\"\(id)\"",
                "-DFIXTURE_VERSION=\"0.1.0\"", "-Wl,-z,nodelete", "-o", "\(plugins)/\(library)",
                "\(Stage.repository)/Tests/Fixtures/\(fixture).c",
            ])
        guard built.status == 0 else { throw LaunchFailure(description: built.errText) }
        let bytes = try Files.read("\(plugins)/\(library)")
        let path = "\(plugins)/\(id).json"
        guard case .object(var manifest) = try JSONParser.parse(try Files.read(path)),
            case .object(var limits)? = manifest["limits"],
            case .object(var artifact)? = manifest["artifacts"]?.arrayValue?.first
        else { throw LaunchFailure(description: "\(path) is no manifest") }
        artifact["file"] = .string(library)
        artifact["size"] = JSON(bytes.count)
        artifact["sha256"] = .string(SHA256.hash(bytes).hex)
        limits["wall_s"] = .double(wall)
        manifest["artifacts"] = .array([.object(artifact)])
        manifest["limits"] = .object(limits)
        let own = manifest["data_access"]?["sees"] ?? "masked batches"
        manifest["data_access"] = ["sees": sees.map(JSON.string) ?? own, "companions": JSON(companions)]
        manifest["egress"] = egress
        try Files.writeAtomically(JSON.object(manifest).canonicalBytes, to: path)
    }

    /// Puts back every plugin as it was staged.
    public func restorePlugins() throws {
        let done = try run("/bin/cp", ["-rL", Stage.root + "/lib/sluice/plugins", stage + "/lib/sluice/"])
        guard done.status == 0 else { throw LaunchFailure(description: done.errText) }
    }
}

/// What Tests/Fixtures/read_counter.c writes.
public struct ReadCounter {
    let file: String

    public func reset() throws { try Files.writeAtomically([], to: file) }

    /// The offset behind the last byte that was read; 0 when none was.
    public func furthest() throws -> Int {
        String(decoding: try Files.read(file), as: UTF8.self).split(separator: "\n").compactMap { Int($0) }.max() ?? 0
    }
}

/// Searching bytes.
public enum Bytes {
    public static func contains(_ text: String, in bytes: [UInt8]) -> Bool { contains(Array(text.utf8), in: bytes) }

    public static func contains(_ needle: [UInt8], in bytes: [UInt8]) -> Bool {
        guard let first = needle.first, bytes.count >= needle.count else { return needle.isEmpty }
        return bytes.withUnsafeBytes { hay in
            needle.withUnsafeBytes { wanted in
                guard let start = hay.baseAddress, let sample = wanted.baseAddress else { return false }
                let end = start + (hay.count - needle.count + 1)
                var place = UnsafeRawPointer(start)
                while place < end, let hit = memchr(place, Int32(first), end - place) {
                    if memcmp(hit, sample, needle.count) == 0 { return true }
                    place = UnsafeRawPointer(hit) + 1
                }
                return false
            }
        }
    }
}
