import CSVCore
import Testing

struct RecordTests {
    @Test func `quoted cells may hold delimiters, quotes and line ends`() throws {
        let found = try rows("a,b\n\"x,1\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\nplain,\n")
        #expect(
            found == [
                Row(cells: ["x,1", "say \"hi\""], line: 2, offset: 4),
                Row(cells: ["two\nlines", ""], line: 3, offset: 23),
                Row(cells: ["plain", nil], line: 5, offset: 38),
            ])
    }

    @Test func `an empty plain cell is null and an empty quoted cell is empty text`() throws {
        #expect(try cells("a,b,c\n,\"\",x\n") == [[nil, "", "x"]])
    }

    @Test func `carriage returns before line feeds belong to no cell, and lines count once`() throws {
        let found = try rows("a,b\r\n1,x\r\n2,\"p\r\nq\"\r\n3,z")
        #expect(
            found == [
                Row(cells: ["1", "x"], line: 2, offset: 5), Row(cells: ["2", "p\r\nq"], line: 3, offset: 10),
                Row(cells: ["3", "z"], line: 5, offset: 20),
            ])
    }

    @Test func `carriage returns alone end records too`() throws {
        let found = try rows("a,b\r1,x\r\r2,y\r")
        #expect(try table("a,b\r1,x\r2,y\r").dialect.lineEnding == .cr)
        #expect(
            found == [Row(cells: ["1", "x"], line: 2, offset: 4), Row(cells: ["2", "y"], line: 4, offset: 9)])
    }

    @Test func `blank lines are no rows, unless the file has one column`() throws {
        #expect(try rows("a,b\n\n1,2\r\n\r\n\n3,4\n\n").map(\.line) == [3, 6])
        #expect(try cells("name\nann\n\nbob\n") == [["ann"], [nil], ["bob"]])
    }

    @Test func `a record with too few or too many cells is a rejected row of nulls`() throws {
        let found = try rows("a,b\n1,2\n1\n1,2,3\n4,5\n")
        #expect(
            found == [
                Row(cells: ["1", "2"], line: 2, offset: 4),
                Row(cells: [nil, nil], line: 3, offset: 8, reject: "RAGGED_ROW"),
                Row(cells: [nil, nil], line: 4, offset: 10, reject: "RAGGED_ROW"),
                Row(cells: ["4", "5"], line: 5, offset: 16),
            ])
    }

    @Test func `a quote that is never closed rejects its record and nothing before it`() throws {
        let found = try rows("a,b\n1,2\n3,\"4\n5,6\n")
        #expect(
            found == [
                Row(cells: ["1", "2"], line: 2, offset: 4),
                Row(cells: [nil, nil], line: 3, offset: 8, reject: "UNCLOSED_QUOTE"),
            ])
    }

    @Test func `quotes inside a plain cell and text behind a closing quote are kept`() throws {
        #expect(try cells("a,b\n5\" pipe,\"x\"y\n", Wish(options: .standard)) == [["5\" pipe", "xy"]])
    }

    @Test func `a byte order mark belongs to no name and counts in the offset`() throws {
        let bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("id,name\n1,é\n".utf8)
        #expect(try table(bytes).columnNames == ["id", "name"])
        #expect(try rows(bytes) == [Row(cells: ["1", "é"], line: 2, offset: 11)])
    }

    @Test func `a cell above the limit rejects its record, held or not, and the next is read`() throws {
        let text =
            "a,b\n1,\(String(repeating: "x", count: 90))\n2,ok\n3,\"\(String(repeating: "y\n", count: 300))\"\n4,ok\n"
        for block in [1, 7, 64, 4096] {
            let limits = CSVLimits(blockBytes: block, cellBytes: 50, recordBytes: 200)
            let found = try rows(text, Wish(options: .standard, limits: limits))
            #expect(found.map(\.reject) == ["CELL_TOO_LARGE", nil, "CELL_TOO_LARGE", nil], "block \(block)")
            #expect(found.map(\.line) == [2, 3, 4, 305], "block \(block)")
            #expect(found[3].cells == ["4", "ok"])
        }
    }

    @Test func `an oversized record whose quote never closes says so`() throws {
        let text = "a,b\n1,\"\(String(repeating: "y\n", count: 300))"
        let limits = CSVLimits(blockBytes: 16, cellBytes: 50, recordBytes: 100)
        #expect(try rows(text, Wish(options: .standard, limits: limits)).map(\.reject) == ["UNCLOSED_QUOTE"])
    }

    @Test func `columns may be wanted in any order, and rows skipped`() throws {
        let text = "a,b,c\n1,2,3\n4,5\n7,8,9\n"
        let found = try rows(text, Wish(columns: ["c", "a"], skipRows: 1))
        #expect(
            found == [
                Row(cells: [nil, nil], line: 3, offset: 12, reject: "RAGGED_ROW"),
                Row(cells: ["9", "7"], line: 4, offset: 16),
            ])
        #expect(failure(text, Wish(columns: ["d"])).hasPrefix("column:"))
        #expect(failure(text, Wish(columns: ["a", "a"])).hasPrefix("column:"))
        #expect(try rows(text, Wish(columns: [])).map(\.line) == [2, 3, 4])
    }

    @Test func `batches end at their row limit and at their byte limit`() throws {
        let bytes = Array("a,b\n1,2\n3,4\n5,6\n".utf8)
        let found = try table(bytes)
        func sizes(batchRows: Int, batchBytes: Int) throws -> [Int] {
            let scanner = CSVScanner(
                found, read: source(bytes), positions: [0, 1], batchRows: batchRows,
                limits: CSVLimits(batchBytes: batchBytes))
            var sizes: [Int] = []
            while let batch = try scanner.next() { sizes.append(batch.rowCount) }
            return sizes
        }
        #expect(try sizes(batchRows: 2, batchBytes: 1000) == [2, 1])
        #expect(try sizes(batchRows: 9, batchBytes: 4) == [1, 1, 1])
    }

    @Test func `the bytes may end right behind the header record`() throws {
        for text in ["id,name", "id,name\n", "id,name\r\n", "\"id\",\"name\""] {
            #expect(try table(text).columnNames == ["id", "name"])
            #expect(try rows(text) == [])
        }
    }
}

extension CSVOptions {
    /// Comma, double quote, header: nothing left to sniff but the line ending.
    static var standard: CSVOptions {
        CSVOptions(delimiter: .some(UInt8(ascii: ",")), quote: .some(UInt8(ascii: "\"")), hasHeader: true)
    }
}
