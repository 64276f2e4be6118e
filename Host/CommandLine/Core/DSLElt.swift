internal import Contracts
internal import Engines
internal import Foundations
internal import Transform

extension Spec {
    static let dslElt = Spec(
        verb: .dslElt, summary: "move a SQLite table through a program into another one",
        usage: ["dsl elt PLAN --source sqlite:FILE#TABLE --target sqlite:FILE#TABLE [--rejects TABLE] [--append]"],
        about: """
            SQLite reads, computes and writes. Rows without errors go into the target, the others by number and errors into
            the table of rejects beside it: (row INTEGER, errors TEXT). All of it is one transaction: whatever ends it early
            leaves both as they were. Tables that do not exist are made; one that exists must have the program's columns and
            no rows.
            """,
        operands: [.program],
        options: [
            .value("source", "SRC", .location, "the table that is read"),
            .value("target", "DST", .location, "the table that is written"),
            .value("rejects", "TABLE", .text, "where rejected rows go; without it one of them is a failure"),
            .flag("append", "add to tables that have rows"), .inputs, .feature,
        ],
        examples: [
            Example(
                purpose: "Into a new file",
                line: "sluice dsl elt customers.json --source sqlite:raw.db#people --target sqlite:out.db#customers "
                    + "--rejects rejects"),
            Example(
                purpose: "Within one file, all or nothing",
                line: "sluice dsl elt customers.json --source sqlite:all.db#raw --target sqlite:all.db#customers"),
        ],
        exits: "5 DSL_REJECT: outside the language, or not for SQLite. 0 also when rows were rejected.")
}

/// `sluice dsl elt`.
struct DSLElt {
    let console: Console
    let invocation: Invocation
    let document: ProgramDocument

    /// - Throws: `usage` without source or target; `location.invalid`; as `SQLiteEngine.transfer`.
    func perform() throws(SluiceError) {
        let (source, target) = (try table("source"), try table("target"))
        let outcome = try SQLiteEngine(document.program).transfer(
            from: source, to: target, rejects: invocation.text("rejects"), append: invocation.has("append"))
        if invocation.json {
            return console.print([
                "rows_in": .int(outcome.read), "rows_written": .int(outcome.written),
                "rows_rejected": .int(outcome.rejected),
            ])
        }
        let rejects = invocation.text("rejects").map { ", \(outcome.rejected) went to \(Text($0))" as Text } ?? ""
        console.print([
            "\(outcome.written) of \(outcome.read) rows were written to \(Text(target.table))\(rejects)."
        ])
    }

    private func table(_ option: String) throws(SluiceError) -> SQLiteTable {
        let example = "--\(option) sqlite:FILE.db#TABLE"
        guard let uri = invocation.text(option) else {
            throw SluiceError(.usage, "--\(option) is missing.", hint: "Write \(example).")
        }
        let location = try DataLocation(uri: uri, content: { Files.head($0, count: 64) }, isFile: Files.exists)
        guard location.scheme == .sqlite, let table = location.table else {
            throw SluiceError(
                .locationInvalid, "--\(option) takes a table of a SQLite file.", hint: "Write \(example).")
        }
        return SQLiteTable(file: location.path, table: table)
    }
}
