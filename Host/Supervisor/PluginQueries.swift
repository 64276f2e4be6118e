internal import Contracts
public import Foundations
internal import PluginHost
internal import PluginRegistry
internal import Policy
internal import Store

/// What can be asked of the plugins that there are, and the word that lets one try again.
extension RunService {
    /// `{"plugins":[…]}`; one that cannot be used has an error.
    public func plugins() throws(SluiceError) -> JSON {
        _ = try viewing()
        var quarantines: [SHA256.Digest: PluginQuarantine] = [:]
        for quarantine in try store.pluginQuarantines() { quarantines[quarantine.hash] = quarantine }
        let lock = try pluginFolder.lock()
        return [
            "plugins": .array(
                try catalog().entries.map { entry in
                    let locked = entry.isInstalled ? lock.plugins[entry.id] : nil
                    let isEnabled = locked?.enabled ?? true
                    let origin: JSON = entry.isInstalled ? "installed" : "shipped"
                    switch entry.plugin {
                    case .success(let plugin):
                        let quarantine = (try? plugin.identity()).flatMap { quarantines[$0.hash] }
                        return .members([
                            "id": .string(plugin.manifest.id), "version": .string(plugin.manifest.version),
                            "kind": .string(plugin.manifest.kind.rawValue), "origin": origin,
                            "enabled": .bool(isEnabled), "publisher": .string(plugin.manifest.publisher),
                            "status": .string(quarantine == nil ? "installed" : "quarantined"),
                            "summary": .string(plugin.manifest.summary), "error": quarantine?.refusal().json,
                        ])
                    case .failure(let error):
                        return .members([
                            "id": .string(entry.id), "version": locked.map { .string($0.version) },
                            "kind": locked.map { .string($0.granted.kind) }, "origin": origin,
                            "enabled": .bool(isEnabled), "publisher": locked.map { .string($0.publisher) },
                            "status": isEnabled ? "broken" : "disabled", "error": error.json,
                        ])
                    }
                })
        ]
    }

    /// A plugin's manifest, whether its files are the ones that it pins, what counts against it, and who did what to it.
    public func plugin(_ id: String) throws(SluiceError) -> JSON {
        _ = try viewing()
        let lock = try pluginFolder.lock()
        let locked = lock.plugins[id]
        var members: [String: JSON] = [:]
        if let locked {
            members["lock"] = locked.json
            members["permissions"] = JSON(locked.granted.words)
            members["enabled"] = .bool(locked.enabled)
        }
        members["origin"] = locked == nil ? "shipped" : "installed"
        members["history"] = .array(try store.pluginActs(of: id))
        let plugin: InstalledPlugin
        do throws(SluiceError) {
            plugin = locked == nil ? try catalog().plugin(id) : try installedPlugins(lock).plugin(id)
        } catch {
            guard let locked else { throw error }
            members["id"] = .string(id)
            members["version"] = .string(locked.version)
            members["status"] = "refused"
            members["error"] = error.json
            return .object(members)
        }
        let manifest: [UInt8]
        do { manifest = try Files.read(plugin.manifestPath, limit: 1 << 20) } catch { throw error.asError }
        members.merge(try JSONParser.parse(manifest, name: "manifest").objectValue ?? [:]) { own, _ in own }
        let hash = (try? plugin.identity())?.hash
        let quarantine = try hash.flatMap { hash throws(SluiceError) in try store.pluginQuarantine(of: hash) }
        if let hash {
            let since = context.now() - CrashBudget.standard.hours * 3_600_000
            members["crashes"] = .object(try store.crashes(of: hash, since: since).mapValues(JSON.int))
        }
        members["quarantine"] = quarantine?.json ?? .null
        do throws(SluiceError) {
            try plugin.verify()
            if let quarantine { throw quarantine.refusal() }
            if locked?.enabled == false {
                members["status"] = "disabled"
            } else {
                // Whether it may take the place of one that ships is not said by its files.
                _ = try catalog().plugin(id)
                members["status"] = "verified"
            }
        } catch {
            members["status"] = error.detail == ErrorKind.pluginQuarantined.id ? "quarantined" : "refused"
            members["error"] = error.json
        }
        return .object(members)
    }

    /// Lets a plugin in quarantine be started again, and forgets what counts against one that is in none; the home
    /// records who said so.
    ///
    /// - Returns: `{"plugin":…,"plugin_hash":…,"status":"released"|"forgiven"|"not_quarantined","actor":…,"role":…,
    ///   "crashes":…,"quarantine":…}`.
    public func retryPlugin(_ id: String) throws(SluiceError) -> JSON {
        let permit = try permit(.manageProviderRegistry)
        let identity = try catalog().plugin(id).identity()
        let forgiven = try store.retryPlugin(identity.hash, role: caller.role, permit: permit)
        return [
            "plugin": .string(identity.id), "plugin_hash": .string(identity.hash.hex),
            "status": forgiven.map { $0.quarantine == nil ? "forgiven" : "released" } ?? "not_quarantined",
            "actor": .string(caller.userID), "role": .string(caller.role.rawValue),
            "crashes": .object((forgiven?.crashes ?? [:]).mapValues(JSON.int)),
            "quarantine": forgiven?.quarantine?.json ?? .null,
        ]
    }
}
