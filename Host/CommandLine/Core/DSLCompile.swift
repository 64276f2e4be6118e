internal import Columnar
internal import Foundations
internal import Transform

extension Spec {
    static let dslCompile = Spec(
        verb: .dslCompile, summary: "write a program as SQL or as a Polars program",
        usage: ["dsl compile PLAN --target ENGINE [--table NAME] [options]"],
        about: """
            Prints a text that can be run: one select over a table with the columns that the program reads and a column that
            numbers its rows, or a Python function. Its result has the row's number, the targets, and the errors as text.
            With --json the text with placeholders, the parameters in their order, and the columns. What an engine cannot do
            exactly is refused with the reason (`sluice dsl matrix` lists all).
            """,
        operands: [.program],
        options: [
            .value(
                "target", "ENGINE", .choice(Engine.allCases.map(\.rawValue)), "whose words the program is written in"),
            .value("table", "NAME", .text, "the table that is read; default input"),
            .value("schema", "NAME", .text, "the schema that the table is in"),
            .value("row", "NAME", .text, "its column that numbers the rows; default rid"),
            .value("errors", "NAME", .text, "what the column of errors is called; default errors"), .inputs, .feature,
        ],
        examples: [
            Example(
                purpose: "SQL to copy",
                line: "sluice dsl compile customers.json --target postgres --table staging --row id"),
            Example(
                purpose: "A Polars program", line: "sluice dsl compile customers.json --target polars > customers.py"),
            Example(
                purpose: "For a program that binds the values",
                line: "sluice dsl compile customers.json --target duckdb --json | jq .parameters"),
        ], exits: "5 DSL_REJECT: outside the language (dsl.rejected), or not exact in the engine (dsl.unsupported).")

    static let dslMatrix = Spec(
        verb: .dslMatrix, summary: "list what each engine can do of the Transform DSL",
        usage: ["dsl matrix"],
        about: """
            One row for each thing that a program can ask, one column for each engine, and the reasons of what is refused:
            never, or not yet. Printed as Markdown, docs/dsl-matrix.md; with --json the refusals alone.
            """,
        examples: [
            Example(purpose: "The page of the documentation", line: "sluice dsl matrix > docs/dsl-matrix.md"),
            Example(
                purpose: "What Postgres cannot do",
                line: "sluice dsl matrix --json | jq '.markers[] | select(.engine == \"postgres\")'"),
        ])
}

/// `sluice dsl compile` and `matrix`.
struct DSLCompile {
    let console: Console
    let invocation: Invocation

    /// - Throws: `usage` without a target; `dsl.unsupported`.
    func perform(_ document: ProgramDocument) throws(SluiceError) -> Int32 {
        guard let engine = invocation.text("target").flatMap(Engine.init(rawValue:)) else {
            throw SluiceError(
                .usage, "--target is missing.",
                hint: "Name one of \(Engine.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let source = EmitSource(
            relation: invocation.list("schema") + [invocation.text("table") ?? "input"],
            row: invocation.text("row") ?? "rid", errors: invocation.text("errors") ?? "errors")
        let query: EmittedQuery
        do throws(Unsupported) { query = try Emitters.emit(document.program, for: engine, from: source) } catch {
            return try Self.refuse(error, console, invocation)
        }
        if invocation.json {
            console.print(lines: query.json.exactBytes + [UInt8(ascii: "\n")])
        } else {
            console.print(lines: Array((query.inlined + "\n").utf8))
        }
        return ExitStatus.done
    }

    /// Says why an engine cannot run a program; with `--json` place and reason stand apart.
    static func refuse(
        _ error: Unsupported, _ console: Console, _ invocation: Invocation
    ) throws(SluiceError) -> Int32 {
        guard invocation.json else { throw error.asError }
        console.print(["error": error.json])
        return ExitStatus.of(error.asError)
    }

    func matrix() {
        guard invocation.json else { return console.print(lines: Array(EngineSupport.markdown.utf8)) }
        console.print([
            "engines": JSON(Engine.allCases.map(\.rawValue)),
            "markers": .array(
                EngineSupport.marks.map { mark in
                    [
                        "engine": .string(mark.engine.rawValue), "op": .string(mark.feature.op),
                        "feature": .string(mark.feature.rawValue), "marker": .string(mark.marker.rawValue),
                        "reason": .string(mark.reason),
                    ]
                }),
        ])
    }
}

extension Unsupported {
    var asError: SluiceError { SluiceError(.dslUnsupported, message) }

    /// The error, with the place and the reason apart.
    var json: JSON {
        var members = asError.json.objectValue ?? [:]
        members["engine"] = .string(engine.rawValue)
        members["plan"] = plan.map { JSON($0) } ?? .null
        members["step"] = step.map { JSON($0) } ?? .null
        members["op"] = op.map(JSON.string) ?? .null
        members["marker"] = .string(marker.rawValue)
        members["reason"] = .string(reason)
        return .object(members)
    }
}

extension EmittedQuery {
    /// `{"engine","text","parameters":[{"name","type","value"}],"columns":[{"name","type"}],"row","errors"}`.
    var json: JSON {
        [
            "engine": .string(engine.rawValue), "text": .string(text),
            "parameters": .array(
                parameters.map { parameter in
                    [
                        "name": .string(parameter.name), "type": .string(parameter.type.rawValue),
                        "value": parameter.value.json,
                    ]
                }),
            "columns": .array(columns.map { ["name": .string($0.name), "type": .string($0.type.name)] }),
            "row": .string(rowColumn), "errors": .string(errorsColumn),
        ]
    }
}

extension EmittedValue {
    /// Numbers beyond 64 bits in quotes; those of 64 bits as they are, for ``JSON/exactBytes``.
    var json: JSON {
        switch self {
        case .integer(let value): .int(value)
        case .integers(let values): .array(values.map(JSON.int))
        default: canonicalJSON
        }
    }
}

extension JSON {
    /// As canonical JSON, but integers of 64 bits with all their digits.
    var exactBytes: [UInt8] {
        switch self {
        case .int(let value): return Array(String(value).utf8)
        case .array(let elements):
            return [UInt8(ascii: "[")] + elements.map(\.exactBytes).joined(separator: [UInt8(ascii: ",")])
                + [UInt8(ascii: "]")]
        case .object(let members):
            let pairs = members.keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }.map { key in
                JSON.string(key).canonicalBytes + [UInt8(ascii: ":")] + (members[key]?.exactBytes ?? [])
            }
            return [UInt8(ascii: "{")] + pairs.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        default: return canonicalBytes
        }
    }
}
