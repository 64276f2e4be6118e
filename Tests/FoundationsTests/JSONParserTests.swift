import Foundations
import Testing

@Suite struct `The JSON parser` {
    @Test(
        arguments: [
            "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
            "{1:2}",
            "\"", "\"abc", "nul", "True", "NULL", "undefined", "NaN", "Infinity", "-Infinity", "//x\n1", "/**/1",
            "[1 2]", "]",
            "}", ":", ",", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
        ])
    func `refuses what is not JSON`(_ text: String) { refuses(text) }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":3}"#, #"[{"x":{"k":null,"k":null}}]"#, #"{"":1,"":2}"#,
    ])
    func `refuses duplicate keys, however they are written`(_ text: String) {
        #expect(refuses(text)?.reason == "a key stands twice in one object")
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud83d\u0041""#, #""\ude00\ud83d""#,
        #"{"\udfff":1}"#,
        #""\ud83d\""#,
    ])
    func `refuses lone surrogates`(_ text: String) { refuses(text) }

    @Test(arguments: [
        "01", "-01", "00", "+1", "-", "1.", ".5", "-.5", "1e", "1e+", "1.e1", "0x10", "1_000", "1e999", "-1e999", "1,5",
        "--1",
        "1e1.5", "١",
    ])
    func `refuses numbers that are malformed or out of range`(_ text: String) { refuses(text) }

    @Test func `refuses control characters in strings`() {
        for byte in UInt8(0)..<0x20 { refuses([0x22, 0x61, byte, 0x22]) }
        refuses(Array("[1]\u{0}".utf8))
        refuses(Array("\u{B}1".utf8))
    }

    @Test(arguments: ["1 2", "{} x", "[]]", "null,", "\"a\"\"b\"", "{}\u{0}", "1\u{A0}"])
    func `refuses text behind the value`(_ text: String) { refuses(text) }

    @Test func `refuses a byte order mark`() {
        refuses(Array("\u{FEFF}{}".utf8))
        refuses([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00])
    }

    @Test(arguments: [#""\x41""#, #""\u12""#, #""\u12g4""#, #""\a""#, #""\""#, #""\u+123""#, #""\U0041""#])
    func `refuses escapes that do not exist`(_ text: String) { refuses(text) }

    @Test func `refuses bytes that are not UTF-8`() {
        for bytes: [UInt8] in [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
            #expect(refuses([0x22] + bytes + [0x22])?.reason == "it is not UTF-8")
        }
    }

    @Test func `bounds the depth, and says so before the stack ends`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
        }
        let deepest = JSONParser.maximumDepth
        _ = try JSONParser.parse(nested(deepest))
        refuses(nested(deepest + 2))
        refuses(Array(repeating: UInt8(ascii: "["), count: 1_000_000))
        refuses(Array(String(repeating: "{\"a\":", count: 200_000).utf8))
    }

    @Test func `takes what the standard allows`() throws {
        let text =
            " \t\r\n{ \"a\" : [ 1 , -0 , 1.50 , 1E2 , 1e-2 ] , \"\\u00e9\\ud83d\\ude00\\/\" : \"\\b\\f\\n\\r\\t\" } \n"
        let value = try JSONParser.parse(text)
        #expect(value["a"]?.arrayValue?.map(\.doubleValue) == [1, 0, 1.5, 100, 0.01])
        #expect(value["é😀/"]?.stringValue == "\u{8}\u{C}\n\r\t")
        #expect(try JSONParser.parse("9223372036854775807") == .int(.max))
        #expect(try JSONParser.parse("-9223372036854775808") == .int(.min))
        #expect(try JSONParser.parse("9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try JSONParser.parse("1.0").intValue == 1)
        #expect(try JSONParser.parse("\"\u{7F}\u{80}\"").stringValue == "\u{7F}\u{80}")
    }

    @Test func `names the place of a mistake and nothing of the document`() {
        do {
            _ = try JSONParser.parse(#"{"password":"hunter2" oops}"#, name: "contract")
            Issue.record("it was taken")
        } catch {
            #expect(error.detail == "json.invalid")
            #expect(error.message.contains("at byte 22"))
            #expect(!error.message.contains("hunter2") && !error.message.contains("oops"))
        }
    }

    @Test func `gives back every document that was written`() throws {
        for seed in UInt64(1)...400 {
            var random = SeededRandom(seed: seed)
            let document = randomDocument(&random, depth: 0)
            let text = document.canonicalBytes
            let read = try JSONParser.parse(text)
            #expect(read.canonicalBytes == text, "seed \(seed)")
            #expect(isSame(document, read), "seed \(seed): \(document.canonicalText)")
        }
    }

    @Test func `survives any damage, and what it takes is JSON`() {
        var taken = 0
        for seed in UInt64(1)...20_000 {
            var random = SeededRandom(seed: seed)
            var bytes = randomDocument(&random, depth: 2).canonicalBytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&bytes, &random) }
            guard let value = try? JSONParser.parseBytes(bytes) else { continue }
            taken += 1
            let text = value.canonicalBytes
            #expect((try? JSONParser.parseBytes(text))?.canonicalBytes == text, "seed \(seed)")
        }
        // The damage must leave some documents whole, or nothing was shown.
        #expect(taken > 200)
    }

    @discardableResult
    private func refuses(_ text: String) -> JSONParser.Failure? { refuses(Array(text.utf8)) }

    @discardableResult
    private func refuses(_ bytes: [UInt8]) -> JSONParser.Failure? {
        do {
            let value = try JSONParser.parseBytes(bytes)
            Issue.record("taken as \(value.canonicalText.prefix(80))")
            return nil
        } catch {
            #expect(error.offset >= 0 && error.offset <= bytes.count)
            return error
        }
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let tokens = ["{", "}", "[", "]", ",", ":", "\"", "\\u", "\\", "1e", "-", "null", "\u{0}", "é", "0", " "]
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1 where at < bytes.count: bytes.remove(at: at)
        case 2: bytes.removeLast(bytes.count - at)
        default: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: at)
        }
    }
}

private func randomText(_ random: inout SeededRandom) -> String {
    let pieces = [
        "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "\u{80}", "ö", "e\u{301}", "€",
        "\u{2028}", "\u{FB33}",
        "😀", "\u{10FFFF}", "\u{E000}", "\u{FEFF}", "\u{FFFF}",
    ]
    return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
}

private func randomDocument(_ random: inout SeededRandom, depth: Int) -> JSON {
    switch Int.random(in: 0..<(depth > 4 ? 6 : 8), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .int(.random(in: -9_007_199_254_740_992...9_007_199_254_740_992, using: &random))
    case 3: return .int(.random(in: -20...20, using: &random))
    case 4:
        let value = Double(bitPattern: random.next())
        return .double(value.isFinite ? value : 0.5)
    case 5: return .string(randomText(&random))
    case 6:
        return .array(
            (0..<Int.random(in: 0...5, using: &random)).map { _ in randomDocument(&random, depth: depth + 1) })
    default:
        var members: [String: JSON] = [:]
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            members[randomText(&random)] = randomDocument(&random, depth: depth + 1)
        }
        return .object(members)
    }
}

/// Equal, where 1 and 1.0 are the same number.
private func isSame(_ a: JSON, _ b: JSON) -> Bool {
    switch (a, b) {
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
    case (.object(let a), .object(let b)):
        a.count == b.count && a.allSatisfy { key, value in b[key].map { isSame(value, $0) } ?? false }
    case (.string(let a), .string(let b)): Array(a.utf8) == Array(b.utf8)
    case (.int, .double), (.double, .int), (.double, .double): a.doubleValue == b.doubleValue
    default: a == b
    }
}
