import Columnar
import Foundations
import Testing

@testable import Transform

@Suite struct PlanTests {
    static let full =
        #"{"result":"t3","steps":[{"as":"t1","in":["first_name"],"op":"trim"},"#
        + #"{"as":"t2","in":["last_name"],"op":"case","to":"upper"},"#
        + #"{"as":"t3","in":["t1","t2"],"op":"concat","separator":" "}],"target":"full_name"}"#

    @Test func `a plan survives its JSON and leaves defaults out`() throws {
        let read = try plan(Self.full)
        #expect(read.json.canonicalText == Self.full)
        #expect(read.inputs == ["first_name", "last_name"])
        #expect(read.hash == SHA256.hash(Self.full))
        let loud = Self.full.replacing(#""op":"trim""#, with: #""on_error":"null","op":"trim""#)
            .replacing(#""separator":" ""#, with: #""nulls":"propagate","separator":" ""#)
        #expect(try plan(loud) == read)
        let cast =
            #"{"result":"r","steps":[{"as":"r","empty":"error","in":["a"],"on_error":"null","op":"type_cast","#
            + #""to":"date"},"#
        let parse = #"{"as":"p","formats":["MM/dd/yyyy"],"in":["a"],"op":"date_parse","to":"date"}],"target":"x"}"#
        #expect(try plan(cast + parse).json.canonicalText == cast + parse)
        let identity = #"{"result":"a","steps":[],"target":"x"}"#
        #expect(try plan(identity) == Plan.identity(target: "x", input: "a"))
    }

    /// What is refused, where and why; a line that does not begin with `plan` is the steps of one whose result is r.
    @Test func `a plan outside the DSL is refused at its place`() throws {
        let golden = #"""
            plan []
              → the root: a plan is an object.
            plan {"steps":[],"result":"a"}
              → the root: the key "target" is missing.
            plan {"target":"","steps":[],"result":"a"}
              → /target: it is not a column's name.
            plan {"target":"x","steps":[],"result":"a","note":1}
              → /note: there is no key "note" here.
            plan {"target":"x","steps":{},"result":"a"}
              → /steps: it is not an array.
            plan {"target":"x","steps":[7],"result":"a"}
              → /steps/0: a step is an object.
            {"in":["a"],"as":"r"}
              → /steps/0: the key "op" is missing.
            {"op":"trimm","in":["a"],"as":"r"}
              → /steps/0/op: there is no op "trimm".
            {"op":"select_when","in":["a"],"as":"r"}
              → /steps/0/op: select_when is behind a feature flag that is off.
            {"op":"trim","in":["a"],"as":"r","to":"upper"}
              → /steps/0/to: there is no key "to" here.
            {"op":"trim","in":["a"],"as":"r","a/b~":1}
              → /steps/0/a~1b~0: there is no key "a/b~" here.
            {"op":"trim","in":["a","b"],"as":"r"}
              → /steps/0/in: trim takes one input, not 2.
            {"op":"concat","in":[],"as":"r"}
              → /steps/0/in: concat takes 1 to 16 inputs, not 0.
            {"op":"trim","in":[""],"as":"r"}
              → /steps/0/in/0: it is not a name.
            plan {"target":"x","steps":[{"op":"trim","in":["a"],"as":"1r"}],"result":"1r"}
              → /steps/0/as: it is not a step's name.
            {"op":"trim","in":["b"],"as":"r"},{"op":"trim","in":["a"],"as":"b"}
              → /steps/0/in/0: "b" is used before the step that makes it.
            {"op":"trim","in":["r"],"as":"r"}
              → /steps/0/in/0: "r" is used before the step that makes it.
            {"op":"trim","in":["a"],"as":"r"},{"op":"trim","in":["a"],"as":"r"}
              → /steps/1/as: the name "r" is taken.
            plan {"target":"x","steps":[{"op":"trim","in":["a"],"as":"r"}],"result":"a"}
              → /result: no step makes "a".
            {"op":"case","in":["a"],"as":"r","to":"title"}
              → /steps/0/to: "title" is not allowed.
            {"op":"case","in":["a"],"as":"r"}
              → /steps/0: the key "to" is missing.
            {"op":"type_cast","in":["a"],"as":"r","to":"int"}
              → /steps/0/to: there is no type "int" here.
            {"op":"type_cast","in":["a"],"as":"r","to":"binary"}
              → /steps/0/to: there is no type "binary" here.
            {"op":"type_cast","in":["a"],"as":"r","to":"date","on_error":"skip"}
              → /steps/0/on_error: "skip" is not allowed.
            {"op":"concat","in":["a","b"],"as":"r","separator":1}
              → /steps/0/separator: it is not a text of at most 256 bytes.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":[]}
              → /steps/0/formats: it is not an array of 1 to 16 patterns.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyy-MM-ddTHH"]}
              → /steps/0/formats/0: the pattern "yyyy-MM-ddTHH" is not allowed: "T" is no field and not in quotes.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yy-MM-dd"]}
              → /steps/0/pivot: years of two digits need a pivot.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyy-MM-dd HH:mm"]}
              → /steps/0/formats/0: a date has no time of day, which the pattern "yyyy-MM-dd HH:mm" reads.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyyMdd"]}
              → /steps/0/formats/0: the pattern "yyyyMdd" is not allowed: a digit follows M or d, whose width is then unknown.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyy-MM-dd-MM"]}
              → /steps/0/formats/0: the pattern "yyyy-MM-dd-MM" is not allowed: it names a field twice.
            {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyy-MM-dd'"]}
              → /steps/0/formats/0: the pattern "yyyy-MM-dd'" is not allowed: a quote is not closed.
            {"op":"trim","in":["a"],"as":"r"},{"op":"concat","in":["r","b","r"],"nulls":"drop","as":"s"}
              → /steps/1/nulls: "drop" is not allowed.
            """#
        var made: [String] = []
        for line in golden.split(separator: "\n").map(String.init) where !line.hasPrefix("  → ") {
            let document =
                line.hasPrefix("plan ")
                ? String(line.dropFirst(5)) : #"{"target":"x","steps":[\#(line)],"result":"r"}"#
            let error = try #require(throws: SluiceError.self) { try plan(document) }
            #expect(error.code == .dslReject)
            #expect(!error.hint.isEmpty)
            let place = error.message.split(separator: " is rejected at ").last ?? ""
            made.append(line + "\n  → " + place)
        }
        #expect(made.joined(separator: "\n") == golden)
    }

    @Test func `the nearest allowed form is named`() throws {
        func hint(_ json: String) throws -> String { try #require(throws: SluiceError.self) { try plan(json) }.hint }
        #expect(
            try hint(#"{"target":"x","steps":[{"op":"Collapse-Whitespace","in":["a"],"as":"r"}],"result":"r"}"#)
                .hasPrefix(#"Nearest allowed form: "collapse_whitespace"."#))
        #expect(
            try hint(#"{"target":"x","steps":[{"op":"trim","ins":["a"],"as":"r"}],"result":"r"}"#)
                .hasPrefix(#"Nearest allowed form: "in"."#))
        let batch = Schema([Field("first_name", .text), Field("age", .int64)])
        let wrong = try plan(#"{"target":"x","steps":[{"op":"trim","in":["firstname"],"as":"r"}],"result":"r"}"#)
        let error = try #require(throws: SluiceError.self) { try wrong.check(inputs: batch) }
        #expect(error.hint.hasPrefix(#"Nearest allowed form: "first_name"."#))
    }

    @Test func `limits hold`() throws {
        func steps(_ count: Int) -> String {
            (0..<count).map { #"{"op":"trim","in":["a"],"as":"t\#($0)"}"# }.joined(separator: ",")
        }
        #expect(throws: Never.self) { try plan(#"{"target":"x","steps":[\#(steps(64))],"result":"t0"}"#) }
        for count in [65, 10_000] {
            let error = #expect(throws: SluiceError.self) {
                try plan(#"{"target":"x","steps":[\#(steps(count))],"result":"t0"}"#)
            }
            #expect(error?.message.contains("at /steps: there are \(count) steps") == true)
        }
        func names(_ count: Int) -> String { (0..<count).map { #""c\#($0)""# }.joined(separator: ",") }
        #expect(throws: Never.self) {
            try plan(#"{"target":"x","steps":[{"op":"concat","in":[\#(names(16))],"as":"r"}],"result":"r"}"#)
        }
        #expect(throws: SluiceError.self) {
            try plan(#"{"target":"x","steps":[{"op":"concat","in":[\#(names(17))],"as":"r"}],"result":"r"}"#)
        }
        // Doubling nine times repeats the input 512 times.
        let doubling = (0..<9).map { #"{"op":"concat","in":["t\#($0)","t\#($0)"],"as":"t\#($0 + 1)"}"# }
        let error = #expect(throws: SluiceError.self) {
            try plan(#"{"target":"x","steps":[\#(doubling.joined(separator: ","))],"result":"t9"}"#)
        }
        #expect(error?.message.contains("/steps/8/in: the value would repeat its inputs 512 times") == true)
    }

    @Test func `types are checked before anything runs`() throws {
        let schema = Schema([
            Field("t", .text), Field("i", .int64), Field("f", .float64), Field("d", .date), Field("z", .binary),
        ])
        func check(_ steps: String) throws -> ColumnType {
            try plan(#"{"target":"x","steps":[\#(steps)],"result":"r"}"#).check(inputs: schema)
        }
        #expect(try check(#"{"op":"type_cast","in":["t"],"to":"date","as":"r"}"#) == .date)
        #expect(try check(#"{"op":"type_cast","in":["i"],"to":"float64","as":"r"}"#) == .float64)
        #expect(try check(#"{"op":"type_cast","in":["d"],"to":"date","as":"r"}"#) == .date)
        for (steps, place, why) in [
            (#"{"op":"trim","in":["i"],"as":"r"}"#, "/steps/0/in/0", "trim takes text, and this is int64"),
            (#"{"op":"concat","in":["t","d"],"as":"r"}"#, "/steps/0/in/1", "concat takes text, and this is date"),
            (#"{"op":"type_cast","in":["f"],"to":"int64","as":"r"}"#, "/steps/0/to", "no cast from float64 to int64"),
            (#"{"op":"type_cast","in":["z"],"to":"text","as":"r"}"#, "/steps/0/to", "no cast from binary to text"),
            (#"{"op":"trim","in":["nowhere"],"as":"r"}"#, "/steps/0/in/0", "no input column"),
            (
                #"{"op":"trim","in":["t"],"as":"i"},{"op":"trim","in":["t"],"as":"r"}"#, "/steps/0/as",
                "the name of an input column"
            ),
            (
                #"{"op":"type_cast","in":["t"],"to":"int64","as":"n"},{"op":"trim","in":["n"],"as":"r"}"#,
                "/steps/1/in/0", "takes text, and this is int64"
            ),
        ] {
            let error = try #require(throws: SluiceError.self) { try check(steps) }
            #expect(error.code == .dslReject)
            #expect(error.message.contains("at \(place): ") && error.message.contains(why), "\(error.message)")
        }
        #expect(throws: SluiceError.self) { try Plan.identity(target: "x", input: "nope").check(inputs: schema) }
        #expect(throws: SluiceError.self) {
            try PlanExecutor([.identity(target: "x", input: "t"), .identity(target: "x", input: "i")], inputs: schema)
        }
    }

    @Test func `random documents never get through by accident`() {
        var random = SeededRandom()
        let words = [
            "target", "steps", "result", "op", "in", "as", "trim", "concat", "to", "upper", "a", "r", "", "date",
            "formats",
        ]
        func value(_ depth: Int) -> JSON {
            switch Int.random(in: 0..<(depth > 3 ? 4 : 7), using: &random) {
            case 0: .null
            case 1: .int(Int64.random(in: -2...2, using: &random))
            case 2, 3: .string(words.randomElement(using: &random) ?? "")
            case 4: .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth + 1) })
            default:
                .object(
                    Dictionary(
                        (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                            (words.randomElement(using: &random) ?? "", value(depth + 1))
                        }, uniquingKeysWith: { $1 }))
            }
        }
        for _ in 0..<3000 {
            let json = value(0)
            do {
                let made = try Plan(json: json)
                #expect((try? Plan(json: made.json)) == made, "seed \(random.seed)")
            } catch { #expect(error.code == .dslReject, "seed \(random.seed)") }
        }
    }
}
