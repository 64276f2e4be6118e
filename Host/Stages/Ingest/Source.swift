internal import Columnar
internal import Contracts
internal import Databases
internal import Foundations
internal import Glibc
internal import PluginHost

/// The left-hand side of a run: what its connector is handed, and whether it has changed.
struct Source {
    let location: DataLocation
    let path: String
    /// Table to ask the connector for; a file with one table has the name "".
    let table: String

    /// A source that exists.
    init(_ location: DataLocation) throws(SluiceError) {
        self.location = location
        path = location.path
        table = location.table ?? ""
        guard Files.exists(path) else { throw SluiceError(.sourceMissing, "\(Files.name(of: path)) does not exist.") }
        guard !Files.isDirectory(path) else {
            throw SluiceError(.sourceMissing, "\(Files.name(of: path)) is a folder.")
        }
        if location.scheme == .sqlite, let pending = Self.size(path + "-wal"), pending > 0 {
            throw SluiceError(.sourceWAL, "\(Files.name(of: path)) has \(pending) bytes in its -wal file.")
        }
        if location.scheme == .sqlite, Files.head(path + "-journal", count: 8) == Self.hotJournal {
            throw SluiceError(
                .sourceWAL, "\(Files.name(of: path)) has a rollback journal of a write that did not end.",
                hint: "Open it once with the program that writes it, or with sqlite3, so that the write is rolled back."
            )
        }
        if let size = Self.size(path), size == 0 {
            throw SluiceError(.sourceEmpty, "\(Files.name(of: path)) has 0 bytes.")
        }
    }

    /// The first bytes of a rollback journal that is in force (SQLite file format, section 3).
    private static let hotJournal: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]

    /// The name that artifacts give the source's table: no folder, no extension.
    var tableName: String {
        if let table = location.table { return table }
        let name = Files.name(of: path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// What the connector is handed: the whole file, or in metadata_only no more than names the columns.
    func streams(mode: Mode) throws(SluiceError) -> [SourceStream] {
        guard mode == .metadataOnly else { return [.file(path)] }
        switch location.scheme {
        case .sqlite: return [.bytes(try schemaOnlyDatabase())]
        case .csv: return [.bytes(try headerRecord())]
        // Where the head of another format ends is not known here.
        case .plugin, .parquet, .postgres: return [.bytes([])]
        }
    }

    /// What the connector is told. Files need nothing: what they are is in their bytes.
    func config(mode: Mode) -> JSON {
        location.scheme != .csv && mode == .metadataOnly ? ["mode": .string(mode.rawValue)] : [:]
    }

    /// Bytes of the source now.
    var size: Int64 { Self.size(path) ?? 0 }

    private static func size(_ path: String) -> Int64? {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : nil
    }

    // MARK: Has it changed?

    /// Cheap to take and to compare: device, inode, size and the time of the last change, which nobody can set back.
    struct Stamp: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let changedNanoseconds: Int64
    }

    func stamp() throws(SluiceError) -> Stamp {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw SluiceError(.sourceMissing, "\(Files.name(of: path)) does not exist any more.")
        }
        return Stamp(
            device: UInt64(information.st_dev), inode: UInt64(information.st_ino), size: Int64(information.st_size),
            changedNanoseconds: Int64(information.st_ctim.tv_sec) * 1_000_000_000 + Int64(information.st_ctim.tv_nsec))
    }

    /// SHA-256 of the source's bytes: its dataset id in data_mode.
    func contentHash(stop: () throws(SluiceError) -> Void) throws(SluiceError) -> SHA256.Digest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SluiceError(
                .sourceMissing, "\(Files.name(of: path)) cannot be opened: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var hasher = SHA256()
        var block = [UInt8](repeating: 0, count: 4 << 20)
        while true {
            let got = Files.retrying { read(descriptor, &block, block.count) }
            guard got >= 0 else {
                throw SluiceError(
                    .sourceUnreadable, "\(Files.name(of: path)) cannot be read: \(String(cString: strerror(errno))).")
            }
            if got == 0 { return hasher.digest() }
            block.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
            try stop()
        }
    }

    // MARK: metadata_only

    /// The file up to the end of its first record and no byte more.
    private func headerRecord() throws(SluiceError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SluiceError(
                .sourceMissing, "\(Files.name(of: path)) cannot be opened: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var reader = HeaderReader { offset in
            var byte: UInt8 = 0
            let got = Files.retrying { pread(descriptor, &byte, 1, off_t(offset)) }
            return got == 1 ? byte : nil
        }
        do throws(HeaderReader.Failure) { return try reader.record() } catch {
            throw SluiceError(
                .sourceUnreadable, "The first record of \(Files.name(of: path)) \(error.reason).",
                hint: "Check the delimiter, the quotes and the line ends of its header.")
        }
    }

    /// A database with the source's tables and no rows, as bytes: what metadata_only hands to the connector.
    ///
    /// The schema's text is the source's and is not trusted: of each entry one CREATE TABLE with columns in brackets is
    /// run, in a database that can attach no other.
    private func schemaOnlyDatabase() throws(SluiceError) -> [UInt8] {
        do throws(DatabaseError) {
            let source = try SQLiteConnection(path: path, access: .readOnly)
            var tables: [(name: String, definition: String)] = []
            try source.run(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                    + "ORDER BY rowid"
            ) { row in
                guard let name = row.text(0), let definition = row.text(1).flatMap(TargetTable.definition(of:)) else {
                    return
                }
                tables.append((name, definition))
            }
            let copy = try SQLiteConnection(path: ":memory:", access: .create)
            copy.forbidAttaching()
            for table in tables {
                try copy.run(
                    "CREATE TABLE \(SQLText.identifier(table.name)) \(table.definition)", operation: "copy the schema")
            }
            return copy.serialized()
        } catch { throw error.asError(.sourceUnreadable) }
    }
}
