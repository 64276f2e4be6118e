public import Columnar
internal import Databases
public import Foundations

/// The shape of a target table, as its database tells it.
public struct TargetTable: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public let name: String
        /// As declared, upper case; empty when none was.
        public let declaredType: String
        /// What a mapping must deliver.
        public let type: ColumnType
        public let isNotNull: Bool
        public let hasDefault: Bool
        /// Position in the primary key, from 1; 0 outside it.
        public let keyPosition: Int

        /// Whether a row without it is refused.
        public func isRequired(rowIDAlias: Bool) -> Bool { isNotNull && !hasDefault && !rowIDAlias }
    }

    /// Columns that together are unique, and by which collation each is compared.
    public struct UniqueIndex: Sendable, Equatable {
        public let columns: [String]
        public let collations: [String]
    }

    public struct ForeignKey: Sendable, Equatable {
        public let columns: [String]
        public let parent: String
        public let parentColumns: [String]
    }

    public let name: String
    /// Columns that can be written (generated ones are left out), in order.
    public let columns: [Column]
    public let foreignKeys: [ForeignKey]
    /// The one INTEGER PRIMARY KEY column, which SQLite fills when it is null.
    public let rowIDAlias: String?
    /// Columns of each unique index or constraint beside the primary key; partial and expression indexes are left out.
    public let uniqueIndexes: [UniqueIndex]
    /// Those of them that CREATE UNIQUE INDEX made, which the definition does not tell.
    var createdIndexes: [UniqueIndex] = []
    public let isStrict: Bool
    /// The text behind CREATE TABLE and the name, for the staging table.
    let definition: String

    public var key: [Column] { columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition } }

    public func isRequired(_ column: Column) -> Bool { column.isRequired(rowIDAlias: column.name == rowIDAlias) }

    /// What artifacts say of it; no path.
    public var json: JSON {
        [
            "table": .string(name),
            "columns": .array(
                columns.map { column in
                    [
                        "name": .string(column.name), "declared_type": .string(column.declaredType),
                        "type": .string(column.type.name), "required": .bool(isRequired(column)),
                        "key_position": JSON(column.keyPosition),
                    ]
                }),
            "foreign_keys": .array(
                foreignKeys.map {
                    [
                        "columns": JSON($0.columns), "parent": .string($0.parent),
                        "parent_columns": JSON($0.parentColumns),
                    ]
                }),
            "strict": .bool(isStrict),
        ]
    }

    /// Reads the shape of one table.
    ///
    /// - Throws: `target.missing` that names the tables there are; `target.shape` for views and virtual tables.
    static func read(_ name: String, from database: SQLiteConnection) throws -> TargetTable {
        var kind: String?
        var sql: String?
        try database.run(
            "SELECT type, sql FROM sqlite_schema WHERE name = ? AND type IN ('table','view')", [.text(name)]
        ) {
            kind = $0.text(0)
            sql = $0.text(1)
        }
        guard let kind, let sql else {
            var others: [String] = []
            try database.run(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                    + "AND name NOT LIKE '\\_sluice\\_%' ESCAPE '\\' ORDER BY name LIMIT 20"
            ) { if let other = $0.text(0) { others.append(other) } }
            let known = others.isEmpty ? "it has no table" : "it has \(others.joined(separator: ", "))"
            throw SluiceError(.targetMissing, "The target database has no table \(name); \(known).")
        }
        guard kind == "table", let definition = Self.definition(of: sql) else {
            throw SluiceError(
                .targetShape, "The target \(name) is a view or a virtual table; rows can go into tables only.")
        }
        var columns: [Column] = []
        try database.run(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?)", [.text(name)]
        ) { row in
            guard row.int(5) == 0, let column = row.text(0) else { return }
            let declared = (row.text(1) ?? "").uppercased()
            columns.append(
                Column(
                    name: column, declaredType: declared, type: Self.type(declared: declared),
                    isNotNull: row.int(2) != 0,
                    hasDefault: !row.isNull(3), keyPosition: Int(row.int(4))))
        }
        let key = columns.filter { $0.keyPosition > 0 }
        var strict = false
        var withoutRowID = false
        try database.run("SELECT strict, wr FROM pragma_table_list(?) WHERE schema = 'main'", [.text(name)]) {
            strict = $0.int(0) == 1
            withoutRowID = $0.int(1) == 1
        }
        let alias = key.count == 1 && key[0].declaredType == "INTEGER" && !withoutRowID ? key[0].name : nil
        let created = try uniqueIndexes(of: name, origin: "c", in: database)
        return TargetTable(
            name: name, columns: columns, foreignKeys: try foreignKeys(of: name, in: database), rowIDAlias: alias,
            uniqueIndexes: created + (try uniqueIndexes(of: name, origin: "u", in: database)), createdIndexes: created,
            isStrict: strict, definition: definition)
    }

    /// What stands behind `CREATE TABLE name`. SQLite stores the statement as `CREATE TABLE ` and the text from the name on.
    static func definition(of sql: String) -> String? {
        let prefix = "CREATE TABLE "
        let bytes = Array(sql.utf8)
        guard sql.prefix(prefix.count).uppercased() == prefix else { return nil }
        var at = afterSpace(bytes, prefix.utf8.count)
        guard at < bytes.count else { return nil }
        switch bytes[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"), UInt8(ascii: "["):
            let close = bytes[at] == UInt8(ascii: "[") ? UInt8(ascii: "]") : bytes[at]
            at += 1
            while let mark = bytes[at...].firstIndex(of: close) {
                at = mark + 1
                // A doubled quote stands for itself and does not end the name.
                guard close != UInt8(ascii: "]"), at < bytes.count, bytes[at] == close else { break }
                at += 1
            }
        default: while at < bytes.count, isNamePart(bytes[at]) { at += 1 }
        }
        at = afterSpace(bytes, at)
        return at < bytes.count && bytes[at] == UInt8(ascii: "(") ? String(decoding: bytes[at...], as: UTF8.self) : nil
    }

    /// SQLite takes every byte outside ASCII for a letter.
    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"): true
        default: false
        }
    }

    /// The place behind spaces and comments.
    private static func afterSpace(_ bytes: [UInt8], _ start: Int) -> Int {
        var at = start
        while at < bytes.count {
            if bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) {
                at += 1
            } else if bytes[at...].starts(with: "--".utf8) {
                at = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
            } else if bytes[at...].starts(with: "/*".utf8) {
                at += 2
                while at < bytes.count, !bytes[at...].starts(with: "*/".utf8) { at += 1 }
                at = min(bytes.count, at + 2)
            } else {
                break
            }
        }
        return at
    }

    /// What a column of a declared type is written as. SQLite's affinity rules, refined by the field's usual names.
    static func type(declared: String) -> ColumnType {
        let name = declared.prefix { $0 != "(" }.trimmingSpaces()
        switch name {
        case "DATE": return .date
        case "TIMESTAMP", "DATETIME", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE": return .timestamp
        case "BOOLEAN", "BOOL": return .bool
        default: break
        }
        if name.contains("INT") { return .int64 }
        if name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT") { return .text }
        if name.contains("REAL") || name.contains("FLOA") || name.contains("DOUB") || name == "NUMERIC"
            || name == "DECIMAL" || name == "NUMBER"
        {
            return .float64
        }
        return .text
    }

    private static func foreignKeys(of table: String, in database: SQLiteConnection) throws -> [ForeignKey] {
        var found: [Int64: (parent: String, columns: [String], parentColumns: [String])] = [:]
        try database.run(
            "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq", [.text(table)]
        ) { row in
            var entry = found[row.int(0)] ?? (row.text(1) ?? "", [], [])
            entry.columns.append(row.text(2) ?? "")
            if let parentColumn = row.text(3) { entry.parentColumns.append(parentColumn) }
            found[row.int(0)] = entry
        }
        var keys: [ForeignKey] = []
        for id in found.keys.sorted() {
            guard var entry = found[id] else { continue }
            // Without named columns, the parent's primary key is meant.
            if entry.parentColumns.isEmpty {
                try database.run(
                    "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [.text(entry.parent)]
                ) {
                    entry.parentColumns.append($0.text(0) ?? "")
                }
            }
            keys.append(ForeignKey(columns: entry.columns, parent: entry.parent, parentColumns: entry.parentColumns))
        }
        return keys
    }

    private static func uniqueIndexes(of table: String, origin: String, in database: SQLiteConnection) throws
        -> [UniqueIndex]
    {
        var names: [String] = []
        try database.run(
            "SELECT name FROM pragma_index_list(?) WHERE \"unique\" = 1 AND origin = ? AND partial = 0 ORDER BY name",
            [.text(table), .text(origin)]
        ) { if let name = $0.text(0) { names.append(name) } }
        var indexes: [UniqueIndex] = []
        for name in names {
            var columns: [String?] = []
            var collations: [String] = []
            try database.run("SELECT name, coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno", [.text(name)])
            {
                columns.append($0.text(0))
                collations.append($0.text(1) ?? "BINARY")
            }
            let named = columns.compactMap { $0 }
            if !named.isEmpty, named.count == columns.count {
                indexes.append(UniqueIndex(columns: named, collations: collations))
            }
        }
        return indexes
    }
}

extension Substring {
    /// Without ASCII spaces at both ends.
    func trimmingSpaces() -> String {
        var part = self.drop { $0 == " " }
        while part.last == " " { part = part.dropLast() }
        return String(part)
    }
}
