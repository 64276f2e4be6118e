internal import Columnar
internal import Databases
internal import Foundations
internal import Transform

/// A table of a SQLite file that a program reads.
struct SQLiteSource {
    let database: SQLiteConnection
    /// What a query reads, and its column of row numbers.
    let relation: [String]
    let row: String

    /// Opens the file for reading alone.
    ///
    /// - Throws: `SluiceError` of the kinds `source.missing`, `source.table`, `source.unreadable` and `stage.input`.
    init(file: String, table: String, reading program: TypedProgram) throws(SluiceError) {
        guard Files.exists(file) else {
            throw SluiceError(.sourceMissing, "The source \(Files.name(of: file)) does not exist.")
        }
        let database: SQLiteConnection
        do throws(DatabaseError) {
            database = try SQLiteConnection(path: file, access: .readOnly)
            database.forbidAttaching()
        } catch { throw Self.unreadable(error, file) }
        try self.init(database, file: file, table: table, reading: program)
    }

    /// Over a connection that is open.
    init(
        _ database: SQLiteConnection, file: String, table: String, reading program: TypedProgram
    ) throws(SluiceError) {
        self.database = database
        let shape: SQLiteTableShape?
        do throws(DatabaseError) { shape = try SQLiteTableShape(table, of: database) } catch {
            throw Self.unreadable(error, file)
        }
        guard let shape else {
            throw SluiceError(.sourceTable, "\(Files.name(of: file)) has no table \(Self.quoted(table)).")
        }
        guard shape.kind == .table else {
            throw SluiceError(
                .sourceTable,
                "\(Self.quoted(table)) is no ordinary table: to read a view is to run what its author wrote.",
                hint: "Copy its rows into a table first: CREATE TABLE rows AS SELECT * FROM \(Self.quoted(table)).")
        }
        for place in program.usedInputs {
            let name = program.inputs.fields[place].name
            guard shape.columns.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw SluiceError(
                    .stageInput, "\(Self.quoted(table)) has no column \(Self.quoted(name)).",
                    hint: "Its columns: "
                        + shape.columns.prefix(40).map { Self.quoted($0.name) }.joined(separator: ", ")
                        + ".")
            }
        }
        guard !shape.hasRowID else {
            relation = [table]
            row = shape.rowID
            return
        }
        // A table without row numbers: they are counted in the order of its key.
        relation = ["temp", "_sluice_input"]
        row = SQLiteEngine.row
        do throws(DatabaseError) {
            var key: [String] = []
            try database.run(
                "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", [.text(table)],
                operation: "read the key"
            ) { key.append(SQLText.identifier($0.text(0) ?? "")) }
            let order = key.isEmpty ? "" : "ORDER BY " + key.joined(separator: ", ")
            try database.execute(
                """
                CREATE TEMP VIEW IF NOT EXISTS _sluice_input AS
                SELECT row_number() OVER (\(order)) AS \(SQLText.identifier(row)), * FROM main.\(SQLText.identifier(table))
                """)
        } catch { throw Self.unreadable(error, file) }
    }

    static func unreadable(_ error: DatabaseError, _ file: String) -> SluiceError {
        let name = Files.name(of: file)
        if error.isCorrupt { return SluiceError(.sourceUnreadable, "\(name) is no SQLite database, or damaged.") }
        if error.needsRecovery {
            return SluiceError(
                .sourceUnreadable, "A program was killed while it wrote \(name), and reading alone cannot undo that.",
                hint: "Open it once with the program that wrote it, or with sqlite3.")
        }
        return error.asError(.sourceUnreadable)
    }

    /// A name in a message: short, and without controls.
    static func quoted(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(64).map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 }
        return "\"" + String(String.UnicodeScalarView(scalars)) + (name.unicodeScalars.count > 64 ? "…\"" : "\"")
    }
}

/// What a table looks like: its columns and its row numbers.
struct SQLiteTableShape {
    enum Kind {
        case table, other
    }

    struct Column: Equatable {
        let name: String
        /// As it was declared.
        let type: String
        let isGenerated: Bool
    }

    let kind: Kind
    let columns: [Column]
    /// The name that means the row's number; empty when there is none.
    let rowID: String

    var hasRowID: Bool { !rowID.isEmpty }

    /// Nil when there is nothing of that name.
    init?(_ table: String, of database: SQLiteConnection) throws(DatabaseError) {
        var found: (type: String, isWithoutRowID: Bool)?
        try database.run(
            "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", [.text(table)],
            operation: "look for the table"
        ) { found = ($0.text(0) ?? "", $0.int(1) != 0) }
        guard let found else { return nil }
        kind = found.type == "table" ? .table : .other
        var columns: [Column] = []
        try database.run(
            "SELECT name, type, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1", [.text(table)],
            operation: "read the columns"
        ) { columns.append(Column(name: $0.text(0) ?? "", type: $0.text(1) ?? "", isGenerated: $0.int(2) != 0)) }
        self.columns = columns
        let names = Set(columns.map { $0.name.lowercased() })
        rowID = found.isWithoutRowID ? "" : ["rowid", "_rowid_", "oid"].first { !names.contains($0) } ?? ""
    }
}
