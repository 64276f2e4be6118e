internal import Databases
internal import Foundations
internal import Glibc

/// How the bytes of a source are made, so that nothing large lies beside a plugin.
///
/// `{"file":NAME}`, `{"text":…}`, `{"base64":…}`, `{"sqlite":SQL}`, or `{"parts":[…]}` of texts, of these, and of
/// `{"repeat":TEXT,"times":N}`.
struct Recipe: Sendable {
    enum Part: Sendable {
        case bytes([UInt8])
        case repeated([UInt8], times: Int)
        /// A file beside the quirks, by its plain name.
        case file(String)
        /// Statements that fill a new database.
        case database(String)
    }

    let parts: [Part]

    /// The most that a source may have.
    static let limit = 1 << 30

    init(parts: [Part]) { self.parts = parts }

    private static let forms = ["file", "text", "base64", "sqlite", "parts"]

    /// Reads one recipe; every mistake goes to the reader's list.
    init(_ reader: JSONReader) {
        let given = Self.forms.filter { reader.keys.contains($0) }
        guard given.count == 1 else {
            reader.mistake(given.last ?? "text", "one of \(Self.forms.joined(separator: ", ")) is expected")
            for form in given { _ = reader.value(form) }
            parts = []
            return
        }
        guard given[0] == "parts" else {
            parts = Self.part(reader).map { [$0] } ?? []
            return
        }
        var parts: [Part] = []
        for (place, element) in (reader.array("parts") ?? []).enumerated() {
            if let text = element.stringValue {
                parts.append(.bytes(Array(text.utf8)))
                continue
            }
            let list = MistakeList()
            let inner = JSONReader(element, pointer: "\(reader.pointer)/parts/\(place)", mistakes: list)
            if let part = Self.part(inner) { parts.append(part) }
            inner.finish()
            for mistake in list.mistakes {
                reader.mistake("parts", "element \(place): \(mistake)")
            }
        }
        let size = parts.reduce(0) { $0 + $1.size }
        if size > Self.limit { reader.mistake("parts", "they are larger than \(Self.limit) bytes together") }
        self.parts = parts
    }

    private static func part(_ reader: JSONReader) -> Part? {
        if reader.keys.contains("repeat") {
            let text = reader.text("repeat")
            let times = reader.int("times", in: 1...Int64(limit))
            guard let text, let times else { return nil }
            return .repeated(Array(text.utf8), times: Int(times))
        }
        if reader.keys.contains("base64") {
            guard let text = reader.string("base64") else { return nil }
            guard let bytes = Base64.decode(text) else {
                reader.mistake("base64", "base64 is expected (RFC 4648)")
                return nil
            }
            return .bytes(bytes)
        }
        if reader.keys.contains("file") {
            guard let name = reader.text("file") else { return nil }
            guard !name.contains("/"), name.first != "." else {
                reader.mistake("file", "a plain file name is expected: it lies beside the quirks")
                return nil
            }
            return .file(name)
        }
        if reader.keys.contains("sqlite") { return reader.text("sqlite").map(Part.database) }
        return reader.string("text").map { .bytes(Array($0.utf8)) }
    }

    /// Makes the bytes.
    ///
    /// - Parameter folder: where files lie.
    /// - Throws: `plugin.quirks` for a file that cannot be read and statements that SQLite refuses.
    func bytes(folder: String?) throws(SluiceError) -> [UInt8] {
        if parts.count == 1, case .bytes(let bytes) = parts[0] { return bytes }
        var out: [UInt8] = []
        for part in parts {
            switch part {
            case .bytes(let bytes): out += bytes
            case .repeated(let unit, let times): Self.append(unit, times: times, to: &out)
            case .file(let name):
                do { out += try Files.read("\(folder ?? ".")/\(name)", limit: Self.limit) } catch {
                    throw SluiceError(.pluginQuirks, "The quirks' file \(name) cannot be read: \(error.reason).")
                }
            case .database(let statements): out += try Self.database(statements)
            }
        }
        return out
    }

    /// By pieces of a megabyte: a byte at a time would take seconds.
    private static func append(_ unit: [UInt8], times: Int, to out: inout [UInt8]) {
        var piece = unit
        while piece.count < 1 << 20, piece.count < unit.count * times { piece += piece }
        let total = unit.count * times
        out.reserveCapacity(out.count + total)
        for _ in 0..<(total / piece.count) { out += piece }
        out += piece.prefix(total % piece.count)
    }

    /// The most that a database may have, and the seconds in which its statements must have filled it.
    static let databaseLimit = 256 << 20
    static let databaseSeconds = 30.0

    /// The bytes of a database that statements filled: it lies in memory, and they can reach no file.
    static func database(
        _ statements: String, limit: Int = databaseLimit, seconds: Double = databaseSeconds
    ) throws(SluiceError) -> [UInt8] {
        do throws(DatabaseError) {
            let connection = try SQLiteConnection(path: ":memory:", access: .create)
            connection.forbidAttaching()
            try connection.confine(bytes: limit, seconds: seconds)
            try connection.execute(statements)
            let bytes = connection.serialized()
            guard bytes.isEmpty else { return bytes }
        } catch {
            throw SluiceError(.pluginQuirks, "SQLite refuses the statements of a source: \(error.message).")
        }
        throw SluiceError(.pluginQuirks, "The statements of a source make no database.")
    }
}

extension Recipe.Part {
    /// Bytes that are known before it is made.
    fileprivate var size: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .repeated(let unit, let times): unit.count * times
        case .file, .database: 0
        }
    }
}

/// RFC 4648, with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let piece = bytes[start..<min(start + 3, bytes.count)]
            let word = piece.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - piece.count))
            for place in 0..<4 {
                out.append(
                    place <= piece.count ? alphabet[Int(word >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// What is in every base64 of a text that holds some bytes: one spelling for each place that they can have in three.
    static func spellings(within bytes: [UInt8]) -> [[UInt8]] {
        (0..<3).map { before in
            let digits = Array(encode([UInt8](repeating: 0, count: before) + bytes).utf8)
            // Digits that hold bits of a neighbour differ from text to text.
            return Array(digits[(before * 8 + 5) / 6..<(before + bytes.count) * 8 / 6])
        }
    }

    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 4) else { return nil }
        var out: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 4) {
            let four = digits[start..<start + 4]
            let padding = four.reversed().prefix { $0 == UInt8(ascii: "=") }.count
            guard padding <= 2, padding == 0 || start + 4 == digits.count else { return nil }
            var word: UInt32 = 0
            for digit in four.prefix(4 - padding) {
                guard let value = alphabet.firstIndex(of: digit) else { return nil }
                word = word << 6 | UInt32(value)
            }
            word <<= UInt32(6 * padding)
            for place in 0..<(3 - padding) { out.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * place))) }
        }
        return out
    }
}
