import Columnar
import Foundations
import Testing

@testable import Transform

private let root = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))

/// A program that asks for one feature.
private func document(_ feature: EngineFeature) -> (type: String, steps: String?) {
    func cast(_ to: String, _ more: String = "") -> String {
        #"{"op":"type_cast","in":["x"],"to":"\#(to)"\#(more),"as":"a"}"#
    }
    func op(_ step: String) -> String { #"{"op":\#(step),"in":["x"],"as":"a"}"# }
    let decimal = "decimal(12,2)"
    return switch feature {
    case .trim: ("text", op(#""trim""#))
    case .collapseWhitespace: ("text", op(#""collapse_whitespace""#))
    case .caseUnicode: ("text", op(#""case","to":"upper""#))
    case .caseBasic: ("text", op(#""case","to":"lower","letters":"basic""#))
    case .caseASCII: ("text", op(#""case","to":"upper","letters":"ascii""#))
    case .regexExtract: ("text", op(#""regex_extract","pattern":"(a+)b""#))
    case .splitPattern: ("text", op(#""regex_split","pattern":"[,;]","index":1"#))
    case .splitText: ("text", op(#""regex_split","separator":",","index":-1"#))
    case .concat: ("text", #"{"op":"concat","in":["x","x"],"separator":"-","as":"a"}"#)
    case .mapDict: ("text", op(#""map_dict","map":{"a":"b"},"default":null,"null":null"#))
    case .unitExact: ("int64", op(#""unit_convert","from":"in","to":"cm","type":"decimal(12,2)""#))
    case .unitDouble: ("float64", op(#""unit_convert","from":"in","to":"cm","type":"float64""#))
    case .parseDate: ("text", op(#""date_parse","formats":["d.M.yyyy"],"to":"date""#))
    case .parseZone:
        ("text", op(#""date_parse","formats":["yyyy-MM-dd HH:mm"],"to":"timestamp","zone":"Europe/Berlin""#))
    case .formatDate: ("date", op(#""date_format","format":"dd/MM/yyyy""#))
    case .formatZone: ("timestamp", op(#""date_format","format":"yyyy-MM-dd HH:mm","zone":"Europe/Berlin""#))
    case .textToInteger: ("text", cast("int64"))
    case .textToDecimal: ("text", cast(decimal))
    case .textWithMarks: ("text", cast(decimal, #","grouping":",","currency":["$"]"#))
    case .textToDouble: ("text", cast("float64"))
    case .textToBool: ("text", cast("bool"))
    case .textToDate: ("text", cast("date"))
    case .textToTimestamp: ("text", cast("timestamp"))
    case .integerToText: ("int64", cast("text"))
    case .integerToDecimal: ("int64", cast(decimal))
    case .integerToDouble: ("int64", cast("float64"))
    case .decimalToText: (decimal, cast("text"))
    case .decimalToInteger: (decimal, cast("int64"))
    case .decimalToDecimal: (decimal, cast("decimal(9,1)"))
    case .decimalToDouble: (decimal, cast("float64"))
    case .doubleToText: ("float64", cast("text"))
    case .boolToText: ("bool", cast("text"))
    case .dateToText: ("date", cast("text"))
    case .timestampToText: ("timestamp", cast("text"))
    case .integerMath: ("int64", #"{"op":"safe_math","function":"add","in":["x",1],"as":"a"}"#)
    case .decimalMath:
        (decimal, #"{"op":"safe_math","function":"multiply","in":["x","x"],"to":"decimal(18,2)","as":"a"}"#)
    case .selectWhen: ("text", #"{"op":"select_when","in":["x","x","x"],"pattern":"^a","as":"a"}"#)
    case .copy: ("date", nil)
    case .copyBinary: ("binary", nil)
    }
}

private func program(_ feature: EngineFeature) throws -> TypedProgram {
    let (type, steps) = document(feature)
    let json = """
        {"inputs":[{"name":"x","type":"\(type)"}],"plans":[{"target":"y","steps":[\(steps ?? "")],\
        "result":"\(steps == nil ? "x" : "a")"}]}
        """
    return try ProgramDocument.parse(Array(json.utf8), features: .selectWhen).program
}

@Suite struct `What engines support` {
    @Test(arguments: EngineFeature.allCases) func `is what the one table says`(_ feature: EngineFeature) throws {
        let program = try program(feature)
        if let node = program.nodes.first { #expect(EngineSupport.feature(of: node) == feature) }
        for engine in Engine.allCases {
            let mark = EngineSupport.mark(feature, in: engine)
            var refusal: Unsupported?
            do { _ = try Emitters.emit(program, for: engine) } catch { refusal = error }
            #expect(
                refusal?.marker == mark?.marker,
                "\(engine.title), \(feature.rawValue): \(refusal?.message ?? "emitted")")
            #expect(refusal?.reason == mark?.reason, "\(engine.title), \(feature.rawValue)")
            if let refusal, refusal.op != nil {
                #expect(refusal.op == feature.op && refusal.plan == 0 && refusal.step == 0)
            }
        }
    }

    @Test func `has a reason for every mark, and one mark a feature`() {
        var seen: Set<String> = []
        for mark in EngineSupport.marks {
            #expect(mark.reason.utf8.count > 10 && !mark.reason.hasSuffix("."))
            #expect(seen.insert("\(mark.engine) \(mark.feature)").inserted)
        }
    }

    @Test func `is the page docs slash dsl-matrix`() throws {
        let path = "\(root)/docs/dsl-matrix.md"
        let expected = EngineSupport.markdown
        let found = (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
        if found != expected, Context.system.environment["RECORD_GOLDEN"] == "1" {
            try Files.writeAtomically(Array(expected.utf8), to: path, mode: 0o644)
            Issue.record(
                "docs/dsl-matrix.md was written anew; look at the difference and run again without RECORD_GOLDEN")
        } else {
            #expect(found == expected, "run with RECORD_GOLDEN=1 to write docs/dsl-matrix.md anew")
        }
    }
}
