internal import Conformance
internal import Contracts
public import Foundations
internal import PluginHost
internal import PluginRegistry
internal import Policy
internal import Store

/// What somebody wants installed, and how far.
public struct PluginOrder: Sendable {
    /// The path of a manifest, or an id of the registry's index or of an installed plugin.
    public var name: String
    /// What the plugin asks for is granted beforehand.
    public var yes = false
    /// The key that must have signed it: as text, or a file with it.
    public var key: String?
    public var allowDowngrade = false

    public init(name: String) { self.name = name }
}

/// Puts a question to a person: what would be installed, and what it asks for. Nil when there is nobody to ask.
public typealias GrantQuestion = (_ plan: JSON) -> Bool?

/// Plugins of the home.
extension RunService {
    var pluginFolder: PluginFolder { PluginFolder(home: store.home.path, context: context) }

    /// The plugins that runs see: those that ship, and over them the home's own.
    ///
    /// - Throws: `plugin.lock` and `plugin.keys` when a home with plugins cannot say which; nothing runs then.
    func catalog() throws(SluiceError) -> PluginCatalog {
        let shipped = try installation.catalog()
        let lock = try pluginFolder.lock()
        return lock.plugins.isEmpty ? shipped : try installedPlugins(lock).catalog(over: shipped)
    }

    /// What every start of an installed plugin is held against: the catalog of a drive knows the home as it was.
    ///
    /// - Returns: takes an id and throws `plugin.disabled`, `plugin.key_revoked` or whatever else keeps the plugin, as
    ///   the drive knows it, from being started now; says nothing of plugins that the home did not have.
    func startGuard() throws(SluiceError) -> (_ id: String) throws(SluiceError) -> Void {
        let known = try pluginFolder.lock()
        return { (id) throws(SluiceError) in
            guard known.plugins[id] != nil else { return }
            if let now = try self.pluginFolder.lock().plugins[id], !now.enabled {
                throw InstalledPlugins.disabled(id)
            }
            // Another version may have been installed since: the keys are those of now, the plugin is that of the drive.
            _ = try self.installedPlugins(known).plugin(id)
        }
    }

    func installedPlugins(_ lock: PluginLock) throws(SluiceError) -> InstalledPlugins {
        InstalledPlugins(folder: pluginFolder, lock: lock, keys: try trustedKeys())
    }

    /// The keys of the installation and of the home. A revocation that the home's record has counts, whatever became of
    /// the file with the keys.
    func trustedKeys() throws(SluiceError) -> TrustedKeys {
        var own = try pluginFolder.keys()
        for act in try store.pluginActs(of: nil) where act["act"]?.stringValue == PluginAct.Kind.revoked.rawValue {
            guard let key = act["key"]?.stringValue.flatMap(Ed25519.PublicKey.init),
                !own.keys.contains(where: { $0.key == key && $0.status == .revoked })
            else { continue }
            own.keys.removeAll { $0.key == key }
            own.keys.append(
                TrustedKey(
                    key: key, publisher: act["details"]?["publisher"]?.stringValue ?? "unknown", status: .revoked,
                    since: act["timestamp_utc"]?.stringValue ?? "", reason: act["details"]?["reason"]?.stringValue))
        }
        return TrustedKeys(
            shipped: try KeyList.read(installation.registry + "/keys.json", mayBeAbsent: false), own: own)
    }

    func registryPermit() throws(SluiceError) -> Permit {
        try permit(.manageProviderRegistry)
    }

    /// Installs a plugin, or another version of one.
    ///
    /// - Parameter ask: put once, when the plugin asks for what nobody has granted and the order does not.
    /// - Returns: `{"status":"installed"|"upgraded"|"downgraded"|"reinstalled"|"unchanged"|"held"|"declined"|"shipped",…}`
    ///   with the plan, and what was locked. `held` and `declined` change nothing.
    /// - Throws: whatever keeps it from being installed; the home is as it was then.
    public func installPlugin(_ order: PluginOrder, ask: GrantQuestion) throws(SluiceError) -> JSON {
        let permit = try registryPermit()
        let shipped = try installation.catalog()
        guard let (path, indexed) = try manifestPath(order.name, shipped: shipped) else {
            return ["status": "shipped", "plugin": .string(order.name)]
        }
        let keys = try trustedKeys()
        let installer = Installer(folder: pluginFolder, keys: keys, shipped: shipped)
        let expected = try order.key.map { (key) throws(SluiceError) in try KeyFiles.publicKey(key) }
        let plan = try installer.plan(
            manifestPath: path, expected: expected, allowDowngrade: order.allowDowngrade)
        try indexed?.require(plan.package.manifest)
        var answer = plan.json.objectValue ?? [:]
        let how: LockedPlugin.Grant.How
        if order.yes {
            how = .yes
        } else if plan.needsGrant {
            guard let isGranted = ask(plan.json) else {
                answer["status"] = "held"
                return .object(answer)
            }
            guard isGranted else {
                answer["status"] = "declined"
                return .object(answer)
            }
            how = .asked
        } else {
            how = .yes
        }
        let grant =
            plan.needsGrant
            ? LockedPlugin.Grant(user: caller.userID, role: caller.role.rawValue, how: how) : nil
        let done = try installer.commit(plan, grant: grant, conformance: conformanceGate(), permit: permit) {
            (step, locked, state) throws(SluiceError) in
            try record(
                PluginAct(
                    Self.act(step), target: .lock, plugin: plan.package.manifest.id, version: locked.version,
                    manifestHash: locked.manifestSHA256, key: locked.key.description, stateHash: state,
                    details: .members([
                        "granted_by": locked.json["granted_by"], "granted": locked.granted.json,
                        "beyond": .array(plan.beyond.map(\.json)), "conformance": locked.json["conformance"],
                        "replaces": plan.previous.map { .string($0.version) },
                    ])), permit)
        }
        answer["status"] = .string(done.step.rawValue)
        answer["lock"] = done.locked.json
        // Whether the report made here is the one that the publisher vouches for; nothing rests on it.
        if let vouched = plan.package.manifest.conformance {
            let own = done.locked.conformance
            answer["vouched"] = .bool(
                vouched.suiteVersion == own.suiteVersion && vouched.reportSHA256 == own.reportSHA256)
        }
        return .object(answer)
    }

    private static func act(_ step: InstallPlan.Step) -> PluginAct.Kind {
        switch step {
        case .installed: .installed
        case .upgraded: .upgraded
        case .downgraded: .downgraded
        case .reinstalled, .unchanged: .reinstalled
        }
    }

    /// Behind it the file that the act is about is written; before it, an act whose file never was is noted.
    func record(_ act: PluginAct, _ permit: Permit) throws(SluiceError) {
        let path = act.target == .lock ? pluginFolder.lockPath : pluginFolder.keysPath
        try store.reconcile(
            act.target, state: PluginFolder.fingerprint(path), role: caller.role, permit: permit)
        try store.record(act, role: caller.role, permit: permit)
    }

    /// Where the manifest is that a person named, and the entry of the index that leads there; nil for a plugin that
    /// ships and has no other.
    private func manifestPath(
        _ name: String, shipped: PluginCatalog
    ) throws(SluiceError) -> (path: String, indexed: PluginIndex.Entry?)? {
        if name.contains("/") || name.hasSuffix(".json") || Files.exists(name) { return (name, nil) }
        let index = try PluginIndex(path: installation.registry + "/plugins.json")
        if let entry = index.entry(name), let path = entry.manifest { return (path, entry) }
        if let locked = try pluginFolder.lock().plugins[name] {
            return (pluginFolder.folder(of: locked.folder) + "/\(name).json", nil)
        }
        if index.entry(name) != nil || shipped.entries.contains(where: { $0.id == name }) { return nil }
        let near = index.entries.map(\.id).map { ($0, JSONReader.distance($0, name)) }.min { $0.1 < $1.1 }
        let meant = near.flatMap { $0.1 <= 3 ? "Is \($0.0) meant? " : nil } ?? ""
        throw SluiceError(
            .pluginMissing, "There is no plugin \(name) in the registry's index, and no manifest of that name.",
            hint: meant + "Give the path of a manifest, such as ./ID.json.")
    }

    /// What must hold before a plugin is enabled: nothing of the whole suite is Failed or Crashed.
    private func conformanceGate() throws(SluiceError) -> ConformanceGate {
        let lists = keyLists
        let settings = try RunnerSettings.located(
            isolationMinimum: IsolationLayer.parse(engine.manifest.isolationMinimum), context: context)
        guard let program = Files.resolved("/proc/self/exe") else {
            throw SluiceError(.fileFailed, "This program cannot find itself at /proc/self/exe.")
        }
        return { (path) throws(SluiceError) in
            let subject = try Subject(manifestPath: path, keyLists: lists, settings: settings)
            let report = try ConformanceSuite.run(subject, program: program)
            let faults = report.bad.map { entry in
                ConformanceVerdict.Fault(
                    check: entry.check.id, status: entry.outcome.status.rawValue, detail: entry.outcome.detail ?? "")
            }
            return ConformanceVerdict(
                suiteVersion: ConformanceReport.suiteVersion, reportSHA256: report.hash, seed: report.seed,
                faults: faults)
        }
    }

    /// The lists of keys that say which are revoked.
    var keyLists: [String] { [installation.registry + "/keys.json", pluginFolder.keysPath] }
}
