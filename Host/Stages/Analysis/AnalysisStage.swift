internal import Columnar
internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Transform

/// Analysis: the mapped rows, masked, through the check plugins; or in metadata_only whether the plan can work at all
/// (ROADMAP §13).
struct AnalysisStage {
    let stage: StageContext

    static let checks = ["sluice.check.completeness", "sluice.check.duplicates"]

    func run(
        _ plan: ExecutablePlan, datasetID: String, stamp: Source.Stamp, exposures: [String: Exposure]
    ) throws(SluiceError) -> StageOutcome {
        guard stage.contract.mode == .dataMode else { return feasibility(plan, datasetID: datasetID) }
        let permit = try stage.permit(.callCheck)
        let reader = try SourceReader(stage: stage, stamp: stamp)
        let masker = Masker(masterKey: stage.masterKey, dataset: datasetID)
        let target = plan.table
        let written = plan.plans.map(\.target)
        let columnExposures = plan.plans.map {
            Self.exposure(of: $0, sources: exposures, type: target.column($0.target)?.type ?? .text)
        }

        var running: [RunningCheck] = []
        defer { for check in running { check.session.stop() } }
        for id in Self.checks {
            let plugin = try stage.plugins.plugin(id, kind: .check)
            let session = try CheckSession(plugin, settings: stage.runner, permit: permit, care: stage.care)
            stage.onPlugin(session.process)
            let places = plan.plans.indices.filter { place in
                !session.declaration.readsKeyAlone || isKey(plan.plans[place].target, in: plan)
            }
            running.append(RunningCheck(session: session, places: places, params: params(plan, places)))
        }

        var preparer = ChunkPreparer(plans: plan.plans, required: plan.requiredTargets)
        var rows: Int64 = 0
        var analysed: Int64 = 0
        var faults: [String: [String: Int64]] = [:]
        try reader.scan(.sampleRows, skipRows: 0) { (emitted) throws(SluiceError) in
            let chunk = try preparer.prepare(emitted)
            for fault in chunk.faults {
                for reason in fault.reasons { faults[fault.target ?? "", default: [:]][reason, default: 0] += 1 }
            }
            for place in running.indices {
                try running[place].update(chunk, masker: masker, exposures: columnExposures, permit: permit)
            }
            rows += Int64(chunk.source.rowCount)
            analysed += Int64(chunk.batch.rowCount)
            stage.observer.progress(.analysis, rows: rows, totalRows: nil)
            try stage.checkpoint()
        }
        var findings: [Finding] = []
        var reports: [JSON] = []
        for check in running where check.hasBegun {
            let verdict = try check.session.finish()
            let manifest = check.session.process.manifest
            let named = verdict.findings.map { Finding($0, columns: check.places.map { written[$0] }) }
            findings += named
            reports.append([
                "check": .string(manifest.id), "version": .string(manifest.version), "rows": .int(verdict.rows),
                "findings": .array(named.map(\.json)),
            ])
        }
        let faulty = rows - analysed
        let (decision, reasons, fixes) = gate(findings, faults: faults, plan: plan, rows: rows, faulty: faulty)
        let content: JSON = [
            "mode": .string(stage.contract.mode.rawValue), "dataset_id": .string(datasetID), "rows": .int(rows),
            "rows_mapped": .int(analysed), "rows_at_fault": .int(faulty),
            "faults": .object(faults.mapValues { .object($0.mapValues(JSON.int)) }), "checks": .array(reports),
            "masking": .object(Dictionary(zip(written, columnExposures.map(\.json)), uniquingKeysWith: { a, _ in a })),
            "decision": .string(decision.rawValue), "reasons": JSON(reasons), "recommended_fixes": JSON(fixes),
        ]
        return StageOutcome(
            artifacts: [stage.artifact(.analysisReport, content, inputs: [plan.id])], decision: decision,
            reasons: reasons,
            summary: ["rows": .int(rows), "rows_at_fault": .int(faulty), "findings": JSON(findings.count)],
            maskApplied: true)
    }

    private func nullReason(_ column: String, _ rate: Double) -> String {
        "\(column): \(Self.percent(rate)) of the rows have no value, and it is required "
            + "(null_rate_max \(Self.percent(stage.thresholds.nullRateMax)))"
    }

    private func isKey(_ column: String, in plan: ExecutablePlan) -> Bool {
        (plan.table.column(column)?.keyPosition ?? 0) > 0
    }

    private func params(_ plan: ExecutablePlan, _ places: [Int]) -> JSON {
        let required = plan.requiredTargets
        return [
            "columns": .array(
                places.enumerated().map { number, place in
                    let column = plan.plans[place].target
                    return [
                        "id": .string("c\(number)"), "nullable": .bool(!required.contains(column)),
                        "key": .bool(isKey(column, in: plan)),
                    ]
                }),
            "thresholds": [
                "null_rate_max": .double(stage.thresholds.nullRateMax),
                "dup_key_rate_max": .double(stage.thresholds.dupKeyRateMax),
            ],
        ]
    }

    /// Whether a target column's values may be shown to a check: never more than those of its sources.
    static func exposure(of plan: Plan, sources: [String: Exposure], type: ColumnType) -> Exposure {
        let inputs = plan.inputs.map { sources[$0] ?? .masked(reason: "its source is unknown") }
        for input in inputs {
            if case .masked(let reason) = input {
                return .masked(reason: "\(plan.inputs.joined(separator: ", ")): \(reason)")
            }
        }
        guard let first = inputs.first else { return .masked(reason: "it has no source") }
        switch type {
        case .text: return inputs.count == 1 && !first.isOpen ? first : .masked(reason: "text columns start masked")
        case .int64, .float64, .bool:
            return inputs.allSatisfy(\.isOpen) ? first : .masked(reason: "not every source is open")
        case .date, .timestamp, .binary: return .masked(reason: "\(type.name) columns start masked")
        }
    }

    /// The gate: what thresholds say of the findings (docs/run-contract.md), and what would mend them.
    private func gate(
        _ findings: [Finding], faults: [String: [String: Int64]], plan: ExecutablePlan, rows: Int64, faulty: Int64
    ) -> (GateDecision, [String], [String]) {
        var reasons: [String] = []
        var fixes: [String] = []
        // Rows without a required value do not reach the checks: they are counted where they were taken out.
        for column in plan.requiredTargets.sorted() {
            let missing = (faults[column]?["NULL_IN_REQUIRED"] ?? 0) + (faults[column]?["EMPTY"] ?? 0)
            let rate = rows == 0 ? 0 : Double(missing) / Double(rows)
            guard rate > stage.thresholds.nullRateMax else { continue }
            reasons.append(nullReason(column, rate))
            fixes.append("Map \(column) from a column that is filled, or give the target column a default.")
        }
        for finding in findings {
            let name = finding.columns.joined(separator: ", ")
            switch finding.reasonCode {
            case "NULL_RATE" where finding.value > stage.thresholds.nullRateMax:
                reasons.append(nullReason(name, finding.value))
                fixes.append("Map \(name) from a column that is filled, or give the target column a default.")
            case "DUPLICATE_KEY" where finding.value > stage.thresholds.dupKeyRateMax:
                reasons.append(
                    "\(name): \(finding.count) rows repeat a key (dup_key_rate_max \(Self.percent(stage.thresholds.dupKeyRateMax)))"
                )
                fixes.append(
                    "Accept to migrate the first row of each key and put the others into quarantine, or mend the source."
                )
            default: break
            }
        }
        var decision: GateDecision = reasons.isEmpty ? .accept : .hold
        let share = rows == 0 ? 0 : Double(faulty) / Double(rows)
        if share > stage.thresholds.errorBudget {
            decision = .fix
            reasons.append(
                "\(faulty) of \(rows) rows (\(Self.percent(share))) cannot be mapped; the error budget is \(Self.percent(stage.thresholds.errorBudget))"
            )
            fixes.append("Look at `faults` in the Analysis Report and change the plan of the columns named there.")
        }
        return (decision, reasons, fixes)
    }

    static func percent(_ value: Double) -> String { "\(JSON.ecmaScript((value * 10_000).rounded() / 100)) %" }

    /// metadata_only: the feasibility of each transform, from types and names alone.
    private func feasibility(_ plan: ExecutablePlan, datasetID: String) -> StageOutcome {
        let missing = plan.missingRequired
        let decision: GateDecision = missing.isEmpty ? .accept : .hold
        let reasons =
            missing.isEmpty ? [] : ["required target columns without a source: \(missing.joined(separator: ", "))"]
        let content: JSON = [
            "mode": .string(stage.contract.mode.rawValue), "dataset_id": .string(datasetID),
            "feasibility": plan.feasibilityJSON, "decision": .string(decision.rawValue), "reasons": JSON(reasons),
        ]
        return StageOutcome(
            artifacts: [stage.artifact(.analysisReport, content, inputs: [plan.id])], decision: decision,
            reasons: reasons,
            summary: ["mappings": JSON(plan.plans.count)])
    }
}

/// A check at work: begun with the first batch, whose schema it needs.
private struct RunningCheck {
    let session: CheckSession
    /// The plans whose columns it is handed, in the order of `c0`, `c1`, ….
    let places: [Int]
    let params: JSON
    var hasBegun = false

    mutating func update(
        _ chunk: PreparedChunk, masker: Masker, exposures: [Exposure], permit: Permit
    ) throws(SluiceError) {
        let companions = Set(session.declaration.companions.compactMap(Masker.Companion.init(rawValue:)))
        let masked = masker.mask(
            chunk.batch.select(places), exposures: places.map { exposures[$0] }, companions: companions,
            withText: session.declaration.readsText, ordinals: chunk.ordinals, permit: permit)
        if !hasBegun {
            try session.begin(schema: masked.batch.schema, params: params)
            hasBegun = true
        }
        try session.update(masked)
    }
}

/// A finding with the target's column names in the place of `c0`, `c1`, ….
private struct Finding {
    let columns: [String]
    let metric: String
    let value: Double
    let count: Int64
    let reasonCode: String?
    let ordinals: [Int64]

    init(_ finding: CheckVerdict.Finding, columns: [String]) {
        self.columns = finding.columns.map { id in
            Int(id.dropFirst()).flatMap { columns.indices.contains($0) ? columns[$0] : nil } ?? id
        }
        metric = finding.metric
        value = finding.value
        count = finding.count ?? 0
        reasonCode = finding.reasonCode
        ordinals = finding.ordinals
    }

    var json: JSON {
        [
            "columns": JSON(columns), "metric": .string(metric), "value": .double((value * 1e6).rounded() / 1e6),
            "count": .int(count), "reason_code": JSON(reasonCode), "ordinals": .array(ordinals.map(JSON.int)),
        ]
    }
}
