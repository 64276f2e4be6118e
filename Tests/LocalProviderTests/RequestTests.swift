import LocalCore
import Testing

@Suite struct `An embed request` {
    private func read(_ json: String) throws -> EmbedRequest {
        try Array(json.utf8).withUnsafeBufferPointer { bytes in try EmbedRequest(json: bytes) }
    }

    @Test func `is read with its escapes`() throws {
        let json = #" { "texts" : [ "a", "", "q\"\\\/\b\f\n\r\t", "\u00e9\uD83D\uDC4D", "é👍" ] , "model" : null } "#
        let request = try read(json)
        #expect(request.model == nil)
        #expect(request.texts == ["a", "", "q\"\\/\u{8}\u{c}\n\r\t", "é👍", "é👍"])
        #expect(try read(#"{"model":"m","texts":[]}"#) == read(#"{"texts":[],"model":"m"}"#))
    }

    @Test func `may carry keys that this version does not know`() throws {
        let json = #"{"x":{"y":[1,-0.5e+3,true,false,null,"s",{}],"z":[]},"texts":["a"]}"#
        #expect(try read(json).texts == ["a"])
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}x", #"{"texts":["a"]"#, #"{"texts":["a",]}"#, #"{"texts":["a"],}"#, #"{"texts":[1]}"#,
        #"{"texts":["\ud83d"]}"#, #"{"texts":["\udc4d"]}"#, #"{"texts":["\x"]}"#, #"{"texts":["\u12"]}"#,
        "{\"texts\":[\"\n\"]}", #"{"texts":["a"],"texts":["b"]}"#, #"{"texts":"a"}"#, #"{"model":1,"texts":[]}"#,
        #"{"x":01,"texts":[]}"#, #"{"x":-,"texts":[]}"#, #"{"x":1.,"texts":[]}"#, #"{"x":tru,"texts":[]}"#,
    ])
    func `is refused when it is not JSON of its form`(_ json: String) {
        #expect(throws: EmbedRequest.Failure.self) { try read(json) }
    }

    @Test func `is refused without texts, with too many, and when nested too deep`() {
        #expect(throws: EmbedRequest.Failure.missingTexts) { try read("{}") }
        let many = Array(repeating: "\"a\"", count: EmbedRequest.textLimit + 1).joined(separator: ",")
        #expect(throws: EmbedRequest.Failure.tooManyTexts) { try read("{\"texts\":[\(many)]}") }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: EmbedRequest.Failure.self) { try read("{\"x\":\(deep)") }
    }

    @Test func `is refused when its bytes are not UTF-8`() {
        let bytes = Array(#"{"texts":[""#.utf8) + [0xFF] + Array(#""]}"#.utf8)
        #expect(throws: EmbedRequest.Failure.notJSON(offset: 11)) {
            try bytes.withUnsafeBufferPointer { bytes in try EmbedRequest(json: bytes) }
        }
    }
}
