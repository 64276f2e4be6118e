internal import Columnar

/// Turns a typed program into one select of SQLite.
///
/// SQL that means exactly the same stands as it is: `trim` with the 25 white-space characters, and `concat`. Everything
/// else calls a registered function, which is the executor's kernel (``SQLiteRoutine``). A result that is a BLOB is the
/// reason why there is no value, so that one call gives both.
struct SQLiteEmitter {
    let program: TypedProgram
    let source: EmitSource

    /// Calls within calls: SQLite's parser of older versions has room for about a hundred open symbols.
    private static let maximumDepth = 8
    static let maximumColumns = 2000
    static let maximumParameters = 32766
    /// A subquery with an offset is not flattened and, read once, not stored either: rows stream through it, and each of
    /// its columns is computed once however often the next layer reads it.
    static let fence = "\n  limit -1 offset 0"

    /// An expression with what its readers must know.
    private struct Value {
        let sql: SQL
        /// It may be a BLOB, which is a reason.
        var mayFail = false
        /// Calls within it.
        var depth = 0
    }

    func emit() throws(Unsupported) -> EmittedQuery {
        try checkNames()
        var builder = SQLBuilder()
        let row = builder.input(.name(source.row), as: "r")
        var errors: [SQL] = []
        var columns: [Int: Value] = [:]
        for place in program.usedInputs {
            let field = program.inputs.fields[place]
            let column = builder.input(
                Self.call(SQLiteRoutine(.read(field.type)), [.name(field.name)]), as: "c\(place)")
            columns[place] = Value(sql: column, mayFail: true)
            // A binary column is only copied, and there a reason is a text.
            errors.append(
                field.type == .binary
                    ? "'', iif(typeof(\(column)) = 'text', 'in:\(.constant(place)):' || \(column), null)"
                    : Self.term(column, "in:\(place)"))
        }
        var nodes: [Value] = []
        var reports: [(place: TypedProgram.StepPlace, sql: SQL)] = []
        for (place, node) in program.nodes.enumerated() {
            let values = node.sources.compactMap { source -> Value? in
                switch source {
                case .column(let place): columns[place]
                case .node(let place): nodes[place]
                // They stand in the routine's argument.
                case .integer, .decimal: nil
                }
            }
            let lowered = Self.lower(node, values)
            let value: SQL
            if lowered.depth > Self.maximumDepth {
                value = builder.input(lowered.sql, as: "n\(place)")
            } else {
                value = builder.define(lowered.sql, as: "n\(place)")
            }
            nodes.append(
                Value(
                    sql: value, mayFail: lowered.mayFail,
                    depth: lowered.depth > Self.maximumDepth ? 0 : lowered.depth))
            for report in node.reports {
                reports.append((report, Self.term(value, "\(report.plan):\(report.step)")))
            }
        }
        reports.sort { ($0.place.plan, $0.place.step) < ($1.place.plan, $1.place.step) }
        errors += reports.map(\.sql)
        var roots = [row]
        for output in program.outputs {
            switch output.source {
            case .column(let place): columns[place].map { roots.append(Self.stored($0, output.type)) }
            case .node(let place): roots.append(Self.stored(nodes[place], output.type))
            // No plan's result is a literal.
            case .integer, .decimal: continue
            }
        }
        roots.append(Self.joined(errors))
        return try write(builder, roots)
    }

    // MARK: Expressions

    private static func call(_ routine: SQLiteRoutine, _ values: [SQL]) -> SQL {
        "\(SQL([.code(routine.name)]))(\(.list([.text(routine.argument)] + values)))"
    }

    private static func lower(_ node: TypedProgram.Node, _ values: [Value]) -> Value {
        let depth = 1 + (values.map(\.depth).max() ?? 0)
        switch node.operation {
        case .trim:
            let text = values[0]
            let trimmed: SQL = "trim(\(text.sql), \(.text(SQLText.whiteSpace)))"
            // A condition reads the value a second time: what may be a reason is a column then.
            return Value(
                sql: text.mayFail ? "iif(typeof(\(text.sql)) = 'text', \(trimmed), null)" : trimmed, depth: depth + 1)
        case .concat(let concat) where concat.nulls == .propagate:
            var parts: [SQL] = concat.prefix.isEmpty ? [] : [.text(concat.prefix)]
            for (place, value) in values.enumerated() {
                if place > 0, !concat.separator.isEmpty { parts.append(.text(concat.separator)) }
                parts.append(value.sql)
            }
            if !concat.suffix.isEmpty { parts.append(.text(concat.suffix)) }
            let text = SQL.list(parts, " || ")
            let tests = values.filter(\.mayFail).map { value -> SQL in "typeof(\(value.sql)) = 'text'" }
            if tests.isEmpty { return Value(sql: text, depth: depth) }
            return Value(sql: "iif(\(.list(tests, " and ")), \(text), null)", depth: depth + 1)
        default:
            return Value(
                sql: call(SQLiteRoutine(.compute(node)), values.map(\.sql)), mayFail: node.operation.canFail,
                depth: depth)
        }
    }

    /// A target's value as SQLite holds it.
    private static func stored(_ value: Value, _ type: ColumnType) -> SQL {
        switch type {
        case .decimal, .date, .timestamp: call(SQLiteRoutine(.write(type)), [value.sql])
        case .binary: "iif(typeof(\(value.sql)) = 'blob', \(value.sql), null)"
        default: value.mayFail ? "iif(typeof(\(value.sql)) = 'blob', null, \(value.sql))" : value.sql
        }
    }

    /// What `sluice_errors` takes for a value: where it is made, in digits and colons, and the value.
    private static func term(_ value: SQL, _ place: String) -> SQL { "'\(SQL([.code(place)]))', \(value)" }

    /// The terms' errors in one text, or null. A function of SQLite takes a hundred arguments at most.
    private static func joined(_ terms: [SQL]) -> SQL {
        guard !terms.isEmpty else { return "cast(null as text)" }
        var level = terms
        repeat {
            level = stride(from: 0, to: level.count, by: 40).map { start in
                let call: SQL =
                    "\(SQL([.code(SQLiteRoutine.errors)]))(\(.list(Array(level[start..<min(start + 40, level.count)]))))"
                return level.count > 40 ? "'', \(call)" : call
            }
        } while level.count > 1
        return level[0]
    }

    // MARK: Text

    private func write(_ builder: SQLBuilder, _ roots: [SQL]) throws(Unsupported) -> EmittedQuery {
        let layers = builder.layers(for: roots)
        let widest = max(layers.layers.map(\.width).max() ?? 0, roots.count)
        guard widest <= Self.maximumColumns else {
            throw refusal(
                "a layer would have \(widest) columns, and SQLite takes \(Self.maximumColumns); "
                    + "emit fewer plans at a time")
        }
        var pieces: [SQL.Piece] = []
        func put(_ sql: SQL) { pieces += sql.pieces }
        func code(_ text: String) { pieces.append(.code(text)) }
        for (place, layer) in layers.layers.enumerated() {
            code(place == 0 ? "with " : "), ")
            code("sluice_\(place + 1) as (\n  select ")
            let carried = layer.carried.map { SQL([.code($0)]) }
            let made = layer.made.map { column -> SQL in "\(column.sql) as \(SQL([.code(column.name)]))" }
            put(.list(carried + made, ",\n    "))
            code("\n  from ")
            if place == 0 {
                put(.list(source.relation.map(SQL.name), "."))
                // An index that has all columns would be read in its own order.
                code("\n  order by ")
                put(SQL.name(source.row))
            } else {
                code("sluice_\(place)")
            }
            code(Self.fence + "\n")
        }
        code(")\nselect ")
        let names = [source.row] + program.outputs.map(\.target) + [source.errors]
        put(.list(zip(layers.roots, names).map { root, name in "\(root) as \(SQL.name(name))" }, ",\n  "))
        code("\nfrom sluice_\(layers.layers.count)")

        var numbers: [EmittedValue: Int] = [:]
        var parameters: [EmittedParameter] = []
        var text = ""
        var inlined = ""
        for piece in pieces {
            switch piece {
            case .code(let code):
                text += code
                inlined += code
            case .name(let bytes):
                let name = SQLName.quoted(String(decoding: bytes, as: UTF8.self))
                text += name
                inlined += name
            case .reference(let place):
                text += builder.name(of: place)
                inlined += builder.name(of: place)
            case .value(let value):
                let number = numbers[value] ?? parameters.count + 1
                if numbers[value] == nil {
                    numbers[value] = number
                    parameters.append(EmittedParameter(name: "p\(number)", type: value.type, value: value))
                }
                text += "?\(number)"
                inlined += Self.literal(value)
            }
        }
        guard parameters.count <= Self.maximumParameters else {
            throw refusal(
                "it binds \(parameters.count) values, and SQLite takes \(Self.maximumParameters); "
                    + "emit fewer plans at a time")
        }
        return EmittedQuery(
            engine: .sqlite, text: text, inlined: inlined, parameters: parameters,
            columns: program.outputs.map { EmittedQuery.Column(name: $0.target, type: $0.type) },
            rowColumn: source.row, errorsColumn: source.errors)
    }

    /// Texts are all that these queries bind.
    private static func literal(_ value: EmittedValue) -> String {
        guard case .text(let text) = value else { return "null" }
        // SQLite reads a statement no further than a NUL.
        guard !text.utf8.contains(0) else {
            return "cast(x'" + text.utf8.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
                + "' as text)"
        }
        return SQLName.quoted(text, quote: "'")
    }

    // MARK: Refusals

    private func checkNames() throws(Unsupported) {
        let results = [source.row] + program.outputs.map(\.target) + [source.errors]
        let inputs = program.usedInputs.map { program.inputs.fields[$0].name } + [source.row]
        for name in source.relation + results + inputs where name.utf8.contains(0) {
            throw refusal("the name \(Rejection.quoted(name)) holds a NUL, which SQLite has no name for")
        }
        let own = [source.row, source.errors].map { Array($0.utf8) }
        if let target = program.outputs.map(\.target).first(where: { own.contains(Array($0.utf8)) }) {
            throw refusal("a target has the name \(Rejection.quoted(target)), which the query gives to a column itself")
        }
        var seen: [[UInt8]: String] = [:]
        for name in inputs {
            guard let other = seen.updateValue(name, forKey: Array(SQLName.asciiFolded(name).utf8)) else { continue }
            // A column may be both the row's number and an input.
            if other.utf8.elementsEqual(name.utf8) { continue }
            throw refusal("the columns \(Rejection.quoted(other)) and \(Rejection.quoted(name)) are one name there")
        }
    }

    private func refusal(_ reason: String) -> Unsupported {
        Unsupported(engine: .sqlite, plan: nil, step: nil, op: nil, marker: .never, reason: reason)
    }
}
