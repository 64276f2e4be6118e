import Columnar
import Testing

@testable import Transform

/// What a row may become, which batches are sized by.
@Suite("A program's growth") struct GrowthTests {
    private func growth(_ steps: [String], result: String) throws -> TypedProgram.Growth {
        let plan = try plan(#"{"target":"y","steps":[\#(steps.joined(separator: ","))],"result":"\#(result)"}"#)
        return try TypedProgram([plan], inputs: Schema([Field("x", .text)])).growth
    }

    @Test func `is bounded for as many case steps as a plan may have`() throws {
        let steps = (0..<64).map { step in
            let (input, to) = (step == 0 ? "x" : "s\(step - 1)", step % 2 == 0 ? "upper" : "lower")
            return #"{"op":"case","to":"\#(to)","in":["\#(input)"],"as":"s\#(step)"}"#
        }
        #expect(try growth(steps, result: "s63").perByte == 2)
    }

    @Test func `does not overflow where every step multiplies it`() throws {
        let joint = String(repeating: ",", count: 256)
        let steps = (0..<2).map { step in
            #"{"op":"regex_split","separator":"x","join":"\#(joint)","in":["\#(step == 0 ? "x" : "s0")"],"as":"s\#(step)"}"#
        }
        // The language's own bound of pieces ends such a plan; the sum is bounded besides.
        let once = try growth([steps[0]], result: "s0")
        #expect(once.perByte == 256 && once.times(.max).perByte < Int.max / 512)
    }

    @Test func `of a dictionary has the length of its longest text, which is bounded`() throws {
        let long = String(repeating: "a", count: Mapping.maximumText)
        func step(_ text: String) -> String {
            #"{"op":"map_dict","map":{"a":"b"},"default":"\#(text)","null":null,"in":["x"],"as":"s"}"#
        }
        #expect(try growth([step(long)], result: "s").perRow >= long.utf8.count)
        #expect(throws: (any Error).self) { try self.growth([step(long + "a")], result: "s") }
    }
}
