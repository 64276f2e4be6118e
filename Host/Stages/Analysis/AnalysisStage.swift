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

    func run(
        _ plan: ExecutablePlan, datasetID: String, stamp: Source.Stamp, exposures: [String: Exposure]
    ) throws(SluiceError) -> StageOutcome {
        guard stage.contract.mode == .dataMode else { return try feasibility(plan, datasetID: datasetID) }
        let (checks, leftOut) = try stage.grantedChecks()
        // Without any check there is no analysis: the refusal of the first is the run's.
        if checks.isEmpty, let first = leftOut.first { _ = try stage.permit(.callCheck, resource: first.kind) }
        guard let permit = checks.first?.permit else { throw SluiceError(.pluginMissing, "There is no check.") }
        for check in leftOut {
            stage.observer.notice("Analysis: policy grants no \(check.kind); \(check.id) is left out.")
        }
        let reader = try SourceReader(stage: stage, stamp: stamp)
        let masker = Masker(masterKey: stage.masterKey, dataset: datasetID)
        let target = plan.table
        let written = plan.plans.map(\.target)
        let columnExposures = plan.plans.map {
            Self.exposure(of: $0, sources: exposures, type: target.column($0.target)?.type ?? .text)
        }

        var running: [RunningCheck] = []
        defer { for check in running { check.session.stop() } }
        for (plugin, permit) in checks {
            let session = try CheckSession(plugin, settings: stage.runner, permit: permit, care: stage.care)
            stage.onPlugin(PluginStart(session.process))
            let places = plan.plans.indices.filter { place in
                !session.declaration.readsKeyAlone || isKey(plan.plans[place].target, in: plan)
            }
            running.append(try RunningCheck(plugin, session, places: places, params: params(plan, places)))
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
            let sheet = masker.sheet(
                chunk.batch, exposures: columnExposures, ordinals: chunk.ordinals, permit: permit)
            for place in running.indices { try running[place].update(sheet) }
            rows += Int64(chunk.source.rowCount)
            analysed += Int64(chunk.batch.rowCount)
            stage.observer.progress(.analysis, rows: rows, totalRows: nil)
            try stage.checkpoint()
        }
        var findings: [Finding] = []
        var reports: [JSON] = []
        for check in running where check.hasBegun {
            let verdict = try check.session.finish()
            let named = verdict.findings.map {
                Finding($0, check: check.plugin.id, columns: check.places.map { written[$0] })
            }
            findings += named
            var report: [String: JSON] = [
                "check": .string(check.plugin.id), "version": .string(check.plugin.version),
                "rows": .int(verdict.rows), "findings": .array(named.map(\.json)),
            ]
            // Builds of the standard checks differ from machine to machine; what they find does not.
            if !check.isStandard { report["plugin_hash"] = .string(check.plugin.hash.hex) }
            reports.append(.object(report))
        }
        let faulty = rows - analysed
        let (decision, reasons, fixes) = AnalysisGate(thresholds: stage.thresholds).decide(
            findings, faults: faults, required: plan.requiredTargets, rows: rows, faulty: faulty)
        let content = JSON.members([
            "mode": .string(stage.contract.mode.rawValue), "dataset_id": .string(datasetID), "rows": .int(rows),
            "rows_mapped": .int(analysed), "rows_at_fault": .int(faulty),
            "faults": .object(faults.mapValues { .object($0.mapValues(JSON.int)) }), "checks": .array(reports),
            "checks_left_out": leftOut.isEmpty
                ? JSON?.none : .array(leftOut.map { ["check": .string($0.id), "kind": .string($0.kind)] }),
            "masking": .object(Dictionary(zip(written, columnExposures.map(\.json)), uniquingKeysWith: { a, _ in a })),
            "decision": .string(decision.rawValue), "reasons": JSON(reasons), "recommended_fixes": JSON(fixes),
        ])
        return StageOutcome(
            artifacts: [stage.artifact(.analysisReport, content, inputs: [plan.id])], decision: decision,
            reasons: reasons,
            summary: ["rows": .int(rows), "rows_at_fault": .int(faulty), "findings": JSON(findings.count)],
            maskApplied: true)
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
        // What one column is its target is too; of several that are put together only when all are.
        let types = Set(inputs.map(\.type))
        let kind = types.count == 1 ? inputs.first?.type : nil
        // The strictest action of any that are masked: no companion tells more than the closest of them lets it.
        let action = inputs.filter(\.isMasked).map(\.action).min()
        for input in inputs {
            if case .masked(let reason, _, _) = input {
                return .masked(
                    reason: "\(plan.inputs.joined(separator: ", ")): \(reason)", type: kind, action: action ?? .mask)
            }
        }
        guard let first = inputs.first else { return .masked(reason: "it has no source") }
        switch type {
        case .text: return inputs.count == 1 && !first.isOpen ? first : .masked(reason: "text columns start masked")
        case .int64, .float64, .bool:
            return inputs.allSatisfy(\.isOpen) ? first : .masked(reason: "not every source is open")
        case .date, .timestamp, .binary, .decimal: return .masked(reason: "\(type.name) columns start masked")
        }
    }

    static func percent(_ value: Double) -> String { "\(JSON.ecmaScript((value * 10_000).rounded() / 100)) %" }

    /// metadata_only: the feasibility of each transform, from types and names alone.
    private func feasibility(_ plan: ExecutablePlan, datasetID: String) throws(SluiceError) -> StageOutcome {
        let isLogical = try stage.granted(.analyse, resource: "logical") != nil
        let isFeasibility = try stage.granted(.analyse, resource: "feasibility") != nil
        if !isLogical && !isFeasibility { _ = try stage.permit(.analyse, resource: "feasibility") }
        let leftOut = (isLogical ? [] : ["logical"]) + (isFeasibility ? [] : ["feasibility"])
        if let left = leftOut.first { stage.observer.notice("Analysis: policy grants no \(left); it is left out.") }
        let missing = isLogical ? plan.missingRequired : []
        let decision: GateDecision = missing.isEmpty ? .accept : .hold
        let reasons =
            missing.isEmpty ? [] : ["required target columns without a source: \(missing.joined(separator: ", "))"]
        let content = JSON.members([
            "mode": .string(stage.contract.mode.rawValue), "dataset_id": .string(datasetID),
            "feasibility": isFeasibility ? plan.feasibilityJSON : JSON?.none,
            "checks_left_out": leftOut.isEmpty ? JSON?.none : JSON(leftOut), "decision": .string(decision.rawValue),
            "reasons": JSON(reasons),
        ])
        return StageOutcome(
            artifacts: [stage.artifact(.analysisReport, content, inputs: [plan.id])], decision: decision,
            reasons: reasons,
            summary: ["mappings": JSON(plan.plans.count)])
    }
}
