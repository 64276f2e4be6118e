internal import Columnar
internal import Engines
internal import Foundations
internal import Transform

/// What an engine makes of rows: canonical texts of the targets, and the errors as `plan:step:REASON`.
struct EngineRows: Equatable {
    struct Row: Equatable {
        var cells: [String?]
        var errors: [String]

        // Byte by byte: Swift's own equality takes two spellings of one letter for equal.
        static func == (a: Row, b: Row) -> Bool {
            a.errors == b.errors && a.cells.count == b.cells.count && zip(a.cells, b.cells).allSatisfy(same)
        }

        static func same(_ a: String?, _ b: String?) -> Bool {
            guard let a, let b else { return a == nil && b == nil }
            return a.utf8.elementsEqual(b.utf8)
        }
    }

    var rows: [Row]
}

/// An engine that runs one program.
protocol DSLEngine: AnyObject {
    func run(_ batch: Batch) throws(SluiceError) -> EngineRows
}

enum DSLEngines {
    /// Those that `dsl diff` compares.
    static let names = ["executor"] + Engine.allCases.map(\.rawValue)

    /// - Throws: `dsl.unsupported`; `usage` without what it takes to start the engine.
    static func make(
        _ name: String, _ document: ProgramDocument, python: String?, harness: String?
    ) throws(SluiceError) -> any DSLEngine {
        switch Engine(rawValue: name) {
        case nil: try ExecutorEngine(document)
        case .sqlite: try SQLiteRows(document)
        case let engine?: try PythonEngine(engine, document, python: python, harness: harness)
        }
    }
}

extension EngineRows {
    /// From a result in columns.
    init(_ result: TransformResult) {
        rows = (0..<result.batch.rowCount).map { _ in Row(cells: [], errors: []) }
        for column in result.columns {
            column.withView { view in
                for row in 0..<view.count { rows[row].cells.append(DSLText.text(view, row)) }
            }
        }
        for error in result.errors {
            rows[error.row].errors.append("\(error.plan):\(error.step):\(error.reason.rawValue)")
        }
    }
}

enum DSLText {
    /// The canonical text of a value (docs/dsl.md, "Values"); nil for null.
    static func text(_ view: ColumnView, _ row: Int) -> String? {
        guard view.isValid(row) else { return nil }
        if view.type == .bool { return view.bool(row) ? "true" : "false" }
        var bytes: [UInt8] = []
        ValueText.write(view, row: row, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A text as people are shown it: in JSON's quotes, a long one cut.
    static func shown(_ text: String?) -> Text {
        guard let text else { return "null" }
        let cut = text.unicodeScalars.count > 200 ? String(text.unicodeScalars.prefix(200)) + "…" : text
        return Text(JSON.string(cut).canonicalText)
    }
}

/// An engine of this process, whose results are columns.
protocol ColumnEngine: AnyObject {
    func result(_ batch: Batch) throws(SluiceError) -> TransformResult
}

extension DSLEngine where Self: ColumnEngine {
    func run(_ batch: Batch) throws(SluiceError) -> EngineRows { EngineRows(try result(batch)) }
}

final class ExecutorEngine: DSLEngine, ColumnEngine {
    private let executor: PlanExecutor

    /// - Throws: `dsl.rejected`.
    init(_ document: ProgramDocument) throws(SluiceError) { executor = try PlanExecutor(document.program) }

    func result(_ batch: Batch) throws(SluiceError) -> TransformResult { try executor.run(batch) }
}

/// SQLite inside this process.
final class SQLiteRows: DSLEngine, ColumnEngine {
    private let engine: SQLiteEngine

    /// - Throws: `dsl.unsupported` where SQLite cannot run the program exactly.
    init(_ document: ProgramDocument) throws(SluiceError) {
        do throws(Unsupported) { _ = try Emitters.emit(document.program, for: .sqlite) } catch { throw error.asError }
        engine = try SQLiteEngine(document.program)
    }

    func result(_ batch: Batch) throws(SluiceError) -> TransformResult { try engine.run(batch).result }
}
