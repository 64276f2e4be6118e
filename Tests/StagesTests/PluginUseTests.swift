import Contracts
import Foundations
import PluginHost
import Policy
import TestSupport
import Testing

@testable import Stages

@Suite struct `The providers of a run` {
    /// A folder of manifests; nothing is loaded.
    private func catalog(_ scene: Scene, _ egress: [String: JSON]) throws -> PluginCatalog {
        for (id, endpoints) in egress {
            let manifest: JSON = [
                "manifest_version": 1, "id": .string(id), "version": "1.0.0", "kind": "provider", "publisher": "a",
                "license": "b", "summary": "c", "abi": ["major": 0, "minor": 1],
                "artifacts": [
                    [
                        "platform": .string(PluginManifest.hostPlatform), "file": "a.so", "size": 1,
                        "sha256": .string(SHA256.hash("a").hex),
                    ]
                ],
                "resources": [], "extensions": [], "egress": endpoints,
                "data_access": ["sees": "masked prompts", "companions": []],
                "limits": ["memory_bytes": 1_048_576, "cpu_s": 1, "wall_s": 1, "descriptors": 8, "threads": 1],
            ]
            try scene.write("\(id).json", bytes: manifest.canonicalBytes)
        }
        return try PluginCatalog(folder: scene.folder)
    }

    private func endpoint(_ host: String, isLocal: Bool) -> JSON {
        [
            [
                "host": .string(host), "port": 443, "methods": ["POST"], "max_bytes": 1024, "local": .bool(isLocal),
            ]
        ]
    }

    private func engine(
        _ providers: JSON, egress: JSON = ["default": "deny", "allow": []], europe: Bool = false
    ) throws -> PolicyEngine {
        let path = Stage.repository + "/registry/policies/pm_default_v1.json"
        var policy = try JSONParser.parse(try Files.read(path)).objectValue ?? [:]
        policy["providers"] = providers
        policy["egress"] = egress
        policy["jurisdictions"] = ["eu": ["enabled": .bool(europe), "classes": [], "regions": ["eu"]]]
        return PolicyEngine(manifest: try PolicyManifest(.object(policy)))
    }

    private func contract(_ more: [String: JSON] = [:]) throws -> RunContract {
        let document: JSON = [
            "roadmap_version": .string(Versions.roadmap), "mode": "data_mode",
            "lhs": ["source": ["type": "file"], "location": "csv:a.csv", "schema_ref": nil],
            "rhs": ["source": ["type": "sql"], "location": "sqlite:t.db#t", "schema_ref": nil],
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": 1, "usd": 0, "wall_time_s": 1], "routing_profile": "quality_first",
            "threshold_profile_id": "tp_default_v1", "dsl_version": .string(Versions.dsl),
            "sample_caps": ["rows_max": 1, "bytes_max": 1], "cache_scope": ["run": "", "tab": "", "filters": [:]],
            "human_confirm_required": true, "rbac_actor": ["user_id": "ann", "role": "Admin"],
        ]
        return try RunContract(.object((document.objectValue ?? [:]).merging(more) { $1 }))
    }

    /// Ids of those that would be asked, and why the others are not.
    private func offers(
        _ catalog: PluginCatalog, _ contract: RunContract, _ engine: PolicyEngine
    ) -> [String] {
        PluginUse(catalog).providers(of: contract, engine: engine).map { offer in
            switch offer.plugin {
            case .success(let plugin): plugin.manifest.id
            case .failure(let refusal): "not: " + refusal.reason
            }
        }
    }

    @Test func `are those of the allow list in its order, and a deny list wins under either name`() throws {
        let scene = try Scene()
        let catalog = try catalog(scene, ["sluice.provider.local": [], "acme.embed": []])
        let both: JSON = ["allow": ["acme.embed", "local", "sluice.provider.local"], "deny": []]
        let all = offers(catalog, try contract(), try engine(both))
        #expect(all == ["acme.embed", "sluice.provider.local"])
        let denied = offers(
            catalog, try contract(), try engine(["allow": ["sluice.provider.local"], "deny": ["local"]]))
        #expect(denied == ["not: providers: sluice.provider.local is on the deny list"])
        let byContract = try contract([
            "provider_allowlist": ["acme.embed", "local"], "provider_denylist": ["acme.embed"],
        ])
        let left = offers(catalog, byContract, try engine(both))
        #expect(left == ["not: the contract denies the provider acme.embed", "sluice.provider.local"])
        let unnamed = offers(catalog, try contract(["provider_allowlist": ["acme.embed"]]), try engine(both))
        #expect(unnamed == ["acme.embed", "not: the contract's allow list does not name the provider local"])
        let nobody = offers(catalog, try contract(), try engine(["allow": [], "deny": []]))
        #expect(nobody == ["not: providers: local is not on the allow list"])
        let missing = offers(catalog, try contract(), try engine(["allow": ["acme.gone"], "deny": []]))
        #expect(missing == ["not: the plugin acme.gone is not installed"])
    }

    @Test func `that need a way out have one by policy, and a local one where the contract keeps to local ones`() throws
    {
        let scene = try Scene()
        let catalog = try catalog(
            scene,
            [
                "acme.cloud": endpoint("api.example.org", isLocal: false),
                "acme.house": endpoint("llm.example.org", isLocal: true),
            ])
        let names: JSON = ["allow": ["acme.cloud", "acme.house"], "deny": []]
        let none = offers(catalog, try contract(), try engine(names))
        #expect(none.count == 2 && none.allSatisfy { $0.contains("needs a way out (egress: ") }, "\(none)")
        let way: JSON = [
            "default": "deny", "allow": ["https://api.example.org", "https://llm.example.org"],
            "local": ["llm.example.org"],
        ]
        let open = offers(catalog, try contract(), try engine(names, egress: way))
        // Names of columns may be anything: what stays in the house is asked first.
        #expect(open == ["acme.house", "acme.cloud"])
        let (_, rule) = PluginUse(catalog).preference(of: try contract(), engine: try engine(names, egress: way))
        #expect(rule?.id == "preference.local_first")
        let registry: JSON = ["default": "deny", "allow": "registry", "local": ["llm.example.org"]]
        #expect(offers(catalog, try contract(), try engine(names, egress: registry)) == open)
        let decisions = PluginUse(catalog).providerDecisions(
            of: try contract(), engine: try engine(names, egress: way))
        #expect(decisions.map(\.ruleID) == ["pii.unknown.mask", "pii.unknown.mask"])
        let kept = offers(catalog, try contract(), try engine(names, egress: way, europe: true))
        #expect(kept.last == "acme.house" && kept[0].contains("jurisdiction eu: unknown may not go to"), "\(kept)")
        guard case .object(var placed) = way else { return }
        placed["regions"] = ["https://api.example.org": "eu"]
        #expect(offers(catalog, try contract(), try engine(names, egress: .object(placed), europe: true)) == open)
        let override = try contract(["pii_policy": ["mask_before_send": true, "local_only_override": true]])
        let local = offers(catalog, override, try engine(names, egress: way))
        #expect(local.last == "acme.house" && local[0].contains("acme.cloud calls api.example.org"), "\(local)")
    }
}

@Suite struct `The plugins that a run is pinned to` {
    private static let revoked = SluiceError(.pluginKeyRevoked, "The key was revoked.")
    private static let disabled = SluiceError(.pluginDisabled, "It is disabled.")

    private func manifest(
        _ id: String, _ kind: PluginManifest.Kind, scheme: String? = nil
    ) throws -> PluginManifest {
        let document: JSON = .members([
            "manifest_version": 1, "id": .string(id), "version": "1.0.0", "kind": .string(kind.rawValue),
            "publisher": "a", "license": "b", "summary": "c", "abi": ["major": 0, "minor": 1],
            "artifacts": [
                [
                    "platform": .string(PluginManifest.hostPlatform), "file": "a.so", "size": 1,
                    "sha256": .string(SHA256.hash(id).hex),
                ]
            ],
            "resources": [], "extensions": [], "egress": [],
            "data_access": ["sees": .string(kind.sees), "companions": []],
            "limits": ["memory_bytes": 1_048_576, "cpu_s": 1, "wall_s": 1, "descriptors": 8, "threads": 1],
            "source": scheme.map { ["schemes": [.string($0)], "stream": "file"] },
        ])
        return try PluginManifest.parse(document.canonicalBytes, name: id)
    }

    private func entry(
        _ id: String, _ kind: PluginManifest.Kind, scheme: String? = nil, isInstalled: Bool = true,
        error: SluiceError? = nil
    ) throws -> PluginCatalog.Entry {
        let manifest = try manifest(id, kind, scheme: scheme)
        let plugin = InstalledPlugin(
            manifest: manifest, manifestPath: "/x/\(id).json", folder: "/x", resourcesFolder: "/x",
            pins: isInstalled ? PluginPins(libraries: []) : nil)
        let locked = PluginCatalog.Entry.Locked(
            kind: kind, schemes: scheme.map { [$0] } ?? [], identity: try plugin.identity(),
            manifestSHA256: manifest.hash, isEnabled: error?.detail != "plugin.disabled")
        return PluginCatalog.Entry(
            id: id, plugin: error.map { .failure($0) } ?? .success(plugin), locked: isInstalled ? locked : nil)
    }

    private func pins(
        _ entries: [PluginCatalog.Entry], from location: String = "csv:a.csv", mode: Mode = .dataMode
    ) throws -> (plugins: RunPlugins, disabled: [String]) {
        let policy = try JSONParser.parse(
            try Files.read(Stage.repository + "/registry/policies/pm_default_v1.json"))
        let document: JSON = [
            "roadmap_version": .string(Versions.roadmap), "mode": .string(mode.rawValue),
            "lhs": ["source": ["type": "file"], "location": .string(location), "schema_ref": nil],
            "rhs": ["source": ["type": "sql"], "location": "sqlite:t.db#t", "schema_ref": nil],
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": 1, "usd": 0, "wall_time_s": 1], "routing_profile": "quality_first",
            "threshold_profile_id": "tp_default_v1", "dsl_version": .string(Versions.dsl),
            "sample_caps": ["rows_max": 1, "bytes_max": 1], "cache_scope": ["run": "", "tab": "", "filters": [:]],
            "human_confirm_required": true, "rbac_actor": ["user_id": "ann", "role": "Admin"],
        ]
        let use = PluginUse(PluginCatalog(entries: entries))
        let contract = try RunContract(document)
        let engine = PolicyEngine(manifest: try PolicyManifest(policy))
        return (try use.plugins(of: contract, engine: engine), use.disabledChecks(of: contract))
    }

    private func failure(_ body: () throws -> Void) -> SluiceError? {
        do { try body() } catch { return error as? SluiceError }
        return nil
    }

    @Test func `have an installed check that is refused among them; only one that is disabled is left out by name`()
        throws
    {
        let whole = try pins([try entry("acme.iban", .check)])
        let broken = try pins([try entry("acme.iban", .check, error: Self.revoked)])
        #expect(whole.plugins.checks.count == 1 && whole.plugins == broken.plugins, "pinned as if it could be used")
        #expect(broken.disabled == [])
        let off = try pins([try entry("acme.iban", .check, error: Self.disabled)])
        #expect(off.plugins.isEmpty && off.disabled == ["acme.iban"])
        let blind = try pins([try entry("acme.iban", .check, error: Self.disabled)], mode: .metadataOnly)
        #expect(blind.plugins.isEmpty && blind.disabled == [])
        // Without the standard ones there is no analysis.
        let standard = try pins([try entry("sluice.check.duplicates", .check, error: Self.disabled)])
        #expect(standard.plugins.checks.map(\.id) == ["sluice.check.duplicates"] && standard.disabled == [])
    }

    @Test func `have the refused reader of their scheme; a disabled one is not a scheme that nobody reads`() throws {
        let broken = try entry("acme.ltsv", .connector, scheme: "ltsv", error: Self.revoked)
        let off = try entry("acme.ltsv", .connector, scheme: "ltsv", error: Self.disabled)
        let other = try entry("other.ltsv", .connector, scheme: "ltsv")
        for (entries, chosen) in [
            ([broken], "acme.ltsv"), ([off], "acme.ltsv"), ([broken, other], "acme.ltsv"),
            ([off, other], "other.ltsv"),
        ] {
            let found = try pins(entries, from: "ltsv:a.ltsv").plugins.connector
            #expect(found?.id == chosen && found?.manifest != nil)
        }
        let location = try DataLocation(uri: "ltsv:a.ltsv")
        for (entry, detail) in [(broken, "plugin.key_revoked"), (off, "plugin.disabled")] {
            let use = PluginUse(PluginCatalog(entries: [entry]))
            let error = failure { _ = try use.connector(for: location, mode: .dataMode) }
            #expect(error?.detail == detail)
        }
        let nobody = failure { _ = try pins([off], from: "avro:a.avro") }
        #expect(nobody?.detail == "location.invalid")
    }

    @Test func `have what was installed in the place of ours, with its manifest, and not ours`() throws {
        let ids: [(String, PluginManifest.Kind)] = [
            ("sluice.connector.csv", .connector), ("sluice.check.completeness", .check),
            ("sluice.check.duplicates", .check), ("sluice.provider.local", .provider),
        ]
        let ours = try pins(try ids.map { try entry($0.0, $0.1, isInstalled: false) })
        #expect(ours.plugins.isEmpty)
        let over = try pins(try ids.map { try entry($0.0, $0.1) }).plugins
        let pinned = [over.connector].compactMap(\.self) + over.checks + over.providers
        #expect(pinned.map(\.id) == ids.map(\.0))
        for pin in pinned {
            let kind = try #require(ids.first { $0.0 == pin.id }).1
            let manifest = try manifest(pin.id, kind)
            #expect(pin.manifest == manifest.hash)
        }
        let foreign = try pins([try entry("acme.iban", .check, isInstalled: false)]).plugins
        #expect(foreign.checks.map(\.manifest) == [nil], "one that ships has no manifest in its pin")
    }

    @Test func `come back from what the ledger keeps`() {
        let plugin = RunPlugin(id: "a.b", version: "1.2.3", hash: SHA256.hash("x"))
        let cases = [
            RunPlugins.none, RunPlugins(connector: plugin), RunPlugins(checks: [plugin, plugin]),
            RunPlugins(connector: plugin, checks: [plugin], providers: [plugin]),
            RunPlugins(checks: [
                RunPlugin(id: "a.b", version: "1.2.3", hash: SHA256.hash("x"), manifest: SHA256.hash("m"))
            ]),
        ]
        for plugins in cases {
            let back = RunPlugins(plugins.json)
            #expect(back == plugins)
        }
        #expect(RunPlugins.none.json == [:])
        // A run without installed plugins is written as ever.
        #expect(plugin.json.objectValue?.keys.sorted() == ["id", "plugin_hash", "version"])
        let odd: [JSON] = [
            "x", ["checks": "x"], ["checks": [["id": "a"]]], ["connector": "x"], ["connector": nil], ["other": []],
            ["providers": [["id": "a", "version": "1.0.0", "plugin_hash": "zz"]]],
            ["connector": .object((plugin.json.objectValue ?? [:]).merging(["manifest_sha256": "zz"]) { $1 })],
        ]
        for json in odd {
            let read = RunPlugins(json)
            #expect(read == nil, "\(json)")
        }
    }
}
