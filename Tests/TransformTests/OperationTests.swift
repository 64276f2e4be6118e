import Columnar
import Foundations
import Testing

@testable import Transform

@Suite struct OperationTests {
    @Test func `trim takes the 25 white-space scalars from both ends and nothing else`() throws {
        try expectTable(
            steps: #"{"op":"trim","in":["a"],"as":"r"}"#,
            #"""
            null → null
            "" → ""
            "abc" → "abc"
            "  a b  " → "a b"
            "\t\n\u000b\f\ra\r\n" → "a"
            "\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000x\u3000\u0085" → "x"
            "   " → ""
            "\u200ba\ufeff" → "​a﻿"
            "é " → "é"
            """#)
    }

    @Test func `collapse_whitespace makes one space of a run and leaves the ends to trim`() throws {
        try expectTable(
            steps: #"{"op":"collapse_whitespace","in":["a"],"as":"r"}"#,
            #"""
            null → null
            "a b" → "a b"
            "a  b" → "a b"
            "  many\t\tand\u2003tabs \n" → " many and tabs "
            "a\tb" → "a b"
            "\u00a0" → " "
            "naïve  café" → "naïve café"
            """#)
    }

    @Test func `case maps one scalar to one scalar`() throws {
        try expectTable(
            steps: #"{"op":"case","in":["a"],"to":"upper","as":"r"}"#,
            #"""
            null → null
            "Straße, 12 {`}~" → "STRAßE, 12 {`}~"
            "long enough for words of eight bytes" → "LONG ENOUGH FOR WORDS OF EIGHT BYTES"
            "ŉ ﬁ ǆ ÿ ı" → "ŉ ﬁ Ǆ Ÿ I"
            "𐐨 αβγς" → "𐐀 ΑΒΓΣ"
            """#)
        try expectTable(
            steps: #"{"op":"case","in":["a"],"to":"lower","as":"r"}"#,
            #"""
            "İSTANBUL ẞ [@Z]" → "istanbul ß [@z]"
            "ΟΔΟΣ ΣΑΣ" → "οδοσ σασ"
            "K" → "k"
            "ABCDEFGHIJKLMNOPQRSTUVWXYZÀ" → "abcdefghijklmnopqrstuvwxyzà"
            """#)
    }

    @Test func `text becomes int64 through its guard`() throws {
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"int64","as":"r"}"#,
            #"""
            null → null
            "" → null
            "0" → 0
            "-0" → 0
            "+5" → 5
            "007" → 7
            "12.000" → 12
            "9223372036854775807" → 9223372036854775807
            "9223372036854775808" → !OVERFLOW
            "-9223372036854775808" → -9223372036854775808
            "-9223372036854775809" → !OVERFLOW
            "9999999999999999999" → !OVERFLOW
            "00000000000000000001" → !NOT_INTEGER
            " 12" → !NOT_INTEGER
            "12 " → !NOT_INTEGER
            "12." → !NOT_INTEGER
            "12.5" → !NOT_INTEGER
            "1e3" → !NOT_INTEGER
            "+" → !NOT_INTEGER
            "1_000" → !NOT_INTEGER
            "٤" → !NOT_INTEGER
            """#)
    }

    @Test func `text becomes float64 through its guard`() throws {
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"float64","empty":"error","as":"r"}"#,
            #"""
            null → null
            "" → !EMPTY
            "1" → 1.0
            "-1.25" → -1.25
            "1e3" → 1000.0
            "1.5E-3" → 0.0015
            "0.30000000000000004" → 0.30000000000000004
            "123456789012345678901234567890" → 1.2345678901234568e+29
            "2.2250738585072014e-308" → 2.2250738585072014e-308
            "5e-324" → 5e-324
            "1e-400" → 0.0
            "1e400" → !OVERFLOW
            "1e99999999999999999999" → !OVERFLOW
            ".5" → !NOT_NUMBER
            "5." → !NOT_NUMBER
            "1e" → !NOT_NUMBER
            "1e+" → !NOT_NUMBER
            "nan" → !NOT_NUMBER
            "inf" → !NOT_NUMBER
            "0x10" → !NOT_NUMBER
            "1,5" → !NOT_NUMBER
            " 1" → !NOT_NUMBER
            """#)
    }

    @Test func `text becomes bool by ten words`() throws {
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"bool","as":"r"}"#,
            #"""
            "true" → true
            "FALSE" → false
            "T" → true
            "f" → false
            "Yes" → true
            "nO" → false
            "y" → true
            "N" → false
            "1" → true
            "0" → false
            "2" → !NOT_BOOLEAN
            "yes " → !NOT_BOOLEAN
            "on" → !NOT_BOOLEAN
            "\u0011" → !NOT_BOOLEAN
            "NO" → false
            "truE" → true
            "tru\u0005" → !NOT_BOOLEAN
            """#)
    }

    @Test func `text becomes a date that is in the calendar`() throws {
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"date","as":"r"}"#,
            #"""
            "2024-02-29" → 2024-02-29
            "1900-02-29" → !NOT_DATE
            "2000-02-29" → 2000-02-29
            "0001-01-01" → 0001-01-01
            "0000-01-01" → !NOT_DATE
            "9999-12-31" → 9999-12-31
            "2024-13-01" → !NOT_DATE
            "2024-00-10" → !NOT_DATE
            "2024-2-3" → !NOT_DATE
            "2024/02/03" → !NOT_DATE
            "2024-02-03 " → !NOT_DATE
            "2024-02-03T00:00:00" → !NOT_DATE
            """#)
    }

    @Test func `text becomes a timestamp in UTC`() throws {
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"timestamp","as":"r"}"#,
            #"""
            "2024-02-29T12:34:56Z" → 2024-02-29T12:34:56.000000Z
            "2024-02-29t12:34:56.1z" → 2024-02-29T12:34:56.100000Z
            "2024-02-29T00:30:00+01:30" → 2024-02-28T23:00:00.000000Z
            "2024-02-29T12:34:56.123456-00:00" → 2024-02-29T12:34:56.123456Z
            "1969-12-31 23:59:59.999999" → 1969-12-31T23:59:59.999999Z
            "2024-02-29 12:34:56.123456000" → 2024-02-29T12:34:56.123456Z
            "2024-02-29 12:34:56.1234561" → !NOT_TIMESTAMP
            "2024-02-29 12:34:56." → !NOT_TIMESTAMP
            "2024-02-29T12:34:56" → !NOT_TIMESTAMP
            "2024-02-29 12:34:56Z" → !NOT_TIMESTAMP
            "2024-02-29 24:00:00" → !NOT_TIMESTAMP
            "2024-02-29 23:60:00" → !NOT_TIMESTAMP
            "2024-02-29 23:59:60" → !NOT_TIMESTAMP
            "2023-02-29 00:00:00" → !NOT_TIMESTAMP
            "0001-01-01T00:00:00+00:01" → !NOT_TIMESTAMP
            "9999-12-31T23:59:59-00:01" → !NOT_TIMESTAMP
            "2024-02-29T12:34:56+1:00" → !NOT_TIMESTAMP
            "2024-02-29" → !NOT_TIMESTAMP
            """#)
    }

    @Test func `values become text in one way`() throws {
        let steps = #"{"op":"type_cast","in":["a"],"to":"text","as":"r"}"#
        try expectTable(
            .int64, steps: steps,
            #"""
            null → null
            0 → "0"
            -7 → "-7"
            10 → "10"
            "9223372036854775807" → "9223372036854775807"
            "-9223372036854775808" → "-9223372036854775808"
            """#)
        try expectTable(
            .float64, steps: steps,
            #"""
            0.1 → "0.1"
            -0.0 → "0"
            100 → "100"
            -12.50 → "-12.5"
            1e21 → "1e+21"
            1e-7 → "1e-7"
            0.000001 → "0.000001"
            0.30000000000000004 → "0.30000000000000004"
            123456789012345680 → "123456789012345680"
            "NaN" → !NOT_NUMBER
            "Infinity" → !NOT_NUMBER
            """#)
        try expectTable(.bool, steps: steps, "true → \"true\"\nfalse → \"false\"")
        try expectTable(
            .date, steps: steps,
            #"""
            0 → "1970-01-01"
            -719162 → "0001-01-01"
            -719163 → !OVERFLOW
            2932896 → "9999-12-31"
            2932897 → !OVERFLOW
            """#)
        try expectTable(
            .timestamp, steps: steps,
            #"""
            0 → "1970-01-01T00:00:00.000000Z"
            -1 → "1969-12-31T23:59:59.999999Z"
            1709210096123456 → "2024-02-29T12:34:56.123456Z"
            "9223372036854775807" → !OVERFLOW
            """#)
    }

    @Test func `int64 becomes float64 only where the number stays the same`() throws {
        try expectTable(
            .int64, steps: #"{"op":"type_cast","in":["a"],"to":"float64","as":"r"}"#,
            #"""
            null → null
            "9007199254740992" → 9007199254740992.0
            "9007199254740993" → !OVERFLOW
            -3 → -3.0
            """#)
    }

    @Test func `date_parse takes the first pattern that fits`() throws {
        try expectTable(
            steps:
                #"{"op":"date_parse","in":["a"],"formats":["dd/MM/yyyy","M/d/yyyy","yyyyMMdd"],"to":"date","as":"r"}"#,
            #"""
            null → null
            "" → null
            "03/02/2024" → 2024-02-03
            "3/2/2024" → 2024-03-02
            "12/31/2024" → 2024-12-31
            "20240203" → 2024-02-03
            "30/02/2024" → !NOT_DATE
            "29/02/1900" → !NOT_DATE
            "03/02/24" → !NOT_DATE
            "03/02/2024x" → !NOT_DATE
            "00/00/0000" → !NOT_DATE
            "03-02-2024" → !NOT_DATE
            """#)
        try expectTable(
            steps:
                #"{"op":"date_parse","in":["a"],"formats":["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'","d.M.yyyy HH:mm"],"#
                + #""to":"timestamp","empty":"error","as":"r"}"#,
            #"""
            "" → !EMPTY
            "2024-02-29T12:34:56.789Z" → 2024-02-29T12:34:56.789000Z
            "1.12.2024 07:05" → 2024-12-01T07:05:00.000000Z
            "1.12.2024 7:05" → !NOT_TIMESTAMP
            "2024-02-29T12:34:56.789" → !NOT_TIMESTAMP
            "2024-02-29T25:34:56.789Z" → !NOT_TIMESTAMP
            """#)
    }

    @Test func `concat propagates null, or skips it with its separator`() throws {
        let batch = batch([
            textColumn(["Ada", nil, "", nil, " x "]), textColumn(["Lovelace", "B", "C", nil, "É"]),
            textColumn(["1", "2", "3", nil, "4"]),
        ])
        func made(_ arguments: String) throws -> [String?] {
            let plan = try plan(
                #"{"target":"x","steps":[{"op":"trim","in":["a"],"as":"t"},"#
                    + #"{"op":"case","in":["b"],"to":"lower","as":"l"},"#
                    + #"{"op":"concat","in":["t","l","c"],\#(arguments)"as":"r"}],"result":"r"}"#
            )
            return texts(try PlanExecutor([plan], inputs: batch.schema).run(batch).columns[0])
        }
        #expect(try made(#""separator":" ","#) == ["Ada lovelace 1", nil, " c 3", nil, "x é 4"])
        #expect(try made("") == ["Adalovelace1", nil, "c3", nil, "xé4"])
        #expect(
            try made(#""separator":", ","nulls":"skip","#) == ["Ada, lovelace, 1", "b, 2", ", c, 3", nil, "x, é, 4"])
    }

    @Test func `an intermediate that two steps read is the same for both`() throws {
        let batch = batch([textColumn([" a  B ", nil, "x"])])
        let plan = try plan(
            #"{"target":"x","steps":[{"op":"trim","in":["a"],"as":"t"},{"op":"case","in":["t"],"to":"upper","as":"u"},"#
                + #"{"op":"collapse_whitespace","in":["t"],"as":"c"},"#
                + #"{"op":"concat","in":["u","c","t"],"separator":"|","as":"j"},"#
                + #"{"op":"collapse_whitespace","in":["j"],"as":"r"}],"result":"r"}"#
        )
        let result = try PlanExecutor([plan], inputs: batch.schema).run(batch)
        #expect(texts(result.columns[0]) == ["A B|a B|a B", nil, "X|x|x"])
    }

    @Test func `errors are sparse and sorted by row, plan and step`() throws {
        let batch = batch([textColumn(["1", "x", "3", ""]), textColumn(["n", "y", "2", "?"])])
        let number = try plan(
            #"{"target":"n","steps":[{"op":"trim","in":["a"],"as":"t"},"#
                + #"{"op":"type_cast","in":["t"],"to":"int64","empty":"error","as":"r"}],"result":"r"}"#)
        let flag = try plan(
            #"{"target":"f","steps":[{"op":"type_cast","in":["b"],"to":"bool","as":"r"}],"result":"r"}"#)
        let quiet = try plan(
            #"{"target":"q","steps":[{"op":"type_cast","in":["b"],"to":"int64","as":"r","on_error":"null"}],"#
                + #""result":"r"}"#)
        let executor = try PlanExecutor([number, flag, quiet], inputs: batch.schema)
        let result = try executor.run(batch)
        #expect(
            result.errors == [
                RowError(row: 1, plan: 0, step: 1, reason: .notInteger),
                RowError(row: 2, plan: 1, step: 0, reason: .notBoolean),
                RowError(row: 3, plan: 0, step: 1, reason: .empty),
                RowError(row: 3, plan: 1, step: 0, reason: .notBoolean),
            ])
        #expect(result.failedRows == [1, 2, 3])
        #expect(result.cleanRows == [0])
        #expect((0..<4).map { cell(result.columns[2], $0) } == ["null", "null", "2", "null"])
        #expect(executor.output == Schema([Field("n", .int64), Field("f", .bool), Field("q", .int64)]))
    }

    @Test func `the identity copies a column of any type`() throws {
        var bytes = ColumnBuilder(.binary)
        [1, 2, 255].withUnsafeBytes { bytes.append(bytes: $0) }
        let batch = batch([bytes.finish()])
        let result = try PlanExecutor([.identity(target: "x", input: "a")], inputs: batch.schema).run(batch)
        #expect(result.columns[0].type == .binary)
        #expect(result.errors.isEmpty)
    }
}
