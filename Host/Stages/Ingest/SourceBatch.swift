internal import Columnar
internal import Foundations
internal import PluginHost

/// A batch as a connector emitted it, with the reserved columns taken apart.
struct SourceBatch {
    /// The source's own columns; every row is here, a rejected one as nulls.
    let batch: Batch
    /// Why a row could not be read, by its place in the batch.
    let rejected: [Int: String]
    private let lines: Column?
    private let offsets: Column?

    init(_ emitted: Batch) {
        let own = emitted.schema.fields.indices.filter {
            !ConnectorSession.reservedNames.contains(emitted.schema.fields[$0].name)
        }
        batch = emitted.select(own)
        lines = emitted.column("sluice.line")
        offsets = emitted.column("sluice.byte_offset")
        var rejected: [Int: String] = [:]
        if let column = emitted.column("sluice.reject"), column.nullCount < column.count {
            column.withView { view in
                for row in 0..<view.count where view.isValid(row) {
                    rejected[row] = Self.reason(view.text(row) ?? "")
                }
            }
        }
        self.rejected = rejected
    }

    var firstOrdinal: Int64 { batch.firstOrdinal }
    var rowCount: Int { batch.rowCount }

    /// Rows that could be read.
    var readable: [Int] { rejected.isEmpty ? Array(0..<rowCount) : (0..<rowCount).filter { rejected[$0] == nil } }

    /// Line (from 1) and byte offset of a row's first byte, when the source is a file of lines.
    func place(of row: Int) -> (line: Int64, offset: Int64)? {
        guard let lines, let offsets else { return nil }
        return lines.withView { line in
            offsets.withView { offset in
                line.isValid(row) && offset.isValid(row) ? (line.int64(row), offset.int64(row)) : nil
            }
        }
    }

    /// A connector's words are not shown: only the codes that the ABI names are kept.
    private static func reason(_ text: String) -> String {
        ["RAGGED_ROW", "INVALID_ENCODING", "UNCLOSED_QUOTE", "CELL_TOO_LARGE"].contains(text) ? text : "UNREADABLE"
    }
}
