internal import Foundations
internal import Supervisor

/// `sluice artifacts gc` and `sluice artifacts promote`.
extension Session {
    private static let graceHours: Int64 = 24

    func collectArtifacts(_ service: any Service) throws(SluiceError) {
        let grace = invocation.text("grace").flatMap { Int64($0) } ?? Self.graceHours
        let found = try service.collectArtifacts(graceHours: grace, dryRun: invocation.has("dry-run"))
        emit(found, people: reports.collection(found))
    }

    /// Before a home is opened.
    func requireReason() throws(SluiceError) {
        _ = try RunService.promotionReason(invocation.text("reason") ?? "")
    }

    func promoteArtifact(_ service: any Service) throws(SluiceError) {
        let answer = try service.promoteArtifact(
            (invocation.operand(0) ?? "").lowercased(), reason: invocation.text("reason") ?? "",
            thresholds: invocation.text("thresholds") ?? Shorthand.defaultThresholds)
        emit(answer, people: reports.promotion(answer))
    }
}

extension Spec {
    static let artifactsGC = Spec(
        verb: .artifactsGC, summary: "delete artifacts that nothing refers to",
        usage: ["artifacts gc [--dry-run] [--grace HOURS]"],
        about: """
            Kept is what a run, a decision at a gate, a promotion or a contract names, and whatever that rests on. A body
            that is kept and damaged is reported, and nothing is deleted. Runs may be driven meanwhile.
            """,
        options: [
            .flag("dry-run", "say what would be deleted, and delete nothing"),
            .value(
                "grace", "HOURS", .integer(0...876_000), "leave what was written in the last HOURS hours; default 24"),
        ],
        examples: [
            Example(purpose: "Look first", line: "sluice artifacts gc --dry-run"),
            Example(purpose: "What is older than a week", line: "sluice artifacts gc --grace 168"),
            Example(purpose: "In a script", line: "sluice artifacts gc --json | jq .bytes_freed"),
        ], exits: "4 when your role may not delete (ROADMAP §32: Operator or above).")

    static let artifactsPromote = Spec(
        verb: .artifactsPromote, summary: "allow a Mapping Plan to be used under the present versions",
        usage: ["artifacts promote HASH --reason WHY [--thresholds ID]"],
        about: """
            A plan is reused by runs of the versions that it was made under (policy, DSL, domain catalog, thresholds).
            Across versions somebody must say that it still holds: it is checked, and the word is recorded for good.
            """,
        operands: [
            Operand(
                name: "HASH", value: .hash, required: true,
                help: "of a Mapping Plan: 64 hexadecimal digits, or at least the first 8 of them")
        ],
        options: [
            .value("reason", "WHY", .text, "why it still holds; required, and kept, so name no value of a row"),
            .value("thresholds", "ID", .text, "threshold profile of the runs that will use it; default tp_default_v1"),
        ],
        examples: [
            Example(
                purpose: "After a change of the domain catalog",
                line: "sluice artifacts promote 3f9a1c02 --reason \"only a domain was added\""),
            Example(purpose: "Who promoted it", line: "sluice artifact 3f9a1c02 --json | jq .promotions"),
        ], exits: "4 when your role may not promote (Operator or above), 5 when a transform is outside of the DSL.")
}

extension Reports {
    func collection(_ json: JSON) -> [Text] {
        let isDryRun = json["dry_run"]?.boolValue ?? false
        let number = json["deleted"]?.intValue ?? 0
        let leftOvers = json["left_overs"]?.intValue ?? 0
        let and: Text =
            leftOvers == 0 ? "" : ", and \(leftOvers) left-over temporary \(Self.plural("file", leftOvers))"
        var lines: [Text] = [
            "Kept     \(count(json["kept"]))",
            "\(isDryRun ? "To delete" : "Deleted ") \(number)\(and)",
            "\(isDryRun ? "To free  " : "Freed   ") \(count(json["bytes_freed"])) bytes",
        ]
        let young = json["young"]?.intValue ?? 0
        if young > 0 {
            lines.append(
                "Nothing refers to \(young) of those kept; they are younger than \(count(json["grace_hours"])) h.")
        }
        let damaged = json["damaged"]?.arrayValue ?? []
        if !damaged.isEmpty {
            lines.append(
                Text("Nothing refers to these, and they do not have the hash that names them; they stay, as evidence:")
                    .painted(.bad, style))
            lines += damaged.map { "  \(text($0))" }
        }
        if isDryRun { lines.append("Nothing was deleted.") }
        return lines
    }

    func promotion(_ json: JSON) -> [Text] {
        let hash = Text(verbatim: String((json["hash"]?.stringValue ?? "").prefix(12)))
        let promotion = json["promotion"]
        var lines: [Text]
        switch json["status"]?.stringValue {
        case "nothing_to_promote":
            return ["Nothing to promote: a run of the present versions made \(hash)."]
        case "already_promoted":
            lines = [
                "\(hash) is promoted to the present versions already, by \(text(promotion?["actor"])) at "
                    + "\(text(promotion?["timestamp_utc"])): \(text(promotion?["reason"]))"
            ]
        default: lines = ["Promoted \(hash) to the present versions, as \(text(promotion?["role"]))."]
        }
        for difference in json["differences"]?.arrayValue ?? [] {
            lines.append(
                "  \(text(difference["version"]))  \(text(difference["from"])) → \(text(difference["to"]))")
        }
        return lines + ["Next: sluice run --lhs SRC --rhs DST --plan \(hash)\(homeOption)"]
    }
}
