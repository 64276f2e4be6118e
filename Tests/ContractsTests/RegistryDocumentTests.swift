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
        let manifest = try PolicyManifest(try document("policies/pm_default_v0.json"))
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
        let manifest = try PolicyManifest(try document("policies/pm_default_v0.json"))
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
        let manifest = try PolicyManifest(try document("policies/pm_default_v0.json"))
        #expect(manifest.id == "pm_default" && manifest.version == "0.1.0")
        #expect(
            manifest.providersAllowed == ["local"] && manifest.providersDenied.isEmpty
                && manifest.egress == EgressRules()
        )
        #expect(manifest.openTypes == ["bool", "int64", "float64"])
        #expect(manifest.listedCodesMaxDistinct == 64 && manifest.integerDigitsMax == 8)
        #expect(manifest.sampleRowsMax == 1000 && manifest.sampleBytesMax == 1_048_576)
        #expect(manifest.isolationMinimum == ["seccomp", "landlock", "rlimits"])
        #expect(manifest.reference.hasPrefix("pm_default@0.1.0+"))
        #expect(manifest.reference.utf8.count == "pm_default@0.1.0+".utf8.count + 12)
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
        let whole = try document("policies/pm_default_v0.json")
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
            (["capabilities", "data_mode"], true), (["extra"], 1),
        ] as [([String], JSON)])
    func `is refused when it loosens the default, or names what does not exist`(_ path: [String], _ value: JSON) throws
    {
        let whole = try document("policies/pm_default_v0.json")
        let error = #expect(throws: SluiceError.self) { try PolicyManifest(whole.with(path, value)) }
        #expect(error?.detail == "policy.manifest")
    }

    @Test func `has a reference that changes with any of its content`() throws {
        let whole = try document("policies/pm_default_v0.json")
        let references = try [
            whole, whole.with(["users", "bob"], "Analyst"), whole.with(["sample_caps", "rows_max"], 999),
        ]
        .map { try PolicyManifest($0).reference }
        #expect(Set(references).count == 3)
    }
}
