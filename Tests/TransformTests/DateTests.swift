import Columnar
import Foundations
import Testing

@testable import Transform

/// `date_parse` and `date_format` by their tables (docs/dsl-time.md).
@Suite struct DateTests {
    /// `patterns [key=value …] | text → result`: a date, a timestamp, or a reason. A reader with a time makes a timestamp.
    private static let readings = """
        yyyy-MM-dd | 2024-02-29 → 2024-02-29
        yyyy-MM-dd | 2023-02-29 → NOT_DATE
        yyyy-MM-dd | 1900-02-29 → NOT_DATE
        yyyy-MM-dd | 2000-02-29 → 2000-02-29
        yyyy-MM-dd | 2100-02-29 → NOT_DATE
        yyyy-MM-dd | 0004-02-29 → 0004-02-29
        yyyy-MM-dd | 0001-01-01 → 0001-01-01
        yyyy-MM-dd | 0000-12-31 → NOT_DATE
        yyyy-MM-dd | 9999-12-31 → 9999-12-31
        yyyy-MM-dd | 10000-01-01 → NOT_DATE
        yyyy-MM-dd | 1582-10-10 → 1582-10-10
        yyyy-MM-dd | 2024-04-31 → NOT_DATE
        yyyy-MM-dd | 2024-13-01 → NOT_DATE
        yyyy-MM-dd | 2024-00-10 → NOT_DATE
        yyyy-MM-dd | 2024-01-00 → NOT_DATE
        yyyy-MM-dd | 2024-01-32 → NOT_DATE
        yyyy-MM-dd | 2024-1-01 → NOT_DATE
        yyyy-MM-dd | 2024/01/01 → NOT_DATE
        yyyy-MM-dd | 2024-01-0a → NOT_DATE
        yyyy-MM-dd | 2024-01-0: → NOT_DATE
        yyyy-MM-dd | 2024-01-0/ → NOT_DATE
        yyyy-MM-dd | 2024-01-01x → NOT_DATE
        yyyy-MM-dd | x2024-01-01 → NOT_DATE
        yyyy-MM-dd | +024-01-01 → NOT_DATE
        yyyy-MM-dd | ２024-01-01 → NOT_DATE
        yyyy-MM-dd | now → NOT_DATE
        dd/MM/yyyy | 29/02/2024 → 2024-02-29
        dd/MM/yyyy | 29/02/1900 → NOT_DATE
        dd/MM/yyyy | 03-02-2024 → NOT_DATE
        dd/MM/yyyy | 00/00/0000 → NOT_DATE
        yyyyMMdd | 20240229 → 2024-02-29
        yyyyMMdd | 20230229 → NOT_DATE
        d.M.yyyy | 1.2.2024 → 2024-02-01
        d.M.yyyy | 01.02.2024 → 2024-02-01
        d.M.yyyy | 1.12.2024 → 2024-12-01
        d.M.yyyy | 001.2.2024 → NOT_DATE
        'day 'dd' of 'MM', 'yyyy | day 05 of 06, 2024 → 2024-06-05
        dd''MM''yyyy | 05'06'2024 → 2024-06-05
        yyyy-MM-dd dd/MM/yyyy d.M.yyyy | 03/02/2024 → 2024-02-03
        yyyy-MM-dd dd/MM/yyyy d.M.yyyy | 3.2.2024 → 2024-02-03
        MM/dd/yyyy dd/MM/yyyy | 03/02/2024 → 2024-03-02
        MM/dd/yyyy dd/MM/yyyy | 13/02/2024 → 2024-02-13
        yyMMdd pivot=0 | 000101 → 1900-01-01
        yyMMdd pivot=0 | 991231 → 1999-12-31
        yyMMdd pivot=50 | 491231 → 2049-12-31
        yyMMdd pivot=50 | 500101 → 1950-01-01
        yyMMdd pivot=99 | 981231 → 2098-12-31
        yyMMdd pivot=99 | 990101 → 1999-01-01
        yyMMdd pivot=50 | 000229 → 2000-02-29
        yyMMdd pivot=0 | 000229 → NOT_DATE
        dd.MM.yy pivot=70 | 29.02.72 → 1972-02-29
        d.M.yy pivot=70 | 1.2.69 → 2069-02-01
        yyyy-MM-dd'T'HH:mm:ss | 2024-02-29T23:59:59 → 2024-02-29T23:59:59.000000Z
        yyyy-MM-dd'T'HH:mm:ss | 2024-02-29T24:00:00 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ss | 2024-02-29T23:60:00 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ss | 2016-12-31T23:59:60 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ss | 2024-02-29 23:59:59 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ss.SSS | 1969-12-31T23:59:59.999 → 1969-12-31T23:59:59.999000Z
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00Z → 2024-02-29T12:00:00.000000Z
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00z → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00+05:30 → 2024-02-29T06:30:00.000000Z
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00-00:00 → 2024-02-29T12:00:00.000000Z
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00+18:00 → 2024-02-28T18:00:00.000000Z
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00-18:00 → 2024-03-01T06:00:00.000000Z
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00+18:01 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00+01:60 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00+0100 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00+01:00x → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00Zx → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T12:00:00*01:00 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 0001-01-01T00:00:00+00:01 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX | 9999-12-31T23:59:59-00:01 → NOT_TIMESTAMP
        yyyy-MM-dd'T'HH:mm:ssXXX zone=Europe/Berlin | 2024-03-31T02:30:00+01:00 → 2024-03-31T01:30:00.000000Z
        XXX/HH/dd.MM.yyyy | +01:00/00/01.01.2024 → 2023-12-31T23:00:00.000000Z
        XXX/HH/dd.MM.yyyy | Z/05/01.01.2024 → 2024-01-01T05:00:00.000000Z
        HH'h'd/M/yyyy | 05h1/2/2024 → 2024-02-01T05:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin | 20240701-12 → 2024-07-01T10:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin | 20240101-12 → 2024-01-01T11:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin | 99990701-12 → 9999-07-01T10:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin | 00010101-00 → NOT_TIMESTAMP
        yyyyMMdd-HH zone=America/New_York | 99991231-23 → NOT_TIMESTAMP
        yyyyMMdd-HH zone=Europe/Berlin | 20240331-02 → TIME_GAP
        yyyyMMdd-HH zone=Europe/Berlin gap=earlier | 20240331-02 → 2024-03-31T00:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin gap=later | 20240331-02 → 2024-03-31T01:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin gap=later | 20241027-02 → TIME_OVERLAP
        yyyyMMdd-HH zone=Europe/Berlin overlap=earlier | 20241027-02 → 2024-10-27T00:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin overlap=later | 20241027-02 → 2024-10-27T01:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin overlap=later | 20241027-03 → 2024-10-27T02:00:00.000000Z
        yyyyMMdd-HH zone=Pacific/Apia | 20111230-12 → TIME_GAP
        yyyyMMdd-HH zone=Pacific/Apia gap=later | 20111230-12 → 2011-12-30T22:00:00.000000Z
        yyyyMMdd-HH zone=Pacific/Apia gap=earlier | 20111230-12 → 2011-12-29T22:00:00.000000Z
        yyyyMMdd-HHmm zone=Australia/Lord_Howe | 20241006-0215 → TIME_GAP
        yyyyMMdd-HHmm zone=Australia/Lord_Howe gap=later | 20241006-0215 → 2024-10-05T15:45:00.000000Z
        yyyyMMdd-HHmm zone=Australia/Lord_Howe gap=earlier | 20241006-0215 → 2024-10-05T15:15:00.000000Z
        yyyyMMdd-HHmmss zone=Africa/Monrovia | 19711231-230000 → 1971-12-31T23:44:30.000000Z
        yyyyMMdd zone=America/Sao_Paulo to=timestamp | 20181104 → TIME_GAP
        yyyyMMdd zone=America/Sao_Paulo to=timestamp | 20181105 → 2018-11-05T02:00:00.000000Z
        yyyyMMdd-HH zone=Europe/Berlin yyyyMMdd'x'HH | 20240331-02 → TIME_GAP
        """.split(separator: "\n").map(String.init)

    @Test(arguments: readings)
    func `a text is read as the table says`(line: String) throws {
        let (options, text, expected) = try Self.cut(line)
        let patterns = options.filter { !$0.contains("=") }
        let isTime = patterns.contains { $0.contains("HH") } || options.contains("to=timestamp")
        let value = { (key: String) in options.first { $0.hasPrefix(key + "=") }?.dropFirst(key.utf8.count + 1) }
        let parsing = DateParsing(
            try patterns.map { try DatePattern($0) }, to: isTime ? .timestamp : .date,
            pivot: value("pivot").flatMap { Int($0) }, zone: value("zone").map(String.init) ?? "UTC",
            gap: value("gap").flatMap { DateParsing.FoldRule(rawValue: String($0)) } ?? .error,
            overlap: value("overlap").flatMap { DateParsing.FoldRule(rawValue: String($0)) } ?? .error)
        let reader = try DateReader(parsing)
        var cursor = ZoneCursor()
        // Twice, the second time with what the cursor has kept.
        for _ in 0..<2 {
            var found: Int64 = 0
            let bytes = Array(text.utf8)
            let reason = bytes.withUnsafeBytes { reader.read($0, &cursor, &found) }
            let result =
                reason?.rawValue
                ?? (isTime ? CivilTime.text(microseconds: found) : CivilTime.text(days: Int(found)))
            #expect(result == expected)
        }
    }

    /// The examples of docs/dsl-time.md: `| `text` | `pattern`, pivot 50 | result: why |`.
    @Test func `the examples of the docs are true`() throws {
        let root = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))
        let page = String(decoding: try Files.read("\(root)/docs/dsl-time.md", limit: 1 << 20), as: UTF8.self)
        let examples = page.split(separator: "\n").drop { !$0.hasPrefix("| text | pattern") }.dropFirst(2)
        var count = 0
        for example in examples.prefix(while: { $0.hasPrefix("|") }) {
            let cells = example.split(separator: "|").map { $0.split(separator: "`").map(String.init) }
            let (text, pattern) = (cells[0][1], try DatePattern(cells[1][1]))
            let words = cells[1].last.map { $0.split(separator: " ") } ?? []
            let pivot = words.firstIndex(of: "pivot").flatMap { Int(words[$0 + 1]) }
            let reader = try DateReader(
                DateParsing(
                    [pattern], to: pattern.hasTime ? .timestamp : .date,
                    pivot: pivot))
            var (cursor, value) = (ZoneCursor(), Int64(0))
            let reason = Array(text.utf8).withUnsafeBytes { reader.read($0, &cursor, &value) }
            let made =
                reason?.rawValue
                ?? (pattern.hasTime ? CivilTime.text(microseconds: value) : CivilTime.text(days: Int(value)))
            #expect(cells[2][0].dropFirst().hasPrefix(made), "\(text)")
            count += 1
        }
        #expect(count == 8)
    }

    /// `OPTIONS | TEXT → RESULT`; a pattern with spaces inside quotes is kept whole.
    private static func cut(_ line: String) throws -> (options: [String], text: String, expected: String) {
        let bar = try #require(line.firstRange(of: " | "))
        let arrow = try #require(line.firstRange(of: " → "))
        var options: [String] = [""]
        var isQuoted = false
        for character in line[..<bar.lowerBound] {
            if character == "'" { isQuoted.toggle() }
            if character == " ", !isQuoted { options.append("") } else { options[options.count - 1].append(character) }
        }
        return (options, String(line[bar.upperBound..<arrow.lowerBound]), String(line[arrow.upperBound...]))
    }

    /// `pattern [zone] | value → text or reason`
    private static let writings = """
        yyyy-MM-dd | 2024-02-09 → 2024-02-09
        d.M.yy | 2024-02-09 → 9.2.24
        dd.MM.yyyy | 0001-01-01 → 01.01.0001
        yyyy | 9999-12-31 → 9999
        yy | 2000-01-01 → 00
        'Q'MM''d | 2024-11-30 → Q11'30
        MM/yyyy/MM | 2024-11-30 → 11/2024/11
        HH:mm:ss.SSS | 2024-02-29T01:02:03.004999Z → 01:02:03.004
        yyyy-MM-dd'T'HH:mm:ssXXX | 2024-02-29T01:02:03.000000Z → 2024-02-29T01:02:03Z
        yyyy-MM-dd'T'HH:mm:ssXXX Europe/Berlin | 2024-02-29T01:02:03.000000Z → 2024-02-29T02:02:03+01:00
        yyyy-MM-dd'T'HH:mm:ssXXX Europe/London | 2024-02-29T01:02:03.000000Z → 2024-02-29T01:02:03Z
        yyyy-MM-dd'T'HH:mm:ssXXX America/St_Johns | 2024-02-29T01:02:03.000000Z → 2024-02-28T21:32:03-03:30
        yyyy-MM-dd'T'HH:mm:ssXXX America/New_York | 1969-12-31T23:59:59.999999Z → 1969-12-31T18:59:59-05:00
        HH:mm.SSS | 1969-12-31T23:59:59.999999Z → 23:59.999
        HH:mmXXX Europe/Berlin | 1850-01-01T00:00:00.000000Z → INEXACT
        HH:mm:ss Europe/Berlin | 1850-01-01T00:00:00.000000Z → 00:53:28
        HH:mm:ss Europe/Berlin | 2024-10-27T00:30:00.000000Z → 02:30:00
        HH:mm:ss Europe/Berlin | 2024-10-27T01:30:00.000000Z → 02:30:00
        yyyy Europe/Berlin | 9999-12-31T23:00:00.000000Z → OVERFLOW
        yyyy Europe/Berlin | 9999-12-31T22:59:59.000000Z → 9999
        yyyy America/New_York | 0001-01-01T00:00:00.000000Z → OVERFLOW
        dd.MM. Pacific/Apia | 2011-12-30T09:59:59.000000Z → 29.12.
        dd.MM. Pacific/Apia | 2011-12-30T10:00:00.000000Z → 31.12.
        """.split(separator: "\n").map(String.init)

    @Test(arguments: writings)
    func `a value is written as the table says`(line: String) throws {
        let (options, text, expected) = try Self.cut(line)
        let isTime = text.contains("T")
        let parsing = DateParsing(
            [try DatePattern(isTime ? "yyyy-MM-dd'T'HH:mm:ss.SSS" : "yyyy-MM-dd")], to: isTime ? .timestamp : .date)
        let reader = try DateReader(parsing)
        var cursor = ZoneCursor()
        var value: Int64 = 0
        // Microseconds behind the third digit come separately: no pattern reads them.
        let bytes = Array(text.utf8.prefix(isTime ? 23 : 10))
        #expect(bytes.withUnsafeBytes { reader.read($0, &cursor, &value) } == nil)
        if isTime { value += try #require(Int64(text.dropFirst(23).prefix(3))) }
        let writer = try DateWriter(
            DatePattern(formatting: options[0]), zone: options.count > 1 ? options[1] : "UTC",
            from: isTime ? .timestamp : .date)
        cursor = ZoneCursor()
        let out = UnsafeMutableRawPointer.allocate(byteCount: writer.capacity, alignment: 1)
        defer { out.deallocate() }
        var count = 0
        let reason = writer.write(value, &cursor, out, &count)
        let written = String(decoding: UnsafeRawBufferPointer(start: out, count: count), as: UTF8.self)
        #expect((reason?.rawValue ?? written) == expected)
    }

    @Test func `date_parse and date_format run in plans`() throws {
        try expectTable(
            steps: #"""
                {"op":"trim","in":["a"],"as":"t"},
                {"op":"date_parse","in":["t"],"formats":["yyyy-MM-dd HH:mm","dd.MM.yy"],"pivot":70,"to":"timestamp",
                 "zone":"Europe/Berlin","overlap":"later","empty":"error","as":"i"},
                {"op":"date_format","in":["i"],"format":"yyyy-MM-dd'T'HH:mm:ssXXX","zone":"America/New_York","as":"r"}
                """#,
            #"""
            null → null
            "" → !EMPTY
            " 2024-07-01 12:00 " → "2024-07-01T06:00:00-04:00"
            "2024-03-31 02:30" → !TIME_GAP
            "2024-10-27 02:30" → "2024-10-26T21:30:00-04:00"
            "01.02.69" → "2069-01-31T18:00:00-05:00"
            "01.02.70" → "1970-01-31T18:00:00-05:00"
            "1.2.70" → !NOT_TIMESTAMP
            "1850-01-01 00:00" → !INEXACT
            """#)
        try expectTable(
            .date, steps: #"{"op":"date_format","in":["a"],"format":"d/M/yyyy","as":"r"}"#,
            #"""
            null → null
            0 → "1/1/1970"
            2932896 → "31/12/9999"
            2932897 → !OVERFLOW
            -719162 → "1/1/0001"
            -719163 → !OVERFLOW
            """#)
    }

    @Test(arguments: [Int64.min, Int64.max, 253_402_300_800_000_000, -62_135_596_800_000_001])
    func `a timestamp beyond the calendar is no text`(value: Int64) throws {
        for zone in ["UTC", "Pacific/Apia", "Europe/Berlin"] where zone == "UTC" || value.magnitude > 1 << 62 {
            let writer = try DateWriter(DatePattern(formatting: "yyyy"), zone: zone, from: .timestamp)
            var cursor = ZoneCursor()
            var count = 0
            let out = UnsafeMutableRawPointer.allocate(byteCount: writer.capacity, alignment: 1)
            defer { out.deallocate() }
            #expect(writer.write(value, &cursor, out, &count) == .overflow)
        }
    }

    /// `pattern → reason ; nearest`
    @Test(arguments: [
        "YYYY-MM-dd → \"YYYY\" is no field and not in quotes; Nearest allowed form: yyyy.",
        "yyyy-MM-DD → \"DD\" is no field and not in quotes; Nearest allowed form: dd.",
        "yyyy-MM-ddTHH → \"T\" is no field and not in quotes; Nearest allowed form: 'T' in quotes.",
        "yyyy-MM-dd hh → \"hh\" is no field and not in quotes; Nearest allowed form: HH, hours from 00 to 23.",
        "dd MMM yyyy → \"MMM\" is no field and not in quotes; Names of months and days are not read: MM, M, dd, d and HH are.",
        "yyyy-MM → it needs yyyy (or yy), MM (or M) and dd (or d); For example yyyy-MM-dd.",
        "yyyy yy-MM-dd → it names a field twice; Name yyyy once.",
        "yyyy-MM-M-dd → it names a field twice; Name MM once.",
        "yyyy-MM-dd mm → it has mm without HH, ss without mm, or SSS without ss; Add HH, or leave mm out.",
        "yyyy-MM-ddXXX → it has XXX without HH; Add HH, or leave XXX out.",
        "yyyyMd → a digit follows M or d, whose width is then unknown; Write MM and dd, or a separator behind M and d.",
        "yyyy-MM-d'5' → a digit follows M or d, whose width is then unknown; Write MM and dd, or a separator behind M and d.",
        "yyyy-MM-dd'T → a quote is not closed; Close it; a quote itself is ''.",
        "2yyy → a digit is not in quotes; Write '2'.",
    ])
    func `a pattern that is none is refused with the nearest form`(line: String) throws {
        let arrow = try #require(line.firstRange(of: " → "))
        let mistake = #expect(throws: DatePattern.Mistake.self) { try DatePattern(String(line[..<arrow.lowerBound])) }
        #expect(mistake.map { "\($0.reason); \($0.allowed)" } == String(line[arrow.upperBound...]))
    }

    @Test func `a pattern that writes takes any fields, and at least one`() throws {
        #expect(try DatePattern(formatting: "MMyyyyMM").maximumLength == 8)
        #expect(throws: DatePattern.Mistake.self) { try DatePattern(formatting: "'x'") }
        #expect(throws: DatePattern.Mistake.self) { try DatePattern(formatting: "") }
        #expect(try DatePattern("yyyyMMdd") != DatePattern(formatting: "yyyyMMdd"))
        #expect(
            try DatePattern("'am 'd.M.yyyy").parts == [
                .text("am "), .field(.shortDay), .text("."), .field(.shortMonth), .text("."), .field(.year),
            ])
    }
}
