import Contracts
import Foundations
import Policy
import Testing

let root = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))

func shippedEngine() throws -> PolicyEngine {
    PolicyEngine(manifest: try PolicyManifest(try shippedManifest()))
}

func shippedManifest() throws -> JSON {
    try JSONParser.parse(try Files.read("\(root)/registry/policies/pm_default_v1.json"))
}

extension JSON {
    /// The document with the member at a path replaced.
    func with(_ path: [String], _ value: JSON?) -> JSON {
        guard case .object(var members) = self, let key = path.first else { return value ?? .null }
        members[key] = path.count > 1 ? (members[key] ?? [:]).with(Array(path.dropFirst()), value) : value
        return .object(members)
    }
}

@Suite struct `The policy engine` {
    /// ROADMAP §32, written down again: Viewer, Analyst, Operator, Maintainer, Admin.
    static let roles: [Action: [Bool]] = [
        .viewArtifactsMasked: [true, true, true, true, true], .viewPIIUnmasked: [false, true, true, true, true],
        .createRun: [false, true, true, true, true], .approveDestructive: [false, false, true, true, true],
        .toggleLocalOnlyOverride: [false, false, false, true, true],
        .editPolicyManifest: [false, false, false, true, true],
        .promoteDomain: [false, true, true, true, true], .releaseQuarantine: [false, false, true, true, true],
        .manageProviderRegistry: [false, false, false, true, true],
    ]

    /// The host's own steps that go by a right of another name.
    static let steps: [Action: Action] = [
        .readLedger: .viewArtifactsMasked, .readQuarantine: .viewArtifactsMasked, .eraseLedger: .approveDestructive,
    ]

    /// ROADMAP §3: metadata_only, data_mode; of those whose resource is named, with none.
    static let modes: [Action: [Bool]] = [
        .readSourceMetadata: [true, true], .sampleRows: [false, true], .callCheck: [false, true],
        .planMigration: [true, true], .migrate: [false, true], .gatherEvidence: [false, false],
        .previewTransform: [false, false], .analyse: [false, false], .showPreview: [false, false],
    ]

    @Test func `decides every role, action and mode as ROADMAP 3 and 32 do`() throws {
        let engine = try shippedEngine()
        var decided = 0
        for (place, role) in Role.allCases.enumerated() {
            for action in Action.allCases {
                for mode in [nil] + Mode.allCases.map(Optional.some) {
                    for provider in [nil, "local", "cloud", "Local", ""] {
                        let request = PolicyEngine.Request(
                            actor: RunContract.Actor(userID: "ada", role: role), action: action, mode: mode,
                            provider: provider, flags: PolicyEngine.Flags(reason: "a test"))
                        let expected: Bool
                        let mayRun = Self.roles[.createRun]?[place] == true
                        if let row = Self.roles[Self.steps[action] ?? action] {
                            expected = row[place]
                        } else if let row = Self.modes[action] {
                            expected = mayRun && mode.map { row[Mode.allCases.firstIndex(of: $0) ?? 0] } ?? false
                        } else if action == .writeTarget {
                            // Nobody confirmed: an actor who could.
                            expected = mode == .dataMode && Self.roles[.approveDestructive]?[place] == true
                        } else {
                            expected = mayRun && provider == "local"
                        }
                        let decision = engine.decide(request)
                        #expect(
                            decision.isAllowed == expected,
                            "\(role) \(action) \(String(describing: mode)) \(provider ?? "-")")
                        #expect(!decision.rule.id.isEmpty && !decision.rule.words.isEmpty)
                        #expect(engine.decide(request) == decision)
                        decided += 1
                        if expected {
                            let permit = try engine.permit(request)
                            #expect(
                                permit.action == action && permit.actor == "ada" && permit.rule == decision.rule.words)
                            #expect(permit.policyVersion == engine.manifest.reference)
                            #expect(permit.ruleID == decision.rule.id && permit.verdict == decision.verdict)
                        } else {
                            let error = #expect(throws: SluiceError.self) { try engine.permit(request) }
                            #expect(error?.code == .policyBlock)
                            let byMode = ["capability", "mode", "resource"].contains {
                                decision.rule.id.hasPrefix($0 + ".")
                            }
                            #expect(error?.detail == (byMode ? "policy.mode" : "policy.denied"))
                            #expect(error?.message.contains(decision.rule.words) == true)
                        }
                    }
                }
            }
        }
        #expect(decided == 5 * Action.allCases.count * 3 * 5)
        #expect(Self.roles.count + Self.steps.count + Self.modes.count + 2 == Action.allCases.count)
    }

    @Test func `follows the manifest and not a table of its own`() throws {
        let document = try shippedManifest().with(["rbac", "Viewer"], []).with(
            ["rbac", "Admin"], ["release_quarantine"]
        )
        .with(["rbac", "Analyst"], ["create_run"]).with(["capabilities", "metadata_only", "catalog_inference"], false)
        .with(["capabilities", "data_mode", "migration"], "dry_run").with(["providers", "deny"], ["local"])
        let engine = PolicyEngine(manifest: try PolicyManifest(document))
        func allows(_ role: Role, _ action: Action, _ mode: Mode? = nil, _ provider: String? = nil) -> Bool {
            engine.decide(.init(actor: .init(userID: "x", role: role), action: action, mode: mode, provider: provider))
                .isAllowed
        }
        #expect(!allows(.viewer, .viewArtifactsMasked) && allows(.analyst, .createRun))
        #expect(Action.allCases.filter { allows(.admin, $0) } == [.releaseQuarantine])
        #expect(!allows(.analyst, .readSourceMetadata, .metadataOnly) && !allows(.analyst, .migrate, .dataMode))
        #expect(allows(.analyst, .planMigration, .dataMode) && allows(.analyst, .readSourceMetadata, .dataMode))
        // On both lists: denied.
        #expect(!allows(.analyst, .callProvider, nil, "local"))
    }

    @Test(arguments: ["row_samples", "migration", "analysis_checks"])
    func `says no where a capability is missing, and refuses a manifest where it is something else`(
        _ capability: String
    ) throws {
        let action: Action = ["row_samples": .sampleRows, "migration": .migrate][capability] ?? .callCheck
        for value: JSON? in [nil, .null, "yes", 1, [], [:], "FULL", "true"] {
            let document = try shippedManifest().with(["capabilities", "data_mode", capability], value)
            guard value == nil || (value == [] && action == .callCheck) else {
                let error = #expect(throws: SluiceError.self) { try PolicyManifest(document) }
                #expect(error?.detail == "policy.manifest")
                #expect(error?.message.contains("/capabilities/data_mode/\(capability): ") == true)
                continue
            }
            let engine = PolicyEngine(manifest: try PolicyManifest(document))
            #expect(
                !engine.decide(.init(actor: .init(userID: "x", role: .admin), action: action, mode: .dataMode))
                    .isAllowed)
        }
    }

    @Test func `takes the home's owner for Admin, listed users as listed, and strangers for Viewers`() throws {
        let engine = PolicyEngine(
            manifest: try PolicyManifest(try shippedManifest().with(["users", "bob"], "Operator")))
        #expect(engine.role(user: "bob", ownsHome: false) == .operator)
        #expect(engine.role(user: "bob", ownsHome: true) == .admin)
        #expect(engine.role(user: "eve", ownsHome: false) == .viewer)
    }
}

@Suite struct `Admission of a contract` {
    private static let contract: JSON = [
        "roadmap_version": "1.1.0", "mode": "data_mode",
        "lhs": ["source": ["type": "file"], "location": "csv:people.csv"],
        "rhs": ["source": ["type": "sql"], "location": "sqlite:crm.db#customers"],
        "pii_policy": ["mask_before_send": true, "local_only_override": false],
        "budget_caps": ["tokens": 1000, "usd": 2.5, "wall_time_s": 60], "routing_profile": "offline_first",
        "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
        "sample_caps": ["rows_max": 1000, "bytes_max": 1_048_576],
        "cache_scope": ["run": nil, "tab": nil, "filters": [:]], "human_confirm_required": true,
        "rbac_actor": ["user_id": "ada", "role": "Operator"],
    ]

    private func refusal(_ document: JSON, as role: Role) throws -> SluiceError? {
        let contract = try RunContract(document)
        do {
            let permit = try shippedEngine().admit(contract, authenticated: .init(userID: "os-user", role: role))
            #expect(permit.action == .createRun && permit.actor == contract.actor.userID)
            return nil
        } catch { return error as? SluiceError }
    }

    @Test func `gives nobody a role above their own`() throws {
        for claimed in Role.allCases {
            for own in Role.allCases {
                let error = try refusal(Self.contract.with(["rbac_actor", "role"], .string(claimed.rawValue)), as: own)
                if claimed > own {
                    #expect(error?.detail == "policy.role", "\(own) claims \(claimed)")
                } else {
                    #expect(error?.detail == (claimed == .viewer ? "policy.denied" : nil), "\(own) claims \(claimed)")
                }
            }
        }
    }

    @Test func `never goes without masking, whoever asks`() throws {
        for role in Role.allCases where role > .viewer {
            let document = Self.contract.with(["pii_policy", "mask_before_send"], false).with(
                ["rbac_actor", "role"], .string(role.rawValue))
            #expect(try refusal(document, as: .admin)?.detail == "policy.masking")
        }
    }

    @Test func `leaves local_only_override to Maintainer and Admin`() throws {
        for role in Role.allCases where role > .viewer {
            let document = Self.contract.with(["pii_policy", "local_only_override"], true).with(
                ["rbac_actor", "role"], .string(role.rawValue))
            #expect(
                try refusal(document, as: .admin)?.detail == (role >= .maintainer ? nil : "policy.denied"), "\(role)")
        }
    }

    @Test func `asks of one who waives the confirmation that they could give it`() throws {
        for role in Role.allCases where role > .viewer {
            let document = Self.contract.with(["human_confirm_required"], false).with(
                ["rbac_actor", "role"], .string(role.rawValue))
            // The caller is the home's owner: what counts is the role that the contract names.
            let error = try refusal(document, as: .admin)
            #expect(error?.detail == (role >= .operator ? nil : "policy.denied"), "\(role)")
            #expect(error == nil || error?.code == .policyBlock)
            // Nothing is written in metadata_only, and with a confirmation somebody else is asked.
            let planned = document.with(["sample_caps"], nil).with(["mode"], "metadata_only")
            #expect(try refusal(planned, as: .admin) == nil, "\(role)")
            #expect(try refusal(document.with(["human_confirm_required"], true), as: .admin) == nil, "\(role)")
        }
    }

    @Test func `holds sample caps under the manifest's`() throws {
        #expect(try refusal(Self.contract, as: .admin) == nil)
        #expect(
            try refusal(Self.contract.with(["sample_caps", "rows_max"], 1001), as: .admin)?.detail == "policy.denied")
        #expect(
            try refusal(Self.contract.with(["sample_caps", "bytes_max"], 1_048_577), as: .admin)?.detail
                == "policy.denied")
        #expect(try refusal(Self.contract.with(["sample_caps", "rows_max"], 1), as: .admin) == nil)
        #expect(
            try refusal(Self.contract.with(["sample_caps"], nil).with(["mode"], "metadata_only"), as: .admin) == nil)
    }
}
