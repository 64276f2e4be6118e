internal import Contracts
public import Detection
internal import Foundations
internal import Policy

/// What is looked at of a column.
public struct ColumnSample: Sendable {
    public let header: String
    /// All headers of its table.
    public let table: ColumnTable
    /// Which of them it is, from 0.
    public let place: Int
    /// Different values in the order of their first row, without white space at their ends; empty ones are left out.
    public let values: [CountedValue]
    /// Cells that hold one.
    public let cells: Int
}

/// Labelled columns: is a column personal? The rules are those of the data set's own referee.
///
/// `truth.csv` has File, FieldOffset, BaseType and SemanticType at least; tables are CSV with a header. Columns without
/// a value are left out. Labels that only qualify a number or a boolean, and those of dates but of dates of birth, are
/// none.
struct ColumnEvaluation {
    /// Rows that are read of a table.
    static let rowLimit = 1000
    /// Largest table, in bytes.
    static let tableLimit = 256 << 20

    let folder: String
    let truth: String

    private struct Column {
        let offset: Int
        let label: String
    }

    private static let empty: Set<String> = ["BLANK", "NULL", "BLANKORNULL"]
    private static let qualifiers: Set<String> = [
        "NON_LOCALIZED", "YES_NO", "ONE_ZERO", "TRUE_FALSE", "Y_N", "SIGNED", "GROUPING", "SIGNED,GROUPING",
    ]
    private static let dates: Set<String> = [
        "LocalDate", "LocalDateTime", "LocalTime", "OffsetDateTime", "ZonedDateTime",
    ]
    private static let personal = [
        "NAME.", "EMAIL", "TELEPHONE", "STREET_ADDRESS", "SSN", "PERSON.", "GENDER", "IDENTITY",
    ]

    /// Whether a label of the data set is personal.
    static func isPersonal(_ label: String) -> Bool {
        label != "NAME.SUFFIX" && personal.contains { label.hasPrefix($0) }
    }

    /// The beginning of the data set's labels for a type; nil when it is not personal there.
    static func beginning(of type: EntityType) -> String? {
        switch type {
        case .person: "NAME."
        case .email: "EMAIL"
        case .phone: "TELEPHONE"
        case .streetAddress: "STREET_ADDRESS"
        case .usSSN: "SSN"
        case .gender: "GENDER"
        case .dateOfBirth, .age, .race: "PERSON."
        default:
            switch type.dataClass {
            case .personNationalID, .personDocument, .personHealthID: "IDENTITY"
            default: nil
            }
        }
    }

    /// - Parameter errors: gets the columns that were decided wrongly, by file and place; no value.
    /// - Throws: `eval.data` when the truth or a table cannot be read.
    func run(_ judge: PIIEvaluation.ColumnJudge, errors: ErrorList?) throws(SluiceError) -> PIIReport.Columns {
        let tables = try readTruth()
        let vocabulary = Set(tables.flatMap { $0.columns.map(\.label) })
        var personal = Figures()
        var labels: [String: Figures] = [:]
        var count = 0
        for table in tables {
            for (column, sample) in try samples(table.file, table.columns) {
                let type = judge(sample)
                // A type that no label of the set has counts as none, as for the set's referee.
                let beginning = type.flatMap(Self.beginning)
                let isCalled =
                    beginning.map { start in
                        vocabulary.contains { $0.hasPrefix(start) && Self.isPersonal($0) }
                    } ?? false
                let isLabelled = Self.isPersonal(column.label)
                count += 1
                personal += Figures(
                    labelled: isLabelled ? 1 : 0, found: isCalled ? 1 : 0, matched: isLabelled && isCalled ? 1 : 0)
                if isLabelled || isCalled {
                    labels[column.label, default: Figures()] += Figures(
                        labelled: 1, found: isCalled ? 1 : 0, matched: isLabelled && isCalled ? 1 : 0)
                }
                if isLabelled != isCalled {
                    try errors?.add([
                        "file": .string(table.file), "column": JSON(column.offset), "header": .string(sample.header),
                        "kind": isLabelled ? "missed" : "unmatched", "label": .string(column.label),
                        "found": JSON(type?.rawValue),
                    ])
                }
            }
        }
        return PIIReport.Columns(file: truth, columns: count, personal: personal, labels: labels)
    }

    /// The labelled columns of each table, tables by name.
    private func readTruth() throws(SluiceError) -> [(file: String, columns: [Column])] {
        var reader = DelimitedText(try read(truth))
        let header = reader.next() ?? []
        func place(_ name: String) throws(SluiceError) -> Int {
            guard let place = header.firstIndex(of: name) else {
                throw SluiceError(.evalData, "\(truth) has no column \(name).")
            }
            return place
        }
        let file = try place("File")
        let offset = try place("FieldOffset")
        let base = try place("BaseType")
        let semantic = try place("SemanticType")
        var columns: [String: [Column]] = [:]
        var number = 1
        while let row = reader.next() {
            number += 1
            guard row.count > max(file, offset, base, semantic), let place = Int(row[offset]), place >= 0,
                !row[file].isEmpty, !row[file].split(separator: "/").contains("..")
            else { throw SluiceError(.evalData, "Record \(number) of \(truth) is malformed.") }
            if Self.empty.contains(row[semantic]) { continue }
            let isNone =
                row[semantic] != "PERSON.DATE_OF_BIRTH"
                && (Self.qualifiers.contains(row[semantic]) || Self.dates.contains(row[base]))
            columns[row[file], default: []].append(Column(offset: place, label: isNone ? "" : row[semantic]))
        }
        return columns.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func samples(
        _ file: String, _ columns: [Column]
    ) throws(SluiceError) -> [(column: Column, sample: ColumnSample)] {
        var reader = DelimitedText(try read(file))
        let header = reader.next() ?? []
        guard columns.allSatisfy({ $0.offset < header.count }) else {
            throw SluiceError(.evalData, "\(file) has fewer columns than \(truth) labels.")
        }
        var places: [[[UInt8]: Int]] = Array(repeating: [:], count: columns.count)
        var values: [[(bytes: [UInt8], count: Int)]] = Array(repeating: [], count: columns.count)
        var rows = 0
        while rows < Self.rowLimit, let row = reader.next() {
            rows += 1
            for (place, column) in columns.enumerated() where column.offset < row.count {
                let text = Self.trimmed(row[column.offset])
                if text.isEmpty { continue }
                if let known = places[place][text] {
                    values[place][known].count += 1
                } else {
                    places[place][text] = values[place].count
                    values[place].append((text, 1))
                }
            }
        }
        let table = ColumnTable(headers: header)
        return columns.indices.map { place in
            let sample = ColumnSample(
                header: header[columns[place].offset], table: table, place: columns[place].offset,
                values: values[place].map { CountedValue(bytes: $0.bytes, count: $0.count) },
                cells: values[place].reduce(0) { $0 + $1.count })
            return (columns[place], sample)
        }
    }

    private static func trimmed(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let isSpace = { (byte: UInt8) in byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }) else { return [] }
        let last = bytes.lastIndex { !isSpace($0) } ?? first
        return first == 0 && last == bytes.count - 1 ? bytes : Array(bytes[first...last])
    }

    private func read(_ file: String) throws(SluiceError) -> [UInt8] {
        do throws(Files.Failure) {
            return try Files.read(folder + "/" + file, limit: Self.tableLimit)
        } catch {
            throw SluiceError(.evalData, "\(file) cannot be read: \(error.reason).")
        }
    }
}
