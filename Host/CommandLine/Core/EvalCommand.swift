internal import Detection
internal import Evaluation
internal import Foundations

extension Spec {
    static let evalPII = Spec(
        verb: .evalPII, summary: "hold the detectors of personal data against labelled data",
        usage: ["eval pii --data DIR|FILE [--types A,B] [--errors FILE] [--structured]"],
        about: """
            Reads texts with labelled spans, in three forms, and prints precision, recall and F1 for each type, and what was
            taken for what. A find answers a label of its type when the two share at least half of the characters that either
            covers; exact spans and tokens are counted besides. Offsets count Unicode scalars. A folder's files are added up.
            Nothing is stored, and no home is needed. docs/evaluation.md says how it is counted.
            """,
        options: [
            .value(
                "data", "DIR|FILE", .file,
                "labelled texts: a .json, .jsonl or .ndjson file, or a folder of them; or truth.csv beside its tables"),
            .value("types", "A,B", .text, "only these types, such as EMAIL_ADDRESS,US_SSN"),
            .value(
                "errors", "FILE", .file,
                "write every miss as JSON Lines; it repeats text of the labelled data, so keep it as you keep those"),
            .flag("structured", "try only what finds forms and check digits; no name, no place"),
        ],
        examples: [
            Example(purpose: "A folder of labelled files", line: "sluice eval pii --data labelled/"),
            Example(
                purpose: "Two types, and what was missed",
                line: "sluice eval pii --data notes.jsonl --types PERSON,US_SSN --errors misses.jsonl"),
            Example(
                purpose: "One figure, in a script",
                line: "sluice eval pii --data labelled/ --json | jq .metrics.structured_recall"),
        ],
        exits: "0 whatever the figures are.")
}

/// `sluice eval pii`: reads, counts, prints.
struct EvalCommand {
    let console: Console
    let scanner: Scanner
    let classifier: ColumnClassifier

    /// - Throws: `usage`; `eval.data` for data that cannot be read; `file.failed` when the misses cannot be written.
    func perform(_ invocation: Invocation) throws(SluiceError) {
        guard let data = invocation.text("data") else {
            throw SluiceError(.usage, "--data is missing.", hint: "See `sluice help eval pii`.")
        }
        let types = invocation.text("types").map { list in
            list.split(separator: ",").map { $0.split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
        }
        let (scanner, classifier) = (scanner, classifier)
        let judge: PIIEvaluation.ColumnJudge = { sample in
            classifier.finding(at: sample.place, in: sample.table, values: sample.values, cells: sample.cells).type
        }
        let evaluation = try PIIEvaluation(types: types, judge: judge) { scanner.entities(in: $0) }
        let report = try evaluation.run(data: data, errors: invocation.text("errors"))
        if invocation.json { console.print(report.json) } else { console.print(lines(report)) }
    }

    private func lines(_ report: PIIReport) -> [Text] {
        let style = console.outStyle
        var lines: [Text] = []
        for texts in report.texts { lines += self.lines(texts, style) + [""] }
        for columns in report.columns { lines += self.lines(columns, style) + [""] }
        for skipped in report.skipped { lines.append("left out: \(skipped.file) (\(skipped.reason))") }
        let metrics = report.metrics.objectValue ?? [:]
        var table = Table(["", "precision", "recall", "F1"], right: [1, 2, 3])
        for (title, prefix) in [
            ("six structured types", "structured_"), ("all labelled types", ""), ("exact spans", "exact_"),
            ("tokens", "token_"), ("personal columns", "column_"),
        ] {
            let ratios = ["precision", "recall", "f1"].map { metrics[prefix + $0]?.doubleValue }
            guard ratios.contains(where: { $0 != nil }) else { continue }
            table.add([Text(verbatim: title)] + ratios.map(Self.ratio))
        }
        return lines + table.lines(style)
    }

    private func lines(_ texts: PIIReport.Texts, _ style: Style) -> [Text] {
        var lines: [Text] = [
            "\(Text(texts.file).painted(.strong, style)): \(texts.documents) texts, \(Text(verbatim: texts.form))"
        ]
        var table = Table(
            ["type", "labelled", "found", "right", "precision", "recall", "F1", "exact F1", "token F1"],
            right: [1, 2, 3, 4, 5, 6, 7, 8])
        for (name, figures) in texts.types.sorted(by: {
            ($1.value.spans.labelled, $0.key) < ($0.value.spans.labelled, $1.key)
        }) {
            table.add([
                Text(name), "\(figures.spans.labelled)", "\(figures.spans.found)", "\(figures.spans.matched)",
                Self.ratio(figures.spans.precision), Self.ratio(figures.spans.recall), Self.ratio(figures.spans.f1),
                Self.ratio(figures.exact.f1), Self.ratio(figures.tokens.f1),
            ])
        }
        lines += table.lines(style, indent: 2)
        if !texts.confusion.isEmpty {
            var table = Table(["labelled", "found", "times"], right: [2])
            for confusion in texts.confusion.prefix(Self.confusions) {
                table.add([
                    Text(confusion.labelled ?? "nothing"), Text(confusion.found ?? "nothing"), "\(confusion.count)",
                ])
            }
            let more = texts.confusion.count - Self.confusions
            lines += [""] + table.lines(style, indent: 2)
            if more > 0 { lines.append("  \(more) more with --json") }
        }
        lines += Self.counts("found, and labelled nowhere in the file", texts.unlabelled)
        lines += Self.counts("labelled, and no type of ours", texts.strangers)
        return lines
    }

    private func lines(_ columns: PIIReport.Columns, _ style: Style) -> [Text] {
        var table = Table(["label", "columns", "called personal"], right: [1, 2])
        for (label, figures) in columns.labels.sorted(by: { ($1.value.labelled, $0.key) < ($0.value.labelled, $1.key) })
        {
            table.add([label.isEmpty ? "none" : Text(label), "\(figures.labelled)", "\(figures.found)"])
        }
        return ["\(Text(columns.file).painted(.strong, style)): \(columns.columns) columns"]
            + table.lines(style, indent: 2)
    }

    /// Lines of the confusion list that people see.
    private static let confusions = 25

    private static func ratio(_ value: Double?) -> Text { Text(verbatim: value.map { Numbers.fixed($0, 4) } ?? "–") }

    private static func counts(_ title: String, _ counts: [String: Int]) -> [Text] {
        guard !counts.isEmpty else { return [] }
        let list = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\(Text($0.key)) \($0.value)" as Text
        }
        return ["", "  \(Text(verbatim: title)): \(Text.joined(list))"]
    }
}
