import Foundations
import Testing

@Suite struct `Canonical JSON` {
    @Test(arguments: ["arrays", "french", "structures", "unicode", "values", "weird", "sorting"])
    func `is byte by byte what RFC 8785's vectors say`(_ name: String) throws {
        let input = try Files.read("\(root)/Tests/Golden/jcs/input/\(name).json")
        var expected = try Files.read("\(root)/Tests/Golden/jcs/output/\(name).json")
        #expect(expected.popLast() == UInt8(ascii: "\n"))
        let document = try JSONParser.parse(input)
        #expect(document.canonicalText == String(decoding: expected, as: UTF8.self))
        #expect(document.canonicalBytes == expected)
        #expect(try JSONParser.parse(expected).canonicalBytes == expected)
        #expect(document.canonicalHash == SHA256.hash(expected))
    }

    @Test func `writes every number of RFC 8785's appendix B as its table does`() throws {
        let table = String(decoding: try Files.read("\(root)/Tests/Golden/jcs/numbers.csv"), as: UTF8.self)
        let rows = table.split(separator: "\n")
        #expect(rows.count == 26)
        for row in rows {
            let cells = row.split(separator: ",", omittingEmptySubsequences: false)
            let value = Double(bitPattern: try #require(UInt64(cells[0], radix: 16)))
            // NaN and infinity have no text in JSON; the RFC calls them errors, we write null.
            let expected = cells[1].isEmpty ? "null" : String(cells[1])
            #expect(JSON.double(value).canonicalText == expected, "\(cells[0])")
            if value.isFinite { #expect(Double(expected) == value, "\(cells[0])") }
        }
    }

    @Test(
        arguments: [
            (0, "0"), (-1, "-1"), (9_007_199_254_740_992, "9007199254740992"),
            (-9_007_199_254_740_992, "-9007199254740992"), (9_007_199_254_740_993, "9007199254740992"),
            (.max, "9223372036854776000"), (.min, "-9223372036854776000"),
        ] as [(Int64, String)])
    func `rounds integers that a double cannot hold as ECMAScript does`(_ value: Int64, _ text: String) {
        #expect(JSON.int(value).canonicalText == text)
    }

    @Test func `names what is no number as ECMAScript does where text is wanted`() {
        #expect(JSON.ecmaScript(.nan) == "NaN")
        #expect(JSON.ecmaScript(-.nan) == "NaN")
        #expect(JSON.ecmaScript(.infinity) == "Infinity")
        #expect(JSON.ecmaScript(-.infinity) == "-Infinity")
        #expect(JSON.ecmaScript(-0.0) == "0")
    }

    @Test func `is independent of the order in which members were put in`() {
        let forwards: JSON = ["a": 1, "b": [2, 3], "c": ["x": nil, "y": true]]
        let backwards: JSON = ["c": ["y": true, "x": nil], "b": [2, 3], "a": 1]
        #expect(forwards.canonicalText == #"{"a":1,"b":[2,3],"c":{"x":null,"y":true}}"#)
        #expect(forwards.canonicalHash == backwards.canonicalHash)
        #expect(JSON.array([1, 2]).canonicalHash != JSON.array([2, 1]).canonicalHash)
    }

    @Test func `escapes controls, quote and backslash, and nothing else`() {
        for scalar in (0..<0x300).compactMap(Unicode.Scalar.init) {
            let text = JSON.string(String(Character(scalar))).canonicalText
            let expected =
                switch scalar.value {
                case 0x08: #""\b""#
                case 0x09: #""\t""#
                case 0x0A: #""\n""#
                case 0x0C: #""\f""#
                case 0x0D: #""\r""#
                case 0x22: #""\"""#
                case 0x5C: #""\\""#
                case 0..<0x20: "\"\\u00\(Hex.encode([UInt8(scalar.value)]))\""
                default: "\"\(Character(scalar))\""
                }
            #expect(Array(text.utf8) == Array(expected.utf8), "U+\(String(scalar.value, radix: 16))")
        }
    }
}
