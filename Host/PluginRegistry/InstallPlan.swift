public import Foundations
public import PluginHost
public import Policy

/// What installing a package would do to a home, before anything is done.
public struct InstallPlan: Sendable {
    public enum Step: String, Sendable {
        case installed, upgraded, downgraded
        /// The same version with other bytes, other libraries of the machine, or enabled again.
        case reinstalled
        case unchanged
    }

    public let package: PluginPackage
    public let step: Step
    /// What the home has under this id.
    public let previous: LockedPlugin?
    /// What a person must grant beyond what was granted; of a plugin that is new, all of it.
    public let beyond: [PermissionRequest]
    public let permissions: Permissions
    /// The shared libraries that it is loaded with on this machine.
    public let libraries: [PluginPins.Library]

    /// Checks of the conformance suite that the plugin declines: what nobody will have tried is granted, too.
    private var declines: [String] {
        package.declined.sorted { $0.key < $1.key }.map { Self.words(check: $0.key, reason: $0.value) }
    }

    static func words(check: String, reason: String) -> String {
        "It declines the conformance check \(check), which is not made: \(Redacted.line(reason))"
    }

    /// Whether somebody has to say yes.
    public var needsGrant: Bool { step != .unchanged && (previous == nil || !beyond.isEmpty) }

    /// What is asked of a person, and what is said to a script.
    public var json: JSON {
        let manifest = package.manifest
        return .members([
            "plugin": .string(manifest.id), "version": .string(manifest.version),
            "kind": .string(manifest.kind.rawValue),
            "summary": .string(manifest.summary), "publisher": .string(manifest.publisher),
            "key": .string(package.key.key.description), "fingerprint": .string(package.key.key.fingerprint),
            "manifest_sha256": .string(manifest.hash.hex), "step": .string(step.rawValue),
            "replaces": previous.map { .string($0.version) }, "permissions": permissions.json,
            "words": JSON(permissions.words + declines),
            "declined": .object(package.declined.mapValues(JSON.string)), "beyond": .array(beyond.map(\.json)),
        ])
    }
}

/// What the conformance suite found.
public struct ConformanceVerdict: Sendable {
    public struct Fault: Sendable, Equatable {
        public let check: String
        public let status: String
        public let detail: String

        public init(check: String, status: String, detail: String) {
            self.check = check
            self.status = status
            self.detail = detail
        }
    }

    public let report: LockedPlugin.Conformance
    /// Checks that Failed or Crashed.
    public let faults: [Fault]

    public init(suiteVersion: String, reportSHA256: SHA256.Digest, seed: UInt64, faults: [Fault]) {
        report = LockedPlugin.Conformance(suiteVersion: suiteVersion, reportSHA256: reportSHA256, seed: seed)
        self.faults = faults
    }
}

/// Runs the conformance suite over the package whose manifest lies at a path.
public typealias ConformanceGate = (_ manifestPath: String) throws(SluiceError) -> ConformanceVerdict

/// Writes down what will have been done when the file that it changes has this hash.
public typealias ActRecorder = (
    _ step: InstallPlan.Step, _ locked: LockedPlugin, _ lockSHA256: SHA256.Digest
) throws(SluiceError) -> Void

/// Brings packages into a home.
public struct Installer {
    public let folder: PluginFolder
    public let keys: TrustedKeys
    public let shipped: PluginCatalog

    public init(folder: PluginFolder, keys: TrustedKeys, shipped: PluginCatalog) {
        self.folder = folder
        self.keys = keys
        self.shipped = shipped
    }

    /// Verifies a package and says what installing it would do. Changes nothing.
    ///
    /// - Parameter expected: the key that must have signed it.
    /// - Throws: as `PluginPackage`; `plugin.library`, `plugin.load`, `plugin.duplicate_id`, `plugin.downgrade`,
    ///   `plugin.lock`.
    public func plan(
        manifestPath: String, expected: Ed25519.PublicKey? = nil, allowDowngrade: Bool = false
    ) throws(SluiceError) -> InstallPlan {
        let package = try PluginPackage(manifestPath: manifestPath, keys: keys, expected: expected)
        return try plan(package, over: try folder.lock(), allowDowngrade: allowDowngrade)
    }

    private func plan(
        _ package: PluginPackage, over lock: PluginLock, allowDowngrade: Bool
    ) throws(SluiceError) -> InstallPlan {
        let manifest = package.manifest
        let previous = lock.plugins[manifest.id]
        if let previous, previous.publisher != manifest.publisher {
            throw SluiceError(
                .pluginDuplicate,
                "A plugin \(manifest.id) of \(previous.publisher) is installed; this one is of \(manifest.publisher).",
                hint: "Remove the other one first (`sluice plugin remove \(manifest.id)`), if this is the one you want."
            )
        }
        try InstalledPlugins.requirePlace(of: manifest, key: package.key.key, over: shipped, keys: keys)
        let there = shipped.entry(manifest.id)
        let known = [previous?.version, try? there?.plugin.get().manifest.version].compactMap(\.self)
            .max { PluginVersion($0) < PluginVersion($1) }
        if let known, PluginVersion(manifest.version) < PluginVersion(known), !allowDowngrade {
            throw SluiceError(
                .pluginDowngrade,
                "The plugin \(manifest.id) is there in version \(known); this one is \(manifest.version).")
        }
        let isDowngrade = previous.map { PluginVersion(manifest.version) < PluginVersion($0.version) } ?? false
        let plugin = InstalledPlugin(
            manifest: manifest, manifestPath: folder.folder(of: package.folder) + "/\(manifest.id).json",
            folder: folder.folder(of: package.folder),
            resourcesFolder: folder.folder(of: package.folder) + "/resources")
        let libraries = try pins(try plugin.libraries(of: package.library), of: manifest.id)
        let permissions = Permissions(manifest, takesPlace: there != nil)
        return InstallPlan(
            package: package,
            step: step(
                package, over: previous, libraries: libraries, permissions: permissions, isDowngrade: isDowngrade),
            previous: previous, beyond: beyond(package, permissions, previous), permissions: permissions,
            libraries: libraries)
    }

    private func pins(_ found: [PinnedLibrary], of id: String) throws(SluiceError) -> [PluginPins.Library] {
        var pins: [PluginPins.Library] = []
        for library in found {
            guard let digest = library.sha256 else {
                throw SluiceError(
                    .pluginLibrary, "The library \(library.path) changed while the plugin \(id) was installed.",
                    hint: "Try again when the upgrade is done.")
            }
            pins.append(PluginPins.Library(name: library.name, path: library.path, sha256: digest))
        }
        return pins
    }

    private func step(
        _ package: PluginPackage, over previous: LockedPlugin?, libraries: [PluginPins.Library],
        permissions: Permissions, isDowngrade: Bool
    ) -> InstallPlan.Step {
        guard let previous else { return .installed }
        if isDowngrade { return .downgraded }
        if previous.version != package.manifest.version { return .upgraded }
        let isSame =
            previous.folder == package.folder && previous.libraries == libraries && previous.enabled
            && previous.granted == permissions
        guard isSame, previous.key == package.key.key else { return .reinstalled }
        let now = InstalledPlugins(
            folder: folder, lock: PluginLock(plugins: [package.manifest.id: previous]), keys: keys)
        return now.differences(of: package.manifest.id).isEmpty ? .unchanged : .reinstalled
    }

    private func beyond(
        _ package: PluginPackage, _ permissions: Permissions, _ previous: LockedPlugin?
    ) -> [PermissionRequest] {
        guard let previous else { return [] }
        var beyond = permissions.beyond(previous.granted)
        let before = previous.conformance.declined
        for (check, reason) in package.declined.sorted(by: { $0.key < $1.key }) where before[check] != reason {
            beyond.append(
                PermissionRequest(
                    permission: "conformance", granted: before[check].map(JSON.string) ?? .null,
                    asked: [check: .string(reason)], words: InstallPlan.words(check: check, reason: reason)))
        }
        if previous.key != package.key.key {
            beyond.append(
                PermissionRequest(
                    permission: "key", granted: .string(previous.key.description),
                    asked: .string(package.key.key.description),
                    words: "It is signed by another key of \(package.manifest.publisher) than before."))
        }
        return beyond
    }

    /// Does what a plan says: files, conformance, record, lock. Killed anywhere, it leaves the home as it was before.
    ///
    /// - Parameters:
    ///   - grant: by whom; needed when the plan asks for one, else the earlier grant goes on.
    ///   - conformance: run over the very bytes that will be installed.
    ///   - permit: for `manageProviderRegistry`.
    ///   - record: called before the lock is written.
    /// - Throws: `plugin.conformance`, `plugin.busy` when another process changed the plugin meanwhile, `file.failed`,
    ///   and what the closures throw. Then the home is as it was.
    public func commit(
        _ plan: InstallPlan, grant: LockedPlugin.Grant?, conformance: ConformanceGate, permit: Permit,
        record: ActRecorder
    ) throws(SluiceError) -> (step: InstallPlan.Step, locked: LockedPlugin) {
        try permit.require(.manageProviderRegistry)
        let manifest = plan.package.manifest
        if plan.step == .unchanged, let previous = plan.previous { return (.unchanged, previous) }
        guard let granted = plan.needsGrant ? grant : grant ?? plan.previous?.grantedBy else {
            throw SluiceError(.policyDenied, "Nobody has granted the plugin \(manifest.id) what it asks for.")
        }
        let staged = try folder.stage(plan.package)
        let verdict = try conformance(staged.manifestPath)
        guard verdict.faults.isEmpty else {
            let listed = verdict.faults.prefix(10).map { "\($0.check) \($0.status): \($0.detail)" }
            let more = verdict.faults.count > 10 ? "; and \(verdict.faults.count - 10) more" : ""
            throw SluiceError(
                .pluginConformance,
                "The plugin \(manifest.id) does not pass the conformance suite \(verdict.report.suiteVersion): "
                    + listed.joined(separator: "; ") + more + ". It was not installed.")
        }
        return try folder.exclusively { () throws(SluiceError) in
            var lock = try folder.lock()
            guard lock.plugins[manifest.id] == plan.previous else {
                // Somebody else was quicker. The same bytes are no reason to fail.
                if let there = lock.plugins[manifest.id], there.folder == plan.package.folder, there.enabled {
                    return (.unchanged, there)
                }
                throw SluiceError(
                    .pluginBusy, "Another process changed the plugin \(manifest.id) while this one was installing it.")
            }
            let before = Set(lock.plugins.values.map(\.folder))
            var report = verdict.report
            report.quirksSHA256 = plan.package.quirksSHA256
            report.declined = plan.package.declined
            let locked = LockedPlugin(
                version: manifest.version, manifestSHA256: manifest.hash, folder: plan.package.folder,
                platforms: Dictionary(
                    manifest.artifacts.map { ($0.platform, LockedPlugin.File($0.file, $0.size, $0.sha256)) },
                    uniquingKeysWith: { first, _ in first }),
                resources: Dictionary(
                    manifest.resources.map { ($0.name, LockedPlugin.File($0.file, $0.size, $0.sha256)) },
                    uniquingKeysWith: { first, _ in first }),
                libraries: plan.libraries, publisher: manifest.publisher, key: plan.package.key.key,
                granted: plan.permissions, grantedBy: granted,
                installedAt: CivilTime.text(milliseconds: folder.context.now()), enabled: true,
                conformance: report)
            lock.plugins[manifest.id] = locked
            try folder.place(staged)
            try record(plan.step, locked, SHA256.hash(lock.bytes))
            try folder.write(lock, permit: permit)
            // A run that began before may still start the version that was replaced.
            try folder.clean(keeping: before.union(lock.plugins.values.map(\.folder)), permit: permit)
            return (plan.step, locked)
        }
    }
}

extension LockedPlugin.File {
    init(_ file: String, _ size: Int, _ sha256: SHA256.Digest) {
        self.init(file: file, size: size, sha256: sha256)
    }
}
