import Columnar
import Foundations
import Testing

@testable import Transform

/// What each op makes of a value, by example.
@Suite struct KernelTests {
    @Test func `case changes the letters that it is told to`() throws {
        try expectTable(
            steps: #"{"op":"case","in":["a"],"to":"upper","letters":"ascii","as":"r"}"#,
            #"""
            null → null
            "" → ""
            "abcz{`A" → "ABCZ{`A"
            "naïve é straße" → "NAïVE é STRAßE"
            "eight by8éeight bytes" → "EIGHT BY8éEIGHT BYTES"
            """#)
        try expectTable(
            steps: #"{"op":"case","in":["a"],"to":"upper","letters":"basic","as":"r"}"#,
            #"""
            "naïve ß ǆ" → "NAÏVE ß Ǆ"
            "𐐨𐐀" → "𐐨𐐀"
            """#)
        try expectTable(
            steps: #"{"op":"case","in":["a"],"to":"lower","as":"r"}"#,
            #"""
            "NAÏVE İ 𐐀" → "naïve i 𐐨"
            """#)
    }

    @Test func `regex_extract gives the match or its group`() throws {
        try expectTable(
            steps: #"{"op":"regex_extract","in":["a"],"pattern":"@([^@]+)$","as":"r"}"#,
            #"""
            null → null
            "" → null
            "x@y@example.com" → "example.com"
            "x@" → null
            "x" → null
            """#)
        try expectTable(
            steps: #"{"op":"regex_extract","in":["a"],"pattern":"@([^@]+)$","group":0,"as":"r"}"#,
            #"""
            "x@y@é" → "@é"
            """#)
        try expectTable(
            steps: #"{"op":"regex_extract","in":["a"],"pattern":"a(b+)?c","as":"r"}"#,
            #"""
            "xabbc" → "bb"
            "xac" → null
            "xb" → null
            """#)
        try expectTable(
            steps: #"{"op":"regex_extract","in":["a"],"pattern":"^[0-9]{7,15}$","as":"r"}"#,
            #"""
            "1234567" → "1234567"
            "123456" → null
            "1234567890123456" → null
            "1234567x" → null
            """#)
    }

    @Test func `regex_split gives a piece or joins them all`() throws {
        try expectTable(
            steps: #"{"op":"regex_split","in":["a"],"separator":",","index":1,"as":"r"}"#,
            #"""
            null → null
            "" → null
            "a" → null
            "a," → ""
            "a,é,c" → "é"
            "a,,c" → ""
            """#)
        try expectTable(
            steps: #"{"op":"regex_split","in":["a"],"separator":"::","index":-2,"as":"r"}"#,
            #"""
            "a" → null
            "a::b" → "a"
            "a:::b::" → ":b"
            "::" → ""
            """#)
        try expectTable(
            steps: #"{"op":"regex_split","in":["a"],"pattern":"[^0-9]+","join":"","as":"r"}"#,
            #"""
            null → null
            "" → ""
            "+1 (234) é 5" → "12345"
            "abc" → ""
            "77" → "77"
            """#)
        try expectTable(
            steps: #"{"op":"regex_split","in":["a"],"pattern":"[,;]","join":" | ","as":"r"}"#,
            #"""
            "a,b;;c" → "a | b |  | c"
            ";" → " | "
            """#)
        try expectTable(
            steps: #"{"op":"regex_split","in":["a"],"pattern":"-+","index":-1,"as":"r"}"#,
            #"""
            "a--b" → "b"
            "ab" → "ab"
            "a-" → ""
            """#)
    }

    @Test func `concat has a prefix and a suffix where it has a value`() throws {
        try expectTable(
            steps: #"{"op":"concat","in":["a"],"prefix":"+","suffix":"!","as":"r"}"#,
            #"""
            null → null
            "" → "+!"
            "12" → "+12!"
            """#)
        let plan = try plan(
            #"{"target":"x","steps":[{"op":"concat","in":["a","b","c"],"nulls":"skip","separator":", ","prefix":"<","#
                + #""suffix":">","as":"r"}],"result":"r"}"#)
        let batch = batch([
            textColumn(["1", nil, nil, ""]), textColumn(["2", nil, "2", ""]), textColumn(["3", nil, nil, nil]),
        ])
        #expect(
            texts(try PlanExecutor([plan], inputs: batch.schema).run(batch).columns[0])
                == ["<1, 2, 3>", nil, "<2>", "<, >"])
    }

    @Test func `map_dict maps bytes to texts`() throws {
        try expectTable(
            steps: #"{"op":"map_dict","in":["a"],"map":{"":"empty","a":"1","é":null,"long enough to hash twice":"2"},"#
                + #""default":null,"null":"none","as":"r"}"#,
            #"""
            null → "none"
            "" → "empty"
            "a" → "1"
            "é" → null
            "b" → null
            "long enough to hash twice" → "2"
            "long enough to hash Twice" → null
            """#)
        try expectTable(
            steps: #"{"op":"map_dict","in":["a"],"map":{"a":"1"},"default":{"keep":true},"null":null,"as":"r"}"#,
            #"""
            null → null
            "a" → "1"
            "A" → "A"
            """#)
        try expectTable(
            steps: #"{"op":"map_dict","in":["a"],"map":{"a":"1"},"default":{"error":true},"null":null,"as":"r"}"#,
            #"""
            null → null
            "a" → "1"
            "A" → !NOT_IN_MAP
            """#)
        try expectTable(
            steps: #"{"op":"map_dict","in":["a"],"map":{},"default":"x","null":null,"as":"r"}"#,
            #"""
            "a" → "x"
            """#)
    }

    @Test func `text becomes a decimal through its guard`() throws {
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"decimal(6,2)","as":"r"}"#,
            #"""
            null → null
            "" → null
            "0" → 0
            "-0" → 0
            "12" → 1200
            "+1.5" → 150
            "-1.25" → -125
            "1.250" → 125
            "1.255" → !INEXACT
            "12345.001" → !INEXACT
            "9999.99" → 999999
            "10000" → !OVERFLOW
            "-10000" → !OVERFLOW
            "0000000000000001.1" → 110
            "9999999999999999999" → !OVERFLOW
            "12345678901234567890" → !NOT_DECIMAL
            "1." → !NOT_DECIMAL
            ".5" → !NOT_DECIMAL
            "1e2" → !NOT_DECIMAL
            "1,000" → !NOT_DECIMAL
            "- 1" → !NOT_DECIMAL
            "--1" → !NOT_DECIMAL
            "-" → !NOT_DECIMAL
            "1.2.3" → !NOT_DECIMAL
            "٤" → !NOT_DECIMAL
            """#)
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"decimal(6,2)","rounding":"half_away","as":"r"}"#,
            #"""
            "1.005" → 101
            "-1.005" → -101
            "1.00499999999999999999999999" → 100
            "-1.0049" → -100
            "9999.994" → 999999
            "9999.995" → !OVERFLOW
            "0.004" → 0
            "-0.005" → -1
            """#)
    }

    @Test func `numbers are read as people write them`() throws {
        try expectTable(
            steps:
                #"{"op":"type_cast","in":["a"],"to":"decimal(12,2)","grouping":",","currency":["$","US$"],"as":"r"}"#,
            #"""
            "1,234.56" → 123456
            "-$1,234,567.8" → -123456780
            "US$12" → 1200
            "+US$0.5" → 50
            "$-5" → !NOT_DECIMAL
            "$$5" → !NOT_DECIMAL
            "$" → !NOT_DECIMAL
            "1234.56" → 123456
            "1234,567" → !NOT_DECIMAL
            "1,23.00" → !NOT_DECIMAL
            "1,234," → !NOT_DECIMAL
            ",234" → !NOT_DECIMAL
            "12.3.4" → !NOT_DECIMAL
            "1,234,5678" → !NOT_DECIMAL
            "N/A" → !NOT_DECIMAL
            """#)
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"decimal(9,1)","grouping":".","decimal_mark":",","as":"r"}"#,
            #"""
            "1.234" → 12340
            "1.234,5" → 12345
            "1,5" → 15
            "1.23" → !NOT_DECIMAL
            "1.5" → !NOT_DECIMAL
            """#)
        try expectTable(
            steps: #"{"op":"type_cast","in":["a"],"to":"int64","grouping":"'","as":"r"}"#,
            #"""
            "1'234" → 1234
            "1'234.0" → 1234
            "1'234.5" → !NOT_INTEGER
            "1'23" → !NOT_INTEGER
            "9'223'372'036'854'775'807" → 9223372036854775807
            "9'223'372'036'854'775'808" → !OVERFLOW
            "-9'223'372'036'854'775'808" → -9223372036854775808
            """#)
    }

    @Test func `decimals become other numbers`() throws {
        let decimal = ColumnType.decimal(precision: 18, scale: 3)
        func cast(_ rest: String) -> String { #"{"op":"type_cast","in":["a"],\#(rest),"as":"r"}"# }
        try expectTable(
            decimal, steps: cast(#""to":"text""#),
            #"""
            null → null
            0 → "0.000"
            -5 → "-0.005"
            12345 → "12.345"
            """#)
        try expectTable(
            decimal, steps: cast(#""to":"decimal(4,2)""#),
            #"""
            1005 → 101
            -1005 → -101
            1004 → 100
            99994 → 9999
            99995 → !OVERFLOW
            -99995 → !OVERFLOW
            """#)
        try expectTable(
            decimal, steps: cast(#""to":"decimal(18,5)""#),
            #"""
            1 → 100
            9999999999999999 → 999999999999999900
            "10000000000000000" → !OVERFLOW
            """#)
        try expectTable(
            decimal, steps: cast(#""to":"int64""#),
            #"""
            2000 → 2
            -2000 → -2
            2001 → !INEXACT
            """#)
        try expectTable(
            decimal, steps: cast(#""to":"int64","rounding":"half_away""#),
            #"""
            2499 → 2
            2500 → 3
            -2500 → -3
            """#)
        try expectTable(
            decimal, steps: cast(#""to":"float64""#),
            #"""
            125 → 0.125
            "999999999999999999" → 1000000000000000.0
            "123456789012345678" → 123456789012345.67
            """#)
        try expectTable(
            .int64, steps: cast(#""to":"decimal(5,2)""#),
            #"""
            999 → 99900
            -1000 → !OVERFLOW
            "9223372036854775807" → !OVERFLOW
            """#)
    }

    @Test func `a step that several plans share runs once and is reported for each`() throws {
        let steps = #"{"op":"type_cast","in":["a"],"to":"int64","as":"n"}"#
        let quiet = #"{"op":"type_cast","in":["a"],"to":"int64","on_error":"null","as":"n"}"#
        let plans = try [
            plan(#"{"target":"x","steps":[\#(steps)],"result":"n"}"#),
            plan(
                #"{"target":"y","steps":[{"op":"trim","in":["b"],"as":"t"},\#(steps),"#
                    + #"{"op":"safe_math","function":"divide","in":[100,"n"],"as":"d"}],"result":"d"}"#),
            plan(#"{"target":"z","steps":[\#(quiet)],"result":"n"}"#),
        ]
        let batch = batch([textColumn(["4", "x", "0", nil]), textColumn(["", "", "", ""])])
        let program = try TypedProgram(plans, inputs: batch.schema)
        #expect(program.nodes.count == 2)
        let result = try PlanExecutor(program).run(batch)
        #expect(
            result.errors == [
                RowError(row: 1, plan: 0, step: 0, reason: .notInteger),
                RowError(row: 1, plan: 1, step: 1, reason: .notInteger),
                RowError(row: 2, plan: 1, step: 2, reason: .divisionByZero),
            ])
        #expect((0..<4).map { cell(result.columns[1], $0) } == ["25", "null", "null", "null"])
        #expect((0..<4).map { cell(result.columns[2], $0) } == ["4", "null", "0", "null"])
    }

    @Test func `select_when takes one of two values`() throws {
        let plan = try Plan.parse(
            Array(
                (#"{"target":"x","steps":[{"op":"select_when","in":["a","b","c"],"pattern":"^[0-9]","as":"r"}],"#
                    + #""result":"r"}"#).utf8), features: [.selectWhen])
        let batch = batch([
            textColumn(["1x", "x1", nil, ""]), textColumn(["b1", "b2", "b3", nil]),
            textColumn([nil, "c2", "c3", "c4"]),
        ])
        let result = try PlanExecutor([plan], inputs: batch.schema).run(batch)
        #expect(texts(result.columns[0]) == ["b1", "c2", "c3", "c4"])
    }
}
