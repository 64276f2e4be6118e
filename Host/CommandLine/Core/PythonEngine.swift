internal import CSystem
internal import Columnar
internal import Foundations
internal import Glibc
internal import Transform

/// An engine behind Python: a process of `engines.py` that is asked line by line.
///
/// What it writes to standard error goes where ours goes. It ends when its standard input does.
final class PythonEngine: DSLEngine {
    private let engine: Engine
    private let query: JSON
    private let inputs: JSON
    private let outputs: Int
    private let process: pid_t
    private let input: Int32
    private let output: Int32
    private var pending: [UInt8] = []

    /// - Parameters:
    ///   - python: an interpreter that has the engine's package; `python3` of the path without it.
    ///   - harness: engines.py.
    /// - Throws: `dsl.unsupported`; `usage` when the process cannot be started.
    init(_ engine: Engine, _ document: ProgramDocument, python: String?, harness: String?) throws(SluiceError) {
        let emitted: EmittedQuery
        do throws(Unsupported) { emitted = try Emitters.emit(document.program, for: engine) } catch {
            throw error.asError
        }
        self.engine = engine
        query = emitted.json
        outputs = emitted.columns.count
        inputs = .array(
            document.inputs.fields.map { ["name": .string($0.name), "type": .string($0.type.name)] })
        guard let harness, Files.exists(harness) else {
            throw SluiceError(
                .usage, "\(engine.title) is run by engines.py, which is not there.",
                hint: "Name it by --harness: it is Tests/DSL/engines.py of the sources.")
        }
        (process, input, output) = try Self.spawn(python ?? "python3", ["-B", harness])
    }

    deinit {
        close(input)
        close(output)
        var status: Int32 = 0
        let process = process
        _ = Files.retrying { Int(waitpid(process, &status, 0)) }
    }

    private static func spawn(
        _ program: String, _ arguments: [String]
    ) throws(SluiceError) -> (process: pid_t, input: Int32, output: Int32) {
        var asking: [Int32] = [-1, -1]
        var answering: [Int32] = [-1, -1]
        guard csystem_pipe(&asking) == 0 else { throw failure(errno) }
        guard csystem_pipe(&answering) == 0 else {
            let reason = errno
            for end in asking { close(end) }
            throw failure(reason)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, asking[0], 0)
        posix_spawn_file_actions_adddup2(&actions, answering[1], 1)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let status = posix_spawnp(&process, program, &actions, nil, &words, environ)
        close(asking[0])
        close(answering[1])
        guard status == 0 else {
            close(asking[1])
            close(answering[0])
            throw failure(status)
        }
        return (process, asking[1], answering[0])
    }

    private static func failure(_ reason: Int32) -> SluiceError {
        SluiceError(
            .usage, "The interpreter of --python cannot be started: \(String(cString: strerror(reason))).",
            hint: "Name one that has the engine's package, for example .build/engines/bin/python.")
    }

    func run(_ batch: Batch) throws(SluiceError) -> EngineRows {
        var cells = (0..<batch.rowCount).map { _ in [JSON]() }
        for column in batch.columns {
            column.withView { view in
                for row in 0..<view.count { cells[row].append(JSON(DSLText.text(view, row))) }
            }
        }
        let ask: JSON = [
            "engine": .string(engine.rawValue), "query": query, "inputs": inputs,
            "rows": .array(cells.map(JSON.array)),
        ]
        do throws(Files.Failure) {
            try Files.writeAll(ask.exactBytes + [UInt8(ascii: "\n")], to: input, path: "the engine")
        } catch {
            throw ended()
        }
        return try answer(try line(), rows: batch.rowCount)
    }

    private func ended() -> SluiceError {
        SluiceError(
            .dslEngine, "\(engine.title) ended before it answered.",
            hint: "Its own words stand above. --python names an interpreter that has its package.")
    }

    private func line() throws(SluiceError) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                return line
            }
            let got = block.withUnsafeMutableBytes { bytes in
                Files.retrying { Glibc.read(output, bytes.baseAddress, bytes.count) }
            }
            guard got > 0 else { throw ended() }
            pending += block[..<got]
        }
    }

    private func answer(_ line: [UInt8], rows: Int) throws(SluiceError) -> EngineRows {
        let json = try JSONParser.parse(line, name: "answer of \(engine.title)")
        if let error = json["error"]?.stringValue {
            throw SluiceError(.dslEngine, "\(engine.title) failed: \(error.prefix(2000))")
        }
        var made: [EngineRows.Row] = []
        for (cells, errors) in zip(json["cells"]?.arrayValue ?? [], json["errors"]?.arrayValue ?? []) {
            made.append(
                EngineRows.Row(
                    cells: (cells.arrayValue ?? []).map(\.stringValue),
                    errors: (errors.arrayValue ?? []).compactMap(\.stringValue)))
        }
        guard made.count == rows, made.allSatisfy({ $0.cells.count == outputs }) else {
            throw SluiceError(.dslEngine, "\(engine.title) did not answer with a row for each row.")
        }
        return EngineRows(rows: made)
    }
}
