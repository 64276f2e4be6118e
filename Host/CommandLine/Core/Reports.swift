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
    func suggestion(_ command: String) -> Text {
        Text(command.hasPrefix("sluice ") && !command.contains("--home") ? command + homeOption : command)
    }

    func painted(_ word: String) -> Text { Text(word).painted(.of(word), style) }

    func text(_ json: JSON?) -> Text {
        switch json {
        case nil, .some(.null): "-"
        case .some(let value): value.intValue.map { "\($0)" } ?? Outline(style).scalar(value)
        }
    }

    func count(_ json: JSON?) -> Text { json?.intValue.map { "\($0)" } ?? "unknown" }

    static func plural(_ word: String, _ number: Int64) -> String { number == 1 ? word : word + "s" }

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
            var what: [Text] = []
            if let code = event["error_code"]?.stringValue {
                what.append(Text("\(code) \(event["error_detail_id"]?.stringValue ?? "")").painted(.bad, style))
            }
            if let note = event["note"], note != .null { what.append(self.note(note).cut(to: 100)) }
            let outputs = event["outputs_hash"]?.stringValue.map { Text(String($0.prefix(12))) } ?? "-"
            table.add([
                text(event["timestamp_utc"]), text(event["stage"]), painted(event["decision"]?.stringValue ?? "-"),
                outputs, text(event["pii_mask_applied"]), text(event["human_confirmation"]?["actor"]),
                Text.joined(what, " "),
            ])
        }
        return table.lines(style)
    }

    /// What happened, and its short facts; the rest is in `--json`.
    private func note(_ json: JSON) -> Text {
        guard let members = json.objectValue else { return text(json) }
        let event = members["event"].map { text($0) }
        var facts = self.facts(members.filter { $0.key != "event" && $0.value != "" })
        if let counts = members["counts"]?.objectValue { facts += self.facts(counts) }
        if let choice = members["choice"]?.objectValue { facts += self.facts(choice) }
        let all = Text.joined(facts)
        return event.map { facts.isEmpty ? $0 : "\($0): \(all)" } ?? all
    }

    /// `name value` of each member that is short.
    func facts(_ members: [String: JSON]) -> [Text] {
        members.sorted { $0.key < $1.key }.compactMap { key, value in
            value == .null || value.objectValue != nil || value.arrayValue != nil ? nil : "\(key) \(text(value))"
        }
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
        var table = Table(["ID", "VERSION", "KIND", "ORIGIN", "STATUS", "SUMMARY"])
        for plugin in plugins {
            table.add([
                text(plugin["id"]), text(plugin["version"]), text(plugin["kind"]), text(plugin["origin"]),
                painted(plugin["status"]?.stringValue ?? "-"), text(plugin["summary"]),
            ])
            if let error = plugin["error"], error != .null {
                let words = error.stringValue ?? error["message"]?.stringValue ?? error.canonicalText
                table.add(["", "", "", "", "", Text(words).painted(.bad, style)])
            }
        }
        return table.lines(style)
    }

    func policy(_ json: JSON) -> [Text] {
        let isAllowed = json["allowed"]?.boolValue ?? false
        let lines: [Text] = [
            "Policy \(text(json["policy_version"])): \(painted(isAllowed ? "allowed" : "denied")).", "",
        ]
        var table = Table(["ACTION", "VERDICT", "RULE", "WHY"])
        for decision in json["decisions"]?.arrayValue ?? [] {
            let verdict = decision["allowed"]?.boolValue ?? false ? "allowed" : "denied"
            table.add([
                text(decision["action"]), painted(verdict), text(decision["rule_id"]), text(decision["rule"]),
            ])
            if let hint = decision["hint"]?.stringValue { table.add(["", "", "", "next: \(hint)"]) }
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
