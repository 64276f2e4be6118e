import SluiceSDK
import Testing

private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

struct JSONTests {
    @Test func `a document survives reading and writing`() throws {
        let text = #"{"a":[1,-2.5,true,false,null],"b":{"c":"x\n\"\\\u0001é😀"},"e":9223372036854775807}"#
        #expect(String(decoding: try parse(text).encoded(), as: UTF8.self) == text)
    }

    @Test func `escapes are read`() throws {
        #expect(try parse(#""\u00e9\ud83d\ude00\/\b\f\t""#) == .string("é😀/\u{8}\u{C}\t"))
        #expect(try parse("1e3") == .double(1000))
        #expect(try parse("12345678901234567890") == .double(12_345_678_901_234_567_168))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", "+1", ".5", "1e", "\"\\x\"", "\"\\ud800\"",
        "\"a\nb\"", "nul", "1 2", "{a:1}", "'a'", "\"open", "1e999", "NaN", "\u{FEFF}1", "\"\\u12g4\"",
    ])
    func `text that is no JSON is refused`(text: String) {
        #expect(throws: PluginFailure.self) { try parse(text) }
    }

    @Test func `ill-formed UTF-8 and deep nesting are refused`() {
        #expect(throws: PluginFailure.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: PluginFailure.self) { try parse(String(repeating: "[", count: 100_000)) }
    }

    @Test func `no bytes whatever crash the reader`() {
        var state: UInt64 = 7
        for _ in 0..<20_000 {
            let bytes = (0..<24).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let alphabet = Array("{}[]\",:\\u01d8e-. tfn\u{0}\u{FF}".utf8)
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            _ = try? JSONValue(parsing: bytes)
        }
    }
}
