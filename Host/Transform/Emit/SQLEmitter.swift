internal import Columnar

/// Turns a typed program into one select of an engine that takes SQL.
///
/// Each node is a column `n0`, `n1`, … and, if steps report it, its reason a column `e0`, `e1`, …; what a lowering
/// needs besides is `h1`, `h2`, …. Names of the user's own stand only in the first and in the last select.
struct SQLEmitter {
    let dialect: any SQLDialect
    let program: TypedProgram
    let source: EmitSource

    private var engine: Engine { dialect.engine }

    func emit() throws(Unsupported) -> EmittedQuery {
        try checkNames()
        var builder = SQLBuilder()
        let row = builder.input(.name(source.row), as: "r")
        let used = Set(
            program.nodes.flatMap(\.sources).compactMap(\.column) + program.outputs.compactMap(\.source.column))
        var columns: [Int: SQL] = [:]
        for place in used.sorted() {
            let field = program.inputs.fields[place]
            let loaded: SQL
            do { loaded = try dialect.load(.name(field.name), field.type) } catch {
                throw refusal(error, of: nil)
            }
            columns[place] = builder.input(loaded, as: "c\(place)")
        }
        var nodes: [SQL] = []
        var errors: [(TypedProgram.StepPlace, SQL)] = []
        for (place, node) in program.nodes.enumerated() {
            let sources = node.sources.map { source -> SQL in
                switch source {
                case .column(let place): columns[place] ?? .null
                case .node(let place): nodes[place]
                case .integer(let value): .value(.integer(value))
                case .decimal(let literal): .value(.integer(literal.units))
                }
            }
            let lowered: Lowered
            do throws(Unsupported.Cause) {
                if let cause = EngineSupport.cause(of: node, in: engine) { throw cause }
                lowered = try Lowering(dialect: dialect, node: node, sources: sources).lower(&builder)
            } catch { throw refusal(error, of: node) }
            nodes.append(builder.define(lowered.value, as: "n\(place)"))
            guard !node.reports.isEmpty, let reason = lowered.reason else { continue }
            let column = builder.define(reason, as: "e\(place)")
            errors += node.reports.map { ($0, column) }
        }
        errors.sort { ($0.0.plan, $0.0.step) < ($1.0.plan, $1.0.step) }
        var roots = [row]
        var copies: [Int: SQL] = [:]
        for output in program.outputs {
            let value: SQL
            switch output.source {
            case .column(let place): value = columns[place] ?? .null
            case .node(let place): value = nodes[place]
            // No plan's result is a literal.
            case .integer, .decimal: continue
            }
            do throws(Unsupported.Cause) {
                if let place = output.source.column {
                    if let cause = EngineSupport.cause(copying: output.type, in: engine) { throw cause }
                    // As it is: the inner form of a date or time has none beyond the calendar.
                    if [.date, .timestamp].contains(output.type) {
                        let raw =
                            copies[place] ?? builder.input(.name(program.inputs.fields[place].name), as: "d\(place)")
                        copies[place] = raw
                        roots.append(raw)
                        continue
                    }
                }
                roots.append(try dialect.store(value, output.type))
            } catch { throw refusal(error, of: nil) }
        }
        let all = errors.map { place, reason -> SQL in
            "('\(.constant(place.plan)):\(.constant(place.step)):' || \(reason))"
        }
        roots.append(all.isEmpty ? "cast(null as \(dialect.textType))" : joinErrors(all, &builder))
        return try write(builder, roots)
    }

    /// Many errors are joined where they arise: carried on one by one, they would be most columns of most layers.
    private func joinErrors(_ errors: [SQL], _ builder: inout SQLBuilder) -> SQL {
        guard errors.count > 16 else { return dialect.joinErrors(errors) }
        var groups: [SQL] = []
        for start in stride(from: 0, to: errors.count, by: 8) {
            groups.append(builder.column(dialect.joinErrors(Array(errors[start..<min(start + 8, errors.count)]))))
        }
        return dialect.joinErrors(groups)
    }

    // MARK: Text

    private func write(_ builder: SQLBuilder, _ roots: [SQL]) throws(Unsupported) -> EmittedQuery {
        let layers = builder.layers(for: roots)
        if let widest = layers.layers.map(\.width).max(), max(widest, roots.count) > dialect.maximumColumns {
            throw Unsupported(
                engine: engine, plan: nil, step: nil, op: nil, marker: .never,
                reason: "a layer would have \(max(widest, roots.count)) columns, and \(engine.title) takes "
                    + "\(dialect.maximumColumns); emit fewer plans at a time")
        }
        let relation = SQL.list(source.relation.map(SQL.name), ".")
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
            if place == 0 { put(relation) } else { code("sluice_\(place)") }
            for join in layer.joins { put("\n  \(join.sql)") }
            code(place == 0 ? "" : dialect.fence)
            code("\n")
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
                let name = dialect.quoted(String(decoding: bytes, as: UTF8.self))
                text += name
                inlined += name
            case .reference(let place):
                text += builder.name(of: place)
                inlined += builder.name(of: place)
            case .value(let value):
                if let mistake = dialect.mistake(inValue: value) { throw refusal(mistake, of: nil) }
                let number = numbers[value] ?? parameters.count + 1
                if numbers[value] == nil {
                    numbers[value] = number
                    parameters.append(EmittedParameter(name: "p\(number)", type: value.type, value: value))
                }
                text += dialect.placeholder(number, value)
                inlined += dialect.literal(value)
            }
        }
        return EmittedQuery(
            engine: engine, text: text, inlined: inlined, parameters: parameters,
            columns: program.outputs.map { EmittedQuery.Column(name: $0.target, type: $0.type) },
            rowColumn: source.row, errorsColumn: source.errors)
    }

    // MARK: Refusals

    private func checkNames() throws(Unsupported) {
        func check(_ name: String, _ what: String) throws(Unsupported) {
            guard let mistake = dialect.mistake(inName: name) else { return }
            throw refusal(.never("\(what) \(Rejection.quoted(name)) \(mistake)"), of: nil)
        }
        for name in source.relation { try check(name, "the relation's name") }
        let results = [source.row] + program.outputs.map(\.target) + [source.errors]
        for name in results { try check(name, "the column name") }
        let inputs = program.usedInputs.map { program.inputs.fields[$0].name } + [source.row]
        for name in inputs { try check(name, "the input column name") }
        for (names, isResult) in [(results, true), (inputs, false)] {
            var seen: [[UInt8]: String] = [:]
            for name in names {
                guard let other = seen.updateValue(name, forKey: Array(dialect.folded(name).utf8)) else { continue }
                // A column may be both the row's number and an input.
                if !isResult, other.utf8.elementsEqual(name.utf8) { continue }
                throw refusal(
                    .never("the columns \(Rejection.quoted(other)) and \(Rejection.quoted(name)) are one name there"),
                    of: nil)
            }
        }
    }

    private func refusal(_ cause: Unsupported.Cause, of node: TypedProgram.Node?) -> Unsupported {
        guard let node else {
            return Unsupported(
                engine: engine, plan: nil, step: nil, op: nil, marker: cause.marker, reason: cause.reason)
        }
        let place = program.place(of: node)
        return Unsupported(
            engine: engine, plan: place?.plan, step: place?.step, op: node.operation.name, marker: cause.marker,
            reason: cause.reason)
    }
}

extension TypedProgram {
    /// The inputs that some plan reads, by place.
    public var usedInputs: [Int] {
        Set(nodes.flatMap(\.sources).compactMap(\.column) + outputs.compactMap(\.source.column)).sorted()
    }

    /// The first step that a node stands for: one of those that report it, or else one with its op.
    func place(of node: Node) -> StepPlace? {
        if let place = node.reports.first { return place }
        for (plan, steps) in plans.map(\.steps).enumerated() {
            for (place, step) in steps.enumerated() where step.operation == node.operation {
                return StepPlace(plan: plan, step: place)
            }
        }
        return nil
    }
}

extension TypedProgram.Source {
    var column: Int? { if case .column(let place) = self { place } else { nil } }
}

/// What an op becomes: an expression for the value, and one for the reason where there are values that it fails for.
struct Lowered {
    let value: SQL
    /// A reason's text, or null.
    var reason: SQL?
}

/// Where a program goes.
public enum Emitters {
    /// The program for an engine.
    ///
    /// - Throws: ``Unsupported`` with the step and the reason when the engine cannot run it exactly.
    public static func emit(
        _ program: TypedProgram, for engine: Engine, from source: EmitSource = EmitSource()
    ) throws(Unsupported) -> EmittedQuery {
        switch engine {
        case .postgres: try SQLEmitter(dialect: PostgresDialect(), program: program, source: source).emit()
        case .duckdb: try SQLEmitter(dialect: DuckDBDialect(), program: program, source: source).emit()
        case .polars: try PolarsEmitter(program: program, source: source).emit()
        case .sqlite: try SQLiteEmitter(program: program, source: source).emit()
        case .spark: try SQLEmitter(dialect: SparkDialect(), program: program, source: source).emit()
        }
    }
}
