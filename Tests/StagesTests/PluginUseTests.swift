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

    private func engine(_ providers: JSON, egress: JSON = ["default": "deny", "allow": []]) throws -> PolicyEngine {
        let path = Stage.repository + "/registry/policies/pm_default_v0.json"
        var policy = try JSONParser.parse(try Files.read(path)).objectValue ?? [:]
        policy["providers"] = providers
        policy["egress"] = egress
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
        #expect(open == ["acme.cloud", "acme.house"])
        let kept = try contract(["pii_policy": ["mask_before_send": true, "local_only_override": true]])
        let local = offers(catalog, kept, try engine(names, egress: way))
        #expect(local.last == "acme.house" && local[0].contains("acme.cloud calls api.example.org"), "\(local)")
    }
}

@Suite struct `The plugins that a run is pinned to` {
    @Test func `come back from what the ledger keeps`() {
        let plugin = RunPlugin(id: "a.b", version: "1.2.3", hash: SHA256.hash("x"))
        let cases = [
            RunPlugins.none, RunPlugins(connector: plugin), RunPlugins(checks: [plugin, plugin]),
            RunPlugins(connector: plugin, checks: [plugin], providers: [plugin]),
        ]
        for plugins in cases {
            let back = RunPlugins(plugins.json)
            #expect(back == plugins)
        }
        #expect(RunPlugins.none.json == [:])
        let odd: [JSON] = [
            "x", ["checks": "x"], ["checks": [["id": "a"]]], ["connector": "x"], ["connector": nil], ["other": []],
            ["providers": [["id": "a", "version": "1.0.0", "plugin_hash": "zz"]]],
        ]
        for json in odd {
            let read = RunPlugins(json)
            #expect(read == nil, "\(json)")
        }
    }
}
