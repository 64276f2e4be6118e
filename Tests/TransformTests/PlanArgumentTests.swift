import Columnar
import Foundations
import Testing

@testable import Transform

/// Arguments of the ops: what is read, what is written again, and what is refused where.
@Suite struct PlanArgumentTests {
    /// Steps in the canonical form, one of each op with every argument.
    static let forms = [
        #"{"as":"r","in":["a"],"letters":"basic","op":"case","to":"upper"}"#,
        #"{"as":"r","group":1,"in":["a"],"op":"regex_extract","pattern":"^a([0-9]+)"}"#,
        #"{"as":"r","in":["a"],"index":-1,"op":"regex_split","separator":", "}"#,
        #"{"as":"r","in":["a"],"join":"","op":"regex_split","pattern":"[^0-9]+"}"#,
        #"{"as":"r","in":["a"],"nulls":"skip","op":"concat","prefix":"<","separator":"-","suffix":">"}"#,
        #"{"as":"r","default":{"keep":true},"in":["a"],"map":{"":null,"x":"y"},"null":"none","op":"map_dict"}"#,
        #"{"as":"r","default":{"error":true},"in":["a"],"map":{},"null":null,"on_error":"null","op":"map_dict"}"#,
        #"{"as":"r","default":"other","in":["a"],"map":{},"null":null,"op":"map_dict"}"#,
        #"{"as":"r","from":"km","in":["n"],"op":"unit_convert","to":"mi","type":"decimal(12,3)"}"#,
        #"{"as":"r","empty":"error","formats":["yyyy-MM-dd HH:mm"],"gap":"later","in":["a"],"op":"date_parse","#
            + #""overlap":"earlier","to":"timestamp","zone":"Europe/Berlin"}"#,
        #"{"as":"r","format":"dd.MM.yyyy HH:mm","in":["a"],"op":"date_format","zone":"Europe/Berlin"}"#,
        #"{"as":"r","currency":["$","USD"],"decimal_mark":",","empty":"error","grouping":".","in":["a"],"#
            + #""op":"type_cast","rounding":"half_away","to":"decimal(12,2)"}"#,
        #"{"as":"r","function":"multiply","in":["a",{"decimal":"0.92"}],"op":"safe_math","to":"decimal(18,2)"}"#,
        #"{"as":"r","function":"modulo","in":[9007199254740991,"a"],"op":"safe_math"}"#,
        #"{"as":"r","function":"negate","in":["a"],"op":"safe_math"}"#,
    ]

    @Test(arguments: forms) func `an op survives its JSON`(step: String) throws {
        let document = #"{"result":"r","steps":[\#(step)],"target":"x"}"#
        #expect(try plan(document).json.canonicalText == document)
    }

    @Test func `defaults that are written out are left out of the canonical form`() throws {
        for (loud, quiet) in [
            (#"{"op":"case","in":["a"],"to":"lower","letters":"unicode","as":"r"}"#, 0),
            (#"{"op":"type_cast","in":["a"],"to":"decimal(9,2)","decimal_mark":".","rounding":"exact","as":"r"}"#, 1),
            (
                #"{"op":"date_parse","in":["a"],"formats":["yyyyMMdd"],"to":"timestamp","zone":"UTC","gap":"error","as":"r"}"#,
                2
            ),
            (#"{"op":"concat","in":["a"],"prefix":"","suffix":"","separator":"","as":"r"}"#, 3),
        ] {
            let plain = [
                #"{"as":"r","in":["a"],"op":"case","to":"lower"}"#,
                #"{"as":"r","in":["a"],"op":"type_cast","to":"decimal(9,2)"}"#,
                #"{"as":"r","formats":["yyyyMMdd"],"in":["a"],"op":"date_parse","to":"timestamp"}"#,
                #"{"as":"r","in":["a"],"op":"concat"}"#,
            ][quiet]
            let made = try plan(#"{"target":"x","steps":[\#(loud)],"result":"r"}"#).json.canonicalText
            #expect(made == #"{"result":"r","steps":[\#(plain)],"target":"x"}"#)
        }
        let group = try plan(
            #"{"target":"x","steps":[{"op":"regex_extract","in":["a"],"pattern":"a(b)","as":"r"},"#
                + #"{"op":"regex_extract","in":["a"],"pattern":"a\\(b\\)","as":"s"}],"result":"r"}"#)
        #expect(group.steps.map { $0.json["group"] } == [1, 0])
    }

    /// As in ``PlanTests``: steps, then the place and the reason.
    static let refused = #"""
        {"op":"case","in":["a"],"as":"r","to":"upper","letters":"all"}
          → /steps/0/letters: "all" is not allowed.
        {"op":"regex_extract","in":["a"],"as":"r"}
          → /steps/0: the key "pattern" is missing.
        {"op":"regex_extract","in":["a"],"as":"r","pattern":""}
          → /steps/0/pattern: it is not a text of 1 to 256 bytes.
        {"op":"regex_extract","in":["a"],"as":"r","pattern":"\\d+"}
          → /steps/0/pattern: the pattern "\d+" is not allowed: at character 0, `\d` is not part of the patterns: engines disagree on digits.
        {"op":"regex_extract","in":["a"],"as":"r","pattern":"a","group":1}
          → /steps/0/group: the pattern has no group.
        {"op":"regex_extract","in":["a"],"as":"r","pattern":"(a)","group":2}
          → /steps/0/group: it is neither 0 nor 1.
        {"op":"regex_split","in":["a"],"as":"r","index":0}
          → /steps/0: exactly one of "pattern" and "separator" says what to cut at.
        {"op":"regex_split","in":["a"],"as":"r","separator":",","pattern":",","index":0}
          → /steps/0: exactly one of "pattern" and "separator" says what to cut at.
        {"op":"regex_split","in":["a"],"as":"r","separator":"","index":0}
          → /steps/0/separator: it is not a text of 1 to 256 bytes.
        {"op":"regex_split","in":["a"],"as":"r","pattern":"a*","index":0}
          → /steps/0/pattern: it matches the empty text, which is no separator.
        {"op":"regex_split","in":["a"],"as":"r","separator":","}
          → /steps/0: exactly one of "index" and "join" says what is made of the pieces.
        {"op":"regex_split","in":["a"],"as":"r","separator":",","index":"0"}
          → /steps/0/index: it is not an integer from -10000 to 10000.
        {"op":"concat","in":["a"],"as":"r","prefix":"\u0000"}
          → /steps/0/prefix: it contains U+0000.
        {"op":"map_dict","in":["a"],"as":"r","map":{},"default":null}
          → /steps/0: the key "null" is missing.
        {"op":"map_dict","in":["a"],"as":"r","map":[],"default":null,"null":null}
          → /steps/0/map: it is not an object.
        {"op":"map_dict","in":["a"],"as":"r","map":{"a/b":1},"default":null,"null":null}
          → /steps/0/map/a~1b: it is neither a text nor null.
        {"op":"map_dict","in":["a"],"as":"r","map":{},"default":{"keep":false},"null":null}
          → /steps/0/default: it says nothing that is known of texts which the dictionary has not.
        {"op":"map_dict","in":["a"],"as":"r","map":{},"default":null,"null":0}
          → /steps/0/null: it is neither a text nor null.
        {"op":"unit_convert","in":["a"],"as":"r","from":"km","to":"kg","type":"int64"}
          → /steps/0/to: km is a unit of length, and kg one of mass.
        {"op":"unit_convert","in":["a"],"as":"r","from":"parsec","to":"m","type":"int64"}
          → /steps/0/from: there is no unit "parsec".
        {"op":"unit_convert","in":["a"],"as":"r","from":"km","to":"m","type":"decimal(19,2)"}
          → /steps/0/type: "decimal(19,2)" is not a decimal type.
        {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyyMMdd"],"zone":"UTC"}
          → /steps/0/zone: a date has no time of day, and so no zone.
        {"op":"date_parse","in":["a"],"as":"r","to":"date","formats":["yyyyMMdd"],"pivot":70}
          → /steps/0/pivot: no pattern has the field yy.
        {"op":"date_parse","in":["a"],"as":"r","to":"timestamp","formats":["yyyyMMdd"],"zone":"no zone"}
          → /steps/0/zone: there is no zone "no zone" in IANA's 2026f.
        {"op":"date_format","in":["a"],"as":"r","format":7}
          → /steps/0/format: it is not a text.
        {"op":"type_cast","in":["a"],"as":"r","to":"decimal(0,0)"}
          → /steps/0/to: "decimal(0,0)" is not a decimal type.
        {"op":"type_cast","in":["a"],"as":"r","to":"date","grouping":","}
          → /steps/0/grouping: there is no grouping where a date is made.
        {"op":"type_cast","in":["a"],"as":"r","to":"int64","decimal_mark":","}
          → /steps/0/decimal_mark: an int64 has no fraction.
        {"op":"type_cast","in":["a"],"as":"r","to":"decimal(9,2)","grouping":"."}
          → /steps/0/grouping: it is the decimal mark too.
        {"op":"type_cast","in":["a"],"as":"r","to":"int64","grouping":"."}
          → /steps/0/grouping: it is the decimal mark too.
        {"op":"type_cast","in":["a"],"as":"r","to":"decimal(9,2)","grouping":";"}
          → /steps/0/grouping: ";" is not allowed.
        {"op":"type_cast","in":["a"],"as":"r","to":"decimal(9,2)","currency":"$"}
          → /steps/0/currency: it is not an array of 1 to 16 signs.
        {"op":"type_cast","in":["a"],"as":"r","to":"decimal(9,2)","currency":["$","-"]}
          → /steps/0/currency/1: the sign "-" could be taken for a part of the number.
        {"op":"type_cast","in":["a"],"as":"r","to":"decimal(9,2)","grouping":",","currency":[",x"]}
          → /steps/0/currency/0: the sign ",x" could be taken for a part of the number.
        {"op":"safe_math","in":["a","b"],"as":"r","function":"power"}
          → /steps/0/function: "power" is not allowed.
        {"op":"safe_math","in":["a"],"as":"r","function":"add"}
          → /steps/0/in: safe_math takes two inputs, not 1.
        {"op":"safe_math","in":["a","b"],"as":"r","function":"negate"}
          → /steps/0/in: safe_math takes one input, not 2.
        {"op":"safe_math","in":[1,2],"as":"r","function":"add"}
          → /steps/0/in: all inputs are numbers of the plan.
        {"op":"safe_math","in":["a",1.5],"as":"r","function":"add"}
          → /steps/0/in/1: it is not an integer.
        {"op":"safe_math","in":["a",9007199254740993],"as":"r","function":"add"}
          → /steps/0/in/1: it is beyond 2^53 - 1, where readers of JSON differ.
        {"op":"safe_math","in":["a",{"decimal":".5"}],"as":"r","function":"add"}
          → /steps/0/in/1/decimal: it is not a decimal number.
        {"op":"safe_math","in":["a",true],"as":"r","function":"add"}
          → /steps/0/in/1: it is neither a name nor a number.
        {"op":"safe_math","in":["a",1],"as":"r","function":"add","to":"int64"}
          → /steps/0/to: there is no type "int64" here.
        {"op":"trim","in":[1],"as":"r"}
          → /steps/0/in/0: it is not a name.
        {"op":"concat","in":["a"],"as":"t","separator":""},{"op":"regex_split","in":["t"],"separator":",","join":"------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------","as":"u"},{"op":"concat","in":["u","u"],"as":"r"}
          → /steps/2/in: the value would repeat its inputs 504 times.
        """#

    @Test func `arguments outside the language are refused at their place`() throws {
        var made: [String] = []
        for line in Self.refused.split(separator: "\n").map(String.init) where !line.hasPrefix("  → ") {
            let error = try #require(throws: SluiceError.self) {
                try plan(#"{"target":"x","steps":[\#(line)],"result":"r"}"#)
            }
            #expect(error.code == .dslReject)
            #expect(!error.hint.isEmpty)
            let place = error.message.split(separator: " is rejected at ").last ?? ""
            made.append(line + "\n  → " + place)
        }
        #expect(made.joined(separator: "\n") == Self.refused)
    }

    /// Steps over columns t, i, c (a decimal), f, b, d, s and z; then the type, or the place and the reason.
    static let typed = #"""
        {"op":"concat","in":["t"],"as":"r"} → text
        {"op":"map_dict","in":["t"],"map":{},"default":null,"null":null,"as":"r"} → text
        {"op":"map_dict","in":["i"],"map":{},"default":null,"null":null,"as":"r"} → /in/0: map_dict takes text, and this is int64.
        {"op":"unit_convert","in":["i"],"from":"km","to":"mi","type":"decimal(12,3)","as":"r"} → decimal(12,3)
        {"op":"unit_convert","in":["c"],"from":"km","to":"mi","type":"int64","as":"r"} → int64
        {"op":"unit_convert","in":["f"],"from":"km","to":"mi","type":"float64","as":"r"} → float64
        {"op":"unit_convert","in":["f"],"from":"km","to":"mi","type":"int64","as":"r"} → /type: float64 is converted to float64 alone.
        {"op":"unit_convert","in":["i"],"from":"km","to":"mi","type":"float64","as":"r"} → /type: int64 is converted exactly, which float64 cannot hold.
        {"op":"unit_convert","in":["t"],"from":"km","to":"mi","type":"int64","as":"r"} → /in/0: unit_convert takes int64, decimals and float64, and this is text.
        {"op":"date_format","in":["d"],"format":"yyyyMMdd","as":"r"} → text
        {"op":"date_format","in":["s"],"format":"HH:mm dd.MM.yyyy","zone":"Europe/Berlin","as":"r"} → text
        {"op":"date_format","in":["d"],"format":"yyyyMMdd HH","as":"r"} → /format: a date has no time of day, which the pattern "yyyyMMdd HH" writes.
        {"op":"date_format","in":["d"],"format":"yyyyMMdd","zone":"Europe/Berlin","as":"r"} → /zone: a date is in no zone.
        {"op":"date_format","in":["t"],"format":"yyyyMMdd","as":"r"} → /in/0: date_format takes a date or a timestamp, and this is text.
        {"op":"type_cast","in":["t"],"to":"decimal(9,2)","grouping":",","as":"r"} → decimal(9,2)
        {"op":"type_cast","in":["t"],"to":"int64","grouping":"_","as":"r"} → int64
        {"op":"type_cast","in":["i"],"to":"decimal(9,2)","as":"r"} → decimal(9,2)
        {"op":"type_cast","in":["c"],"to":"int64","rounding":"half_away","as":"r"} → int64
        {"op":"type_cast","in":["c"],"to":"decimal(4,0)","as":"r"} → decimal(4,0)
        {"op":"type_cast","in":["c"],"to":"float64","as":"r"} → float64
        {"op":"type_cast","in":["c"],"to":"date","as":"r"} → /to: there is no cast from decimal(9,2) to date.
        {"op":"type_cast","in":["f"],"to":"decimal(9,2)","as":"r"} → /to: there is no cast from float64 to decimal(9,2).
        {"op":"type_cast","in":["i"],"to":"decimal(9,2)","grouping":",","as":"r"} → /grouping: it says how texts are read, and this is int64.
        {"op":"type_cast","in":["i"],"to":"decimal(9,2)","rounding":"half_away","as":"r"} → /rounding: nothing is rounded in a cast from int64 to decimal(9,2).
        {"op":"type_cast","in":["i"],"to":"text","empty":"error","as":"r"} → /empty: an empty text is nothing special in a cast from int64 to text.
        {"op":"type_cast","in":["z"],"to":"binary","as":"r"} → /to: there is no type "binary" here.
        {"op":"safe_math","in":["i",2],"function":"divide","as":"r"} → int64
        {"op":"safe_math","in":["i","c"],"function":"divide","to":"decimal(18,4)","as":"r"} → decimal(18,4)
        {"op":"safe_math","in":["i",{"decimal":"0.5"}],"function":"add","to":"decimal(18,1)","as":"r"} → decimal(18,1)
        {"op":"safe_math","in":["c"],"function":"absolute","to":"decimal(9,2)","as":"r"} → decimal(9,2)
        {"op":"safe_math","in":["i","c"],"function":"add","as":"r"} → : the key "to" is missing, which decimals need.
        {"op":"safe_math","in":["i",2],"function":"add","to":"decimal(9,2)","as":"r"} → /to: integers make an int64.
        {"op":"safe_math","in":["c",2],"function":"modulo","to":"decimal(9,2)","as":"r"} → /function: there is no modulo of decimals.
        {"op":"safe_math","in":["i","f"],"function":"add","as":"r"} → /in/1: safe_math takes int64 and decimals, and this is float64.
        {"op":"select_when","in":["t","i","i"],"pattern":"^a","as":"r"} → int64
        {"op":"select_when","in":["i","t","t"],"pattern":"^a","as":"r"} → /in/0: select_when takes text, and this is int64.
        {"op":"select_when","in":["t","i","t"],"pattern":"^a","as":"r"} → /in/2: it is text, and the value beside it int64.
        {"op":"select_when","in":["t","z","z"],"pattern":"^a","as":"r"} → /in/1: this is binary.
        {"op":"select_when","in":["t","t"],"pattern":"^a","as":"r"} → /in: select_when takes three inputs, not 2.
        """#

    @Test func `an op takes the types of its column in the table, and makes one`() throws {
        let schema = Schema([
            Field("t", .text), Field("i", .int64), Field("c", .decimal(precision: 9, scale: 2)), Field("f", .float64),
            Field("b", .bool), Field("d", .date), Field("s", .timestamp), Field("z", .binary),
        ])
        var made: [String] = []
        for line in Self.typed.split(separator: "\n") {
            let step = line.split(separator: " → ")[0]
            let document = #"{"target":"x","steps":[\#(step)],"result":"r"}"#
            do throws(SluiceError) {
                let plan = try Plan.parse(Array(document.utf8), features: .selectWhen)
                let type = try plan.check(inputs: schema)
                made.append("\(step) → \(type.name)")
                let program = try TypedProgram([plan], inputs: schema)
                #expect(program.outputs.map(\.type) == [type])
            } catch {
                #expect(error.code == .dslReject && !error.hint.isEmpty)
                let place = error.message.split(separator: " is rejected at /steps/0").last ?? ""
                made.append("\(step) → \(place)")
            }
        }
        #expect(made.joined(separator: "\n") == Self.typed)
    }
}
