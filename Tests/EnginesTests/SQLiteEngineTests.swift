import Columnar
import Databases
import Engines
import Foundations
import Testing
import Transform

@Suite struct `SQLite engine` {
    /// Nasty texts, each for a reason.
    static let texts: [String?] = [
        nil, "", " ", "a", "  a  ",
        "\t\n\u{B}\u{C}\r \u{85}\u{A0}\u{1680}x\u{2000}\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}",
        "\u{200B}zero width\u{200B}", "e\u{301}", "\u{301}", "👩‍👩‍👧", "😀", "ß", "İ", "ı", "ǆ", "ς", "𐐀", "a\u{0}b", "\u{0}",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "+1", "-0", "0",
        "00012", "1.0", "1.50", "1.5", ".5", "5.", "1e3", "1e400", "-1e-400", "0.1", "NaN", "inf", "0x10", "１２",
        "999999999999999999", "-999999999999999999.99", "0.005", "-0.005", "1,234.50", "1.234,50", "€ 12", "true", "F",
        "yes", "NO", "2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "0000-01-01", "12/31/1999", "1/2/2024",
        "2024-03-10T02:30:00Z", "2024-03-10 02:30:00", "2024-03-10T02:30:00.123456+05:30", "'; DROP TABLE input; --",
        "\"quoted\"", "?1", ":a", "a;b", "a:b", "in:0:NOT_TEXT", "\u{10FFFF}", "  \u{FEFF}x", "kg", "de", "xx",
    ]

    @Test(arguments: [
        #"[{"op":"trim","in":["a"],"as":"t"}]"#,
        #"[{"op":"collapse_whitespace","in":["a"],"as":"t"}]"#,
        #"[{"op":"case","in":["a"],"to":"upper","as":"t"}]"#,
        #"[{"op":"case","in":["a"],"to":"lower","as":"t"}]"#,
        #"[{"op":"trim","in":["a"],"as":"x"},{"op":"collapse_whitespace","in":["x"],"as":"y"},{"op":"case","in":["y"],"to":"upper","as":"t"}]"#,
        #"[{"op":"concat","in":["a","b"],"as":"t"}]"#,
        #"[{"op":"concat","in":["a","b","a"],"separator":"-","as":"t"}]"#,
        #"[{"op":"concat","in":["a","b","a"],"separator":"'\"?1","nulls":"skip","as":"t"}]"#,
        #"[{"op":"trim","in":["a"],"as":"x"},{"op":"concat","in":["x","b"],"separator":" ","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"int64","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"int64","empty":"error","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"int64","on_error":"null","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"float64","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"bool","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"date","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"timestamp","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"int64","as":"x"},{"op":"type_cast","in":["x"],"to":"float64","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"float64","as":"x"},{"op":"type_cast","in":["x"],"to":"text","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"date","as":"x"},{"op":"type_cast","in":["x"],"to":"text","as":"t"}]"#,
        #"[{"op":"date_parse","in":["a"],"formats":["yyyy-MM-dd","MM/dd/yyyy","M/d/yyyy"],"to":"date","as":"t"}]"#,
        #"[{"op":"type_cast","in":["a"],"to":"int64","on_error":"null","as":"x"},{"op":"type_cast","in":["x"],"to":"text","as":"y"},{"op":"concat","in":["y","a"],"as":"t"}]"#,
        #"[]"#,
    ])
    func `makes of nasty texts what the executor makes of them`(steps: String) throws {
        let plan = try plan(#"{"target":"t","steps":\#(steps),"result":"\#(steps == "[]" ? "a" : "t")"}"#)
        let a = textColumn(Self.texts)
        let b = textColumn(Self.texts.reversed())
        let schema = Schema([Field("a", .text), Field("b", .text)])
        try expectSame(
            [plan], Batch(schema: schema, columns: [a, b], rowCount: a.count, firstOrdinal: 7), steps)
        // No rows.
        try expectSame([plan], Batch(schema: schema, columns: [textColumn([]), textColumn([])], rowCount: 0), steps)
    }

    @Test func `copies typed columns to the bit`() throws {
        var ints = ColumnBuilder(.int64)
        var doubles = ColumnBuilder(.float64)
        var bools = ColumnBuilder(.bool)
        var dates = ColumnBuilder(.date)
        var times = ColumnBuilder(.timestamp)
        var money = ColumnBuilder(.decimal(precision: 18, scale: 2))
        var bytes = ColumnBuilder(.binary)
        for (place, int) in [Int64.min, -1, 0, 1, .max].enumerated() {
            ints.append(int64: int)
            doubles.append(float64: [-0.0, 1e308, .infinity, Double.leastNonzeroMagnitude, 0.1][place])
            bools.append(bool: place % 2 == 0)
            dates.append(date: [-719_162, -1, 0, 1, 2_932_896][place])
            times.append(int64: [-62_135_596_800_000_000, -1, 0, 1, 253_402_300_799_999_999][place])
            money.append(int64: [-999_999_999_999_999_999, -5, 0, 7, 999_999_999_999_999_999][place])
            let value = [[], [0], [255, 254], Array("NOT_TEXT".utf8), [0xC3]][place] as [UInt8]
            value.withUnsafeBytes { bytes.append(bytes: $0) }
        }
        ints.appendNull()
        doubles.appendNull()
        bools.appendNull()
        dates.appendNull()
        times.appendNull()
        money.appendNull()
        bytes.appendNull()
        let columns = [
            ints.finish(), doubles.finish(), bools.finish(), dates.finish(), times.finish(), money.finish(),
            bytes.finish(),
        ]
        let fields = columns.enumerated().map { Field("c\($0)", $1.type) }
        let plans = fields.map { Plan.identity(target: "t" + $0.name, input: $0.name) }
        try expectSame(plans, Batch(schema: Schema(fields), columns: columns, rowCount: 6))
    }

    @Test func `computes a value once, however often it is read`() throws {
        let steps = (1...63).map { place in
            #"{"op":"concat","in":["s\#(place - 1)","a"],"as":"s\#(place)"}"#
        }
        let plan = try plan(
            #"{"target":"t","steps":[{"op":"collapse_whitespace","in":["a"],"as":"s0"},\#(steps.joined(separator: ","))],"result":"s63"}"#
        )
        try expectSame(
            [plan],
            Batch(schema: Schema([Field("a", .text)]), columns: [textColumn(["x  y", nil, ""])], rowCount: 3))
        // A chain of calls within calls, which SQLite's parser has to take.
        let chain = (1...63).map { place in
            #"{"op":"case","in":["s\#(place - 1)"],"to":"\#(place % 2 == 0 ? "upper" : "lower")","as":"s\#(place)"}"#
        }
        let deep = try Transform.Plan.parse(
            Array(
                #"{"target":"t","steps":[{"op":"trim","in":["a"],"as":"s0"},\#(chain.joined(separator: ","))],"result":"s63"}"#
                    .utf8))
        try expectSame(
            [deep],
            Batch(schema: Schema([Field("a", .text)]), columns: [textColumn([" x  Y", nil, ""])], rowCount: 3))
    }

    @Test func `calls each function once a row, and stores no rows between the layers`() throws {
        // Every value is read by three others and by the errors.
        let steps = (0..<6).map { place in
            let from = place == 0 ? "a" : "s\(place - 1)"
            return
                #"{"op":"type_cast","in":["\#(from)"],"to":"int64","as":"i\#(place)"},{"op":"type_cast","in":["i\#(place)"],"to":"text","as":"u\#(place)"},{"op":"concat","in":["u\#(place)","u\#(place)","\#(from)"],"nulls":"skip","as":"s\#(place)"}"#
        }
        let plan = try plan(#"{"target":"t","steps":[\#(steps.joined(separator: ","))],"result":"s5"}"#)
        let program = try TypedProgram([plan], inputs: Schema([Field("a", .text)]))
        let query = try Emitters.emit(program, for: .sqlite)
        final class Counter { var calls = 0 }
        let counter = Counter()
        let database = try SQLiteConnection(path: ":memory:", access: .create)
        for name in SQLiteRoutine.names {
            try database.register(name, arity: -1) { call in
                counter.calls += 1
                call.return(argument: 1)
            }
        }
        try database.register(SQLiteRoutine.errors, arity: -1) { $0.returnNull() }
        try database.execute(
            "CREATE TABLE input (rid INTEGER PRIMARY KEY, a); INSERT INTO input (a) VALUES (1), ('x'), (x'00')")
        var values: [SQLiteValue] = []
        for case .text(let text) in query.parameters.map(\.value) { values.append(.text(text)) }
        try database.run(query.text, values)
        // One that reads, three a round.
        #expect(counter.calls == 3 * (1 + 18))
        var details: [String] = []
        try database.run("EXPLAIN QUERY PLAN " + query.text, values) { details.append($0.text(3) ?? "") }
        #expect(details.contains { $0.hasPrefix("CO-ROUTINE") } && !details.contains { $0.hasPrefix("MATERIALIZE") })
    }

    @Test func `tells two spellings of one letter apart`() throws {
        let plans = try ["é", "e\u{301}"].enumerated().map { number, letter in
            try plan(
                #"{"target":"t\#(number)","steps":[{"op":"concat","in":["a","b"],"separator":"\#(letter)","nulls":"skip","as":"x"},{"op":"regex_split","in":["x"],"separator":"\#(letter)","index":1,"as":"y"},{"op":"case","in":["y"],"to":"upper","as":"z"}],"result":"\#(number == 0 ? "z" : "x")"}"#
            )
        }
        try expectSame(
            plans,
            Batch(
                schema: Schema([Field("a", .text), Field("b", .text)]),
                columns: [textColumn(["é", "e\u{301}", nil]), textColumn(["e\u{301}", "é", "x"])], rowCount: 3))
    }

    @Test func `reports every failed step of a row in order`() throws {
        let plans = try (0..<12).map { number in
            try plan(
                #"{"target":"t\#(number)","steps":[{"op":"trim","in":["a"],"as":"x"},{"op":"type_cast","in":["x"],"to":"int64","empty":"error","as":"y"},{"op":"type_cast","in":["b"],"to":"\#(number % 2 == 0 ? "date" : "bool")","as":"z"}],"result":"\#(number % 3 == 0 ? "y" : "z")"}"#
            )
        }
        let schema = Schema([Field("a", .text), Field("b", .text)])
        let a = textColumn(Self.texts)
        try expectSame(
            plans, Batch(schema: schema, columns: [a, textColumn(Self.texts.reversed())], rowCount: a.count))
    }

    @Test func `takes as many plans as the language does`() throws {
        let plans = try (0..<512).map { number in
            try plan(
                #"{"target":"t\#(number)","steps":[{"op":"concat","in":["a","a"],"separator":"\#(number)","as":"x"},{"op":"type_cast","in":["x"],"to":"int64","as":"y"}],"result":"y"}"#
            )
        }
        try expectSame(
            plans,
            Batch(schema: Schema([Field("a", .text)]), columns: [textColumn(["1", "", "-"])], rowCount: 3))
    }

    @Test func `bounds a cell of 100 MB`() throws {
        let size = 100_000_000
        var builder = ColumnBuilder(.text)
        let bytes = [0x20] + [UInt8](repeating: 0x78, count: size)
        bytes.withUnsafeBytes { builder.append(bytes: $0) }
        let plan = try plan(
            #"{"target":"t","steps":[{"op":"trim","in":["a"],"as":"x"},{"op":"case","in":["x"],"to":"upper","as":"y"},{"op":"type_cast","in":["y"],"to":"int64","as":"z"}],"result":"z"}"#
        )
        let batch = Batch(schema: Schema([Field("a", .text)]), columns: [builder.finish()], rowCount: 1)
        let found = try SQLiteEngine(TypedProgram([plan], inputs: batch.schema)).run(batch)
        #expect(found.result.errors.map(\.reason) == [.notInteger])
    }

    @Test func `writes a query that a person can read`() throws {
        let plans = [
            try plan(
                #"{"target":"name","steps":[{"op":"trim","in":["first"],"as":"x"},{"op":"concat","in":["x","last"],"separator":" ","as":"y"}],"result":"y"}"#
            ),
            try plan(
                #"{"target":"born","steps":[{"op":"type_cast","in":["born on"],"to":"date","as":"x"}],"result":"x"}"#),
        ]
        let program = try TypedProgram(
            plans, inputs: Schema([Field("first", .text), Field("last", .text), Field("born on", .text)]))
        let query = try Emitters.emit(program, for: .sqlite, from: EmitSource(relation: ["main", "people"]))
        #expect(query.text == Self.golden)
        #expect(
            query.parameters.map(\.value) == [
                .text("text"), .text(#"{"in":["text"],"to":"date"}"#), .text(Self.spaces),
                .text(" "), .text("date"),
            ])
    }

    static let spaces = String(
        String.UnicodeScalarView(
            (UInt32(0)...0x3000).compactMap(Unicode.Scalar.init).filter { $0.properties.isWhitespace }))

    static let golden = #"""
        with sluice_1 as (
          select "rid" as r,
            sluice_read(?1, "first") as c0,
            sluice_read(?1, "last") as c1,
            sluice_read(?1, "born on") as c2
          from "main"."people"
          order by "rid"
          limit -1 offset 0
        ), sluice_2 as (
          select r,
            c0,
            c1,
            c2,
            sluice_type_cast(?2, c2) as n2
          from sluice_1
          limit -1 offset 0
        )
        select r as "rid",
          (iif(typeof(c1) = 'text', (iif(typeof(c0) = 'text', trim(c0, ?3), null)) || ?4 || c1, null)) as "name",
          sluice_write(?5, n2) as "born",
          sluice_errors('in:0', c0, 'in:1', c1, 'in:2', c2, '1:0', n2) as "errors"
        from sluice_2
        """#
}
