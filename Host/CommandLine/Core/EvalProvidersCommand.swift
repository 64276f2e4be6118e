internal import Conformance
internal import Evaluation
internal import Foundations
internal import Supervisor

extension Spec {
    static let evalProviders = Spec(
        verb: .evalProviders, summary: "put every provider into every situation, and compare what comes of it",
        usage: ["eval providers [--situation ID]… [--errors FILE]"],
        about: """
            Runs the provider plugins of the installation, each in its sandbox, against servers inside this program that do
            what the catalogue of situations says: answers, errors of every vendor, streams that break, batches. The outcome
            must be the same at every provider: code, scope, reason, whether to ask again or another, text, usage. Prints
            the situations in which a cell is not what it must be, and a count for each adapter. No network, nothing is
            stored, no home is needed; some minutes. docs/evaluation.md describes it.
            """,
        options: [
            .value(
                "situation", "ID", .text, repeats: true,
                "only situations whose id begins so, such as error.quota; may be given several times"),
            .value(
                "errors", "FILE", .file,
                "write every cell that is not what it must be as JSON Lines, with the requests that were made"),
        ],
        examples: [
            Example(purpose: "Everything", line: "sluice eval providers"),
            Example(
                purpose: "One figure, in a script",
                line: "sluice eval providers --json | jq .metrics.unequal_cells"),
            Example(
                purpose: "One kind, with the requests",
                line: "sluice eval providers --situation stream. --errors cells.jsonl"),
        ],
        exits: "0 whatever the figures are.")
}

/// `sluice eval providers`: runs, compares, prints.
struct EvalProvidersCommand {
    let console: Console
    let context: Context

    /// - Throws: `usage`; `registry.invalid` without a catalogue; `file.failed` when the cells cannot be written.
    func perform(_ invocation: Invocation) throws(SluiceError) {
        let catalog = try ProviderSubjects.catalog(context)
        let names = invocation.list("situation")
        let report = try ProviderEvaluation(catalog).run(
            try ProviderSubjects.installed(catalog, context), situations: names.isEmpty ? nil : names,
            errors: invocation.text("errors"))
        if invocation.json { console.print(report.json) } else { console.print(lines(report)) }
    }

    private func lines(_ report: ProviderReport) -> [Text] {
        let style = console.outStyle
        var lines: [Text] = []
        for row in report.rows where !row.isEqual {
            lines.append("\(Text(row.id).painted(.strong, style)): \(Text(row.about))")
            var table = Table(["adapter", "different", "must be", "is"])
            for column in report.columns {
                guard case .outcome(let outcome)? = row.cells[column] else { continue }
                for field in row.differences(column) {
                    table.add([
                        Text(column), Text(field), Text(row.expected.fields[field] ?? "–"),
                        Text(outcome.fields[field] ?? "–"),
                    ])
                }
            }
            lines += table.lines(style, indent: 2) + [""]
        }
        var table = Table(["adapter", "equal", "unequal", "not expressible"], right: [1, 2, 3])
        for column in report.columns {
            let count = report.count(column)
            table.add([Text(column), "\(count.equal)", "\(count.unequal)", "\(count.absent)"])
        }
        lines += table.lines(style)
        for name in report.missing { lines.append("left out: \(Text(name)) (its plugin is not installed)") }
        let unequal = report.unequalCells
        return lines + [
            "", "\(report.rows.count) situations, \(report.columns.count) adapters, \(unequal) unequal cells",
        ]
    }
}
