internal import Foundations
internal import Supervisor

/// `sluice quarantine`: the rows that a run could not migrate.
extension Session {
    private static let pageRows = 100

    /// - Throws: `usage`; nothing was opened then.
    func quarantinePage() throws(SluiceError) -> QuarantinePage {
        var page = QuarantinePage(limit: invocation.text("limit").flatMap { Int($0) } ?? Self.pageRows)
        if let after = invocation.text("after") {
            let words = after.split(separator: ":", omittingEmptySubsequences: false)
            guard words.count == 2, let chunk = Int64(words[0]), let ordinal = Int64(words[1]) else {
                throw usage("--after: CHUNK:ORDINAL is expected, such as 0:41.")
            }
            page.after = (chunk, ordinal)
        }
        guard invocation.has("unmasked") else {
            guard !invocation.has("reason") else { throw usage("--reason belongs to --unmasked.") }
            return page
        }
        page.unmaskedFor = try RunService.unmaskingReason(invocation.text("reason") ?? "")
        return page
    }

    func showQuarantine(_ service: any Service, _ page: QuarantinePage) throws(SluiceError) {
        let found = try service.quarantine(try named(service), page)
        emit(found, people: reports.quarantine(found, named: invocation.operand(0) ?? ""))
    }
}

extension Spec {
    static let quarantine = Spec(
        verb: .quarantine, summary: "show the rows that a run could not migrate, masked",
        usage: ["quarantine RUN [--limit N] [--after CHUNK:ORDINAL]", "quarantine RUN --unmasked --reason TEXT"],
        about: """
            Each row with its reasons and masked previews. With --unmasked the raw values are shown too: your role must
            allow it, you say why, and the run's ledger has who looked at which rows before a value is read.
            """,
        operands: [
            Operand(
                name: "RUN", value: .run, required: true,
                help: "id of a run, or a beginning of it that no other run has")
        ],
        options: [
            .value("limit", "N", .integer(1...10_000), "at most so many rows; default 100"),
            .value("after", "CHUNK:ORDINAL", .text, "go on behind this row: the last one of the page before"),
            .flag("unmasked", "show raw values; needs --reason, and is recorded"),
            .value("reason", "TEXT", .text, "why, in 10 characters or more; goes into the ledger, so name no value"),
        ],
        examples: [
            Example(purpose: "Masked", line: "sluice quarantine 01JCX"),
            Example(
                purpose: "What the values were, for a reason",
                line: "sluice quarantine 01JCX --unmasked --reason \"the supplier asks which dates are wrong\""),
            Example(
                purpose: "Who looked",
                line: "sluice ledger 01JCX --json | jq 'select(.note.event == \"viewed_unmasked\") | .note'"),
        ], exits: "4 when your role may not see raw values (Analyst or above), or the look cannot be recorded.")
}

extension Reports {
    func quarantine(_ json: JSON, named run: String) -> [Text] {
        let rows = json["quarantine"]?.arrayValue ?? []
        let total = json["rows"]?.intValue ?? 0
        if total == 0 { return ["No row of this run is in quarantine."] }
        var lines: [Text] = ["\(count(json["rows"])) \(Self.plural("row", total)) in quarantine"]
        let reasons = json["reasons"]?.objectValue ?? [:]
        let counted = reasons.sorted { $0.key < $1.key }.map { Text($0.key) + " " + count($0.value) }
        lines[0] = lines[0] + ": " + Text.joined(counted) + "."
        if let event = json["event"]?.stringValue {
            lines.append("These are raw values. The ledger has who looked and why: event \(event).")
        }
        for row in rows {
            let reasons = (row["reason_codes"]?.arrayValue ?? []).compactMap(\.stringValue).map { Text($0) }
            lines += [
                "",
                Text("Chunk \(row["chunk_id"]?.intValue ?? 0), row \(row["ordinal"]?.intValue ?? 0)")
                    .painted(.strong, style) + ": " + Text.joined(reasons),
            ]
            let before = row["masked_preview_before"]?.objectValue ?? [:]
            let raw = row["raw"]?.objectValue
            var table = Table(raw == nil ? ["", ""] : ["", "MASKED", "RAW"])
            for column in Set(before.keys).union((raw ?? [:]).keys).sorted() {
                table.add([Text(column), text(before[column])] + (raw.map { [text($0[column])] } ?? []))
            }
            lines += table.lines(style, indent: 2)
        }
        if let chunk = json["next"]?["chunk_id"]?.intValue, let ordinal = json["next"]?["ordinal"]?.intValue {
            lines += ["", "Next: sluice quarantine \(run) --after \(chunk):\(ordinal)\(homeOption)"]
        }
        return lines
    }
}
