import Contracts
import Foundations
import Testing

private let root = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))

private func document(_ path: String) throws -> JSON {
    try JSONParser.parse(try Files.read("\(root)/registry/\(path)"))
}

@Suite struct `The default threshold profile` {
    @Test func `has the values of ROADMAP 29, one by one`() throws {
        let profile = try ThresholdProfile(try document("thresholds/tp_default_v1.json"))
        #expect(profile.id == "tp_default_v1")
        #expect(profile.tauHigh == 0.82)
        #expect(profile.tauLow == 0.55)
        #expect(profile.acceptRateMin == 0.95)
        #expect(profile.nearMatchWindow == 0.03)
        #expect(profile.nullRateMax == 0.02)
        #expect(profile.dupKeyRateMax == 0)
        #expect(profile.batchSize == 50_000)
        #expect(profile.validationChecks == ["row_count", "checksum", "fk_check"])
        #expect(profile.domainingTokens == 150_000)
        #expect(profile.mappingTokens == 250_000)
        #expect(abs(profile.errorBudget - 0.05) < 1e-12)
    }

    static let paths: [[String]] = [
        ["profile_id"], ["domaining"], ["domaining", "tau_high"], ["domaining", "tau_low"], ["mapping"],
        ["mapping", "accept_rate_min"], ["mapping", "near_match_window"], ["analysis"], ["analysis", "null_rate_max"],
        ["analysis", "dup_key_rate_max"], ["migration"], ["migration", "batch_size"],
        ["migration", "validation_checks"], ["budgets"],
        ["budgets", "domaining"], ["budgets", "domaining", "tokens"], ["budgets", "mapping"],
        ["budgets", "mapping", "tokens"],
    ]

    @Test(arguments: paths)
    func `is refused without one of its fields, with a wrong one, and with one more`(_ path: [String]) throws {
        let whole = try document("thresholds/tp_default_v1.json")
        for value: JSON? in [nil, .bool(true), .string("")] {
            let error = #expect(throws: SluiceError.self) { try ThresholdProfile(whole.with(path, value)) }
            #expect(error?.detail == "registry.invalid")
            #expect(error?.message.contains("/\(path.joined(separator: "/")): ") == true, "\(error?.message ?? "")")
        }
        let error = #expect(throws: SluiceError.self) {
            try ThresholdProfile(whole.with(path.dropLast() + ["extra"], 1))
        }
        #expect(error?.message.contains("extra: is not a known key") == true)
    }

    @Test(
        arguments: [
            (["domaining", "tau_low"], 0.9), (["domaining", "tau_high"], 1.1), (["mapping", "accept_rate_min"], -0.1),
            (["migration", "batch_size"], 0), (["migration", "validation_checks"], ["row_count", "md5"]),
        ] as [([String], JSON)])
    func `is refused when a value makes no sense`(_ path: [String], _ value: JSON) throws {
        let whole = try document("thresholds/tp_default_v1.json")
        let error = #expect(throws: SluiceError.self) { try ThresholdProfile(whole.with(path, value)) }
        #expect(error?.message.contains("/\(path.joined(separator: "/")): ") == true)
    }
}

@Suite struct `The default Policy Manifest` {
    @Test func `grants the rights of ROADMAP 32, role by role`() throws {
        let manifest = try PolicyManifest(try document("policies/pm_default_v1.json"))
        let analyst: Set = ["view_artifacts_masked", "view_pii_unmasked", "create_run", "promote_domain"]
        let operating = analyst.union(["approve_destructive", "release_quarantine"])
        let maintaining = operating.union([
            "toggle_local_only_override", "edit_policy_manifest", "manage_provider_registry",
        ])
        #expect(
            manifest.rights == [
                .viewer: ["view_artifacts_masked"], .analyst: analyst, .operator: operating, .maintainer: maintaining,
                .admin: maintaining,
            ])
        #expect(manifest.localOnlyOverrideRoles == [.maintainer, .admin])
        #expect(manifest.users.isEmpty)
    }

    @Test func `has the capabilities of ROADMAP 3, mode by mode`() throws {
        let manifest = try PolicyManifest(try document("policies/pm_default_v1.json"))
        #expect(
            manifest.capabilities[.metadataOnly] == [
                "catalog_inference": true, "row_samples": false, "domaining_evidence": ["headers", "regex", "units"],
                "transform_previews": "symbolic", "analysis_checks": ["logical", "feasibility"], "migration": "dry_run",
                "gui_previews": "masked_schema",
            ])
        #expect(
            manifest.capabilities[.dataMode] == [
                "catalog_inference": true, "row_samples": true,
                "domaining_evidence": ["headers", "regex", "units", "value_sketches"],
                "transform_previews": "sample_execution",
                "analysis_checks": ["logical", "feasibility", "coverage", "nulls", "duplicates", "statistics"],
                "migration": "full",
                "gui_previews": "masked_slices",
            ])
    }

    @Test func `denies egress, allows the local provider, and demands three layers`() throws {
        let manifest = try PolicyManifest(try document("policies/pm_default_v1.json"))
        #expect(manifest.id == "pm_default" && manifest.version == "1.0.0")
        #expect(
            manifest.providersAllowed == ["local"] && manifest.providersDenied.isEmpty
                && manifest.egress == EgressRules()
        )
        #expect(manifest.openTypes == ["bool", "int64", "float64"])
        #expect(manifest.listedCodesMaxDistinct == 64 && manifest.integerDigitsMax == 8)
        #expect(manifest.sampleRowsMax == 1000 && manifest.sampleBytesMax == 1_048_576)
        #expect(manifest.isolationMinimum == ["seccomp", "landlock", "rlimits"])
        #expect(manifest.reference.hasPrefix("pm_default@1.0.0+"))
        #expect(manifest.reference.utf8.count == "pm_default@1.0.0+".utf8.count + 12)
    }

    static let paths: [[String]] = [
        ["policy_id"], ["policy_version"], ["capabilities"], ["capabilities", "data_mode"],
        ["capabilities", "metadata_only"],
        ["roles"], ["rbac"], ["rbac", "Viewer"], ["rbac", "Admin"], ["users"], ["providers"], ["providers", "allow"],
        ["providers", "deny"], ["egress"], ["egress", "default"], ["egress", "allow"], ["masking"],
        ["masking", "default"],
        ["masking", "open_types"], ["masking", "listed_codes_max_distinct"], ["masking", "integer_digits_max"],
        ["sample_caps"],
        ["sample_caps", "rows_max"], ["budget_caps"], ["budget_caps", "usd"], ["isolation"], ["isolation", "minimum"],
        ["local_only_override"], ["local_only_override", "roles"],
    ]

    @Test(arguments: paths)
    func `blocks everything when one of its fields is missing`(_ path: [String]) throws {
        let whole = try document("policies/pm_default_v1.json")
        let error = #expect(throws: SluiceError.self) { try PolicyManifest(whole.with(path, nil)) }
        #expect(error?.detail == "policy.manifest")
        #expect(error?.code == .policyBlock)
        #expect(error?.message.contains("/\(path.joined(separator: "/")): ") == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            (["masking", "default"], "open"), (["egress", "default"], "allow"), (["roles"], ["Viewer", "Admin"]),
            (["rbac", "Boss"], ["create_run"]), (["users"], ["bob": "Boss"]), (["capabilities", "third_mode"], [:]),
            (["masking", "integer_digits_max"], 0), (["local_only_override", "roles"], ["Boss"]),
            (["capabilities", "data_mode"], true), (["extra"], 1), (["pii", "default"], "allow"),
            (["pii", "classes", "secret", "action"], "allow"), (["pii", "classes", "unknown", "action"], "allow"),
            (["pii", "classes", "text.free", "action"], "allow"), (["pii", "classes", "none", "action"], "mask"),
            (["pii", "classes", "contact.email", "action"], "shred"),
            (["pii", "classes", "shoe.size"], ["action": "mask"]),
            (["previews", "k"], 1), (["jurisdictions", "eu", "classes"], ["shoe.size"]),
            (["jurisdictions", "eu", "regions"], ["EU"]), (["jurisdictions", "eu", "enabled"], "yes"),
            (["egress", "regions"], ["https://a.example/x": "eu"]), (["egress", "allow"], "everything"),
            (["masking", "open_types"], ["text"]), (["isolation", "minimum"], ["luck"]), (["policy_version"], "1.0"),
            (["policy_id"], "My Policy"), (["rbac", "Viewer"], ["view_pii_unmasked"]), (["rbac", "Admin"], ["fly"]),
            (["capabilities", "metadata_only", "row_samples"], true), (["local_only_override", "roles"], ["Operator"]),
            (["capabilities", "metadata_only", "migration"], "full"), (["providers", "allow"], ["local", "local"]),
        ] as [([String], JSON)])
    func `is refused when it loosens the default, or names what does not exist`(_ path: [String], _ value: JSON) throws
    {
        let whole = try document("policies/pm_default_v1.json")
        let error = #expect(throws: SluiceError.self) { try PolicyManifest(whole.with(path, value)) }
        #expect(error?.detail == "policy.manifest")
    }

    @Test func `has a reference that changes with any of its content`() throws {
        let whole = try document("policies/pm_default_v1.json")
        let references = try [
            whole, whole.with(["users", "bob"], "Analyst"), whole.with(["sample_caps", "rows_max"], 999),
        ]
        .map { try PolicyManifest($0).reference }
        #expect(Set(references).count == 3)
    }

    @Test func `names the cell and the table where it grants more than ROADMAP 3 or 32, with every other mistake`()
        throws
    {
        let whole = try document("policies/pm_default_v1.json")
            .with(["rbac", "Viewer"], ["view_artifacts_masked", "view_pii_unmasked"])
            .with(["capabilities", "metadata_only", "row_samples"], true)
            .with(["capabilities", "metadata_only", "analysis_checks"], ["logical", "nulls"])
            .with(["local_only_override", "roles"], ["Analyst"]).with(["previews", "k"], 0).with(["extra"], 1)
        let error = #expect(throws: SluiceError.self) { try PolicyManifest(whole) }
        let message = error?.message ?? ""
        for part in [
            "has 6 mistakes", "/rbac/Viewer: view_pii_unmasked is more than ROADMAP §32 has in the cell",
            "/capabilities/metadata_only/row_samples: true is more than ROADMAP §3 has in the cell row_samples × metadata_only",
            "/capabilities/metadata_only/analysis_checks: nulls is more than ROADMAP §3",
            "/local_only_override/roles: Analyst is more than ROADMAP §32", "/previews/k: ", "/extra: ",
        ] { #expect(message.contains(part), "\(message)") }
    }

    @Test func `has an action for every class, all closed but for what is not personal, and no jurisdiction`() throws {
        let manifest = try PolicyManifest(try document("policies/pm_default_v1.json"))
        #expect(manifest.pii.standard == .mask && Set(manifest.pii.classes.keys) == Set(DataClass.allCases))
        for dataClass in DataClass.allCases {
            #expect(manifest.pii.action(for: dataClass) == (dataClass == .notPersonal ? .allow : .mask))
        }
        #expect(manifest.previewsK == 5)
        #expect(manifest.jurisdictions.map(\.name) == ["eu"] && manifest.jurisdictions.allSatisfy { !$0.isEnabled })
        #expect(manifest.egress.regions.isEmpty && !manifest.egress.followsRegistry)
        let caps = manifest.budgetCaps
        #expect(caps.tokens == 400_000 && caps.usd == 10 && caps.wallTimeSeconds == 3600)
    }

    @Test func `of version 0 is read still, with the defaults of what it lacks`() throws {
        let old = try PolicyManifest(try document("policies/pm_default_v0.json"))
        let new = try PolicyManifest(try document("policies/pm_default_v1.json"))
        #expect(old.version == "0.1.0")
        #expect(old.rights == new.rights && old.grants == new.grants && old.egress == new.egress)
        #expect(old.previewsK == new.previewsK && old.jurisdictions.isEmpty)
        for dataClass in DataClass.allCases {
            #expect(old.pii.action(for: dataClass) == new.pii.action(for: dataClass))
        }
    }

    @Test func `takes the registry's endpoints for its allow list, and regions of origins`() throws {
        let manifest = try PolicyManifest(
            try document("policies/pm_default_v1.json").with(["egress", "allow"], "registry")
                .with(["egress", "regions"], ["https://api.example.eu": "eu"]))
        #expect(manifest.egress.followsRegistry && manifest.egress.allowed.isEmpty)
        #expect(manifest.egress.regions == [Origin(scheme: .https, host: "api.example.eu", port: 443): "eu"])
    }

    @Test func `has a schema that knows the same classes, rights, capabilities and layers`() throws {
        let schema = try document("schemas/policy-manifest.schema.json")
        func names(_ path: [String]) -> [String] {
            let place = path.reduce(Optional(schema)) { $0?[$1] }
            return place?.arrayValue?.compactMap(\.stringValue) ?? place?.objectValue?.keys.sorted() ?? []
        }
        let classes = DataClass.allCases.map(\.rawValue)
        #expect(names(["properties", "pii", "properties", "classes", "properties"]) == classes.sorted())
        #expect(
            names([
                "properties", "jurisdictions", "additionalProperties", "properties", "classes", "items", "enum",
            ]) == classes)
        #expect(names(["properties", "rbac", "additionalProperties", "items", "enum"]) == PolicyTables.rights)
        #expect(
            names(["$defs", "class", "properties", "action", "enum"]).sorted()
                == PIIAction.allCases.map(\.rawValue).sorted())
        for capability in Capability.allCases where capability.values.count > 1 {
            let place = ["$defs", "capabilities", "properties", capability.rawValue]
            let words = names(place + ["enum"]) + names(place + ["items", "enum"])
            #expect(words == capability.values, "\(capability)")
        }
    }
}
