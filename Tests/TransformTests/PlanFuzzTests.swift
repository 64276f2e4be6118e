import DSLFuzz
import Foundations
import Glibc
import Testing

@testable import Transform

@Suite struct PlanFuzzTests {
    @Test func `documents that are nearly programs are refused, and programs run`() {
        let given = getenv("TRANSFORM_SEED").flatMap { UInt64(String(cString: $0)) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        var fuzz = PlanFuzz(seed: seed)
        for _ in 0..<1000 {
            guard let find = fuzz.step() else { continue }
            Issue.record("TRANSFORM_SEED=\(seed), document \(fuzz.documents): \(find)")
            return
        }
        // Both ways are gone often enough to mean something.
        #expect(fuzz.programs > 50 && fuzz.programs < 950, "TRANSFORM_SEED=\(seed): \(fuzz.programs)")
    }

    private func refusal(_ text: String) throws -> SluiceError {
        try #require(throws: SluiceError.self) { try ProgramDocument.parse(Array(text.utf8)) }
    }

    @Test func `a program of any size is refused in bounded work`() throws {
        let million = String(repeating: #""key":"x","#, count: 1_000_000) + #""last":"x""#
        let dictionary =
            #"{"target":"y","steps":[{"op":"map_dict","in":["x"],"map":{\#(million)},"default":null,"null":null,"as":"r"}],"#
            + #""result":"r"}"#
        #expect(try refusal(dictionary).message.contains("at the root: it has \(dictionary.utf8.count) bytes"))
        let many = (0..<10_001).map { #""\#($0)":"x""# }.joined(separator: ",")
        let small = dictionary.replacing(million, with: many)
        #expect(try refusal(small).message.contains("at /steps/0/map: there are 10001 entries"))
        let steps = Array(repeating: #"{"op":"trim","in":["x"],"as":"r"}"#, count: 10_000).joined(separator: ",")
        #expect(
            try refusal(#"{"target":"y","steps":[\#(steps)],"result":"r"}"#).message
                .contains("at /steps: there are 10000 steps"))
        let deep = String(repeating: "[", count: 100_000)
        #expect(try refusal(deep).message.contains("nested deeper than 128"))
        #expect(try refusal(#"{"target":\#(deep)"#).message.contains("nested deeper than 128"))
        let name = String(repeating: "n", count: 1 << 20)
        #expect(
            try refusal(#"{"target":"\#(name)","steps":[],"result":"x"}"#).message
                .contains("at /target: it is not a column's name"))
        let values = "[" + String(repeating: "0,", count: 1 << 20) + "0]"
        #expect(try refusal(values).message.contains("it holds too many values"))
        let plans = Array(repeating: #"{"target":"y","steps":[],"result":"x"}"#, count: 513).joined(separator: ",")
        #expect(try refusal(#"{"plans":[\#(plans)]}"#).message.contains("at /plans: there are 513 plans"))
        for text in ["", "{", "nul", "\u{FEFF}{}", #"{"target":1,"target":2}"#, #"{"a":"\ud800"}"#, "{} {}"] {
            #expect(try refusal(text).code == .dslReject)
        }
        let error = try #require(throws: SluiceError.self) { try ProgramDocument.parse([0x7B, 0xFF, 0x7D]) }
        #expect(error.message.contains("it is not UTF-8"))
    }

    @Test(arguments: ["(a*)*b", "(a|aa)+$", "(x+x+)+y", "[a-z]*[a-z]*[a-z]*!", "(?:a{255}){255}", "a?a?a?a?a?a?aaaaaa"])
    func `a pattern that would run for ever is refused or linear`(pattern: String) throws {
        let text =
            #"{"target":"y","steps":[{"op":"regex_extract","in":["x"],"pattern":"\#(pattern)","as":"r"}],"result":"r"}"#
        let error = try refusal(text)
        #expect(error.message.contains("at /steps/0/pattern") && !error.hint.isEmpty)
    }
}
