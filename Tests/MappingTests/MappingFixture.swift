import Columnar
import Contracts
import Foundations
import Transform

@testable import Stages

/// A table of texts, as a CSV connector delivers it: an empty field is null.
struct TextTable {
    let name: String
    let header: [String]
    let rows: [[String]]

    var schema: Schema { Schema(header.map { Field($0, .text) }) }

    var batch: Batch {
        let columns = header.indices.map { place in
            var builder = ColumnBuilder(.text, capacity: rows.count)
            for row in rows {
                let value = place < row.count ? row[place] : ""
                builder.append(text: value.isEmpty ? nil : value)
            }
            return builder.finish()
        }
        return Batch(schema: schema, columns: columns, rowCount: rows.count)
    }
}

enum MappingFixture {
    static let root = String(
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/"))

    private static let shared = Result { try Registry(folder: root + "/registry") }

    static func registry() throws -> Registry { try shared.get() }

    static func thresholds() throws -> ThresholdProfile { try registry().thresholds("tp_default_v1") }

    /// RFC 4180 as far as tests need it.
    static func csv(_ text: String, name: String, limit: Int = .max) -> TextTable {
        var records: [[String]] = []
        var record: [String] = []
        var field = String.UnicodeScalarView()
        var isQuoted = false
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next, records.count <= limit {
            next = scalars.next()
            if isQuoted {
                if scalar != "\"" {
                    field.append(scalar)
                } else if next == "\"" {
                    field.append(scalar)
                    next = scalars.next()
                } else {
                    isQuoted = false
                }
            } else if scalar == "\"" {
                isQuoted = true
            } else if scalar == "," || scalar == "\n" {
                record.append(String(field))
                field = String.UnicodeScalarView()
                if scalar == "\n" {
                    if record != [""] { records.append(record) }
                    record = []
                }
            } else if scalar != "\r" {
                field.append(scalar)
            }
        }
        if !field.isEmpty || !record.isEmpty { records.append(record + [String(field)]) }
        return TextTable(name: name, header: records.first ?? [], rows: Array(records.dropFirst().prefix(limit)))
    }

    static func csv(path: String, name: String, limit: Int = .max) throws -> TextTable {
        csv(String(decoding: try Files.read(path, limit: 1 << 28), as: UTF8.self), name: name, limit: limit)
    }

    static func profile(_ column: Column) -> ColumnProfile {
        var profiler = ColumnProfiler(column.type)
        profiler.add(column)
        return profiler.finish()
    }

    /// `name declaredType [key] [required]`, as `TargetTable.read` would see them.
    static func target(_ name: String, _ columns: [String], rowIDAlias: String? = nil) -> TargetTable {
        TargetTable(
            name: name,
            columns: columns.map { text in
                let words = text.split(separator: " ").map(String.init)
                return TargetTable.Column(
                    name: words[0], declaredType: words[1], type: TargetTable.type(declared: words[1]),
                    isNotNull: words.contains("required"), hasDefault: false, keyPosition: words.contains("key") ? 1 : 0
                )
            },
            foreignKeys: [], rowIDAlias: rowIDAlias, uniqueIndexes: [], createdIndexes: [], isStrict: false,
            definition: "()")
    }

    /// What the stages before would hand to Mapping.
    static func input(_ batch: Batch, named name: String, to table: TargetTable, readsValues: Bool = true) throws
        -> MappingInput
    {
        let registry = try registry()
        let thresholds = try registry.thresholds("tp_default_v1")
        let scorer = DomainScorer(catalog: registry.domains, names: DomainNames(registry.domains))
        let sources = zip(batch.schema.fields, batch.columns).map { field, column in
            let profile = readsValues ? profile(column) : nil
            let best = scorer.candidates(
                header: field.name, type: profile?.inferredType ?? (field.type == .text ? nil : field.type),
                vector: nil,
                values: readsValues ? ValueSketch(column) : nil
            ).first
            return SourceColumn(
                name: field.name, type: field.type, profile: profile, timedDays: readsValues ? TimedDays(column) : nil,
                domain: best, band: best.map { scorer.band($0.score, thresholds) } ?? .low)
        }
        let targets = table.columns.map { column in
            let candidates = scorer.candidates(header: column.name, type: column.type, vector: nil, values: nil)
            return TargetColumn(
                column: column, candidates: candidates,
                band: candidates.first.map { scorer.band($0.score, thresholds) } ?? .low)
        }
        return MappingInput(sourceName: name, sources: sources, table: table, targets: targets)
    }
}
