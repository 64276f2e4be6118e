internal import Contracts
internal import Foundations

/// What commands print for people, from the same documents that `--json` prints.
struct Reports {
    let style: Style
    /// ` --home DIR` for the commands that are suggested, when it was given.
    let homeOption: String

    init(style: Style, home: String?) {
        self.style = style
        homeOption = home.map { " --home " + Self.quoted($0) } ?? ""
    }

    /// As a shell reads it back.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || "0123456789_-./+:@%,".utf8.contains(byte)
        }
        if isPlain && !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A command that the service suggests, with the home that this one was given.
    private func suggestion(_ command: String) -> Text {
        Text(command.hasPrefix("sluice ") && !command.contains("--home") ? command + homeOption : command)
    }

    private func painted(_ word: String) -> Text { Text(word).painted(.of(word), style) }

    private func text(_ json: JSON?) -> Text {
        switch json {
        case nil, .some(.null): "-"
        case .some(let value): value.intValue.map { "\($0)" } ?? Outline(style).scalar(value)
        }
    }

    private func count(_ json: JSON?) -> Text { json?.intValue.map { "\($0)" } ?? "unknown" }

    private static func plural(_ word: String, _ number: Int64) -> String { number == 1 ? word : word + "s" }

    // MARK: A run

    /// What `show` tells first; the rest follows by name.
    private static let sections = ["decisions", "quarantine", "checkpoints"]

    private static let summaryKeys: Set<String> = [
        "run_id", "state", "mode", "lane", "rows_in", "rows_migrated", "rows_quarantined", "artifacts", "hold",
        "stages",
        "lhs", "target", "ledger_events", "isolation", "home", "error",
    ]

    func summary(_ json: JSON) -> [Text] {
        let run = json["run_id"]?.stringValue ?? ""
        let state = json["state"]?.stringValue ?? "unknown"
        var lines: [Text] = ["Run \(run) is \(painted(state))."]
        let stages = json["stages"]?.arrayValue ?? []
        if !stages.isEmpty { lines += [""] + self.stages(stages) }
        var table = Table(["", ""])
        let counts = ["rows_in", "rows_migrated", "rows_quarantined"].map { count(json[$0]) }
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
        if let isolation = json["isolation"], isolation != .null {
            table.add(["Isolation", self.isolation(isolation)])
        }
        lines += [""] + table.lines(style)
        return lines + next(json, run: run, state: state)
    }

    private func stages(_ stages: [JSON]) -> [Text] {
        var table = Table(["STAGE", "DECISION", "TIME", "REASONS"], right: [2])
        for stage in stages {
            let reasons = stage["reasons"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let seconds = stage["seconds"]?.doubleValue.map { Text(verbatim: Numbers.duration($0)) } ?? ""
            let name = text(stage["stage"])
            let decision = painted(stage["decision"]?.stringValue ?? "-")
            table.add([name, decision, seconds, reasons.first.map { "\($0)" } ?? ""])
            for reason in reasons.dropFirst() { table.add(["", "", "", "\(reason)"]) }
        }
        return table.lines(style)
    }

    private func isolation(_ json: JSON) -> Text {
        func names(_ key: String) -> [Text] { (json[key]?.arrayValue ?? []).map { text($0) } }
        let missing = names("missing")
        let active = Text.joined(names("active"))
        if missing.isEmpty { return active }
        let warning: Text = "missing: \(Text.joined(missing))"
        return "\(active); \(warning.painted(.warn, style))"
    }

    private func next(_ json: JSON, run: String, state: String) -> [Text] {
        if let hold = json["hold"], hold != .null {
            var lines: [Text] = ["", "Held at \(text(hold["stage"])) (\(text(hold["kind"]))):"]
            for reason in hold["reasons"]?.arrayValue ?? [] { lines.append("  - \(text(reason))") }
            if let step = hold["next"]?.stringValue { lines.append("Next: \(suggestion(step))") }
            lines.append("Then: sluice resume \(run)\(homeOption)")
            return lines
        }
        switch state {
        case "stopped", "interrupted", "ready", "created": return ["", "Next: sluice resume \(run)\(homeOption)"]
        case "failed": return ["", "Look: sluice show \(run)\(homeOption)"]
        default: return []
        }
    }

    /// The summary, what a failed run failed by, and whatever else `show` knows.
    func show(_ json: JSON) -> [Text] {
        var lines = summary(json)
        if json["state"]?.stringValue == "failed", let error = json["error"], error != .null {
            let code = Text(error["code"]?.stringValue ?? "").painted(.bad, style)
            lines += ["", "Failed by \(code) \(text(error["detail_id"])): \(text(error["message"]))"]
            lines.append("Next: \(text(error["hint"]))")
        }
        let rest = (json.objectValue ?? [:]).filter { !Self.summaryKeys.contains($0.key) && $0.value != .null }
        let facts = rest.filter { $0.value.objectValue == nil && $0.value.arrayValue == nil }
        if !facts.isEmpty { lines += [""] + Outline(style).lines(.object(facts)) }
        let others = rest.keys.filter { facts[$0] == nil && !Self.sections.contains($0) }.sorted()
        for key in Self.sections + others {
            guard let value = rest[key] else { continue }
            let title = Text(String(key.prefix(1)).uppercased() + key.dropFirst())
            lines += ["", title.painted(.strong, style)]
            let isEmpty = value.arrayValue?.isEmpty ?? value.objectValue?.isEmpty ?? false
            lines += isEmpty ? ["  none"] : Outline(style).lines(value, indent: 2)
        }
        return lines
    }

    func runs(_ json: JSON) -> [Text] {
        let runs = json["runs"]?.arrayValue ?? []
        if runs.isEmpty {
            return [
                "No run in this home yet. Start one: sluice run --lhs people.csv --rhs sqlite:crm.db#customers\(homeOption)"
            ]
        }
        var table = Table(["RUN", "STATE", "STAGE", "MODE", "LANE", "CREATED", "FROM", "TO"])
        for run in runs {
            table.add([
                text(run["run_id"]), painted(run["state"]?.stringValue ?? "-"), text(run["stage"]), text(run["mode"]),
                text(run["lane"]), text(run["created_at"]), text(run["lhs"]), text(run["rhs"]),
            ])
        }
        return table.lines(style)
    }

    // MARK: Ledger and artifacts

    func ledger(_ events: [JSON]) -> [Text] {
        if events.isEmpty { return ["The ledger of this run is empty."] }
        var table = Table(["TIME", "STAGE", "DECISION", "OUTPUTS", "MASKED", "BY", "WHAT"])
        for event in events {
            var what = event["error_code"]?.stringValue.map { code in
                Text("\(code) \(event["error_detail_id"]?.stringValue ?? "")").painted(.bad, style)
            }
            if let note = event["note"], note != .null {
                let words = note.stringValue ?? note.canonicalText
                what = (what.map { $0 + " " } ?? "") + Text(words).cut(to: 100)
            }
            table.add([
                text(event["timestamp_utc"]), text(event["stage"]), painted(event["decision"]?.stringValue ?? "-"),
                event["outputs_hash"]?.stringValue.map { Text(String($0.prefix(12))) } ?? "-",
                text(event["pii_mask_applied"]), text(event["human_confirmation"]?["actor"]), what ?? "",
            ])
        }
        return table.lines(style)
    }

    func artifacts(_ json: JSON) -> [Text] {
        let artifacts = json["artifacts"]?.arrayValue ?? []
        if artifacts.isEmpty { return ["This run has made no artifact yet."] }
        var table = Table(["KIND", "STAGE", "HASH", "CREATED"])
        for artifact in artifacts {
            table.add([
                text(artifact["kind"]), text(artifact["stage"]), text(artifact["hash"]), text(artifact["created_at"]),
            ])
        }
        return table.lines(style)
    }

    func document(_ json: JSON) -> [Text] { Outline(style).lines(json) }

    // MARK: Plugins, policy, lanes

    func plugins(_ json: JSON) -> [Text] {
        let plugins = json["plugins"]?.arrayValue ?? []
        if plugins.isEmpty { return ["No plugin is installed."] }
        var table = Table(["ID", "VERSION", "KIND", "STATUS", "SUMMARY"])
        for plugin in plugins {
            table.add([
                text(plugin["id"]), text(plugin["version"]), text(plugin["kind"]),
                painted(plugin["status"]?.stringValue ?? "-"), text(plugin["summary"]),
            ])
            if let error = plugin["error"], error != .null {
                let words = error.stringValue ?? error["message"]?.stringValue ?? error.canonicalText
                table.add(["", "", "", "", Text(words).painted(.bad, style)])
            }
        }
        return table.lines(style)
    }

    func policy(_ json: JSON) -> [Text] {
        let isAllowed = json["allowed"]?.boolValue ?? false
        let lines: [Text] = [
            "Policy \(text(json["policy_version"])): \(painted(isAllowed ? "allowed" : "denied")).", "",
        ]
        var table = Table(["ACTION", "VERDICT", "RULE"])
        for decision in json["decisions"]?.arrayValue ?? [] {
            let verdict = decision["allowed"]?.boolValue ?? false ? "allowed" : "denied"
            table.add([text(decision["action"]), painted(verdict), text(decision["rule"])])
            if let hint = decision["hint"]?.stringValue { table.add(["", "", "next: \(hint)"]) }
        }
        return lines + table.lines(style)
    }

    func explanation(_ json: JSON) -> [Text] {
        let lane = json["lane"]
        var lines: [Text] = [
            "Lane \(text(lane?["lane"]).painted(.strong, style)) by rule \(text(lane?["rule"])): \(text(lane?["reason"]))."
        ]
        if lane?["hint_overridden"]?.boolValue ?? false { lines.append("The lane that was asked for was overridden.") }
        if let inputs = json["inputs"] {
            lines += ["", Text("Inputs").painted(.strong, style)] + Outline(style).lines(inputs, indent: 2)
        }
        let rules = json["rules"]?.arrayValue ?? []
        if !rules.isEmpty {
            var table = Table(["", "RULE", "WHEN", "LANE"])
            for rule in rules {
                let isChosen = rule["id"] != nil && rule["id"] == lane?["rule"]
                table.add([isChosen ? ">" : " ", text(rule["id"]), text(rule["when"]), text(rule["lane"])])
            }
            lines += [""] + table.lines(style)
        }
        if let stages = json["stages"]?.arrayValue, !stages.isEmpty {
            lines += ["", Text("Stages").painted(.strong, style)] + Outline(style).lines(.array(stages), indent: 2)
        }
        return lines
    }
}
