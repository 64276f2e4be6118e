internal import Contracts
public import Foundations
internal import PluginHost
internal import PluginRegistry
internal import Policy
internal import Store

/// Verifying, enabling, disabling and removing plugins, and the keys that a home trusts.
extension RunService {
    /// Holds installed plugins against the lock, and shipped ones against their manifests. Starts nothing.
    ///
    /// - Parameter id: one of them; all when nil.
    /// - Returns: `{"plugins":[{"id","origin","version","enabled","status":"verified"|"differs","differences":[…]}],
    ///   "differ":N,"notes":[…]}`; the notes say which of the home's two files is not the one that was recorded last.
    public func verifyPlugins(_ id: String?) throws(SluiceError) -> JSON {
        _ = try viewing()
        let lock = try pluginFolder.lock()
        let installed = try installedPlugins(lock)
        let catalog = installed.catalog(over: try installation.catalog())
        // An unknown id is told with the nearest that there is.
        if let id, lock.plugins[id] == nil { _ = try catalog.plugin(id) }
        var differ: Int64 = 0
        let plugins = catalog.entries.filter { id == nil || $0.id == id }.map { entry -> JSON in
            var differences: [PluginDifference] = []
            let locked = entry.isInstalled ? lock.plugins[entry.id] : nil
            if locked != nil { differences = installed.differences(of: entry.id) }
            do throws(SluiceError) {
                let plugin = try entry.plugin.get()
                if locked == nil { try plugin.verify() }
            } catch {
                let isKnown = differences.contains { $0.error == error }
                if error.detail != ErrorKind.pluginDisabled.id, !isKnown {
                    differences.append(PluginDifference(what: entry.id, error: error))
                }
            }
            if !differences.isEmpty { differ += 1 }
            let version = locked?.version ?? (try? entry.plugin.get())?.manifest.version
            return .members([
                "id": .string(entry.id), "origin": entry.isInstalled ? "installed" : "shipped",
                "version": version.map(JSON.string), "enabled": .bool(locked?.enabled ?? true),
                "status": differences.isEmpty ? "verified" : "differs",
                "differences": .array(differences.map(\.json)),
            ])
        }
        var notes: [JSON] = []
        for (target, path) in [(PluginAct.Target.lock, pluginFolder.lockPath), (.keys, pluginFolder.keysPath)]
        where try store.recordedState(target) != PluginFolder.fingerprint(path).hex {
            notes.append(.string("\(path): \(StoreDatabase.notWhatWasRecorded)"))
        }
        return ["plugins": .array(plugins), "differ": .int(differ), "notes": .array(notes)]
    }

    /// Enables or disables an installed plugin. What was granted stays.
    ///
    /// - Returns: `{"plugin","status":"enabled"|"disabled"|"unchanged"}`.
    public func setPlugin(_ id: String, enabled: Bool) throws(SluiceError) -> JSON {
        let permit = try enabled ? registryPermit() : halting(.manageProviderRegistry)
        return try pluginFolder.exclusively { () throws(SluiceError) in
            var lock = try pluginFolder.lock()
            guard let locked = lock.plugins[id] else { throw try notInstalled(id) }
            guard locked.enabled != enabled else { return ["plugin": .string(id), "status": "unchanged"] }
            lock.plugins[id]?.enabled = enabled
            try record(
                PluginAct(
                    enabled ? .enabled : .disabled, target: .lock, plugin: id, version: locked.version,
                    manifestHash: locked.manifestSHA256, stateHash: SHA256.hash(lock.bytes)), permit)
            try pluginFolder.write(lock, permit: permit)
            return ["plugin": .string(id), "status": enabled ? "enabled" : "disabled"]
        }
    }

    /// Removes an installed plugin with its files and what it was granted. One that ships under its id is used again.
    ///
    /// - Returns: `{"plugin","version","status":"removed"}`.
    public func removePlugin(_ id: String) throws(SluiceError) -> JSON {
        let permit = try registryPermit()
        return try pluginFolder.exclusively { () throws(SluiceError) in
            var lock = try pluginFolder.lock()
            guard let locked = lock.plugins.removeValue(forKey: id) else { throw try notInstalled(id) }
            try record(
                PluginAct(
                    .removed, target: .lock, plugin: id, version: locked.version,
                    manifestHash: locked.manifestSHA256, stateHash: SHA256.hash(lock.bytes)), permit)
            try pluginFolder.write(lock, permit: permit)
            try pluginFolder.clean(keeping: Set(lock.plugins.values.map(\.folder)), permit: permit)
            return ["plugin": .string(id), "version": .string(locked.version), "status": "removed"]
        }
    }

    private func notInstalled(_ id: String) throws(SluiceError) -> SluiceError {
        // Throws for an id that nobody has.
        let plugin = try installation.catalog().plugin(id)
        return SluiceError(
            .pluginShipped,
            "The plugin \(plugin.manifest.id) ships with Sluice and is not installed in this home; nothing was changed."
        )
    }

    // MARK: Keys

    /// `{"keys":[{"key","fingerprint","publisher","status","since","reason"?,"origin"}],"history":[…]}`.
    public func pluginKeys() throws(SluiceError) -> JSON {
        _ = try viewing()
        let keys = try trustedKeys()
        func list(_ list: KeyList, _ origin: String) -> [JSON] {
            list.keys.map { key in
                var members = key.json.objectValue ?? [:]
                members["fingerprint"] = .string(key.key.fingerprint)
                members["origin"] = .string(origin)
                // Revoked anywhere is revoked.
                members["counts"] = .bool(keys.known(key.key)?.status == .trusted)
                return .object(members)
            }
        }
        return [
            "keys": .array(list(keys.shipped, "shipped") + list(keys.own, "home")),
            "history": .array(try store.pluginActs(of: nil)),
        ]
    }

    /// Trusts a key for one publisher.
    ///
    /// - Parameter word: the key as text, or a file with it.
    /// - Throws: `plugin.key_revoked` for a key that was revoked, `plugin.publisher` for one of another publisher.
    public func trustKey(_ word: String, publisher: String) throws(SluiceError) -> JSON {
        let permit = try registryPermit()
        let key = try KeyFiles.publicKey(word)
        guard (1...200).contains(publisher.utf8.count), !publisher.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { throw SluiceError(.usage, "--publisher must be text of 1 to 200 bytes without control characters.") }
        let ships = try installation.catalog().entries.contains {
            (try? $0.plugin.get())?.manifest.publisher == publisher
        }
        let answer = try changeKeys(key, permit) { (own, known) throws(SluiceError) in
            if let known {
                guard known.status == .trusted else {
                    throw SluiceError(
                        .pluginKeyRevoked,
                        "The key \(key) was revoked at \(known.since); a key that was revoked is not trusted again.",
                        hint: "Ask the publisher for a new key.")
                }
                guard known.publisher == publisher else {
                    throw SluiceError(
                        .pluginPublisher,
                        "The key \(key) counts for \(known.publisher) already, and a key counts for one publisher alone.",
                        hint: "Ask the publisher for a key of its own.")
                }
                return nil
            }
            let since = CivilTime.text(milliseconds: context.now())
            own.keys.append(TrustedKey(key: key, publisher: publisher, status: .trusted, since: since))
            return .trusted
        }
        guard ships, case .object(var members) = answer else { return answer }
        members["warning"] = .string(
            "\(publisher) is the publisher of plugins that ship with Sluice: what this key signs may be installed in "
                + "their place.")
        return .object(members)
    }

    /// Revokes a key for good: nothing that it signed is installed or loaded in this home any more.
    public func revokeKey(_ word: String, reason: String) throws(SluiceError) -> JSON {
        let permit = try halting(.manageProviderRegistry)
        let key = try KeyFiles.publicKey(word)
        return try changeKeys(key, permit, reason: reason) { (own, known) throws(SluiceError) in
            // One that the record alone has goes into the file, too.
            let isRevoked = { (list: KeyList) in list.keys.contains { $0.key == key && $0.status == .revoked } }
            let written = try pluginFolder.keys()
            let isLost = isRevoked(own) && !isRevoked(written)
            if known?.status == .revoked, !isLost { return nil }
            own.keys.removeAll { $0.key == key }
            own.keys.append(
                TrustedKey(
                    key: key, publisher: known?.publisher ?? "unknown", status: .revoked,
                    since: CivilTime.text(milliseconds: context.now()), reason: reason))
            return .revoked
        }
    }

    /// - Parameter change: of the home's own keys; nil when nothing is to be done.
    private func changeKeys(
        _ key: Ed25519.PublicKey, _ permit: Permit, reason: String? = nil,
        _ change: (inout KeyList, TrustedKey?) throws(SluiceError) -> PluginAct.Kind?
    ) throws(SluiceError) -> JSON {
        try pluginFolder.exclusively { () throws(SluiceError) in
            let keys = try trustedKeys()
            var own = keys.own
            let act = try change(&own, keys.known(key))
            let now = TrustedKeys(shipped: keys.shipped, own: own).known(key)
            if let act {
                try record(
                    PluginAct(
                        act, target: .keys, key: key.description,
                        stateHash: SHA256.hash(PluginFolder.bytes(of: own)),
                        details: .members([
                            "publisher": now.map { .string($0.publisher) }, "reason": reason.map(JSON.string),
                        ])), permit)
                try pluginFolder.write(own, permit: permit)
            }
            let used = try pluginFolder.lock().plugins.filter { $0.value.key == key }.map(\.key).sorted()
            return .members([
                "key": .string(key.description), "fingerprint": .string(key.fingerprint),
                "publisher": now.map { .string($0.publisher) }, "status": .string(act?.rawValue ?? "unchanged"),
                "reason": now?.reason.map(JSON.string), "plugins": JSON(used),
            ])
        }
    }
}
