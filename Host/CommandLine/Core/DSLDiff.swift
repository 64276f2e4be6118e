internal import Columnar
internal import Foundations
internal import Transform

extension Spec {
    static let dslDiff = Spec(
        verb: .dslDiff, summary: "run a program in two engines and show the first rows that differ",
        usage: ["dsl diff PLAN FILE --engines A,B [--python FILE] [options]"],
        about: """
            Every cell and every error of every row is compared. Engines are executor and sqlite, which run here, and
            postgres, duckdb, polars and spark, which run behind the Python that --python names: one with their packages. A
            Postgres server is started for it, and stopped. Rows that are none are left out.
            """,
        operands: [
            .program, Operand(name: "FILE", value: .file, required: true, help: "the rows; - reads standard input"),
        ],
        options: [
            .value("engines", "A,B", .text, "two of executor, sqlite, postgres, duckdb, spark, polars"),
            .value("python", "FILE", .file, "an interpreter that has the engines' packages; default python3"),
            .value("harness", "FILE", .file, "engines.py; default that of the installation"),
            .value("rows", "N", .integer(0...1000), "rows that are shown; default 10"),
            .value("format", "FORMAT", .choice(["jsonl", "csv"]), "what FILE is"), .inputs, .feature,
        ],
        examples: [
            Example(
                purpose: "The executor and SQLite",
                line: "sluice dsl diff customers.json customers.csv --engines executor,sqlite"),
            Example(
                purpose: "Postgres and DuckDB",
                line:
                    "sluice dsl diff customers.json rows.jsonl --engines postgres,duckdb --python .build/engines/bin/python"
            ),
        ], exits: "1 when a row differs, 5 when an engine cannot run the program exactly.")
}

/// `sluice dsl diff`.
struct DSLDiff {
    let console: Console
    let invocation: Invocation
    let document: ProgramDocument
    /// engines.py of the installation.
    let harness: String?

    private struct Difference {
        let row: Int
        let input: [String?]
        let made: [EngineRows.Row]
    }

    /// - Returns: whether all rows are equal.
    func perform() throws(SluiceError) -> Bool {
        let names = try engineNames()
        var engines: [any DSLEngine] = []
        for name in names {
            engines.append(
                try DSLEngines.make(
                    name, document, python: invocation.text("python"), harness: invocation.text("harness") ?? harness))
        }
        let size = DSLRun.batchSize(document)
        let rows = try RowSources.open(
            invocation.operand(1) ?? "-", format: invocation.text("format"), schema: document.inputs,
            rows: min(size.rows, 4096), bytes: size.bytes)
        let shown = invocation.text("rows").flatMap { Int($0) } ?? 10
        var differences: [Difference] = []
        var (count, different, skipped) = (0, 0, 0)
        while let input = try rows.next() {
            var results: [[EngineRows.Row]] = []
            for engine in engines { results.append(try engine.run(input.batch).rows) }
            for row in 0..<input.batch.rowCount {
                guard input.mistakes[row] == nil else {
                    skipped += 1
                    continue
                }
                guard results[0][row] != results[1][row] else { continue }
                different += 1
                if differences.count < shown {
                    let texts = input.batch.columns.map { $0.withView { view in DSLText.text(view, row) } }
                    differences.append(
                        Difference(row: count + row + 1, input: texts, made: results.map { $0[row] }))
                }
            }
            count += input.batch.rowCount
        }
        if invocation.json {
            console.print([
                "engines": JSON(names), "rows": JSON(count), "rows_different": JSON(different),
                "rows_left_out": JSON(skipped), "equal": .bool(different == 0),
                "differences": .array(differences.map { json($0, names) }),
            ])
        } else {
            console.print(lines(differences, names, count: count, different: different, skipped: skipped))
        }
        return different == 0
    }

    private func engineNames() throws(SluiceError) -> [String] {
        let names = (invocation.text("engines") ?? "").split(separator: ",").map(String.init)
        guard names.count == 2, names[0] != names[1] else {
            throw SluiceError(
                .usage, "--engines takes two names with a comma between them.",
                hint: "Engines: \(DSLEngines.names.joined(separator: ", ")).")
        }
        for name in names where !DSLEngines.names.contains(name) {
            throw SluiceError(
                .usage, "There is no engine\(Words.echo(name)).\(Words.meant(name, of: DSLEngines.names))",
                hint: "Engines: \(DSLEngines.names.joined(separator: ", ")).")
        }
        return names
    }

    // MARK: Reports

    private func places(_ difference: Difference) -> [Int] {
        document.plans.indices.filter { place in
            !EngineRows.Row.same(difference.made[0].cells[place], difference.made[1].cells[place])
        }
    }

    private func json(_ difference: Difference, _ names: [String]) -> JSON {
        func both(_ value: (EngineRows.Row) -> JSON) -> [String: JSON] {
            Dictionary(zip(names, difference.made.map(value)), uniquingKeysWith: { first, _ in first })
        }
        let columns = places(difference).map { place -> JSON in
            var members = both { JSON($0.cells[place]) }
            members["column"] = .string(document.plans[place].target)
            return .object(members)
        }
        let input = zip(document.inputs.fields, difference.input).map { ($0.name, JSON($1)) }
        return [
            "row": JSON(difference.row), "input": .object(Dictionary(input, uniquingKeysWith: { first, _ in first })),
            "columns": .array(columns), "errors": .object(both { JSON($0.errors) }),
        ]
    }

    private func lines(
        _ differences: [Difference], _ names: [String], count: Int, different: Int, skipped: Int
    ) -> [Text] {
        var lines: [Text] = []
        for difference in differences {
            let input = zip(document.inputs.fields, difference.input).map { field, text -> Text in
                "\(field.name) = \(DSLText.shown(text))"
            }
            lines.append("row \(difference.row): \(Text.joined(input))")
            var table = Table(["", Text(names[0]), Text(names[1])].map { $0 })
            for place in places(difference) {
                table.add([Text(document.plans[place].target)] + difference.made.map { DSLText.shown($0.cells[place]) })
            }
            if difference.made[0].errors != difference.made[1].errors {
                table.add(
                    ["errors"]
                        + difference.made.map { $0.errors.isEmpty ? "none" : Text($0.errors.joined(separator: "; ")) })
            }
            lines += table.lines(console.outStyle, indent: 2) + [""]
        }
        let left: Text = skipped > 0 ? ", \(skipped) left out that are none" : ""
        lines.append("\(count) rows\(left), \(different) differ between \(names[0]) and \(names[1]).")
        return lines
    }
}
