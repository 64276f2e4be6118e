internal import Columnar

/// The masked columns of one raw batch. Each is made once, however many checks are handed it.
///
/// Not Sendable: it belongs to the thread that masks. It lives as long as its batch is looked at, no longer.
public final class MaskedSheet {
    private struct Made: Hashable {
        enum Form: Hashable {
            /// What the column's exposure lets through.
            case shown
            /// Where there is a value, and nothing else.
            case blanked
            case companion(Masker.Companion)
        }
        let place: Int
        let form: Form
    }

    private let masker: Masker
    private let batch: Batch
    private let exposures: [Exposure]
    private let ordinals: Column
    private var made: [Made: Column] = [:]

    init(_ masker: Masker, _ batch: Batch, exposures: [Exposure], ordinals: [Int64]?) {
        self.masker = masker
        self.batch = batch
        self.exposures = exposures
        var column = ColumnBuilder(.int64, capacity: batch.rowCount)
        for row in 0..<batch.rowCount { column.append(int64: ordinals?[row] ?? batch.firstOrdinal + Int64(row)) }
        self.ordinals = column.finish()
    }

    /// The masked form of some columns, in the order given, as `c0`, `c1`, … with their companions.
    ///
    /// - Parameters:
    ///   - places: of the columns in the raw batch; all of them when nil.
    ///   - withText: false hands over only where there is a value, also of open columns.
    public func masked(
        _ places: [Int]? = nil, companions: Set<Masker.Companion>, withText: Bool
    ) -> MaskedBatch {
        var fields = [Field("sluice.ordinal", .int64, nullable: false)]
        var columns = [ordinals]
        for (number, place) in (places ?? Array(batch.columns.indices)).enumerated() {
            let name = "c\(number)"
            let isTyped = withText && exposures[place].isOpen
            fields.append(Field(name, isTyped ? batch.columns[place].type : .text))
            columns.append(column(place, withText ? .shown : .blanked))
            for companion in Masker.Companion.allCases where companions.contains(companion) {
                fields.append(Field("\(name).\(companion.rawValue)", companion.type))
                columns.append(column(place, .companion(companion)))
            }
        }
        return MaskedBatch(
            masked: Batch(
                schema: Schema(fields), columns: columns, rowCount: batch.rowCount, firstOrdinal: batch.firstOrdinal))
    }

    private func column(_ place: Int, _ form: Made.Form) -> Column {
        let key = Made(place: place, form: form)
        if let column = made[key] { return column }
        let raw = batch.columns[place]
        let column =
            switch form {
            case .blanked: raw.blanked()
            case .shown: exposures[place].isOpen ? masker.rebuilt(raw) : masker.masked(raw, exposures[place])
            case .companion(let companion): masker.make(companion, of: raw, exposures[place])
            }
        made[key] = column
        return column
    }
}
