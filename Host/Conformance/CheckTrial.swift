internal import Columnar
internal import Detection
internal import Foundations
internal import PluginHost
internal import Policy

/// A table as a check is handed it: columns of a run that were masked, or may be open.
struct TrialTable {
    struct Column {
        var column: Columnar.Column
        let exposure: Exposure
        var isKey = false
        var isNullable = true
    }

    var columns: [Column]
    let rowCount: Int

    var batch: Batch {
        Batch(
            schema: Schema(columns.indices.map { Field("column\($0)", columns[$0].column.type) }),
            columns: columns.map(\.column), rowCount: rowCount)
    }

    private static let masked = Exposure.masked(reason: "conformance")
    private static let open = Exposure.open(reason: "conformance")

    /// Rows with nulls, with keys that stand there twice, and with numbers of every size.
    ///
    /// - Parameters:
    ///   - words: of the column of listed codes, which pass the masker as they are.
    ///   - nullRate: of a hundred rows of every nullable column.
    static func make(
        rows: Int, _ seeded: inout Seeded, words: [String] = ["red", "green", "blue"], nullRate: Int = 20
    ) -> TrialTable {
        var key = ColumnBuilder(.text, capacity: rows)
        var code = ColumnBuilder(.text, capacity: rows)
        var number = ColumnBuilder(.int64, capacity: rows)
        var measure = ColumnBuilder(.float64, capacity: rows)
        var flag = ColumnBuilder(.bool, capacity: rows)
        var text = ColumnBuilder(.text, capacity: rows)
        var mail = ColumnBuilder(.text, capacity: rows)
        for row in 0..<rows {
            // About every tenth key is one that an earlier row had.
            let name = row > 0 && seeded.below(10) == 0 ? seeded.below(row) : row
            key.append(text: "key\(name)")
            func isNull() -> Bool { seeded.below(100) < nullRate }
            if isNull() { code.appendNull() } else { code.append(text: words[seeded.below(words.count)]) }
            if isNull() { number.appendNull() } else { number.append(int64: Int64(seeded.below(2000)) - 1000) }
            if isNull() { measure.appendNull() } else { measure.append(float64: Double(seeded.below(4000)) / 4) }
            if isNull() { flag.appendNull() } else { flag.append(bool: seeded.below(2) == 0) }
            if isNull() {
                text.appendNull()
            } else {
                text.append(text: String(repeating: "é", count: seeded.below(4)) + seeded.word(seeded.below(12)))
            }
            // Some of them are right, and some are like others.
            let host = seeded.below(3) == 0 ? "" : "@example.com"
            if isNull() { mail.appendNull() } else { mail.append(text: "\(seeded.word(3)).mail\(host)") }
        }
        return TrialTable(
            columns: [
                Column(column: key.finish(), exposure: masked, isKey: true, isNullable: false),
                Column(column: code.finish(), exposure: .codes(Set(words), reason: "conformance")),
                Column(column: number.finish(), exposure: open), Column(column: measure.finish(), exposure: open),
                Column(column: flag.finish(), exposure: open), Column(column: text.finish(), exposure: masked),
                Column(column: mail.finish(), exposure: .masked(reason: "conformance", type: .email)),
            ], rowCount: rows)
    }

    /// The same columns with no value in them; the key may then have none either.
    func emptied() -> TrialTable {
        TrialTable(
            columns: columns.map { column in
                var builder = ColumnBuilder(column.column.type, capacity: rowCount)
                for _ in 0..<rowCount { builder.appendNull() }
                return Column(column: builder.finish(), exposure: column.exposure, isKey: column.isKey)
            }, rowCount: rowCount)
    }

    /// Many columns of a few rows in which everything is wrong: one key, and hardly a value.
    static func wide(columns: Int, rows: Int) -> TrialTable {
        TrialTable(
            columns: (0..<columns).map { place in
                var builder = ColumnBuilder(.text, capacity: rows)
                for row in 0..<rows {
                    if place == 0 || row.isMultiple(of: 7) {
                        builder.append(text: "same")
                    } else {
                        builder.appendNull()
                    }
                }
                return Column(
                    column: builder.finish(), exposure: masked, isKey: place == 0, isNullable: place != 0)
            }, rowCount: rows)
    }
}

/// A check plugin at work, for the checks of the suite.
final class CheckTrial {
    let subject: Subject
    let session: CheckSession
    private let masker = Masker(masterKey: [UInt8](repeating: 0x5A, count: 32), dataset: "conformance")
    private let permit: Permit

    init(_ subject: Subject) throws(SluiceError) {
        self.subject = subject
        permit = try SuitePolicy().permit(.callCheck)
        let log = Lines()
        session = try CheckSession(
            subject.plugin, config: subject.quirks.config, settings: subject.settings, permit: permit,
            onLog: { log.texts.append($0.message) })
        self.log = log
    }

    /// What it logged so far.
    var logged: [String] { log.texts }
    private let log: Lines

    private final class Lines { var texts: [String] = [] }

    /// The rows at some places as the check is handed them.
    func masked(_ table: TrialTable, rows: Range<Int>) -> MaskedBatch {
        let declaration = session.declaration
        let places = table.columns.indices.filter { !declaration.readsKeyAlone || table.columns[$0].isKey }
        let batch = table.batch.select(Array(places)).gather(Array(rows))
        return masker.mask(
            batch, exposures: places.map { table.columns[$0].exposure },
            companions: Set(declaration.companions.compactMap(Masker.Companion.init(rawValue:))),
            withText: declaration.readsText, ordinals: rows.map { Int64($0) }, permit: permit)
    }

    func begin(_ table: TrialTable) throws(SluiceError) {
        let places = table.columns.indices.filter { !session.declaration.readsKeyAlone || table.columns[$0].isKey }
        let params: JSON = [
            "columns": .array(
                places.enumerated().map { number, place in
                    [
                        "id": .string("c\(number)"), "nullable": .bool(table.columns[place].isNullable),
                        "key": .bool(table.columns[place].isKey),
                    ]
                }), "thresholds": ["null_rate_max": 0.05, "dup_key_rate_max": 0],
        ]
        try session.begin(schema: masked(table, rows: 0..<0).batch.schema, params: params)
    }

    /// The verdict over a table that is handed over in pieces.
    func verdict(_ table: TrialTable, pieces: [Range<Int>]) throws(SluiceError) -> CheckVerdict {
        try begin(table)
        for piece in pieces { try session.update(masked(table, rows: piece)) }
        return try session.finish()
    }

    /// What differs between two verdicts in words that repeat no figure; nil when nothing does.
    ///
    /// The order of findings does not matter; numbers may differ in the last digits, as sums in another order do.
    static func difference(_ a: CheckVerdict, _ b: CheckVerdict) -> String? {
        if a.rows != b.rows { return "they count other rows" }
        if a.findings.count != b.findings.count {
            return "they have \(a.findings.count) and \(b.findings.count) findings"
        }
        for (x, y) in zip(a.findings.sorted(by: precedes), b.findings.sorted(by: precedes)) {
            let name = "\(x.metric) of \(x.columns.isEmpty ? "the table" : x.columns.joined(separator: ", "))"
            if x.metric != y.metric || x.columns != y.columns { return "one has \(name), the other has not" }
            if abs(x.value - y.value) > 1e-9 * max(1, abs(x.value), abs(y.value)) { return "\(name) has two values" }
            if x.count != y.count { return "\(name) has two counts" }
            if x.reasonCode != y.reasonCode { return "\(name) has two reason codes" }
            if x.ordinals != y.ordinals { return "\(name) names other rows" }
        }
        return nil
    }

    private static func precedes(_ a: CheckVerdict.Finding, _ b: CheckVerdict.Finding) -> Bool {
        (a.metric, a.columns.joined(separator: ","), a.reasonCode ?? "") < (
            b.metric, b.columns.joined(separator: ","), b.reasonCode ?? ""
        )
    }
}
