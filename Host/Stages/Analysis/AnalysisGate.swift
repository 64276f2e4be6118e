internal import Contracts
internal import Foundations

/// The gate of Analysis: what thresholds say of the findings (docs/data-mode.md), and what would mend them.
///
/// Pure: the same findings under the same profile give the same answer.
struct AnalysisGate {
    let thresholds: ThresholdProfile

    /// Of one check of somebody else.
    static let mostReasons = 20

    /// - Parameters:
    ///   - faults: rows that could not be mapped, by target column and reason.
    ///   - required: target columns that must have a value.
    ///   - rows: read from the source; `faulty` of them did not reach the checks.
    func decide(
        _ findings: [Finding], faults: [String: [String: Int64]], required: Set<String>, rows: Int64, faulty: Int64
    ) -> (decision: GateDecision, reasons: [String], fixes: [String]) {
        var reasons: [String] = []
        var fixes: [String] = []
        // Rows without a required value do not reach the checks: they are counted where they were taken out.
        for column in required.sorted() {
            let missing = (faults[column]?["NULL_IN_REQUIRED"] ?? 0) + (faults[column]?["EMPTY"] ?? 0)
            let rate = rows == 0 ? 0 : Double(missing) / Double(rows)
            guard rate > thresholds.nullRateMax else { continue }
            reasons.append(nullReason(column, rate))
            fixes.append(nullFix(column))
        }
        var held: [String: Int] = [:]
        for finding in findings {
            let isStandard = PluginUse.standardChecks.contains(finding.check)
            guard let (reason, fix) = isStandard ? standard(finding) : foreign(finding) else { continue }
            held[finding.check, default: 0] += 1
            // A check may find as much as a verdict holds; a person reads some of it here, and the rest in the report.
            if !isStandard, held[finding.check, default: 0] > Self.mostReasons { continue }
            reasons.append(reason)
            if !fixes.contains(fix) || isStandard { fixes.append(fix) }
        }
        for (check, count) in held.sorted(by: { $0.key < $1.key })
        where count > Self.mostReasons && !PluginUse.standardChecks.contains(check) {
            reasons.append(
                "\(check): \(count - Self.mostReasons) more findings of this kind, all in the Analysis Report")
        }
        var decision: GateDecision = reasons.isEmpty ? .accept : .hold
        let share = rows == 0 ? 0 : Double(faulty) / Double(rows)
        if share > thresholds.errorBudget {
            decision = .fix
            reasons.append(
                "\(faulty) of \(rows) rows (\(AnalysisStage.percent(share))) cannot be mapped; the error budget is \(AnalysisStage.percent(thresholds.errorBudget))"
            )
            fixes.append("Look at `faults` in the Analysis Report and change the plan of the columns named there.")
        }
        return (decision, reasons, fixes)
    }

    /// What holds the gate for a finding of the standard checks, and what would mend it.
    private func standard(_ finding: Finding) -> (reason: String, fix: String)? {
        let name = finding.columns.joined(separator: ", ")
        switch finding.reasonCode {
        case "NULL_RATE" where finding.value > thresholds.nullRateMax:
            return (nullReason(name, finding.value), nullFix(name))
        case "DUPLICATE_KEY" where finding.value > thresholds.dupKeyRateMax:
            return (
                "\(name): \(finding.count) rows repeat a key (dup_key_rate_max \(AnalysisStage.percent(thresholds.dupKeyRateMax)))",
                "Accept to migrate the first row of each key and put the others into quarantine, or mend the source."
            )
        default: return nil
        }
    }

    /// The same for a check of somebody else: the profile's limit for it, else that of a metric that profiles know, else
    /// none at all.
    private func foreign(_ finding: Finding) -> (reason: String, fix: String)? {
        let limit: (name: String, value: Double)?
        if let own = thresholds.pluginMaxima[finding.check]?[finding.metric] {
            limit = ("plugins", own)
        } else {
            switch finding.metric {
            case "null_rate" where finding.reasonCode != nil: limit = ("null_rate_max", thresholds.nullRateMax)
            case "dup_key_rate" where finding.reasonCode != nil: limit = ("dup_key_rate_max", thresholds.dupKeyRateMax)
            default: limit = nil
            }
        }
        if let limit {
            guard finding.value > limit.value else { return nil }
        } else if !finding.isComplaint {
            return nil
        }
        let place = finding.columns.isEmpty ? "" : " in \(finding.columns.joined(separator: ", "))"
        let value = JSON.ecmaScript(finding.shownValue)
        let rule = limit.map { "above \($0.name) \(JSON.ecmaScript($0.value))" } ?? "no threshold is set"
        return (
            "\(finding.check): \(finding.reasonCode ?? "no reason code"), count \(finding.count)\(place) "
                + "(\(finding.metric) \(value), \(rule))",
            "Look at the findings of \(finding.check) in the Analysis Report. Accept them, mend the source or its mapping, "
                + "or set plugins.\(finding.check).\(finding.metric) in a threshold profile."
        )
    }

    private func nullReason(_ column: String, _ rate: Double) -> String {
        "\(column): \(AnalysisStage.percent(rate)) of the rows have no value, and it is required "
            + "(null_rate_max \(AnalysisStage.percent(thresholds.nullRateMax)))"
    }

    private func nullFix(_ column: String) -> String {
        "Map \(column) from a column that is filled, or give the target column a default."
    }
}
