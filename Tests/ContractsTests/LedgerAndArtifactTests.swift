import Contracts
import Foundations
import Testing

@Suite struct `A ledger event` {
    static let fields = [
        "event_id", "run_id", "timestamp_utc", "stage", "decision", "inputs_hash", "outputs_hash", "provider", "model",
        "params_hash",
        "token_estimate", "token_actual", "usd_estimate", "usd_actual", "retries", "fallback_chain", "pii_mask_applied",
        "local_only_override", "policy_version", "threshold_profile_id", "dsl_version", "error_code", "error_detail_id",
        "human_confirmation",
    ]

    private let event: LedgerEvent

    init() throws {
        event = LedgerEvent(
            eventID: try #require(ULID("01ARZ3NDEKTSV4RRFFQ69G5FAV")),
            runID: try #require(ULID("01ARYZ6S41TSV4RRFFQ69G5FAV")),
            timestampUTC: "2026-01-31T12:00:00.000Z", stage: .mapping, decision: .hold,
            versions: PinnedVersions(
                policy: "p@1", dsl: "1.0.0", catalog: "c@1", thresholdProfile: "tp", roadmap: "1.1.0"))
    }

    @Test func `has every field of ROADMAP 30, null where it does not apply`() throws {
        let members = try #require(event.json.objectValue)
        #expect(Set(members.keys) == Set(Self.fields + ["note"]))
        #expect(Self.fields.count == 24)
        let empty = [
            "inputs_hash", "outputs_hash", "provider", "model", "params_hash", "token_estimate", "token_actual",
            "usd_estimate",
            "usd_actual", "error_code", "error_detail_id",
        ]
        for field in empty { #expect(members[field] == .null, "\(field)") }
        #expect(members["retries"] == 0 && members["fallback_chain"] == [])
        #expect(members["pii_mask_applied"] == false && members["local_only_override"] == false)
        #expect(members["human_confirmation"] == ["required": false, "actor": nil, "timestamp": nil])
    }

    @Test func `writes each field where it belongs`() throws {
        var full = event
        full.inputsHash = "i"
        full.outputsHash = "o"
        full.provider = "local"
        full.model = "m"
        full.paramsHash = "h"
        full.tokenEstimate = 10
        full.tokenActual = 9
        full.usdEstimate = 0.5
        full.usdActual = 0.25
        full.retries = 2
        full.fallbackChain = ["a:b", "c:d"]
        full.piiMaskApplied = true
        full.localOnlyOverride = true
        full.errorCode = "TIMEOUT"
        full.errorDetailID = "plugin.timeout"
        full.confirmation = LedgerEvent.Confirmation(
            required: true, actor: "ada", timestampUTC: "2026-01-31T12:01:00.000Z")
        full.note = ["rows": 5]
        let expected: JSON = [
            "event_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "run_id": "01ARYZ6S41TSV4RRFFQ69G5FAV",
            "timestamp_utc": "2026-01-31T12:00:00.000Z", "stage": "MAPPING", "decision": "hold", "inputs_hash": "i",
            "outputs_hash": "o", "provider": "local", "model": "m", "params_hash": "h", "token_estimate": 10,
            "token_actual": 9,
            "usd_estimate": 0.5, "usd_actual": 0.25, "retries": 2, "fallback_chain": ["a:b", "c:d"],
            "pii_mask_applied": true,
            "local_only_override": true, "policy_version": "p@1", "threshold_profile_id": "tp", "dsl_version": "1.0.0",
            "error_code": "TIMEOUT", "error_detail_id": "plugin.timeout",
            "human_confirmation": ["required": true, "actor": "ada", "timestamp": "2026-01-31T12:01:00.000Z"],
            "note": ["rows": 5],
        ]
        #expect(full.json == expected)
    }

    @Test func `knows the stages and decisions of ROADMAP 30, and the one order of ROADMAP 5`() {
        #expect(
            Stage.allCases.map(\.rawValue) == ["INGEST", "DOMAINS", "MAPPING", "ANALYSIS", "MIGRATION", "SUPERVISOR"])
        #expect(GateDecision.allCases.map(\.rawValue) == ["accept", "hold", "fix", "reject", "retry", "escalate"])
        var order: [Stage] = [.ingest]
        while let next = order.last?.next { order.append(next) }
        #expect(order == [.ingest, .domains, .mapping, .analysis, .migration])
        #expect(Stage.work == order && Stage.work == order.sorted())
        #expect(Stage.supervisor.next == nil && Stage(name: "mapping") == .mapping && Stage(name: "deploy") == nil)
        #expect(Mode.allCases.map(\.rawValue) == ["metadata_only", "data_mode"])
        #expect(Lane.allCases.map(\.rawValue) == ["interactive", "flex", "batch"])
        #expect(
            RoutingProfile.allCases.map(\.rawValue) == [
                "quality_first", "cost_first", "latency_first", "offline_first",
            ])
        #expect(Role.allCases.map(\.rawValue) == ["Viewer", "Analyst", "Operator", "Maintainer", "Admin"])
        #expect(Role.allCases == Role.allCases.sorted())
    }
}

@Suite struct `An artifact` {
    private let content: JSON = ["tables": [["name": "people", "columns": 3]]]
    private let input = SHA256.hash("input")

    @Test func `has an id that its envelope does not change`() {
        let first = Artifact(
            kind: .catalog, content: content, inputs: [input], envelope: ["run_id": "a", "created_at": "then"])
        let second = Artifact(
            kind: .catalog, content: content, inputs: [input], envelope: ["run_id": "b", "created_at": "now"])
        #expect(first.id == second.id)
        #expect(first != second)
        #expect(first.id == SHA256.hash(first.body.canonicalBytes))
        #expect(first.content == content)
    }

    @Test func `has another id with another kind, content or input`() {
        let ids = [
            Artifact(kind: .catalog, content: content, inputs: [input], envelope: nil),
            Artifact(kind: .samplePack, content: content, inputs: [input], envelope: nil),
            Artifact(kind: .catalog, content: [:], inputs: [input], envelope: nil),
            Artifact(kind: .catalog, content: content, inputs: [], envelope: nil),
            Artifact(kind: .catalog, content: content, inputs: [input, input], envelope: nil),
        ].map(\.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test func `belongs to the stage that emits it`() {
        let stages: [ArtifactKind: Stage] = [
            .catalog: .ingest, .samplePack: .ingest, .domainAssignments: .domains, .mappingPlan: .mapping,
            .analysisReport: .analysis, .migrationRun: .migration, .migrationDryRun: .migration,
        ]
        for kind in ArtifactKind.allCases { #expect(kind.stage == stages[kind]) }
    }
}
