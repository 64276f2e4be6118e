internal import Foundations

/// How a run stands, for people.
extension Reports {
    private static let summaryKeys: Set<String> = [
        "run_id", "state", "mode", "lane", "rows_in", "rows_migrated", "rows_quarantined", "artifacts", "hold",
        "stages",
        "lhs", "target", "ledger_events", "isolation", "cache", "home", "error",
    ]

    /// What `show` has tables for.
    private static let sections: Set<String> = ["decisions", "quarantine", "checkpoints"]

    private static let rowCounts = ["rows_in", "rows_migrated", "rows_quarantined"]

    func summary(_ json: JSON) -> [Text] {
        let run = json["run_id"]?.stringValue ?? ""
        let state = json["state"]?.stringValue ?? "unknown"
        var lines: [Text] = ["Run \(run) is \(painted(state))."]
        let stages = json["stages"]?.arrayValue ?? []
        if !stages.isEmpty { lines += [""] + self.stages(stages) }
        var table = Table(["", ""])
        let counts = Self.rowCounts.map { count(json[$0]) }
        let digits = counts.map(\.width).max() ?? 0
        for (label, count) in zip(["Rows in", "Migrated", "In quarantine"] as [Text], counts) {
            table.add([label, count.padded(to: digits, right: true)])
        }
        table.add(["Mode, lane", "\(text(json["mode"])), \(text(json["lane"]))"])
        if let source = json["lhs"], source != .null { table.add(["Source", text(source)]) }
        if let target = json["target"], target != .null { table.add(["Target", text(target)]) }
        if let home = json["home"], home != .null { table.add(["Home", text(home)]) }
        if let events = json["ledger_events"]?.intValue {
            table.add(["Ledger", "\(events) \(Self.plural("event", events)): sluice ledger \(run)\(homeOption)"])
        }
        let artifacts = json["artifacts"]?.objectValue ?? [:]
        let kinds = "\(artifacts.count) \(Self.plural("kind", Int64(artifacts.count)))"
        table.add(["Artifacts", "\(kinds): sluice artifacts \(run)\(homeOption)"])
        if let cache = json["cache"], cache != .null {
            table.add(["Cache", Text.joined(facts(cache.objectValue ?? [:]))])
        }
        if let isolation = json["isolation"], isolation != .null {
            table.add(["Isolation", Text.joined((isolation["active"]?.arrayValue ?? []).map { text($0) })])
            for missing in missing(isolation) { table.add(["", missing.painted(.warn, style)]) }
        }
        lines += [""] + table.lines(style)
        return lines + next(json, run: run, state: state)
    }

    /// The layers of the sandbox that this machine lacks, with what blocks each when that is known.
    private func missing(_ isolation: JSON) -> [Text] {
        if let reasons = isolation["missing"]?.objectValue {
            return reasons.sorted { $0.key < $1.key }.map { "missing: \($0.key) (\(text($0.value)))" }
        }
        return (isolation["missing"]?.arrayValue ?? []).map { "missing: \(text($0))" }
    }

    private func stages(_ stages: [JSON]) -> [Text] {
        var table = Table(["STAGE", "DECISION", "TIME", "FOUND"], right: [2])
        for stage in stages {
            let seconds = stage["seconds"]?.doubleValue.map { Text(verbatim: Numbers.duration($0)) } ?? ""
            let counts = (stage["counts"]?.objectValue ?? [:]).filter { !Self.rowCounts.contains($0.key) }
            var found = (stage["reasons"]?.arrayValue ?? []).map { text($0) }
            if !counts.isEmpty { found.insert(Text.joined(facts(counts)), at: 0) }
            if let models = stage["models"], models != .null { found.append(self.models(models)) }
            table.add([
                text(stage["stage"]), painted(stage["decision"]?.stringValue ?? "-"), seconds, found.first ?? "",
            ])
            for more in found.dropFirst() { table.add(["", "", "", more]) }
        }
        return table.lines(style)
    }

    /// What a stage asked models, or why it did without.
    private func models(_ use: JSON) -> Text {
        let (questions, answered) = (use["questions"]?.intValue ?? 0, use["answered"]?.intValue ?? 0)
        if answered == 0 {
            return "\(questions) \(Self.plural("question", questions)) left to the rules: \(text(use["absence"]))"
        }
        let names = Text.joined((use["models"]?.arrayValue ?? []).map { text($0) })
        return "\(names) answered \(answered) of \(questions) \(Self.plural("question", questions)), "
            + "\(use["taken"]?.intValue ?? 0) taken"
    }

    private func next(_ json: JSON, run: String, state: String) -> [Text] {
        if let hold = json["hold"], hold != .null { return [""] + held(hold, run: run) }
        switch state {
        case "stopped", "interrupted", "ready", "created": return ["", "Next: sluice resume \(run)\(homeOption)"]
        case "failed": return ["", "Look: sluice show \(run)\(homeOption)"]
        default: return []
        }
    }

    /// Why a run waits for a person, and the two commands that let it go on.
    func held(_ hold: JSON, run: String) -> [Text] {
        let reasons = (hold["reasons"]?.arrayValue ?? []).map { "  - \(text($0))" as Text }
        let end: Text = reasons.isEmpty ? "." : ":"
        var lines = ["Held at \(text(hold["stage"])) (\(text(hold["kind"])))\(end)"] + reasons
        if let step = hold["next"]?.stringValue { lines.append("Next: \(suggestion(step))") }
        lines.append("Then: sluice resume \(run)\(homeOption)")
        return lines
    }

    // MARK: show

    /// The summary, what a failed run failed by, and whatever else `show` knows.
    func show(_ json: JSON) -> [Text] {
        var lines = summary(json)
        if json["state"]?.stringValue == "failed", let error = json["error"], error != .null {
            let code = Text(error["code"]?.stringValue ?? "").painted(.bad, style)
            lines += ["", "Failed by \(code) \(text(error["detail_id"])): \(text(error["message"]))"]
            lines.append("Next: \(text(error["hint"]))")
        }
        lines += section("Decisions", decisions(json["decisions"]?.arrayValue ?? []))
        lines += section("Quarantine", quarantine(json["quarantine"] ?? .null))
        lines += section("Checkpoints", checkpoints(json["checkpoints"]?.arrayValue ?? []))
        let rest = (json.objectValue ?? [:]).filter {
            !Self.summaryKeys.contains($0.key) && !Self.sections.contains($0.key) && $0.value != .null
        }
        for (key, value) in rest.sorted(by: { $0.key < $1.key })
        where value.objectValue != nil || value.arrayValue != nil {
            lines += section(
                String(key.prefix(1)).uppercased() + key.dropFirst(), Outline(style).lines(value, indent: 2))
        }
        let facts = rest.filter { $0.value.objectValue == nil && $0.value.arrayValue == nil }
        return facts.isEmpty ? lines : lines + [""] + Outline(style).lines(.object(facts))
    }

    private func section(_ title: String, _ lines: [Text]) -> [Text] {
        ["", Text(title).painted(.strong, style)] + (lines.isEmpty ? ["  none"] : lines)
    }

    private func decisions(_ decisions: [JSON]) -> [Text] {
        var table = Table(["", "", "", "", ""])
        for decision in decisions {
            let reason = decision["reason"]?.stringValue ?? ""
            table.add([
                text(decision["timestamp"]), text(decision["stage"]), painted(decision["decision"]?.stringValue ?? "-"),
                "by \(text(decision["actor"]))", Text(reason),
            ])
        }
        return table.lines(style, indent: 2)
    }

    /// Counts by reason, then the first rows: where each came from, and its values masked.
    private func quarantine(_ json: JSON) -> [Text] {
        var reasons = Table(["", ""], right: [1])
        for (reason, rows) in (json["reasons"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            reasons.add([Text(reason), count(rows)])
        }
        var table = Table(["ROW", "LINE", "BYTE", "REASONS", "COLUMN", "MASKED"], right: [0, 1, 2])
        for row in json["preview"]?.arrayValue ?? [] {
            let before = row["masked_preview_before"]?.objectValue ?? [:]
            let codes = (row["reason_codes"]?.arrayValue ?? []).map { text($0) }
            let values = facts(before.filter { !$0.key.hasPrefix("sluice.") })
            table.add([
                count(row["ordinal"]), text(before["sluice.line"]), text(before["sluice.byte_offset"]),
                Text.joined(codes),
                text(row["diff_ptr"]), Text.joined(values).cut(to: 80),
            ])
        }
        let rows = table.rows.isEmpty ? [] : [""] + table.lines(style, indent: 2)
        return reasons.lines(style, indent: 2) + rows
    }

    /// The last chunks; each is some tens of thousands of rows.
    private func checkpoints(_ chunks: [JSON]) -> [Text] {
        let shown = chunks.suffix(20)
        var table = Table(["CHUNK", "STATUS", "IN", "OUT", "FINISHED", "HASH"], right: [0, 2, 3])
        for chunk in shown {
            table.add([
                count(chunk["chunk_id"]), text(chunk["status"]), count(chunk["row_count_in"]),
                count(chunk["row_count_out"]),
                text(chunk["finished_at"]),
                chunk["content_hash"]?.stringValue.map { Text(String($0.prefix(12))) } ?? "-",
            ])
        }
        if table.rows.isEmpty { return [] }
        let earlier: [Text] =
            shown.count < chunks.count ? ["  \(chunks.count - shown.count) earlier ones are in --json"] : []
        return table.lines(style, indent: 2) + earlier
    }
}
