internal import Contracts
public import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// What can be asked of the plugins that are installed, and the one thing that can be done to them.
extension RunService {
    /// `{"plugins":[…]}`; one that cannot be used has an error.
    public func plugins() throws(SluiceError) -> JSON {
        var quarantines: [SHA256.Digest: PluginQuarantine] = [:]
        for quarantine in try store.pluginQuarantines() { quarantines[quarantine.hash] = quarantine }
        return [
            "plugins": .array(
                try installation.catalog().entries.map { entry in
                    switch entry.plugin {
                    case .success(let plugin):
                        let quarantine = (try? plugin.identity()).flatMap { quarantines[$0.sha256] }
                        return .members([
                            "id": .string(plugin.manifest.id), "version": .string(plugin.manifest.version),
                            "kind": .string(plugin.manifest.kind.rawValue),
                            "status": .string(quarantine == nil ? "installed" : "quarantined"),
                            "summary": .string(plugin.manifest.summary), "error": quarantine?.refusal().json,
                        ])
                    case .failure(let error):
                        return ["id": .string(entry.id), "status": "broken", "error": error.json]
                    }
                })
        ]
    }

    /// A plugin's manifest, whether its files are the ones that it pins, and what counts against it.
    public func plugin(_ id: String) throws(SluiceError) -> JSON {
        let plugin = try installation.catalog().plugin(id)
        let manifest: [UInt8]
        do { manifest = try Files.read(plugin.manifestPath, limit: 1 << 20) } catch { throw error.asError }
        var members = try JSONParser.parse(manifest, name: "manifest").objectValue ?? [:]
        let hash = (try? plugin.identity())?.sha256
        let quarantine = try hash.flatMap { hash throws(SluiceError) in try store.pluginQuarantine(of: hash) }
        if let hash {
            let since = context.now() - CrashBudget.standard.hours * 3_600_000
            members["crashes"] = .object(try store.crashes(of: hash, since: since).mapValues(JSON.int))
        }
        members["quarantine"] = quarantine?.json ?? .null
        do throws(SluiceError) {
            try plugin.verify()
            if let quarantine { throw quarantine.refusal() }
            members["status"] = "verified"
        } catch {
            members["status"] = error.detail == ErrorKind.pluginQuarantined.id ? "quarantined" : "refused"
            members["error"] = error.json
        }
        return .object(members)
    }

    /// Lets a plugin in quarantine be started again; the home records who said so.
    ///
    /// - Returns: `{"plugin":…,"plugin_hash":…,"status":"released"|"not_quarantined","actor":…,"role":…,"quarantine":…}`.
    public func retryPlugin(_ id: String) throws(SluiceError) -> JSON {
        let permit = try engine.permit(PolicyEngine.Request(actor: caller, action: .manageProviderRegistry))
        let identity = try installation.catalog().plugin(id).identity()
        let ended = try store.retryPlugin(identity.sha256, role: caller.role, permit: permit)
        return [
            "plugin": .string(identity.id), "plugin_hash": .string(identity.sha256.hex),
            "status": ended == nil ? "not_quarantined" : "released", "actor": .string(caller.userID),
            "role": .string(caller.role.rawValue), "quarantine": ended?.json ?? .null,
        ]
    }
}
