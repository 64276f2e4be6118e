import Foundations
import Testing

@testable import Contracts

/// A contract with every key of ROADMAP §28.
let wholeContract: JSON = [
    "roadmap_version": "1.1.0", "mode": "data_mode", "lane_hint": "flex",
    "lhs": ["source": ["type": "file"], "location": "csv:people.csv", "schema_ref": nil],
    "rhs": ["source": ["type": "sql"], "location": "sqlite:crm.db#customers", "schema_ref": "crm/1"],
    "pii_policy": ["mask_before_send": true, "local_only_override": false],
    "budget_caps": ["tokens": 1000, "usd": 2.5, "wall_time_s": 60], "routing_profile": "offline_first",
    "provider_allowlist": ["local"], "provider_denylist": ["cloud"], "threshold_profile_id": "tp_default_v1",
    "dsl_version": "1.0.0", "sample_caps": ["rows_max": 100, "bytes_max": 65536],
    "cache_scope": ["run": "r", "tab": "t", "filters": [:]], "human_confirm_required": true,
    "rbac_actor": ["user_id": "ada", "role": "Operator"], "audit_tags": ["crm", "import"],
    "created_at": "2026-01-31T12:00:00Z", "idempotency_key": "once",
]

extension JSON {
    /// The document with the member at a path replaced, or taken out.
    func with(_ path: [String], _ value: JSON?) -> JSON {
        guard case .object(var members) = self, let key = path.first else { return value ?? .null }
        if path.count > 1 {
            members[key] = (members[key] ?? [:]).with(Array(path.dropFirst()), value)
        } else {
            members[key] = value
        }
        return .object(members)
    }
}

func failure(_ document: JSON) -> SluiceError? {
    do {
        _ = try RunContract(document)
        return nil
    } catch { return error }
}

@Suite struct `The Run Contract` {
    @Test func `carries every key of ROADMAP 28`() throws {
        let contract = try RunContract(wholeContract)
        #expect(contract.roadmapVersion == "1.1.0")
        #expect(contract.mode == .dataMode)
        #expect(contract.laneHint == .flex)
        #expect(contract.lhs.location == DataLocation(scheme: .csv, path: "people.csv", table: nil))
        #expect(contract.lhs.schemaReference == nil && contract.rhs.schemaReference == "crm/1")
        #expect(contract.rhs.location == DataLocation(scheme: .sqlite, path: "crm.db", table: "customers"))
        #expect(contract.maskBeforeSend && !contract.localOnlyOverride)
        #expect(contract.budgetCaps == RunContract.BudgetCaps(tokens: 1000, usd: 2.5, wallTimeSeconds: 60))
        #expect(contract.routingProfile == .offlineFirst)
        #expect(contract.providerAllowlist == ["local"] && contract.providerDenylist == ["cloud"])
        #expect(contract.thresholdProfileID == "tp_default_v1")
        #expect(contract.dslVersion == "1.0.0")
        #expect(contract.sampleCaps == RunContract.SampleCaps(rowsMax: 100, bytesMax: 65536))
        #expect(contract.humanConfirmRequired)
        #expect(contract.actor == RunContract.Actor(userID: "ada", role: .operator))
        #expect(contract.auditTags == ["crm", "import"])
        #expect(contract.json["run_id"] == .string(contract.runID.description))
        #expect(try RunContract(contract.json) == contract)
    }

    static let required: [[String]] = [
        ["roadmap_version"], ["mode"], ["lhs"], ["lhs", "source"], ["lhs", "source", "type"], ["lhs", "location"],
        ["rhs"],
        ["rhs", "source"], ["rhs", "source", "type"], ["rhs", "location"], ["pii_policy"],
        ["pii_policy", "mask_before_send"],
        ["pii_policy", "local_only_override"], ["budget_caps"], ["budget_caps", "tokens"], ["budget_caps", "usd"],
        ["budget_caps", "wall_time_s"], ["threshold_profile_id"], ["dsl_version"], ["sample_caps"],
        ["sample_caps", "rows_max"],
        ["sample_caps", "bytes_max"], ["cache_scope"], ["cache_scope", "run"], ["cache_scope", "tab"],
        ["cache_scope", "filters"],
        ["human_confirm_required"], ["rbac_actor"], ["rbac_actor", "user_id"], ["rbac_actor", "role"],
    ]

    @Test(arguments: required)
    func `names a required key that is missing`(_ path: [String]) {
        let error = failure(wholeContract.with(path, nil))
        #expect(error?.detail == "contract.invalid")
        #expect(error?.code == .deterministicFailure)
        #expect(error?.message == "The Run Contract has 1 mistake: /\(path.joined(separator: "/")): is missing.")
    }

    static let optional = [
        "run_id", "lane_hint", "provider_allowlist", "provider_denylist", "audit_tags", "created_at", "idempotency_key",
        "routing_profile",
    ]

    @Test(arguments: optional)
    func `does without an optional key`(_ key: String) throws { _ = try RunContract(wholeContract.with([key], nil)) }

    static let wrong: [([String], JSON)] = [
        (["run_id"], "not-a-ulid"), (["run_id"], 5), (["roadmap_version"], 1.1), (["roadmap_version"], "1.1"),
        (["mode"], "all"), (["mode"], "Data_Mode"), (["lane_hint"], "express"), (["lhs"], "csv:a"), (["lhs"], []),
        (["lhs", "source"], "file"), (["lhs", "source", "type"], "folder"), (["lhs", "source", "type"], "sql"),
        (["lhs", "location"], ""), (["lhs", "location"], 3), (["lhs", "location"], "ftp://host/file"),
        (["lhs", "schema_ref"], 5), (["lhs", "secret_ref"], "hunter2"), (["rhs"], nil), (["rhs", "location"], ["a"]),
        (["rhs", "source", "type"], "file"), (["pii_policy"], true), (["pii_policy", "mask_before_send"], "yes"),
        (["pii_policy", "local_only_override"], 0), (["budget_caps"], 5), (["budget_caps", "tokens"], -1),
        (["budget_caps", "tokens"], 1.5), (["budget_caps", "usd"], -0.1), (["budget_caps", "wall_time_s"], 0),
        (["budget_caps", "usd"], "2"), (["routing_profile"], "fast"), (["routing_profile"], nil),
        (["provider_allowlist"], "local"),
        (["provider_denylist"], [1]), (["threshold_profile_id"], ""), (["threshold_profile_id"], 1),
        (["dsl_version"], "one"),
        (["sample_caps"], []), (["sample_caps", "rows_max"], 0), (["sample_caps", "bytes_max"], 0.5),
        (["cache_scope"], "run"),
        (["cache_scope", "run"], 7), (["cache_scope", "filters"], []), (["human_confirm_required"], "true"),
        (["rbac_actor"], "ada"), (["rbac_actor", "user_id"], ""), (["rbac_actor", "role"], "Root"),
        (["rbac_actor", "role"], 5),
        (["audit_tags"], "crm"), (["audit_tags"], [nil]), (["created_at"], "yesterday"),
        (["created_at"], "1969-01-01T00:00:00Z"),
        (["idempotency_key"], ""), (["idempotency_key"], 4), (["mapping_plan"], "14fad271"), (["mapping_plan"], 1),
        (["mapping_plan"], .string(String(repeating: "A", count: 64))),
    ]

    @Test(arguments: wrong)
    func `names a key of the wrong type or value`(_ path: [String], _ value: JSON) {
        let error = failure(wholeContract.with(path, value))
        #expect(error?.detail == "contract.invalid", "\(path) \(value.canonicalText)")
        #expect(error?.message.contains("/\(path.joined(separator: "/")): ") == true, "\(error?.message ?? "taken")")
    }

    @Test(
        arguments: [
            (["mod"], "/mod: is not a known key; is mode meant?"),
            (["lanehint"], "/lanehint: is not a known key; is lane_hint meant?"),
            (["lhs", "loction"], "/lhs/loction: is not a known key; is location meant?"),
            (["budget_caps", "token"], "/budget_caps/token: is not a known key; is tokens meant?"),
            (["rh"], "/rh: is not a known key; is rhs meant?"),
            (["rbac_actor", "rolle"], "/rbac_actor/rolle: is not a known key; is role meant?"),
            (["pii_policy", "quite_another"], "/pii_policy/quite_another: is not a known key."),
            (["a/b~c"], "/a~1b~0c: is not a known key."),
        ])
    func `refuses an unknown key, and asks whether a near one is meant`(_ path: [String], _ says: String) {
        let error = failure(wholeContract.with(path, 1))
        #expect(error?.message == "The Run Contract has 1 mistake: \(says.hasSuffix(".") ? says : says + ".")")
    }

    @Test func `lists several mistakes at once, each by its pointer`() {
        let document = wholeContract.with(["mode"], nil).with(["budget_caps", "usd"], "free").with(
            ["rhs", "lokation"], 1
        )
        .with(["rbac_actor", "role"], "boss").with(["audit_tags"], [1]).with(["dsl_version"], "2.0.0")
        let message = failure(document)?.message ?? ""
        #expect(message.hasPrefix("The Run Contract has 6 mistakes: "))
        for place in [
            "/mode: is missing", "/budget_caps/usd: ", "/rhs/lokation: ", "/rbac_actor/role: ", "/audit_tags: ",
            "/dsl_version: ",
        ] {
            #expect(message.contains(place), "\(place)")
        }
    }

    @Test(arguments: [JSON.null, [], "text", 5, true])
    func `is an object`(_ document: JSON) {
        #expect(failure(document)?.message.contains("/: an object is expected") == true)
    }

    @Test(arguments: [
        ("1.1.0", true), ("1.0.0", true), ("1.0.9", true), ("1.1.1", false), ("1.2.0", false), ("2.0.0", false),
        ("0.9.0", false),
        ("1.1", false), ("1.1.0-rc1", false), ("", false), ("1.-1.0", false), ("v1.1.0", false), ("1.1.0.0", false),
    ])
    func `names a roadmap that this program implements`(_ version: String, _ isTaken: Bool) {
        #expect((failure(wholeContract.with(["roadmap_version"], .string(version))) == nil) == isTaken)
    }

    @Test(arguments: [
        ("1.0.0", true), ("1.0.1", true), ("1.1.0", true), ("1.1.1", false), ("1.2.0", false), ("0.1.0", false),
        ("2.0.0", false),
    ])
    func `names a DSL that this program implements`(_ version: String, _ isTaken: Bool) {
        #expect((failure(wholeContract.with(["dsl_version"], .string(version))) == nil) == isTaken)
    }

    @Test func `needs sample caps in data_mode alone`() throws {
        let without = wholeContract.with(["sample_caps"], nil)
        #expect(failure(without)?.message.contains("/sample_caps: is missing") == true)
        #expect(try RunContract(without.with(["mode"], "metadata_only")).sampleCaps == nil)
        #expect(failure(wholeContract.with(["mode"], "metadata_only").with(["sample_caps", "rows_max"], 0)) != nil)
        #expect(try RunContract(wholeContract.with(["mode"], "metadata_only")).sampleCaps?.rowsMax == 100)
    }

    @Test func `may leave the cache scope open`() throws {
        _ = try RunContract(wholeContract.with(["cache_scope"], ["run": nil, "tab": nil, "filters": [:]]))
    }

    // MARK: Identity

    @Test func `is the same run when it is the same request`() throws {
        let first = try RunContract(wholeContract)
        let again = try RunContract(try JSONParser.parse(wholeContract.canonicalBytes))
        #expect(first.runID == again.runID && first.hash == again.hash && first.json == again.json)
        #expect(CivilTime.text(milliseconds: Int64(first.runID.milliseconds)) == "2026-01-31T12:00:00.000Z")
    }

    @Test func `is another run with another key, content or time`() throws {
        let runs = try [
            wholeContract, wholeContract.with(["idempotency_key"], "twice"),
            wholeContract.with(["idempotency_key"], nil),
            wholeContract.with(["mode"], "metadata_only"), wholeContract.with(["created_at"], "2026-01-31T12:00:01Z"),
            wholeContract.with(["created_at"], nil), wholeContract.with(["audit_tags"], ["import", "crm"]),
        ].map { try RunContract($0).runID }
        #expect(Set(runs).count == runs.count)
    }

    @Test func `names the Mapping Plan that it reuses, as a part of its hash`() throws {
        let hash = SHA256.hash("a plan")
        let plain = try RunContract(wholeContract)
        let named = try RunContract(wholeContract.with(["mapping_plan"], .string(hash.hex)))
        #expect(named.mappingPlan == hash && plain.mappingPlan == nil)
        #expect(named.hash != plain.hash && named.runID != plain.runID)
        #expect(try RunContract(wholeContract.with(["mapping_plan"], .null)).mappingPlan == nil)
    }

    @Test func `keeps a run id that it was given`() throws {
        let given = wholeContract.with(["run_id"], "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        #expect(try RunContract(given).runID.description == "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        let derived = try RunContract(wholeContract)
        #expect(try RunContract(derived.json).runID == derived.runID)
    }

    @Test func `has a hash without run id and idempotency key, with defaults filled in`() throws {
        let hash = try RunContract(wholeContract).hash
        #expect(try RunContract(wholeContract.with(["run_id"], "01ARZ3NDEKTSV4RRFFQ69G5FAV")).hash == hash)
        #expect(try RunContract(wholeContract.with(["idempotency_key"], "other")).hash == hash)
        #expect(try RunContract(wholeContract.with(["dsl_version"], "1.0.0").with(["audit_tags"], nil)).hash != hash)
        let written = try RunContract(wholeContract.with(["routing_profile"], "quality_first"))
        let left = try RunContract(wholeContract.with(["routing_profile"], nil))
        #expect(left.routingProfile == .qualityFirst)
        #expect(left.hash == written.hash && left.runID == written.runID && left.json == written.json)
    }

    // MARK: Secrets

    static let passwords = [
        "postgres://bob:hunter2@db.example/crm#people", "postgres://bob:hun/hunter2@db.example/crm",
        "postgres://bob:hunter2@x@db.example/crm", "postgres://:hunter2@db.example/crm",
        "postgres:bob:hunter2@db.example/crm",
        "postgres://bob@db.example/crm?password=hunter2", "postgres:host=db user=bob password = hunter2",
        "postgres:host=db PASSWORD=hunter2", "POSTGRES://bob:hunter2@db/crm", "mysql://bob:hunter2@db/crm",
        "https://bob:hunter2@example.com/people.csv", "csv://bob:hunter2@host/people.csv",
        "sqlite:a.db?password=hunter2#t",
        "postgres://db/crm?user=bob&sslpassword=hunter2", "postgres://bob:hunter2#x@db/crm",
        "postgres://bob:hunter2?@db/crm",
        "odbc:server=db;uid=bob;pwd=hunter2",
    ]

    @Test(arguments: passwords)
    func `refuses a password without echoing it`(_ uri: String) {
        for side in ["lhs", "rhs"] {
            let error = failure(wholeContract.with([side, "location"], .string(uri)))
            #expect(error?.detail == "contract.password")
            #expect(error?.code == .policyBlock)
            #expect(error.map { "\($0) \($0.json.canonicalText)" }?.contains("hunter2") == false)
            #expect(error.map { "\($0)" }?.contains("bob") == false)
        }
    }

    @Test(arguments: [
        "postgres://bob@db.example:5432/crm#people", "postgres://db.example:5432/crm#people",
        "sqlite:dir:with:colons/x@y.db#t",
    ])
    func `takes a location without one`(_ uri: String) throws {
        _ = try RunContract(wholeContract.with(["rhs", "location"], .string(uri)))
    }

    @Test(arguments: ["env:DB", "file:/run/secrets/db", "store:crm"])
    func `names a secret by reference`(_ reference: String) throws {
        #expect(
            try RunContract(wholeContract.with(["rhs", "secret_ref"], .string(reference))).rhs.secretReference
                == reference)
    }

    @Test func `never echoes what stands where a secret's name should`() {
        let error = failure(wholeContract.with(["rhs", "secret_ref"], "hunter2"))
        #expect(error?.message.contains("/rhs/secret_ref") == true)
        #expect(error?.message.contains("hunter2") == false)
    }
}
