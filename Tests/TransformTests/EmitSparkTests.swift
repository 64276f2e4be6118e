import Columnar
import Foundations
import Testing

@testable import Transform

private func program(_ json: String) throws -> TypedProgram {
    try ProgramDocument.parse(Array(json.utf8)).program
}

/// What stands between raw literals of Spark, `char(39)` for the quote; nil for anything else.
private func read(raw literal: String) -> String? {
    if literal == "''" { return "" }
    var rest = literal.unicodeScalars[...]
    let isList = literal.utf8.starts(with: "concat(".utf8)
    if isList { rest = rest.dropFirst(7).dropLast() }
    var out = String.UnicodeScalarView()
    while !rest.isEmpty {
        if rest.starts(with: "char(39)".unicodeScalars) {
            rest = rest.dropFirst(8)
            out.append("'")
        } else {
            guard rest.starts(with: "r'".unicodeScalars) else { return nil }
            rest = rest.dropFirst(2)
            guard let end = rest.firstIndex(of: "'") else { return nil }
            out.append(contentsOf: rest[..<end])
            rest = rest[end...].dropFirst()
        }
        if rest.isEmpty { break }
        guard isList, rest.starts(with: ", ".unicodeScalars) else { return nil }
        rest = rest.dropFirst(2)
    }
    return String(out)
}

@Suite struct `Emitted Spark SQL` {
    @Test func `quotes hostile texts so that they end where they should`() {
        for text in hostileTexts + ["${env:HOME}", "$${x}", "${\u{301}", "'${'}", "$'{"] {
            let literal = SparkDialect.quotedText(text)
            #expect(read(raw: literal)?.utf8.elementsEqual(text.utf8) == true, "\(literal)")
            let isReplaced = zip(literal.utf8, literal.utf8.dropFirst()).contains { $0 == (0x24, 0x7B) }
            #expect(!isReplaced, "\(literal)")
        }
    }

    @Test func `refuses names that Spark would change or take for one`() throws {
        func refusal(_ names: [String]) throws -> String? {
            let plans = names.map { Plan.identity(target: $0, input: "x") }
            let program = try TypedProgram(plans, inputs: Schema([Field("x", .text)]))
            do {
                _ = try Emitters.emit(program, for: .spark)
                return nil
            } catch { return error.reason }
        }
        #expect(try refusal(["a${env:HOME}"])?.hasSuffix("contains ${, which Spark replaces in a query") == true)
        #expect(try refusal(["${\u{301}"])?.hasSuffix("contains ${, which Spark replaces in a query") == true)
        #expect(try refusal(["é", "É"]) == #"the columns "é" and "É" are one name there"#)
        #expect(try refusal(["$ {", "`", "a.b", "*", "\n"]) == nil)
        let query = try Emitters.emit(
            try TypedProgram([.identity(target: "y`", input: "x`")], inputs: Schema([Field("x`", .text)])), for: .spark)
        #expect(query.text.contains("`x```") && query.text.contains("`y```"))
    }

    @Test func `has lists as documents, so that every parameter is a literal`() throws {
        let entries = (0..<65).map { "\"k\($0)\":\($0 == 3 ? "null" : "\"v\"")" }.joined(separator: ",")
        let query = try Emitters.emit(
            try program(
                """
                {"target":"y","steps":[{"op":"map_dict","in":["x"],"map":{\(entries)},"default":null,"null":null,\
                "as":"a"},{"op":"date_parse","in":["a"],"formats":["yyyy-MM-dd HH:mm"],"to":"timestamp",\
                "zone":"Europe/Berlin","as":"b"}],"result":"b"}
                """), for: .spark)
        let types = Set(query.parameters.map(\.type))
        #expect(types.isSubset(of: [.text, .json, .integer, .wide, .float64]))
        // Many entries are joined with, so that none is searched for.
        #expect(query.text.contains("left join"))
    }
}
