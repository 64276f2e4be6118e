import Columnar
import Testing

/// Columns of text that are written block by block.
@Suite("A column writer") struct ColumnWriterTests {
    @Test func `refuses texts that its offsets cannot hold before it writes one`() {
        // Every cell is the same mebibyte: 3 GB of text out of one.
        let text = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 20)
        text.initialize(repeating: 0x61, count: 1 << 20)
        defer { text.deallocate() }
        let cells = Array(repeating: Columnar.Cell(UnsafePointer(text), 1 << 20), count: 3000)
        var writer = ColumnWriter(.text, rows: 3000, valueBytes: 0)
        let many = cells.withUnsafeBufferPointer { $0.baseAddress.map { writer.append($0, count: 3000) } }
        #expect(many == false)
        let one = cells.withUnsafeBufferPointer { $0.baseAddress.map { writer.append($0, count: 1) } }
        #expect(one == true)
        let column = writer.finish()
        #expect(column.count == 1 && column.values.count == 1 << 20)
    }
}
