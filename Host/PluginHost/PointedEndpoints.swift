public import Contracts
internal import Egress
internal import Foundations

/// Where a home points the endpoints of its providers (`providers.endpoints` of the Policy Manifest, docs/egress.md).
///
/// It is done once, where a catalog meets a policy. What reads a manifest's egress behind that, routes, decisions and the
/// broker, sees the endpoints as they are asked.
extension PluginCatalog {
    /// The same plugins, with the endpoints where a policy points them; again with the same policy changes nothing.
    ///
    /// One that the policy points wrongly cannot be used: `policy.manifest`, with the endpoints that there are.
    public func pointed(by policy: PolicyManifest) -> PluginCatalog {
        guard !policy.providerEndpoints.isEmpty else { return self }
        var catalog = PluginCatalog(
            entries: entries.map { entry in
                guard let addresses = policy.providerEndpoints[entry.id], let plugin = try? entry.plugin.get() else {
                    return entry
                }
                let pointed = Result { () throws(SluiceError) in try plugin.pointed(addresses, by: policy) }
                return Entry(id: entry.id, plugin: pointed, locked: entry.locked)
            })
        catalog.onRefused = onRefused
        return catalog
    }

    /// What a policy points elsewhere, and what is wrong with it: for a person. Sorted.
    public func pointedEndpoints(
        of policy: PolicyManifest
    ) -> [(provider: String, endpoint: String, address: EndpointAddress, mistake: String?)] {
        policy.providerEndpoints.sorted { $0.key < $1.key }.flatMap { id, addresses in
            addresses.sorted { $0.key < $1.key }.map { name, address in
                (ProviderName.tag(id), name, address, mistake(id, name))
            }
        }
    }

    private func mistake(_ id: String, _ name: String) -> String? {
        guard let entry = entry(id) else {
            let near = entries.filter { (try? $0.plugin.get().manifest.kind) == .provider }.map(\.id)
            return "there is no plugin \(id); providers are \(near.joined(separator: ", "))"
        }
        return (try? entry.plugin.get())?.manifest.mistake(pointing: name)
    }
}

extension InstalledPlugin {
    fileprivate func pointed(
        _ addresses: [String: EndpointAddress], by policy: PolicyManifest
    ) throws(SluiceError) -> InstalledPlugin {
        for name in addresses.keys.sorted() {
            if let mistake = manifest.mistake(pointing: name) {
                throw SluiceError(
                    .policyManifest,
                    "The Policy Manifest points an endpoint of \(manifest.id) elsewhere that it may not: "
                        + "/providers/endpoints/\(ProviderName.tag(manifest.id))/\(name): \(mistake).")
            }
        }
        let endpoints = manifest.egress.map { endpoint in
            addresses[endpoint.name].map { address in
                endpoint.pointed(to: address, isLocal: policy.egress.local.contains(address.origin.host))
            } ?? endpoint
        }
        return InstalledPlugin(
            manifest: manifest.pointing(endpoints), manifestPath: manifestPath, folder: folder,
            resourcesFolder: resourcesFolder, pins: pins)
    }
}

extension PluginManifest {
    /// Why an endpoint may not be pointed elsewhere; nil when it may.
    fileprivate func mistake(pointing name: String) -> String? {
        if let endpoint = egress.first(where: { $0.name == name }) {
            return endpoint.isConfigurable ? nil : "the plugin's manifest does not call it configurable"
        }
        let names = egress.filter(\.isConfigurable).map(\.name)
        return "there is no such endpoint; "
            + (names.isEmpty
                ? "none of this plugin may be pointed elsewhere" : "there is \(names.joined(separator: ", "))")
    }
}
