internal import Foundations

/// `sluice dsl …`: what the table of commands says of them.
extension Spec {
    private static let rejects =
        "5 DSL_REJECT: the program is outside the language; the message names place and mending."

    static let dslCheck = Spec(
        verb: .dslCheck, summary: "type-check a program of the Transform DSL",
        usage: ["dsl check PLAN [--inputs A:TYPE,B:TYPE]"],
        about: """
            A program is plans with the columns that they read, {"inputs":[{"name","type"}],"plans":[PLAN,…]}, or one PLAN,
            whose columns are texts unless --inputs says otherwise. Nothing is run. docs/dsl.md is the specification.
            """,
        operands: [.program], options: [.inputs, .feature],
        examples: [
            Example(purpose: "A plan over texts", line: "sluice dsl check full-name.json"),
            Example(purpose: "A column is a decimal", line: "sluice dsl check gross.json --inputs net:decimal(12,2)"),
        ], exits: rejects)

    static let dslExplain = Spec(
        verb: .dslExplain, summary: "say in words what a program makes of which columns",
        usage: ["dsl explain PLAN [--inputs A:TYPE,B:TYPE]"],
        about: """
            Every step with its type, what it makes, and why it may have no value. Steps that compute the same are computed
            once. With --json the typed graph: steps, nodes, types, reasons and the program's hash.
            """,
        operands: [.program], options: [.inputs, .feature],
        examples: [
            Example(purpose: "For people", line: "sluice dsl explain customers.json"),
            Example(
                purpose: "Which columns it makes",
                line: "sluice dsl explain customers.json --json | jq -c '.columns[] | [.target, .type]'"),
        ], exits: rejects)

    static let dslRun = Spec(
        verb: .dslRun, summary: "run a program over rows, one JSON line for each",
        usage: ["dsl run PLAN [FILE] [--engine executor|sqlite] [--inputs A:TYPE,B:TYPE]"],
        about: """
            Reads JSON Lines or CSV and writes JSON Lines, one for each row in order: the output columns, or
            {"error":{"code","op","column","step"}} where a step that quarantines has no value. Rows are read, run and
            written in batches of bounded size. Cells of CSV are texts; values of JSON Lines must have the declared type.
            Values are written in their canonical form, decimals, dates and timestamps in quotes.
            """,
        operands: [
            .program,
            Operand(name: "FILE", value: .file, required: false, help: "the rows; standard input without it"),
        ],
        options: [
            .value(
                "format", "FORMAT", .choice(["jsonl", "csv"]),
                "what FILE is; without it by its name, and else by its first character"),
            .value("engine", "ENGINE", .choice(["executor", "sqlite"]), "what runs the program; default executor"),
            .flag(
                "cells",
                "write {\"cells\":[TEXT],\"errors\":[\"PLAN:STEP:REASON\"]} for every row, as engines are compared"
            ),
            .inputs, .feature,
        ],
        examples: [
            Example(purpose: "A CSV file", line: "sluice dsl run customers.json customers.csv > rows.jsonl"),
            Example(
                purpose: "What could not be made, counted",
                line: "sluice dsl run customers.json rows.jsonl | jq -r '.error.code // empty' | sort | uniq -c"),
        ], exits: "0 also when rows have errors. " + rejects)
}

extension Operand {
    static let program = Operand(
        name: "PLAN", value: .file, required: true, help: "a program or a plan in JSON; - reads it from standard input")
}

extension Option {
    static let inputs = Option.value(
        "inputs", "A:TYPE,…", .text, repeats: true,
        "types of columns: text, int64, decimal(p,s), float64, bool, date, timestamp, binary")
    static let feature = Option.value(
        "feature", "NAME", .choice(["select_when"]), repeats: true, "switch a part of the language on that is off")
}
