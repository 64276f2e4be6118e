internal import Columnar
internal import Foundations

/// What a check asked for before it saw a row: the whole vocabulary of its verdicts.
public struct CheckDeclaration: Sendable, Equatable {
    /// Companions of masked columns; a subset of those that its manifest names.
    public let companions: [String]
    /// Upper-case words, for example `DUPLICATE_KEY`.
    public let reasonCodes: [String]
    /// Lower-case words, for example `dup_key_rate`.
    public let metrics: [String]
    /// Whether it reads masked text; else it learns of a column only where there is a value.
    public let readsText: Bool
    /// Whether it is handed the key's columns alone.
    public let readsKeyAlone: Bool

    private static let maximumWords = 64

    init(_ text: [UInt8], companions allowed: [String]) throws(CheckVerdict.Fault) {
        let object = try StrictObject(
            text, keys: ["companions", "reason_codes", "metrics", "reads", "columns"], required: 3)
        companions = try Self.words(object["companions"], "companions") { allowed.contains($0) }
        reasonCodes = try Self.words(object["reason_codes"], "reason_codes", Self.isReasonCode)
        metrics = try Self.words(object["metrics"], "metrics", Self.isMetric)
        readsText = try Self.choice(object["reads"], "reads", of: "text", "validity")
        readsKeyAlone = try !Self.choice(object["columns"], "columns", of: "all", "key")
    }

    /// True for the first word, which is also what is meant without one.
    private static func choice(
        _ value: JSON?, _ key: String, of first: String, _ second: String
    ) throws(CheckVerdict.Fault) -> Bool {
        guard let value else { return true }
        guard value == .string(first) || value == .string(second) else {
            throw CheckVerdict.Fault(reason: "\(key) is neither \(first) nor \(second)")
        }
        return value == .string(first)
    }

    private static func words(
        _ value: JSON?, _ key: String, _ fits: (String) -> Bool
    ) throws(CheckVerdict.Fault) -> [String] {
        guard let elements = value?.arrayValue, elements.count <= maximumWords else {
            throw CheckVerdict.Fault(reason: "\(key) is not a list of at most \(maximumWords)")
        }
        let words = elements.compactMap(\.stringValue)
        guard words.count == elements.count, Set(words).count == words.count, words.allSatisfy(fits) else {
            throw CheckVerdict.Fault(reason: "\(key) holds something that it may not")
        }
        return words
    }

    static func isReasonCode(_ text: String) -> Bool {
        isWord(text) { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    static func isMetric(_ text: String) -> Bool {
        isWord(text) { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    /// Letters of one case, digits and underscores, at most 64, a letter first.
    private static func isWord(_ text: String, _ isLetter: (UInt8) -> Bool) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }
}

/// What a check found: numbers, declared codes and row ordinals. No text of its own passes.
public struct CheckVerdict: Sendable, Equatable {
    /// One figure of one column, of several together, or of the whole table.
    public struct Finding: Sendable, Equatable {
        /// Column ids, `c0` and so on; empty for the table.
        public let columns: [String]
        /// One of the declared metrics.
        public let metric: String
        /// Finite.
        public let value: Double
        /// Rows, or pairs of rows, that the figure counts; nil when it counts nothing.
        public let count: Int64?
        /// One of the declared codes; nil for a figure without a complaint.
        public let reasonCode: String?
        /// At most 100, ascending, each within the ordinals that were sent.
        public let ordinals: [Int64]
    }

    /// Rows that the check saw; those that were sent.
    public let rows: Int64
    public let findings: [Finding]

    /// Why an answer was refused; it repeats nothing of the answer.
    struct Fault: Error, Equatable {
        let reason: String
    }

    static let maximumOrdinals = 100

    init(_ text: [UInt8], declaration: CheckDeclaration, bounds: VerdictBounds) throws(Fault) {
        guard text.count <= CheckSession.verdictLimit else { throw Fault(reason: "it is larger than 1 MiB") }
        let object = try StrictObject(text, keys: ["rows", "findings"], required: 2)
        guard case .int(let rows)? = object["rows"], rows == bounds.rows else {
            throw Fault(reason: "rows is not the number of rows that were sent, \(bounds.rows)")
        }
        guard let elements = object["findings"]?.arrayValue else { throw Fault(reason: "findings is not a list") }
        var findings: [Finding] = []
        for (place, element) in elements.enumerated() {
            do { findings.append(try Finding(element, declaration: declaration, bounds: bounds)) } catch {
                throw Fault(reason: "finding \(place): \(error.reason)")
            }
        }
        self.rows = rows
        self.findings = findings
    }
}

extension CheckVerdict.Finding {
    init(
        _ element: JSON, declaration: CheckDeclaration, bounds: VerdictBounds
    ) throws(CheckVerdict.Fault) {
        typealias Fault = CheckVerdict.Fault
        let object = try StrictObject(
            element, keys: ["metric", "value", "count", "column", "columns", "reason_code", "ordinals"], required: 2)
        guard let metric = object["metric"]?.stringValue, declaration.metrics.contains(metric) else {
            throw Fault(reason: "its metric was not declared")
        }
        self.metric = metric
        guard let value = object["value"]?.doubleValue, value.isFinite else {
            throw Fault(reason: "its value is no number")
        }
        self.value = value
        switch object["count"] {
        case nil: count = nil
        case .int(let number)? where number >= 0: count = number
        default: throw Fault(reason: "its count is no count")
        }
        columns = try Self.columns(object, bounds)
        switch object["reason_code"] {
        case nil, .null?: reasonCode = nil
        case .string(let code)? where declaration.reasonCodes.contains(code): reasonCode = code
        default: throw Fault(reason: "its reason_code was not declared")
        }
        ordinals = try Self.ordinals(object["ordinals"], bounds)
    }

    private static func columns(
        _ object: StrictObject, _ bounds: VerdictBounds
    ) throws(CheckVerdict.Fault) -> [String] {
        var ids: [String] = []
        switch object["column"] {
        case nil, .null?: break
        case .string(let id)?: ids = [id]
        default: throw CheckVerdict.Fault(reason: "its column is no column id")
        }
        if let several = object["columns"], several != .null {
            guard let elements = several.arrayValue, elements.count <= bounds.columnIDs.count else {
                throw CheckVerdict.Fault(reason: "its columns are no list of column ids")
            }
            let named = elements.compactMap(\.stringValue)
            guard named.count == elements.count, Set(named).count == named.count else {
                throw CheckVerdict.Fault(reason: "its columns are no list of column ids")
            }
            guard ids.isEmpty || named.isEmpty || named.contains(ids[0]) else {
                throw CheckVerdict.Fault(reason: "its column is not among its columns")
            }
            if !named.isEmpty { ids = named }
        }
        guard ids.allSatisfy(bounds.columnIDs.contains) else {
            throw CheckVerdict.Fault(reason: "it names a column that there is not")
        }
        return ids
    }

    private static func ordinals(_ value: JSON?, _ bounds: VerdictBounds) throws(CheckVerdict.Fault) -> [Int64] {
        guard let value, value != .null else { return [] }
        guard let elements = value.arrayValue, elements.count <= CheckVerdict.maximumOrdinals else {
            throw CheckVerdict.Fault(reason: "its ordinals are no list of at most \(CheckVerdict.maximumOrdinals)")
        }
        var ordinals: [Int64] = []
        for element in elements {
            guard case .int(let ordinal) = element, bounds.contains(ordinal) else {
                throw CheckVerdict.Fault(reason: "an ordinal is not that of a row that was sent")
            }
            guard ordinals.last.map({ $0 < ordinal }) ?? true else {
                throw CheckVerdict.Fault(reason: "its ordinals do not ascend")
            }
            ordinals.append(ordinal)
        }
        return ordinals
    }
}

/// What a verdict may refer to: the columns and rows that were handed over.
struct VerdictBounds: Sendable {
    let columnIDs: Set<String>
    private let fields: [Field]
    private(set) var rows: Int64 = 0
    private var least = Int64.max
    private var greatest = Int64.min

    init(schema: Schema) {
        fields = schema.fields
        columnIDs = Set(schema.fields.map(\.name).filter(Self.isColumnID))
    }

    /// `c` and digits: a masked column, not a companion.
    private static func isColumnID(_ name: String) -> Bool {
        name.utf8.first == UInt8(ascii: "c") && name.utf8.count > 1
            && name.utf8.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Whether a batch has the columns announced: names and types in order.
    func matches(_ schema: Schema) -> Bool {
        schema.fields.count == fields.count
            && zip(schema.fields, fields).allSatisfy { $0.name == $1.name && $0.type == $1.type }
    }

    mutating func note(_ batch: Batch) {
        rows += Int64(batch.rowCount)
        guard let ordinals = batch.columns.first else { return }
        let (low, high) = ordinals.withView { view in
            var low = Int64.max
            var high = Int64.min
            for row in 0..<view.count where view.isValid(row) {
                let ordinal = view.int64(row)
                low = min(low, ordinal)
                high = max(high, ordinal)
            }
            return (low, high)
        }
        least = min(least, low)
        greatest = max(greatest, high)
    }

    /// The rows that another check saw; false for one that was told of other columns.
    mutating func add(_ other: VerdictBounds) -> Bool {
        guard other.matches(Schema(fields)) else { return false }
        rows += other.rows
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
        return true
    }

    func contains(_ ordinal: Int64) -> Bool { rows > 0 && ordinal >= least && ordinal <= greatest }
}

/// An object whose keys are all known; the first so many of them must be there.
struct StrictObject {
    private let members: [String: JSON]

    init(_ text: [UInt8], keys: [String], required: Int) throws(CheckVerdict.Fault) {
        guard let value = try? JSONParser.parseBytes(text) else { throw CheckVerdict.Fault(reason: "it is not JSON") }
        try self.init(value, keys: keys, required: required)
    }

    init(_ value: JSON, keys: [String], required: Int) throws(CheckVerdict.Fault) {
        guard let members = value.objectValue else { throw CheckVerdict.Fault(reason: "it is not an object") }
        guard members.keys.allSatisfy(keys.contains) else { throw CheckVerdict.Fault(reason: "it has an unknown key") }
        for key in keys.prefix(required) where members[key] == nil {
            throw CheckVerdict.Fault(reason: "\(key) is missing")
        }
        self.members = members
    }

    subscript(key: String) -> JSON? { members[key] }
}
