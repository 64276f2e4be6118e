internal import Columnar
internal import Contracts
internal import Databases
internal import Foundations
internal import Glibc
internal import PluginHost

/// The left-hand side of a run: which connector reads it, what that connector is handed, and whether it has changed.
struct Source {
    let location: DataLocation
    let path: String
    let connector: String
    /// Table to ask the connector for; a file with one table has the name "".
    let table: String

    /// A source that exists and that a connector is known for.
    init(_ location: DataLocation) throws(SluiceError) {
        self.location = location
        path = location.path
        switch location.scheme {
        case .csv: connector = "sluice.connector.csv"
        case .sqlite: connector = "sluice.connector.sqlite"
        case .parquet, .postgres:
            throw SluiceError(
                .locationInvalid, "This version has no connector for \(location.scheme.rawValue): sources.")
        }
        table = location.table ?? ""
        guard Files.exists(path) else { throw SluiceError(.sourceMissing, "\(Files.name(of: path)) does not exist.") }
        guard !Files.isDirectory(path) else {
            throw SluiceError(.sourceMissing, "\(Files.name(of: path)) is a folder.")
        }
        if location.scheme == .sqlite, let pending = Self.size(path + "-wal"), pending > 0 {
            throw SluiceError(.sourceWAL, "\(Files.name(of: path)) has \(pending) bytes in its -wal file.")
        }
        if let size = Self.size(path), size == 0 {
            throw SluiceError(.sourceEmpty, "\(Files.name(of: path)) has 0 bytes.")
        }
    }

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
        default: return [.bytes(try headerRecord())]
        }
    }

    /// What the connector is told. Files need nothing: what they are is in their bytes.
    func config(mode: Mode) -> JSON {
        location.scheme == .sqlite && mode == .metadataOnly ? ["mode": .string(mode.rawValue)] : [:]
    }

    /// Bytes of the source now.
    var size: Int64 { Self.size(path) ?? 0 }

    private static func size(_ path: String) -> Int64? {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : nil
    }

    // MARK: Has it changed?

    /// Cheap to take and to compare: device, inode, size and time of change.
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
            changedNanoseconds: Int64(information.st_mtim.tv_sec) * 1_000_000_000 + Int64(information.st_mtim.tv_nsec))
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

    static let headerLimit = 1 << 20

    /// The file up to the end of its first record and no byte more.
    ///
    /// A line end inside double quotes does not end the record; UTF-16 is told by its byte-order mark.
    func headerRecord() throws(SluiceError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SluiceError(
                .sourceMissing, "\(Files.name(of: path)) cannot be opened: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var header: [UInt8] = []
        var byte: UInt8 = 0
        var scanner = HeaderScanner()
        // Byte by byte through a small buffer of the kernel's: what is behind the record is never in our memory.
        while header.count < Self.headerLimit {
            let got = Files.retrying { read(descriptor, &byte, 1) }
            guard got >= 0 else {
                throw SluiceError(
                    .sourceUnreadable, "\(Files.name(of: path)) cannot be read: \(String(cString: strerror(errno))).")
            }
            if got == 0 { return header }
            header.append(byte)
            if scanner.ends(after: header) { return header }
        }
        throw SluiceError(
            .sourceUnreadable, "The first record of \(Files.name(of: path)) is longer than \(Self.headerLimit) bytes.",
            hint: "Check the delimiter and the quotes of its header.")
    }

    /// A database with the source's tables and no rows, as bytes: what metadata_only hands to the connector.
    private func schemaOnlyDatabase() throws(SluiceError) -> [UInt8] {
        do throws(DatabaseError) {
            let source = try SQLiteConnection(path: path, access: .readOnly)
            var statements: [String] = []
            try source.run(
                "SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                    + "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
            ) { if let sql = $0.text(0) { statements.append(sql) } }
            let copy = try SQLiteConnection(path: ":memory:", access: .create)
            for statement in statements { try copy.execute(statement) }
            return copy.serialized()
        } catch { throw error.asError(.sourceUnreadable) }
    }
}

/// Finds the end of the first record of a delimited file, byte by byte.
private struct HeaderScanner {
    private var inQuotes = false
    private var isWide = false
    private var isLittle = false

    mutating func ends(after bytes: [UInt8]) -> Bool {
        if bytes.count == 2, (bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF) {
            isWide = true
            isLittle = bytes[0] == 0xFF
            return false
        }
        let unit: UInt8
        if isWide {
            guard bytes.count % 2 == 0, let last = bytes.last else { return false }
            let before = bytes[bytes.count - 2]
            guard (isLittle ? last : before) == 0 else { return false }
            unit = isLittle ? before : last
        } else {
            guard let last = bytes.last else { return false }
            unit = last
        }
        if unit == UInt8(ascii: "\"") { inQuotes.toggle() }
        return !inQuotes && unit == UInt8(ascii: "\n")
    }
}
