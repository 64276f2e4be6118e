import Columnar
import Foundations
import Testing

@testable import Transform

private let root = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))
private let sqlEngines: [Engine] = [.postgres, .duckdb]

private func program(_ json: String) throws -> TypedProgram {
    try ProgramDocument.parse(Array(json.utf8), features: .selectWhen).program
}

/// Texts that end literals of careless writers: quotes before combining marks, backslashes, comments, dollar quotes.
let hostileTexts = [
    "'", "''", "\\", "\\'", "'\u{301}", "\\\u{301}'", "a'; drop table x; --", "$1", "$$'$$", "%s", ":p1", "?",
    "\n'\r\n'", "\r\n",
    "e\u{301}", "\u{E9}", "{}", "/*'*/", "\"", "'\u{FE0F}", "\u{1F468}\u{200D}\u{1F469}'", "U&'\\0041'", "",
    "\u{2028}'",
]

@Suite struct `Emitted SQL` {
    // MARK: Golden texts

    static let programs: [(name: String, json: String)] = [
        (
            "texts in a chain, used once each",
            #"{"target":"y","steps":[{"op":"trim","in":["x"],"as":"a"},{"op":"collapse_whitespace","in":["a"],"as":"b"},{"op":"case","in":["b"],"to":"upper","as":"c"}],"result":"c"}"#
        ),
        (
            "a value that is used three times is one column",
            #"{"target":"y","steps":[{"op":"trim","in":["x"],"as":"a"},{"op":"concat","in":["a","a","a"],"separator":"-","nulls":"skip","prefix":"<","suffix":">","as":"b"}],"result":"b"}"#
        ),
        (
            "reasons of two plans that share a step",
            #"{"plans":[{"target":"n","steps":[{"op":"type_cast","in":["x"],"to":"int64","as":"a"}],"result":"a"},{"target":"twice \"x\"","steps":[{"op":"type_cast","in":["x"],"to":"int64","as":"a"},{"op":"safe_math","in":["a",2],"function":"multiply","as":"b"}],"result":"b"}]}"#
        ),
        (
            "a decimal with marks",
            #"{"target":"y","steps":[{"op":"type_cast","in":["x"],"to":"decimal(12,2)","grouping":".","decimal_mark":",","currency":["€","EUR"],"rounding":"half_away","as":"a"}],"result":"a"}"#
        ),
        (
            "dates in two forms",
            #"{"target":"y","steps":[{"op":"date_parse","in":["x"],"formats":["yyyy-MM-dd","d.M.yyyy"],"to":"date","as":"a"}],"result":"a"}"#
        ),
        (
            "a dictionary",
            #"{"target":"y","steps":[{"op":"map_dict","in":["x"],"map":{"a":"1","b":null,"it's":"\\"},"default":{"error":true},"null":"none","as":"a"}],"result":"a"}"#
        ),
        (
            "patterns",
            #"{"plans":[{"target":"e","steps":[{"op":"regex_extract","in":["x"],"pattern":"([a-z]+)@","as":"a"}],"result":"a"},{"target":"d","steps":[{"op":"regex_split","in":["x"],"pattern":"[^0-9]+","join":"","as":"a"}],"result":"a"},{"target":"l","steps":[{"op":"regex_split","in":["x"],"separator":", ","index":-1,"as":"a"}],"result":"a"}]}"#
        ),
        (
            "a conversion of decimals",
            #"{"inputs":[{"name":"x","type":"decimal(9,3)"}],"plans":[{"target":"y","steps":[{"op":"unit_convert","in":["x"],"from":"in","to":"cm","type":"decimal(12,2)","as":"a"}],"result":"a"}]}"#
        ),
    ]

    @Test(arguments: sqlEngines + [.spark, .polars]) func `is the golden text`(_ engine: Engine) throws {
        var text = "What \(engine.title) is given: RECORD_GOLDEN=1 writes this file anew.\n"
        for (name, json) in Self.programs {
            let query = try Emitters.emit(try program(json), for: engine)
            text += "\n==== \(name)\n\(json)\n----\n\(query.text)\n"
            for parameter in query.parameters {
                text += "-- \(parameter.name) \(parameter.type.rawValue): \(Self.short(parameter.value))\n"
            }
        }
        let path = "\(root)/Tests/Golden/dsl/\(engine == .polars ? "" : "sql-")\(engine.rawValue).txt"
        let found = (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
        if found != text, Context.system.environment["RECORD_GOLDEN"] == "1" {
            try Files.writeAtomically(Array(text.utf8), to: path, mode: 0o644)
            Issue.record("\(path) was written anew; look at the difference and run again without RECORD_GOLDEN")
        } else {
            #expect(found == text, "run with RECORD_GOLDEN=1 to write \(path) anew")
        }
    }

    private static func short(_ value: EmittedValue) -> String {
        let json: JSON =
            switch value {
            case .text(let text), .json(let text): .string(text)
            case .integer(let number): .int(number)
            case .wide(let number): .string(String(number))
            case .float64(let number): .double(number)
            case .texts(let texts): .array(texts.map { $0.map(JSON.string) ?? .null })
            case .integers(let numbers): .array(numbers.map(JSON.int))
            }
        let text = json.canonicalText
        return text.unicodeScalars.count > 100 ? "\(text.unicodeScalars.count) scalars" : text
    }

    // MARK: Nothing of a plan is code

    @Test(arguments: sqlEngines + [.spark, .polars]) func `has values of plans as parameters alone`(_ engine: Engine)
        throws
    {
        let canary = "c4n4ry"
        let steps: [String] = [
            #""op":"concat","in":["x","x"],"separator":"c4n4ry1","prefix":"c4n4ry2","suffix":"c4n4ry3""#,
            #""op":"map_dict","in":["x"],"map":{"c4n4ry":"c4n4ry"},"default":"c4n4ry","null":"c4n4ry""#,
            #""op":"regex_extract","in":["x"],"pattern":"c4n4ry""#,
            #""op":"regex_split","in":["x"],"pattern":"c4n4ry","join":"c4n4ry""#,
            #""op":"regex_split","in":["x"],"separator":"c4n4ry","join":"c4n4ry""#,
            #""op":"regex_split","in":["x"],"separator":"c4n4ry","index":0"#,
            #""op":"date_parse","in":["x"],"formats":["yyyy'c4n4ry'MM-dd"],"to":"date""#,
            #""op":"type_cast","in":["x"],"to":"decimal(9,2)","currency":["cxnxry"]"#,
        ]
        for step in steps {
            let query = try Emitters.emit(
                try program(#"{"target":"y","steps":[{\#(step),"as":"a"}],"result":"a"}"#), for: engine)
            #expect(!query.text.contains(canary) && !query.text.contains("cxnxry"), "\(query.text)")
            #expect(query.inlined.contains(canary) || query.inlined.contains("cxnxry"), "\(query.inlined)")
        }
    }

    @Test(arguments: sqlEngines) func `quotes hostile texts so that they end where they should`(_ engine: Engine) throws
    {
        let dialect: any SQLDialect = engine == .postgres ? PostgresDialect() : DuckDBDialect()
        for text in hostileTexts {
            let literal = dialect.literal(.text(text))
            var read = LiteralReader(literal)
            let (found, rest) = read.text(escapes: engine == .postgres)
            #expect(found.elementsEqual(text.utf8), "\(literal)")
            #expect(rest == (engine == .postgres ? "::text" : "::varchar"), "\(literal)")
        }
    }

    @Test func `writes U+0000 for DuckDB and refuses it for Postgres`() throws {
        #expect(DuckDBDialect().literal(.text("a\0'\0")) == "('a' || chr(0) || '''' || chr(0) || '')::varchar")
        #expect(PostgresDialect().mistake(inValue: .text("a\0"))?.marker == .never)
        #expect(PostgresDialect().mistake(inValue: .text("a")) == nil)
    }

    @Test func `keeps two spellings of one letter apart`() throws {
        let query = try Emitters.emit(
            try program(
                #"{"target":"y","steps":[{"op":"concat","in":["x"],"prefix":"\u00e9","suffix":"e\u0301","as":"a"}],"result":"a"}"#
            ),
            for: .postgres)
        #expect(query.parameters.count == 2)
    }

    // MARK: Names

    @Test(arguments: ["\"", "x\"; --", "a\u{301}\"\u{301}", "naïve", "'", "\\", "r", "n0", "sluice_1", " ", "select"])
    func `takes names of any kind`(_ name: String) throws {
        let inputs = Schema([Field(name, .text)])
        let plan = Plan.identity(target: name, input: name)
        for engine in sqlEngines {
            let query = try Emitters.emit(try TypedProgram([plan], inputs: inputs), for: engine)
            let quoted = SQLName.quoted(name)
            let inner = quoted.unicodeScalars.dropFirst().dropLast()
            #expect(inner.count(where: { $0 == "\"" }) == 2 * name.unicodeScalars.count(where: { $0 == "\"" }))
            #expect(query.text.utf8.count < 400 && query.text.hasPrefix("with sluice_1 as ("))
        }
    }

    @Test func `refuses names that an engine cannot have`() throws {
        func refusal(_ engine: Engine, _ targets: [String], row: String = "rid") throws -> String? {
            let plans = targets.map { Plan.identity(target: $0, input: "x") }
            let program = try TypedProgram(plans, inputs: Schema([Field("x", .text)]))
            do {
                _ = try Emitters.emit(program, for: engine, from: EmitSource(row: row))
                return nil
            } catch { return error.reason }
        }
        let long = String(repeating: "ü", count: 32)
        #expect(try refusal(.postgres, [long]) == "the column name \"\(long)\" has 64 bytes, and names have at most 63")
        #expect(try refusal(.duckdb, [long]) == nil)
        #expect(try refusal(.postgres, ["a", "A"]) == nil)
        #expect(try refusal(.duckdb, ["a", "A"]) == #"the columns "a" and "A" are one name there"#)
        #expect(try refusal(.duckdb, ["rid"]) == #"the columns "rid" and "rid" are one name there"#)
        #expect(try refusal(.postgres, ["errors"]) == #"the columns "errors" and "errors" are one name there"#)
        #expect(try refusal(.postgres, ["a\0"]) == "the column name \"a\u{FFFD}\" contains U+0000")
    }

    // MARK: Size

    @Test(arguments: sqlEngines + [.spark, .polars]) func `grows with the steps, and not with the ways through them`(
        _ engine: Engine
    )
        throws
    {
        func size(_ count: Int) throws -> Int {
            var steps = [#"{"op":"type_cast","in":["x"],"to":"int64","as":"s0"}"#]
            for place in 1..<count {
                steps.append(
                    #"{"op":"safe_math","in":["s\#(place - 1)","s\#(place - 1)"],"function":"add","as":"s\#(place)"}"#)
            }
            let json = #"{"target":"y","steps":[\#(steps.joined(separator: ","))],"result":"s\#(count - 1)"}"#
            return try Emitters.emit(try program(json), for: engine).text.utf8.count
        }
        let (half, whole) = (try size(32), try size(64))
        #expect(whole < 64 * 1500)
        // Errors are carried through all layers behind them: the growth is quadratic in them at worst.
        #expect(whole < half * 4)
    }

    @Test func `refuses more columns than the engine has`() throws {
        // Each plan keeps a value and a reason till the end.
        func plans(_ count: Int) throws -> [Plan] {
            try (0..<count).map {
                try plan(
                    """
                    {"target":"t\($0)","steps":[{"op":"safe_math","in":["x",\($0)],"function":"add","as":"a"},\
                    {"op":"safe_math","in":["a","a"],"function":"multiply","as":"b"},\
                    {"op":"safe_math","in":["a","b"],"function":"multiply","as":"c"},\
                    {"op":"safe_math","in":["a","c"],"function":"multiply","as":"d"}],"result":"d"}
                    """)
            }
        }
        let inputs = Schema([Field("x", .int64)])
        #expect(
            try Emitters.emit(try TypedProgram(try plans(100), inputs: inputs), for: .postgres).columns.count == 100)
        let wide = try TypedProgram(try plans(512), inputs: inputs)
        let refused = #expect(throws: Unsupported.self) { try Emitters.emit(wide, for: .postgres) }
        #expect(refused?.reason.hasSuffix("Postgres takes 1600; emit fewer plans at a time") == true)
        #expect(try Emitters.emit(wide, for: .duckdb).columns.count == 512)
    }

    // MARK: Layers

    @Test func `writes what is used once in its place, and makes a column of the rest`() {
        var builder = SQLBuilder()
        let input = builder.input(.name("x"), as: "c0")
        let once = builder.define("f(\(input))")
        let twice = builder.define("g(\(once))", as: "n0")
        _ = builder.define("unused(\(twice))")
        let made = builder.layers(for: ["\(twice) + \(twice)", input])
        #expect(made.layers.count == 2)
        #expect(made.layers[0].made.map(\.name) == ["c0"])
        #expect(made.layers[1].made.map(\.name) == ["n0"])
        #expect(made.layers[1].carried == ["c0"])
        #expect(made.layers[1].made[0].sql.pieces.contains(.code("f(")))
    }
}

/// Reads a quoted text as an engine's own scanner does.
private struct LiteralReader {
    private let bytes: [UInt8]

    init(_ literal: String) { bytes = Array(literal.utf8) }

    /// The text, and what follows it.
    mutating func text(escapes: Bool) -> (text: [UInt8], rest: String) {
        var at = 0
        var isEscaped = false
        if escapes, bytes.first == UInt8(ascii: "E") {
            isEscaped = true
            at = 1
        }
        var out: [UInt8] = []
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            if isEscaped, byte == UInt8(ascii: "\\") {
                out.append(bytes[at + 1])
                at += 2
            } else if byte == UInt8(ascii: "'") {
                guard at + 1 < bytes.count, bytes[at + 1] == byte else {
                    return (out, String(decoding: bytes[(at + 1)...], as: UTF8.self))
                }
                out.append(byte)
                at += 2
            } else {
                out.append(byte)
                at += 1
            }
        }
        return (out, "unterminated")
    }
}
