// Tests of the format alone: no host, no plugin. Ends with a count, and with status 1 when one failed.
#if canImport(Glibc)
import Glibc
#endif

@main
struct LTSVTests {
    private var passed = 0
    private var failed = 0

    private mutating func expect(_ is: String, _ wanted: String, _ what: String) {
        if `is` == wanted {
            passed += 1
        } else {
            failed += 1
            print("FAILED  \(what)\n  is      \(`is`)\n  wanted  \(wanted)")
        }
    }

    /// The whole source as text: `number@offset` and values, `-` for null, or the reason; at most `most` bytes a read.
    private func dump(_ source: [UInt8], _ most: Int) -> String {
        var reader = LTSVReader<Never> { offset, buffer in
            let from = min(Int(offset), source.count)
            let got = min(source.count - from, most, buffer.count)
            buffer.copyBytes(from: source[from..<(from + got)])
            return got
        }
        var columns: [String]?
        var out = ""
        while let line = reader.next() {
            let known: [String]
            if let columns {
                known = columns
            } else {
                do { known = try LTSV.columns(of: line) } catch { return error.reason }
                columns = known
            }
            let row: String
            do {
                row = try LTSV.values(of: line, columns: known).map { $0.map(String.init) ?? "-" }.joined(
                    separator: "|")
            } catch {
                row = error.rawValue
            }
            out += "\(line.number)@\(line.offset) \(row)\n"
        }
        return out
    }

    /// However the source is cut into reads, the records are the same.
    private mutating func gives(_ source: [UInt8], _ wanted: String, _ what: String) {
        for most in [1, 8, 64, 1 << 20] { expect(dump(source, most), wanted, what) }
    }

    private mutating func all() {
        gives(Array("host:a\tuser:b\nuser:d\thost:c\n".utf8), "1@0 a|b\n2@14 c|d\n", "fields in any order")
        // In Swift "\r\n" is one character, and two bytes.
        gives(Array("a:1\tb:2\r\n\r\n\na:3\n".utf8), "1@0 1|2\n4@12 3|-\n", "blank lines, and a missing field")
        gives(Array("a:\tb:x:y".utf8), "1@0 |x:y\n", "an empty value is no null, a colon may be in a value")
        gives(
            Array("a:1\nb:2\na:1\ta:2\nplain\n:x\na:4\t\n".utf8),
            "1@0 1\n2@4 RAGGED_ROW\n3@8 RAGGED_ROW\n4@16 RAGGED_ROW\n5@22 RAGGED_ROW\n6@25 RAGGED_ROW\n",
            "what does not fit the columns")
        gives(
            Array("a:1\na:".utf8) + [0xff, 10] + Array("a:3\n".utf8), "1@0 1\n2@4 INVALID_ENCODING\n3@8 3\n",
            "not UTF-8")
        gives([], "", "an empty source has no records")
        gives(Array("id,name\n".utf8), "a field of its first record is not label:value", "another format")
        gives(Array("a:1\ta:2\n".utf8), "its first record has a label twice", "a label twice")
        gives(
            Array("sluice.line:1\n".utf8),
            "a label is a reserved name (sluice.line, sluice.byte_offset, sluice.reject)", "a reserved name")
        let long = Array("a:1\na:".utf8) + [UInt8](repeating: 120, count: LTSV.longestLine + 100)
        expect(
            dump(long + Array("\na:3\n".utf8), 1 << 20), "1@0 1\n2@4 CELL_TOO_LARGE\n3@\(long.count + 1) 3\n",
            "a line above 1 MiB is rejected, and the next one read")
    }

    static func main() {
        var tests = LTSVTests()
        tests.all()
        print("\(tests.passed) passed, \(tests.failed) failed")
        exit(tests.failed > 0 ? 1 : 0)
    }
}
