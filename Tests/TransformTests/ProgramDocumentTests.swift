import Columnar
import Foundations
import Testing

@testable import Transform

@Suite struct ProgramDocumentTests {
    static let trim = #"{"target":"x","steps":[{"op":"trim","in":["a"],"as":"r"}],"result":"r"}"#

    func read(_ text: String, inputs: [Field] = []) throws -> ProgramDocument {
        try ProgramDocument.parse(Array(text.utf8), inputs: inputs)
    }

    @Test func `a bare plan is a program over texts`() throws {
        let document = try read(Self.trim)
        #expect(document.inputs == Schema([Field("a", .text)]))
        #expect(document.plans == [try plan(Self.trim)])
        #expect(
            document.json.canonicalText
                == #"{"inputs":[{"name":"a","type":"text"}],"plans":[{"result":"r","#
                + #""steps":[{"as":"r","in":["a"],"op":"trim"}],"target":"x"}]}"#)
        #expect(try read(document.json.canonicalText).hash == document.hash)
    }

    @Test func `inputs are declared, or texts, and what is given beside the document holds`() throws {
        let negate =
            #"{"target":"y","steps":[{"op":"safe_math","function":"negate","in":["n"],"as":"r"}],"result":"r"}"#
        let declared = try read(
            #"{"inputs":[{"name":"n","type":"int64"},{"name":"a","type":"text"}],"plans":[\#(negate),\#(Self.trim)]}"#)
        #expect(declared.inputs == Schema([Field("n", .int64), Field("a", .text)]))
        #expect(declared.program.outputs.map(\.type) == [.int64, .text])
        let given = try read(#"{"plans":[\#(negate)]}"#, inputs: [Field("n", .int64), Field("more", .date)])
        #expect(given.inputs == Schema([Field("n", .int64), Field("more", .date)]))
        let error = try #require(throws: SluiceError.self) { try read(#"{"plans":[\#(Self.trim),\#(negate)]}"#) }
        #expect(error.message.contains("rejected at /plans/1/steps/0/in/0: safe_math takes int64"), "\(error.message)")
    }

    @Test func `a program is refused at its place`() throws {
        let golden = #"""
            [] → the root: a program is an object.
            {"plans":{}} → /plans: it is not an array of plans.
            {"inputs":[]} → /plans: it is not an array of plans.
            {"plans":[],"note":1} → /note: there is no key "note" here.
            {"plans":[7]} → /plans/0: a plan is an object.
            {"plans":[],"inputs":{}} → /inputs: it is not an array.
            {"plans":[],"inputs":[1]} → /inputs/0: it is not an object.
            {"plans":[],"inputs":[{"name":"","type":"text"}]} → /inputs/0/name: it is not a column's name.
            {"plans":[],"inputs":[{"name":"a","type":"string"}]} → /inputs/0/type: it is not a type's name.
            {"plans":[],"inputs":[{"name":"a","type":"text","x":1}]} → /inputs/0/x: there is no key "x" here.
            {"plans":[],"inputs":[{"name":"a","type":"text"},{"name":"a","type":"text"}]} → /inputs/1/name: the column stands twice.
            {"plans":[TRIM,TRIM]} → /plans/1/target: another plan makes this column already.
            {"plans":[TRIM],"inputs":[]} → /plans/0/steps/0/in/0: there is no step and no input column "a".
            {"plans":[{"target":"x","steps":[{"op":"trimm","in":["a"],"as":"r"}],"result":"r"}]} → /plans/0/steps/0/op: there is no op "trimm".
            {"plans": → the root: it is not valid JSON: it ends where a value was expected at byte 9.
            """#
        var made: [String] = []
        for line in golden.split(separator: "\n") {
            let text = String(line.split(separator: " → ")[0])
            let error = try #require(throws: SluiceError.self) { try read(text.replacing("TRIM", with: Self.trim)) }
            #expect(error.code == .dslReject && !error.hint.isEmpty)
            made.append("\(text) → \(error.message.split(separator: " is rejected at ").last ?? "")")
        }
        #expect(made.joined(separator: "\n") == golden)
    }

    @Test func `two spellings of a letter are two values, not one node`() throws {
        func step(_ prefix: String) -> String {
            #"{"target":"\#(prefix.utf8.count)","steps":[{"op":"concat","in":["a"],"prefix":"\#(prefix)","as":"r"}],"result":"r"}"#
        }
        let document = try read(#"{"plans":[\#(step("\u{E9}")),\#(step("e\u{301}"))]}"#)
        #expect(document.program.nodes.count == 2)
        let twice = try read(#"{"plans":[\#(Self.trim),\#(Self.trim.replacing(#""x""#, with: #""y""#))]}"#)
        #expect(twice.program.nodes.count == 1)
    }
}
