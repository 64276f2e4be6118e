public import Foundations
internal import Glibc

/// A part of the runner's sandbox; raw values are the bit indices of HELLO.
public enum IsolationLayer: UInt32, Sendable, CaseIterable, Comparable {
    case seccomp = 0
    case landlock = 1
    case rlimits = 2
    case noNewPrivileges = 3
    case unprivileged = 4
    case parentDeathSignal = 5
    case namespaces = 6
    case privateRoot = 7

    /// As the Policy Manifest's `isolation.minimum` and the ledger name it.
    public var name: String {
        switch self {
        case .seccomp: "seccomp"
        case .landlock: "landlock"
        case .rlimits: "rlimits"
        case .noNewPrivileges: "no_new_privs"
        case .unprivileged: "unprivileged"
        case .parentDeathSignal: "pdeathsig"
        case .namespaces: "namespaces"
        case .privateRoot: "private_root"
        }
    }

    public init?(name: String) {
        guard let layer = IsolationLayer.allCases.first(where: { $0.name == name }) else { return nil }
        self = layer
    }

    /// The layers of a Policy Manifest's `isolation.minimum`.
    ///
    /// - Throws: `SluiceError` of kind `policy.manifest` for a name that is not a layer: an unknown demand is not met.
    public static func parse(_ names: [String]) throws(SluiceError) -> [IsolationLayer] {
        var layers: [IsolationLayer] = []
        for name in names {
            guard let layer = IsolationLayer(name: name) else {
                throw SluiceError(
                    .policyManifest,
                    "isolation.minimum names \(Redaction.line(name, limit: 64)), which is not a sandbox layer; "
                        + "there are \(allCases.map(\.name).joined(separator: ", ")).")
            }
            layers.append(layer)
        }
        return layers
    }

    public static func < (a: IsolationLayer, b: IsolationLayer) -> Bool { a.rawValue < b.rawValue }
}

/// A sandbox layer that is not in force, and why.
public struct MissingLayer: Sendable, Equatable {
    /// What the runner was doing when it failed; raw values are those of HELLO.
    public enum Step: Int32, Sendable {
        case whole = 0
        case unshare, idMap, propagation, library, file, device, temporary, plugin, readOnly, pivot
    }

    public let layer: IsolationLayer
    /// The errno of the step that failed; 0 when this runner does not have the layer at all.
    public let errno: Int32
    public let step: Step
    /// Which library, file or device, counted from 0.
    public let item: Int
    /// Its path, where the host knows it.
    public internal(set) var subject: String?

    /// - Parameter failure: as HELLO tells it (Host/Runner/include/wire.h).
    public init(layer: IsolationLayer, errno failure: Int32) {
        self.layer = layer
        errno = failure & 0xFFF
        step = Step(rawValue: failure >> 12 & 0xF) ?? .whole
        item = Int(failure >> 16 & 0x7FFF)
    }

    /// The errno, and the setting that blocks the layer with its remedy, as far as this machine shows it.
    public var reason: String {
        guard errno != 0 else { return "this runner does not offer it" }
        let cause = IsolationDiagnosis().cause(of: self)
        let effect = layer == .namespaces ? "; without it limits.threads is not enforced" : ""
        return "errno \(errno), \(String(cString: strerror(errno)))" + (cause.map { ": " + $0 } ?? "") + effect
    }
}

/// How runners are started: the same for every plugin of a run.
public struct RunnerSettings: Sendable {
    public var runnerPath: String
    /// Folders, beside the system's, from which a plugin's libraries may be loaded. Absolute.
    public var libraryDirectories: [String]
    /// Without one of these layers nothing is loaded.
    public var isolationMinimum: [IsolationLayer]
    /// Seconds until HELLO.
    public var helloSeconds: Double = 5
    /// Seconds for loading and for creating the instance, if the manifest's wall limit is not shorter.
    public var loadSeconds: Double = 10
    /// Seconds between CANCEL and the kill.
    public var graceSeconds: Double = 0.2
    /// Cancels whatever a plugin of these settings does, from any thread; what begins afterwards is refused: nothing
    /// is started, and nothing is sent or shared.
    public var stop: StopSignal?
    public var context: Context
    /// Sees every byte that is sent to a runner or laid into memory shared with it, as it is sent; any thread that
    /// drives a plugin. For the conformance suite; what is outside of this
    /// package does not see it.
    package var onSent: (@Sendable (UnsafeRawBufferPointer) -> Void)?

    public init(
        runnerPath: String, libraryDirectories: [String] = RunnerSettings.swiftLibraryDirectories(),
        isolationMinimum: [IsolationLayer] = [.seccomp, .landlock, .rlimits], context: Context = .system
    ) {
        self.runnerPath = runnerPath
        self.libraryDirectories = libraryDirectories
        self.isolationMinimum = isolationMinimum
        self.context = context
    }

    /// Settings with the runner that belongs to this program.
    ///
    /// It is looked for in `SLUICE_RUNNER`, then in `../libexec` and beside the program.
    /// - Throws: `SluiceError` of kind `runner.missing`.
    public static func located(
        isolationMinimum: [IsolationLayer] = [.seccomp, .landlock, .rlimits], context: Context = .system
    ) throws(SluiceError) -> RunnerSettings {
        var candidates: [String] = []
        if let named = context.environment["SLUICE_RUNNER"], !named.isEmpty {
            candidates = [named]
        } else if let program = Files.resolved("/proc/self/exe") {
            let folder = Files.folder(of: program)
            candidates = [Files.folder(of: folder) + "/libexec/sluice-runner", folder + "/sluice-runner"]
        }
        for candidate in candidates {
            if let path = Files.resolved(candidate), access(path, X_OK) == 0 {
                return RunnerSettings(runnerPath: path, isolationMinimum: isolationMinimum, context: context)
            }
        }
        throw SluiceError(
            .runnerMissing, "No program is at \(candidates.joined(separator: " or "))."
        )
    }

    /// The folder of the Swift run-time library that this program runs with; empty when it has none.
    public static func swiftLibraryDirectories() -> [String] {
        guard let maps = try? Files.read("/proc/self/maps") else { return [] }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            guard line.hasSuffix("/libswiftCore.so"), let start = line.firstIndex(of: "/") else { continue }
            return [Files.folder(of: String(line[start...]))]
        }
        return []
    }

    /// - Throws: `run.interrupted` once the run was asked to stop: no plugin is started or called afterwards.
    func refuseOnceStopped(_ manifest: PluginManifest) throws(SluiceError) {
        guard stop?.isRaised == true else { return }
        throw SluiceError(
            .interrupted, "The run was asked to stop; the plugin \(manifest.id) was neither started nor called.")
    }

    /// The runner's arguments (Host/Runner/options.c).
    ///
    /// - Parameter shared: bytes of the regions that it maps.
    func arguments(
        limits: PluginManifest.Limits, libraries: [PinnedLibrary], highestDescriptor: Int32, shared: Int
    ) -> [String] {
        // What the libraries, the thread stacks and the mapped files take comes on top of the plugin's own budget.
        let overhead = 512 << 20
        let perThread = 72 << 20
        var arguments = [
            runnerPath, String(highestDescriptor), "--parent", String(getpid()),
            "--memory-bytes", String(limits.memoryBytes + overhead + perThread * limits.threads + shared),
            "--cpu-seconds", String(limits.cpuSeconds),
            "--descriptors", String(max(limits.descriptors, Int(highestDescriptor) + 16)),
            "--threads", String(limits.threads),
        ]
        for library in libraries { arguments += ["--library", library.argument] }
        for directory in libraryDirectories where directory.hasPrefix("/") {
            arguments += ["--library-dir", directory]
        }
        return arguments
    }
}
