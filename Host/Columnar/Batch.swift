/// Rows of one schema, column by column. Immutable, and cheap to pass on.
public struct Batch: Sendable {
    public let schema: Schema
    public let columns: [Column]
    public let rowCount: Int
    /// The ordinal of the first row in its snapshot.
    public let firstOrdinal: Int64

    /// Columns must match the schema in number and type and have one length.
    public init(schema: Schema, columns: [Column], rowCount: Int, firstOrdinal: Int64 = 0) {
        precondition(columns.count == schema.fields.count, "a batch has one column a field")
        for (column, field) in zip(columns, schema.fields) {
            precondition(column.type == field.type && column.count == rowCount, "column and field differ")
        }
        self.schema = schema
        self.columns = columns
        self.rowCount = rowCount
        self.firstOrdinal = firstOrdinal
    }

    public func column(_ name: String) -> Column? { schema.index(of: name).map { columns[$0] } }

    public func with(firstOrdinal: Int64) -> Batch {
        Batch(schema: schema, columns: columns, rowCount: rowCount, firstOrdinal: firstOrdinal)
    }

    /// The columns at the places named, in that order.
    public func select(_ places: [Int]) -> Batch {
        Batch(
            schema: Schema(places.map { schema.fields[$0] }), columns: places.map { columns[$0] }, rowCount: rowCount,
            firstOrdinal: firstOrdinal)
    }

    /// The rows named, in the order named. Ordinals are no longer consecutive: keep them beside it if they matter.
    public func gather(_ rows: [Int]) -> Batch {
        Batch(
            schema: schema, columns: columns.map { $0.gather(rows) }, rowCount: rows.count, firstOrdinal: firstOrdinal)
    }

    /// Bytes that the buffers take.
    public var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }

    /// One batch of the rows of several batches of one schema.
    public static func concatenate(_ batches: [Batch], schema: Schema) -> Batch {
        let rows = batches.reduce(0) { $0 + $1.rowCount }
        let columns = schema.fields.indices.map { place in
            var builder = ColumnBuilder(schema.fields[place].type, capacity: rows)
            for batch in batches {
                batch.columns[place].withView { view in
                    for row in 0..<view.count { builder.append(view, row: row) }
                }
            }
            return builder.finish()
        }
        return Batch(
            schema: schema, columns: columns, rowCount: rows, firstOrdinal: batches.first?.firstOrdinal ?? 0)
    }
}
