import CSVCore
import Testing

private func utf16(_ text: String, bigEndian: Bool, mark: Bool) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit -> [UInt8] in
        let low = UInt8(truncatingIfNeeded: unit)
        let high = UInt8(unit >> 8)
        return bigEndian ? [high, low] : [low, high]
    }
}

struct EncodingTests {
    @Test(arguments: [false, true], [false, true])
    func `UTF-16 is read with and without a mark, and offsets count its own bytes`(bigEndian: Bool, mark: Bool) throws {
        let bytes = utf16("id,name\n1,Zoë 😀\n2,x\n", bigEndian: bigEndian, mark: mark)
        let first: Int64 = mark ? 2 : 0
        #expect(try table(bytes).encoding == (bigEndian ? .utf16BigEndian : .utf16LittleEndian))
        for block in [1, 2, 3, 5, 1024] {
            let found = try rows(bytes, Wish(limits: CSVLimits(blockBytes: block)))
            #expect(
                found == [
                    Row(cells: ["1", "Zoë 😀"], line: 2, offset: first + 16),
                    Row(cells: ["2", "x"], line: 3, offset: first + 34),
                ])
        }
    }

    @Test func `a lone surrogate rejects its record`() throws {
        var bytes = utf16("id,name\n1,a\n2,b\n", bigEndian: false, mark: true)
        bytes[2 + 2 * 10] = 0x00
        bytes[2 + 2 * 10 + 1] = 0xD8
        let found = try rows(bytes)
        #expect(found.map(\.reject) == ["INVALID_ENCODING", nil])
        #expect(found.map(\.offset) == [18, 26])
    }

    @Test func `Windows-1252 is what plausible text is that is no UTF-8`() throws {
        let bytes = Array("id,name\n1,caf".utf8) + [0xE9, 0x80] + Array("\n2,M".utf8) + [0xFC] + Array("ller\n".utf8)
        #expect(try table(bytes).encoding == .windows1252)
        #expect(
            try rows(bytes) == [
                Row(cells: ["1", "café€"], line: 2, offset: 8), Row(cells: ["2", "Müller"], line: 3, offset: 16),
            ])
    }

    @Test func `ill-formed bytes among well-formed UTF-8 reject their record alone`() throws {
        let bytes = Array("id,name\n1,é\n2,".utf8) + [0xFF] + Array("\n3,ü\n".utf8)
        let found = try rows(bytes)
        #expect(found.map(\.reject) == [nil, "INVALID_ENCODING", nil])
        #expect(found.map(\.cells) == [["1", "é"], [nil, nil], ["3", "ü"]])
    }

    @Test func `ill-formed bytes behind the sample reject their record`() throws {
        let filler = String(repeating: "1,plain text\n", count: 100_000)
        let bytes = Array(("id,name\n" + filler).utf8) + Array("2,".utf8) + [0xE9] + Array("\n3,x\n".utf8)
        let found = try rows(bytes)
        #expect(found.count == 100_002)
        #expect(found.filter { $0.reject != nil }.map(\.line) == [100_002])
        #expect(found.last?.cells == ["3", "x"])
    }

    @Test func `a character cut by the end of the sample is no reason against UTF-8`() throws {
        let head = Array("id,name\n".utf8)
        let row = Array("1,ééé\n".utf8)
        for shift in 0..<row.count {
            var bytes = head + Array(repeating: UInt8(ascii: "x"), count: shift) + Array(",y\n".utf8)
            while bytes.count < (1 << 20) + 64 { bytes += row }
            #expect(try table(bytes).encoding == .utf8)
        }
    }

    @Test func `a configured encoding is not doubted`() throws {
        let bytes = Array("id,name\n1,".utf8) + [0xE9, 0x80] + Array("\n".utf8)
        #expect(try rows(bytes, Wish(options: CSVOptions(encoding: .latin1)))[0].cells == ["1", "é\u{80}"])
        #expect(try rows(bytes, Wish(options: CSVOptions(encoding: .utf8)))[0].reject == "INVALID_ENCODING")
    }

    @Test func `binary data is refused`() {
        #expect(failure([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]).hasPrefix("binary:"))
        #expect(failure(Array("a,b\n1,2\n".utf8) + [0] + Array("3,4\n".utf8)).hasPrefix("binary:"))
        let noisy = (0..<1000).map { index in index % 10 == 0 ? UInt8(1) : UInt8(ascii: "x") }
        #expect(failure(noisy).hasPrefix("binary:"))
        #expect(failure([0xEF, 0xBB, 0xBF, 0x41, 0x00, 0x42]).hasPrefix("binary:"))
    }

    @Test func `a source without a record is empty`() {
        for text in ["", " ", "\n\n", "\r\n\t \r\n", "\u{FEFF}", "\u{FEFF}\n"] {
            #expect(failure(text).hasPrefix("empty:"), "\(text.debugDescription)")
        }
        #expect(failure([0xFF, 0xFE, 0x20, 0x00, 0x0A, 0x00]).hasPrefix("empty:"))
    }

    @Test func `bytes of some other encoding are refused with advice`() {
        let bytes = Array("id,name\n".utf8) + [0x31, 0x2C, 0x83, 0x81, 0x83, 0x8D, 0x90, 0xE9, 0x0A]
        #expect(failure(bytes).hasPrefix("encoding:"))
    }
}
