internal import Columnar
internal import Foundations
internal import Transform

/// `sluice dsl run`: rows in, one JSON line for each out, batch by batch.
struct DSLRun {
    let console: Console
    let invocation: Invocation
    let document: ProgramDocument

    /// What the columns of a batch are meant to take at most, in bytes.
    private static let batchBytes = 64 << 20
    private static let batchRows = 8192

    /// - Returns: the exit status.
    func perform() throws(SluiceError) -> Int32 {
        let isSQLite = invocation.text("engine") == Engine.sqlite.rawValue
        if isSQLite {
            do throws(Unsupported) { _ = try Emitters.emit(document.program, for: .sqlite) } catch {
                return try DSLCompile.refuse(error, console, invocation)
            }
        }
        let size = Self.batchSize(document)
        let rows = try RowSources.open(
            invocation.operand(1) ?? "-", format: invocation.text("format"), schema: document.inputs, rows: size.rows,
            bytes: size.bytes)
        let engine: any ColumnEngine = isSQLite ? try SQLiteRows(document) : try ExecutorEngine(document)
        var writer = RowWriter(document, isWhole: invocation.has("cells"))
        while let input = try rows.next() {
            try run(input, engine, &writer)
            // Nobody reads on.
            guard console.failure == 0 else { return ExitStatus.done }
        }
        if writer.failed > 0 {
            console.note("\(writer.failed) of \(writer.count) rows have errors: \(writer.reasonCounts).")
        }
        for name in rows.unseen where writer.count > 0 {
            console.note("Column \(name) is in none of the rows: it is null everywhere.")
        }
        return ExitStatus.done
    }

    private func run(_ input: InputRows, _ engine: any ColumnEngine, _ writer: inout RowWriter) throws(SluiceError) {
        let result: TransformResult
        do throws(SluiceError) {
            result = try engine.result(input.batch)
        } catch {
            // A column grew beyond what a batch holds: fewer rows fit, unless it is a single one.
            guard error.detail == ErrorKind.stageInput.id, input.batch.rowCount > 1 else { throw error }
            let half = input.batch.rowCount / 2
            try run(input.rows(0..<half), engine, &writer)
            return try run(input.rows(half..<input.batch.rowCount), engine, &writer)
        }
        writer.write(result, input) { console.print(lines: $0) }
    }

    /// How many rows, and how many bytes of them, a batch takes: by what the program may make of a row.
    static func batchSize(_ document: ProgramDocument) -> (rows: Int, bytes: Int) {
        let growth = document.program.growth
        let rows = batchBytes / max(1, growth.perRow)
        let bytes = batchBytes / max(1, growth.perByte)
        return (min(batchRows, max(1, rows)), min(batchBytes / 8, max(1, bytes)))
    }
}

/// Writes the rows that a program makes as JSON Lines.
struct RowWriter {
    /// Rows so far, and those of them that have errors.
    private(set) var count = 0
    private(set) var failed = 0
    private var counts: [String: Int] = [:]
    private var out: [UInt8] = []
    private let document: ProgramDocument
    /// `"name":` of each output.
    private let keys: [[UInt8]]

    /// Every cell as text and every error of every row, for programs that compare.
    private let isWhole: Bool

    private static let block = 1 << 20

    /// - Parameter isWhole: rows are `{"cells":[TEXT|null,…],"errors":["PLAN:STEP:REASON",…]}`.
    init(_ document: ProgramDocument, isWhole: Bool) {
        self.document = document
        self.isWhole = isWhole
        keys = document.program.outputs.map { JSON.string($0.target).canonicalBytes + [UInt8(ascii: ":")] }
    }

    /// `NOT_DATE 2, OVERFLOW 1`: the first reason of each row.
    var reasonCounts: String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }

    mutating func write(_ result: TransformResult, _ input: InputRows, _ print: ([UInt8]) -> Void) {
        var next = 0
        for row in 0..<result.batch.rowCount {
            let first = next
            while next < result.errors.count, result.errors[next].row == row { next += 1 }
            count += 1
            if let mistake = input.mistakes[row] {
                fail(mistake.code, mistake.json)
            } else if isWhole {
                whole(result.columns, row, result.errors[first..<next])
            } else if next > first {
                let errors = result.errors[first..<next].map(error)
                var members = errors[0].objectValue ?? [:]
                if errors.count > 1 { members["others"] = .array(Array(errors.dropFirst())) }
                fail(result.errors[first].reason.rawValue, .object(members))
            } else {
                write(result.columns, row)
            }
            if out.count >= Self.block { take(print) }
        }
        take(print)
    }

    private mutating func take(_ print: ([UInt8]) -> Void) {
        print(out)
        out.removeAll(keepingCapacity: true)
    }

    private mutating func fail(_ code: String, _ error: JSON) {
        failed += 1
        counts[code, default: 0] += 1
        out += (["error": error] as JSON).canonicalBytes
        out.append(UInt8(ascii: "\n"))
    }

    private mutating func whole(_ columns: [Column], _ row: Int, _ errors: ArraySlice<RowError>) {
        if let first = errors.first {
            failed += 1
            counts[first.reason.rawValue, default: 0] += 1
        }
        out.append(contentsOf: #"{"cells":["#.utf8)
        for (place, column) in columns.enumerated() {
            if place > 0 { out.append(UInt8(ascii: ",")) }
            column.withView { view in out += JSON(DSLText.text(view, row)).canonicalBytes }
        }
        let errors = errors.map { JSON.string("\($0.plan):\($0.step):\($0.reason.rawValue)") }
        out.append(contentsOf: #"],"errors":"#.utf8)
        out += JSON.array(errors).canonicalBytes
        out.append(contentsOf: "}\n".utf8)
    }

    private func error(_ error: RowError) -> JSON {
        let plan = document.plans[error.plan]
        let step = plan.steps[error.step]
        return [
            "code": .string(error.reason.rawValue), "op": .string(step.operation.name),
            "column": .string(plan.target), "step": .string(step.name),
        ]
    }

    private mutating func write(_ columns: [Column], _ row: Int) {
        out.append(UInt8(ascii: "{"))
        for (place, column) in columns.enumerated() {
            if place > 0 { out.append(UInt8(ascii: ",")) }
            out += keys[place]
            column.withView { view in write(view, row) }
        }
        out.append(contentsOf: "}\n".utf8)
    }

    private mutating func write(_ view: ColumnView, _ row: Int) {
        guard view.isValid(row) else { return out.append(contentsOf: "null".utf8) }
        switch view.type {
        case .text, .binary:
            out.append(UInt8(ascii: "\""))
            LineParts.escape(view.bytes(row).assumingMemoryBound(to: UInt8.self), into: &out)
            out.append(UInt8(ascii: "\""))
        case .bool: out.append(contentsOf: (view.bool(row) ? "true" : "false").utf8)
        case .float64 where !view.float64(row).isFinite: out.append(contentsOf: "null".utf8)
        case .int64, .float64: ValueText.write(view, row: row, into: &out)
        case .decimal, .date, .timestamp:
            out.append(UInt8(ascii: "\""))
            ValueText.write(view, row: row, into: &out)
            out.append(UInt8(ascii: "\""))
        }
    }
}
