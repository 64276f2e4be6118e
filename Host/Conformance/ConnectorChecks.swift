internal import Columnar
internal import Foundations
internal import PluginHost

extension ConformanceCheck {
    /// What a connector makes of good and bad sources.
    static let connectorChecks: [ConformanceCheck] = [
        ConformanceCheck(
            .connector, "types", "Every type of the ABI is emitted with its values, or declared absent.", run: types),
        ConformanceCheck(
            .connector, "zero_rows", "A table without rows has columns and gives none.", run: zeroRows),
        ConformanceCheck(.connector, "nulls", "A missing value is null, and nothing else is.", run: nulls),
        ConformanceCheck(
            .connector, "slices", "Batch size, skipped rows, chosen columns and splits change no row.", run: slices),
        ConformanceCheck(
            .connector, "invalid_utf8", "Bytes that are no text are refused or rejected, never emitted as text.",
            run: invalidUTF8),
        ConformanceCheck(
            .connector, "large_cell", "A cell of 64 MiB arrives whole, is rejected, or is refused.", run: largeCell),
        ConformanceCheck(
            .connector, "truncated", "A source that is cut anywhere gives an error or its own rows, never others.",
            run: truncated),
        ConformanceCheck(
            .connector, "drift", "A source that changes behind its schema is refused, or keeps that schema.",
            run: drift),
        ConformanceCheck(
            .connector, "deterministic", "The same source gives the same bytes in two processes.",
            run: deterministic),
        ConformanceCheck(
            .connector, "backpressure", "A slow reader costs no memory, and a scan that is given up ends soon.",
            run: backpressure),
    ]

    private typealias Run = @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome

    private static let types: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "types") { (source) throws(SluiceError) in
            guard let expected = source.expected, !expected.columns.isEmpty else {
                return .failed("the quirks' source `types` does not say what must come (`expect`)")
            }
            let rows = try ConnectorTrial(subject, source).rows()
            if let difference = rows.difference(from: expected) { return .failed(difference) }
            let emitted = Set(rows.schema.fields.map(\.type.name))
            for type in TypeName.allCases.map(\.rawValue) {
                let isAbsent = expected.absent[type] != nil
                if !emitted.contains(type), !isAbsent {
                    return .failed("no column is \(type), and `expect.absent` gives no reason")
                }
                if emitted.contains(type), isAbsent {
                    return .failed("`expect.absent` says that no column is \(type), and one is")
                }
            }
            return .passed
        }
    }

    private static let zeroRows: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "zero_rows") { (source) throws(SluiceError) in
            let trial = try ConnectorTrial(subject, source)
            let rows = try trial.rows()
            guard !rows.schema.fields.isEmpty else { return .failed("its table has no column") }
            guard rows.rows.isEmpty else { return .failed("it gives \(rows.rows.count) rows") }
            for split in try trial.session.split(table: trial.table, parts: 4) {
                let part = try trial.rows(split: split)
                guard part.rows.isEmpty else { return .failed("a split of it gives \(part.rows.count) rows") }
            }
            return .passed
        }
    }

    private static let nulls: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "nulls") { (source) throws(SluiceError) in
            let rows = try ConnectorTrial(subject, source).rows()
            guard rows.nulls > 0 else { return .failed("no value of the source `nulls` is null") }
            if let expected = source.expected, let difference = rows.difference(from: expected) {
                return .failed(difference)
            }
            return .passed
        }
    }

    private static let slices: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "sample") { (source) throws(SluiceError) in
            var seeded = Seeded(seed)
            let trial = try ConnectorTrial(subject, source)
            let whole = try trial.rows()
            let count = whole.rows.count
            guard count >= 8 else { return .failed("the quirks' source `sample` has \(count) rows; 8 are needed") }
            for size in [1, 7, 1024] {
                guard try trial.rows(batchRows: size).rows == whole.rows else {
                    return .failed("batches of at most \(size) rows give other rows than one batch")
                }
            }
            for skip in [1, count - 1, count, seeded.below(count)] {
                guard try trial.rows(batchRows: 5, skipRows: Int64(skip)).rows == Array(whole.rows.dropFirst(skip))
                else { return .failed("skip_rows \(skip) of \(count) gives other rows") }
            }
            let names = whole.schema.fields.map(\.name)
            for _ in 0..<3 {
                let chosen = Array(seeded.shuffled(names).prefix(1 + seeded.below(names.count)))
                guard try trial.rows(columns: chosen).keys(columns: chosen) == whole.keys(columns: chosen) else {
                    return .failed("chosen columns (\(chosen.count) of \(names.count)) have other values")
                }
            }
            for parts in [1, 3, 16] {
                var rows: [[UInt8]] = []
                for split in try trial.session.split(table: trial.table, parts: parts) {
                    rows += try trial.rows(split: split, columns: names).keys(columns: names)
                }
                // Splits may stand in any order; no row may be in none or in two.
                let sorted = { (keys: [[UInt8]]) in keys.sorted { $0.lexicographicallyPrecedes($1) } }
                guard sorted(rows) == sorted(whole.keys(columns: names)) else {
                    return .failed("\(parts) splits together are not the table: \(rows.count) rows of \(count)")
                }
            }
            return .passed
        }
    }

    private static let invalidUTF8: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "invalid_utf8") { (source) throws(SluiceError) in
            let rows: TrialRows
            do throws(SluiceError) { rows = try ConnectorTrial(subject, source).rows() } catch {
                // The host refuses text that is none: that is the connector's mistake, not its refusal.
                guard Subject.isRefusal(error) else { throw error }
                return source.expected == nil ? .passed : .failed("it refuses the source: \(subject.words(error))")
            }
            if let expected = source.expected, let difference = rows.difference(from: expected) {
                return .failed(difference)
            }
            return .passed
        }
    }

    private static let largeCell: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "large_cell") { (source) throws(SluiceError) in
            guard source.bytes.count >= 64 << 20 else {
                return .failed("the quirks' source `large_cell` has less than 64 MiB")
            }
            var longest = 0
            var rejected = 0
            do throws(SluiceError) {
                let trial = try ConnectorTrial(subject, source)
                try trial.scan { batch in
                    for (field, column) in zip(batch.schema.fields, batch.columns) where field.type.hasOffsets {
                        column.withView { view in
                            for row in 0..<view.count where view.isValid(row) {
                                longest = max(longest, view.bytes(row).count)
                                if field.name == "sluice.reject" { rejected += 1 }
                            }
                        }
                    }
                }
            } catch {
                guard Subject.isRefusal(error) else { throw error }
                return .passed
            }
            if longest < 64 << 20, rejected == 0 {
                return .failed("the cell arrives cut: the longest text has \(longest) bytes, and no row is rejected")
            }
            return .passed
        }
    }

    private static let truncated: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "sample") { (source) throws(SluiceError) in
            var seeded = Seeded(seed)
            let whole = try ConnectorTrial(subject, source).rows()
            let names = whole.schema.fields.map(\.name)
            let all = whole.keys(columns: names)
            let size = source.bytes.count
            // One cut lies in the last record, where a reader is tempted to make one up.
            for cut in seeded.places(7, below: size) + [max(0, size - 2)] {
                let bytes = Array(source.bytes.prefix(cut))
                let rows: TrialRows
                do throws(SluiceError) {
                    rows = try ConnectorTrial(subject, source, stream: .bytes(bytes)).rows()
                } catch {
                    // A header that is cut may leave other tables than the quirks name.
                    guard Subject.isRefusal(error) || error.detail == ErrorKind.pluginQuirks.id else {
                        return .of(error, in: subject).during("cut at byte \(cut) of \(size)")
                    }
                    continue
                }
                guard rows.rows.count <= all.count else {
                    return .failed(
                        "cut at byte \(cut) of \(size) the source gives \(rows.rows.count) rows; whole it has \(all.count)"
                    )
                }
                // A header that is cut has other columns: then there is nothing to compare.
                guard rows.schema.fields.map(\.name) == names, rows.schema == whole.schema else { continue }
                let own = rows.keys(columns: names)
                // The last row may be the one that was cut.
                if own.dropLast() != all.prefix(max(0, own.count - 1)) {
                    return .failed("cut at byte \(cut) of \(size) the source gives rows that it does not have")
                }
            }
            return .passed
        }
    }

    private static let drift: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "sample") { (before) throws(SluiceError) in
            guard let after = try subject.source("drift") else { return .skipped("the quirks have no source `drift`") }
            let file = try ChangingFile(before.bytes)
            let trial = try ConnectorTrial(subject, before, stream: .file(file.path))
            let schema = try trial.session.schema(table: trial.table).schema
            try file.replace(with: after.bytes)
            do throws(SluiceError) {
                // Other columns than those of its schema are a breach of the protocol, which the host finds.
                try trial.scan { _ in }
            } catch {
                guard Subject.isRefusal(error) else { throw error }
                return .passed
            }
            guard !schema.fields.isEmpty else { return .failed("its table has no column") }
            return .passed
        }
    }

    private static let deterministic: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "sample") { (source) throws(SluiceError) in
            func encoded() throws(SluiceError) -> (bytes: [[UInt8]], said: JSON) {
                let trial = try ConnectorTrial(subject, source)
                let (schema, details) = try trial.session.schema(table: trial.table)
                var bytes: [[UInt8]] = []
                try trial.scan(batchRows: 100) { batch in
                    var out: [UInt8] = []
                    BatchCodec.encode(batch, into: &out)
                    bytes.append(out)
                }
                let splits = try trial.session.split(table: trial.table, parts: 4)
                return (bytes, ["schema": schema.json, "details": details, "splits": JSON(splits)])
            }
            let (first, second) = (try encoded(), try encoded())
            guard first.said == second.said else {
                return .failed("two processes announce two schemas, details or splits of one source")
            }
            guard first.bytes.count == second.bytes.count else {
                return .failed(
                    "two processes cut one source into \(first.bytes.count) and \(second.bytes.count) batches")
            }
            if let batch = zip(first.bytes, second.bytes).enumerated().first(where: { $1.0 != $1.1 })?.offset {
                return .failed("batch \(batch) has other bytes in a second process")
            }
            return .passed
        }
    }

    private static let backpressure: Run = { (subject, seed) throws(SluiceError) in
        try subject.with(source: "many_rows") { (source) throws(SluiceError) in
            guard source.bytes.count >= 32 << 20 else {
                return .failed("the quirks' source `many_rows` has less than 32 MiB")
            }
            let trial = try ConnectorTrial(subject, source)
            _ = try trial.session.schema(table: trial.table)
            let memory = ProcessMemory(ofRunner: trial.session.process.processID)
            let before = memory.anonymous
            var largest = 0
            var batches = 0
            var peak = before ?? 0
            do throws(SluiceError) {
                try trial.scan(batchRows: 1024) { (batch) throws(SluiceError) in
                    largest = max(largest, batch.byteCount)
                    batches += 1
                    peak = max(peak, memory.settled())
                    if batches == 4 { throw SluiceError(.interrupted, "The suite gives the scan up.") }
                }
            } catch {
                guard error.detail == ErrorKind.interrupted.id else { throw error }
            }
            guard batches == 4 else { return .failed("the source `many_rows` gives \(batches) batches of 1024 rows") }
            guard trial.session.process.isAlive else {
                return .failed("it did not end its scan within a second of being asked to")
            }
            guard let before else { return .warning("the memory of its process cannot be read on this machine") }
            let allowed = (16 << 20) + 8 * largest
            guard peak - before <= allowed else {
                return .failed(
                    "while nobody read, it came to hold more than \(allowed >> 20) MiB of a source of \(source.bytes.count >> 20) MiB"
                )
            }
            return .passed
        }
    }
}
