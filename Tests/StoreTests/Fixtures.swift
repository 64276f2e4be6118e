import Contracts
import Foundations
import Glibc
import Policy
import Store
import Testing

/// A folder of the test's own, gone when the body ends.
func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    var template = Array("/tmp/sluice-store-XXXXXX".utf8CString)
    let path = try template.withUnsafeMutableBufferPointer { buffer in
        let start = try #require(buffer.baseAddress)
        let made = try #require(mkdtemp(start))
        return String(cString: made)
    }
    defer { remove(tree: path) }
    return try body(path)
}

/// A store in a home of the test's own.
func withStore<R>(_ body: (StoreDatabase) throws -> R) throws -> R {
    try withFolder { folder in
        let home = try Home(path: folder + "/home", context: .system)
        return try body(try StoreDatabase(home: home, context: .system))
    }
}

private func remove(tree path: String) {
    var information = stat()
    guard lstat(path, &information) == 0 else { return }
    guard information.st_mode & S_IFMT == S_IFDIR else {
        unlink(path)
        return
    }
    for name in (try? Files.list(path)) ?? [] { remove(tree: path + "/" + name) }
    rmdir(path)
}

func permissions(_ path: String) -> mode_t {
    var information = stat()
    return stat(path, &information) == 0 ? information.st_mode & 0o7777 : 0
}

/// Expects a call to throw the error with this detail id, and with these words in message or hint.
///
/// Closures stay outside `#expect`: inside a macro's argument the compiler may mistake one for its neighbour.
func expectFailure<R>(
    _ detail: String, _ words: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () throws -> R
) {
    do {
        _ = try call()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch {
        let met = error as? SluiceError
        let text = met?.description ?? "\(error)"
        #expect(met?.detail == detail, sourceLocation: sourceLocation)
        #expect(text.contains(words), sourceLocation: sourceLocation)
    }
}

func makeContract(idempotencyKey: String = "k", runID: String? = nil, tags: [String] = [], plan: String? = nil) throws
    -> RunContract
{
    try RunContract(
        .members([
            "run_id": runID.map(JSON.string), "created_at": "2026-01-31T12:00:00Z",
            "idempotency_key": .string(idempotencyKey), "roadmap_version": "1.1.0", "mode": "data_mode",
            "lhs": ["source": ["type": "file"], "location": "csv:in.csv"],
            "rhs": ["source": ["type": "sql"], "location": "sqlite:out.db#t"],
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": 0, "usd": 0, "wall_time_s": 60], "routing_profile": "offline_first",
            "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
            "sample_caps": ["rows_max": 100, "bytes_max": 10000],
            "cache_scope": ["run": "", "tab": "", "filters": [:]], "human_confirm_required": false,
            "rbac_actor": ["user_id": "ann", "role": "Operator"], "audit_tags": JSON(tags),
            "mapping_plan": plan.map(JSON.string),
        ]))
}

let versions = PinnedVersions(
    policy: "p@0+abc", dsl: "1.0.0", catalog: "c@1", thresholdProfile: "tp_default_v1", roadmap: "1.1.0")

/// A permit as the engine gives it to an Operator.
func permit(_ action: Action) throws -> Permit {
    let rights: JSON = [
        "Viewer": ["view_artifacts_masked"], "Analyst": [], "Operator": [], "Admin": [],
        "Maintainer": [
            "view_artifacts_masked", "view_pii_unmasked", "create_run", "approve_destructive",
            "manage_provider_registry", "edit_policy_manifest", "promote_domain",
        ],
    ]
    let manifest = try PolicyManifest([
        "policy_id": "p", "policy_version": "0.0.0", "capabilities": ["metadata_only": [:], "data_mode": [:]],
        "roles": ["Viewer", "Analyst", "Operator", "Maintainer", "Admin"], "rbac": rights, "users": [:],
        "providers": ["allow": [], "deny": []], "egress": ["default": "deny", "allow": []],
        "masking": [
            "default": "mask", "open_types": [], "listed_codes_max_distinct": 1, "integer_digits_max": 9,
        ],
        "sample_caps": ["rows_max": 1, "bytes_max": 1],
        "budget_caps": ["tokens": 0, "usd": 0, "wall_time_s": 1], "isolation": ["minimum": []],
        "local_only_override": ["roles": []],
    ])
    return try PolicyEngine(manifest: manifest).permit(
        PolicyEngine.Request(
            actor: .init(userID: "ann", role: .maintainer), action: action,
            flags: PolicyEngine.Flags(reason: "a test")))
}

func makeEvent(
    _ run: ULID, _ stage: Stage = .ingest, _ decision: GateDecision = .accept, note: JSON = .null
) -> LedgerEvent {
    LedgerEvent(
        eventID: Context.system.ulid(), runID: run, timestampUTC: "2026-01-31T12:00:00.000Z", stage: stage,
        decision: decision, versions: versions, note: note)
}

func makeArtifact(_ kind: ArtifactKind = .catalog, _ content: JSON) -> Artifact {
    Artifact(kind: kind, content: content, inputs: [], envelope: ["run": "somebody's"])
}

extension StoreDatabase {
    /// A run of the fixture's contract, ready to be written to.
    func makeRun(_ key: String = "k") throws -> ULID {
        try createRun(
            makeContract(idempotencyKey: key), lane: .interactive, versions: versions, permit: permit(.createRun)
        ).run.runID
    }
}

extension StoreDatabase {
    /// The values of one row in quarantine, by whom the fixture's permit is for; the look is in the ledger.
    func raw(_ run: ULID, _ chunk: Int64, _ ordinal: Int64, permit given: Permit? = nil) throws -> [String: String?]? {
        let rows = try unmasked(
            run, after: (chunk, ordinal - 1), limit: 1, permit: given ?? permit(.viewPIIUnmasked)
        ) { _ in makeEvent(run, .supervisor, note: ["event": "viewed_unmasked"]) }
        return rows.first { $0.record.chunkID == chunk && $0.record.ordinal == ordinal }?.raw
    }
}
