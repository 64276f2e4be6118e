/// The expressions of a program by name, put into layers in the end.
///
/// An op's lowering defines what it needs more than once and gets a reference. What is used once is written in its
/// only place; everything else becomes a column of the first layer in which all that it reads is there. So text grows
/// with the program and never with the number of ways through it.
struct SQLBuilder {
    /// A table that a layer is joined with.
    struct Join: Sendable, Hashable {
        let alias: String
        /// `left join … as alias on …`.
        let sql: SQL
    }

    private struct Definition {
        let name: String
        let sql: SQL
        /// Needs its layer's own FROM: it stays a column.
        let isFixed: Bool
        let join: Join?
    }

    private var definitions: [Definition] = []
    private var known: [SQL: Int] = [:]
    private var helpers = 0
    private var joins = 0

    /// An expression to be named where it is used more than once; the same expression is one definition.
    mutating func define(_ sql: SQL, as name: String? = nil) -> SQL {
        // A name for a name.
        if name == nil, sql.pieces.count == 1, case .reference = sql.pieces[0] { return sql }
        if name == nil, let found = known[sql] { return SQL([.reference(found)]) }
        known[sql] = definitions.count
        return add(Definition(name: name ?? helperName(), sql: sql, isFixed: false, join: nil))
    }

    /// An expression that is a column as soon as it can be, so that what it reads need not be carried on.
    mutating func column(_ sql: SQL) -> SQL {
        add(Definition(name: helperName(), sql: sql, isFixed: true, join: nil))
    }

    /// A column of the relation.
    mutating func input(_ sql: SQL, as name: String) -> SQL {
        add(Definition(name: name, sql: sql, isFixed: true, join: nil))
    }

    /// Columns of a table that the layer is joined with; at most one row of it may match.
    ///
    /// - Parameter make: the join, given the table's alias.
    mutating func joined(_ columns: [SQL], _ make: (_ alias: SQL) -> SQL) -> [SQL] {
        joins += 1
        let alias = "j\(joins)"
        let join = Join(alias: alias, sql: make(SQL([.code(alias)])))
        return columns.map { column in
            add(Definition(name: helperName(), sql: "\(SQL([.code(alias)])).\(column)", isFixed: true, join: join))
        }
    }

    private mutating func helperName() -> String {
        helpers += 1
        return "h\(helpers)"
    }

    private mutating func add(_ definition: Definition) -> SQL {
        definitions.append(definition)
        return SQL([.reference(definitions.count - 1)])
    }

    // MARK: Layers

    /// The definitions in layers, ready to be written.
    struct Layers {
        /// A layer's columns: carried on from the layer below, or made here.
        struct Layer {
            var carried: [String] = []
            var made: [(name: String, sql: SQL)] = []
            var joins: [Join] = []

            var width: Int { carried.count + made.count }
        }

        var layers: [Layer]
        /// What was given to `layers(for:)`, over the last layer.
        let roots: [SQL]
    }

    /// References left in the layers' SQL name columns of the layer below; `name(of:)` tells which.
    func layers(for roots: [SQL]) -> Layers {
        var uses = Array(repeating: 0, count: definitions.count)
        var isLive = Array(repeating: false, count: definitions.count)
        func count(_ sql: SQL) {
            for case .reference(let place) in sql.pieces {
                uses[place] += 1
                isLive[place] = true
            }
        }
        roots.forEach(count)
        // A definition reads only earlier ones.
        for place in definitions.indices.reversed() where isLive[place] {
            count(definitions[place].sql)
            if let join = definitions[place].join { count(join.sql) }
        }
        var inlined: [Int: SQL] = [:]
        func expanded(_ sql: SQL) -> SQL {
            SQL(
                sql.pieces.flatMap { piece -> [SQL.Piece] in
                    guard case .reference(let place) = piece, let inner = inlined[place] else { return [piece] }
                    return inner.pieces
                })
        }
        var level = Array(repeating: 0, count: definitions.count)
        var columns: [(place: Int, sql: SQL, join: Join?)] = []
        func height(_ sql: SQL) -> Int {
            sql.pieces.reduce(0) { height, piece in
                if case .reference(let place) = piece { max(height, level[place]) } else { height }
            }
        }
        for place in definitions.indices where isLive[place] {
            let definition = definitions[place]
            let sql = expanded(definition.sql)
            if uses[place] == 1, !definition.isFixed {
                inlined[place] = SQL(stringInterpolation: Self.parenthesised(sql))
                continue
            }
            let join = definition.join.map { Join(alias: $0.alias, sql: expanded($0.sql)) }
            level[place] = 1 + max(height(sql), join.map { height($0.sql) } ?? 0)
            columns.append((place, sql, join))
        }
        let finals = roots.map(expanded)
        var lastUse = Array(repeating: 0, count: definitions.count)
        let top = columns.map { level[$0.place] }.max() ?? 0
        func use(_ sql: SQL, at height: Int) {
            for case .reference(let place) in sql.pieces { lastUse[place] = max(lastUse[place], height) }
        }
        for column in columns {
            use(column.sql, at: level[column.place])
            if let join = column.join { use(join.sql, at: level[column.place]) }
        }
        for sql in finals { use(sql, at: top + 1) }
        var layers = Array(repeating: Layers.Layer(), count: top)
        for column in columns {
            let made = level[column.place]
            let name = definitions[column.place].name
            layers[made - 1].made.append((name, column.sql))
            if let join = column.join, !layers[made - 1].joins.contains(join) { layers[made - 1].joins.append(join) }
            for layer in (made + 1)..<max(made + 1, lastUse[column.place]) { layers[layer - 1].carried.append(name) }
        }
        return Layers(layers: layers, roots: finals)
    }

    /// The column that a reference reads.
    func name(of reference: Int) -> String { definitions[reference].name }

    private static func parenthesised(_ sql: SQL) -> SQL.StringInterpolation {
        var out = SQL.StringInterpolation(literalCapacity: 2, interpolationCount: 1)
        out.appendLiteral("(")
        out.appendInterpolation(sql)
        out.appendLiteral(")")
        return out
    }
}
