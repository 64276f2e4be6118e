internal import Columnar

/// Turns a typed program into a Polars program: a function from a frame and the parameters by name to a frame.
///
/// The frame has the input columns and one that names the row. Texts, tables and names of the user's own are parameters
/// alone; the copied form defines them in front of the function.
struct PolarsEmitter {
    let program: TypedProgram
    let source: EmitSource

    func emit() throws(Unsupported) -> EmittedQuery {
        try checkNames()
        var builder = SQLBuilder()
        let row = builder.input("cs.by_name(\(.text(source.row)))", as: "r")
        var columns: [Int: SQL] = [:]
        for place in program.usedInputs {
            columns[place] = builder.input(Self.load(program.inputs.fields[place]), as: "c\(place)")
        }
        var nodes: [SQL] = []
        var errors: [(TypedProgram.StepPlace, SQL)] = []
        for (place, node) in program.nodes.enumerated() {
            let sources = node.sources.map { source in
                switch source {
                case .column(let place): columns[place] ?? "pl.lit(None)"
                case .node(let place): nodes[place]
                case .integer(let value): Self.literal(value)
                case .decimal(let literal): Self.literal(literal.units)
                }
            }
            let outcome: PolarsLowering.Outcome
            do throws(Unsupported.Cause) {
                if let cause = EngineSupport.cause(of: node, in: .polars) { throw cause }
                outcome = try PolarsLowering(node: node, sources: sources).lower(&builder)
            } catch { throw refusal(error, of: node) }
            guard !outcome.failures.isEmpty else {
                nodes.append(builder.define(outcome.value, as: "n\(place)"))
                continue
            }
            var arms = outcome.failures.map { (when: $0.when, then: Polars.reason($0.reason)) }
            // Where there is no value: for a reason, for a null, or for an empty text.
            var without = outcome.failures.filter { $0.reason == nil }.map { (when: $0.when, then: "None" as SQL) }
            if !outcome.takesNulls {
                let names = zip(node.sources, sources).filter { !$0.0.isLiteral }.map(\.1)
                let nulls: SQL = names.isEmpty ? "False" : .list(names.map { "\($0).is_null()" }, " | ")
                arms.insert((nulls, Polars.noText), at: 0)
                without.insert((nulls, "None"), at: 0)
            }
            let error = builder.define(Polars.choose(arms), as: "e\(place)")
            without.append(("\(error).is_not_null()", "None"))
            nodes.append(builder.define(Polars.choose(without, otherwise: outcome.value), as: "n\(place)"))
            errors += node.reports.map { ($0, error) }
        }
        errors.sort { ($0.0.plan, $0.0.step) < ($1.0.plan, $1.0.step) }
        var roots = [row]
        for output in program.outputs {
            switch output.source {
            case .column(let place):
                let cause = EngineSupport.cause(copying: output.type, in: .polars)
                if let cause { throw refusal(cause, of: nil) }
                roots.append(Self.store(columns[place] ?? "pl.lit(None)", output.type))
            case .node(let place): roots.append(Self.store(nodes[place], output.type))
            // No plan's result is a literal.
            case .integer, .decimal: continue
            }
        }
        roots.append(Self.joined(errors))
        return write(builder, roots)
    }

    private static func literal(_ value: Int64) -> SQL { "pl.lit(\(.constant(value)), dtype=pl.Int64)" }

    /// `plan:step:REASON` joined by `;`, null for none.
    private static func joined(_ errors: [(TypedProgram.StepPlace, SQL)]) -> SQL {
        guard !errors.isEmpty else { return Polars.noText }
        let all = errors.map { place, reason -> SQL in
            "pl.lit(\"\(.constant(place.plan)):\(.constant(place.step)):\") + \(reason)"
        }
        return "pl.concat_str([\(.list(all))], separator=\";\", ignore_nulls=True).replace(\"\", None)"
    }

    // MARK: Types

    /// A column in the inner form.
    private static func load(_ field: Field) -> SQL {
        let column: SQL = "cs.by_name(\(.text(field.name)))"
        switch field.type {
        case .text: return "\(column).cast(pl.String)"
        case .int64: return "\(column).cast(pl.Int64)"
        case .float64: return "\(column).cast(pl.Float64)"
        case .bool: return "\(column).cast(pl.Boolean)"
        case .binary: return "\(column).cast(pl.Binary)"
        case .date: return "\(column).cast(pl.Date).to_physical().cast(pl.Int64)"
        case .timestamp: return "\(column).cast(pl.Datetime(\"us\")).to_physical()"
        case .decimal(let precision, let scale):
            let type: SQL = "pl.Decimal(\(.constant(precision)), \(.constant(scale)))"
            return "\(column).cast(\(type)).to_physical().cast(pl.Int64)"
        }
    }

    /// The inner form as Polars' own type; no choice among nothing but nulls loses it.
    private static func store(_ value: SQL, _ type: ColumnType) -> SQL {
        switch type {
        case .text: "\(value).cast(pl.String)"
        case .int64: "\(value).cast(pl.Int64)"
        case .float64: "\(value).cast(pl.Float64)"
        case .bool: "\(value).cast(pl.Boolean)"
        case .binary: value
        case .date: "\(value).cast(pl.Int32).cast(pl.Date)"
        case .timestamp: "\(value).cast(pl.Datetime(\"us\"))"
        case .decimal: PolarsLowering.decimal(value, type)
        }
    }

    // MARK: Text

    private func write(_ builder: SQLBuilder, _ roots: [SQL]) -> EmittedQuery {
        let layers = builder.layers(for: roots)
        var writer = PythonWriter(builder: builder)
        for (place, layer) in layers.layers.enumerated() {
            // A column that only passes through stands on the first line.
            let carried = SQL.list(layer.carried.map { SQL([.code("\"\($0)\"")]) })
            let made = layer.made.map { column -> SQL in "\(SQL([.code(column.name)]))=\(column.sql)" }
            let frame: SQL = place == 0 ? "frame.lazy()" : "x"
            let lines = SQL.list((layer.carried.isEmpty ? [] : [carried]) + made, ",\n        ")
            writer.put("    x = \(frame).select(\n        \(lines),\n    )\n")
        }
        let names = [source.row] + program.outputs.map(\.target) + [source.errors]
        let results = zip(layers.roots, names).map { root, name -> SQL in "(\(root)).alias(\(.text(name)))" }
        writer.put("    x = x.select(\n        \(.list(results, ",\n        ")),\n    )\n")
        writer.put("    return x if isinstance(frame, pl.LazyFrame) else x.collect()\n")

        let head = "import polars as pl\nimport polars.selectors as cs\n\nc = pl.col\n"
        let helpers = PolarsHelpers.used(in: writer.text).map { "\n\n" + $0 + "\n" }.joined()
        let parameters = writer.parameters.map { "    \"\($0.name)\": \(Python.literal($0.value)),\n" }.joined()
        let note = "    # besides the input columns the frame names its rows: frame.with_row_index(...)\n"
        return EmittedQuery(
            engine: .polars,
            text: head + helpers + "\n\ndef transform(frame, p):\n" + writer.text,
            inlined: head + helpers + "\n\nPARAMETERS = {\n" + parameters
                + "}\n\n\ndef transform(frame, p=PARAMETERS):\n" + note + writer.text,
            parameters: writer.parameters,
            columns: program.outputs.map { EmittedQuery.Column(name: $0.target, type: $0.type) },
            rowColumn: source.row, errorsColumn: source.errors)
    }

    // MARK: Refusals

    private func checkNames() throws(Unsupported) {
        var seen: Set<[UInt8]> = []
        for name in [source.row] + program.outputs.map(\.target) + [source.errors] {
            guard seen.insert(Array(name.utf8)).inserted else {
                throw refusal(.never("two columns of the result are called \(Rejection.quoted(name))"), of: nil)
            }
        }
    }

    private func refusal(_ cause: Unsupported.Cause, of node: TypedProgram.Node?) -> Unsupported {
        let place = node.flatMap { program.place(of: $0) }
        return Unsupported(
            engine: .polars, plan: place?.plan, step: place?.step, op: node?.operation.name, marker: cause.marker,
            reason: cause.reason)
    }
}

/// Writes pieces as Python; values become parameters by name.
private struct PythonWriter {
    let builder: SQLBuilder
    private(set) var text = ""
    private(set) var parameters: [EmittedParameter] = []
    private var numbers: [EmittedValue: Int] = [:]

    init(builder: SQLBuilder) { self.builder = builder }

    mutating func put(_ sql: SQL) {
        for piece in sql.pieces {
            switch piece {
            case .code(let code): text += code
            case .reference(let place): text += "c.\(builder.name(of: place))"
            case .name(let name): text += "c[\(place(of: .text(String(decoding: name, as: UTF8.self))))]"
            case .value(let value): text += place(of: value)
            }
        }
    }

    private mutating func place(of value: EmittedValue) -> String {
        let number = numbers[value] ?? parameters.count + 1
        if numbers[value] == nil {
            numbers[value] = number
            parameters.append(EmittedParameter(name: "p\(number)", type: value.type, value: value))
        }
        return "p[\"p\(number)\"]"
    }
}

extension PolarsHelpers {
    /// The texts of the functions that a program calls.
    static func used(in text: String) -> [String] { all.filter { text.contains($0.name + "(") }.map(\.text) }
}

extension TypedProgram.Source {
    fileprivate var isLiteral: Bool {
        switch self {
        case .integer, .decimal: true
        case .column, .node: false
        }
    }
}
