import Glibc
import Testing

@testable import Transform

/// Writes patterns, texts and what this matcher finds for `Tests/DSL/regex_peers.py`, which asks the engines.
@Suite("Regex peers")
struct RegexPeersTests {
    private static func json(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case _ where scalar.value < 0x20:
                out +=
                    "\\u" + String(repeating: "0", count: scalar.value < 0x10 ? 3 : 2)
                    + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// One line of JSON: the pattern in every dialect, and texts with match, group, place in scalars, and pieces.
    private static func line(_ regex: Regex, _ texts: [String]) -> String {
        var members = ["\"pattern\":" + json(regex.source)]
        for dialect in RegexDialect.allCases {
            members.append(json(dialect.rawValue) + ":" + json(RegexText.render(regex, dialect: dialect)))
        }
        members.append("\"group\":\(regex.groupCount)")
        members.append("\"absent\":\(regex.groupCanBeAbsent)")
        let canSplit = !regex.canMatchEmpty
        members.append("\"splits\":\(canSplit)")
        var rows: [String] = []
        for text in texts {
            let bytes = Array(text.utf8)
            func slice(_ range: Range<Int>) -> String { json(String(decoding: bytes[range], as: UTF8.self)) }
            let match = bytes.withUnsafeBytes { regex.firstMatch(in: $0) }
            var pieces: [Range<Int>] = []
            if canSplit {
                bytes.withUnsafeBytes { buffer in
                    var separators = regex.separators
                    var at = 0
                    while let separator = separators.next(in: buffer, from: at) {
                        pieces.append(at..<separator.start)
                        at = separator.end
                    }
                    pieces.append(at..<bytes.count)
                }
            }
            let place = match.map { String(decoding: bytes[..<$0.start], as: UTF8.self).unicodeScalars.count } ?? -1
            rows.append(
                "[\(json(text)),\(match.map { slice($0.range) } ?? "null"),"
                    + "\(match?.group.map(slice) ?? "null"),\(place),[\(pieces.map(slice).joined(separator: ","))]]")
        }
        members.append("\"rows\":[" + rows.joined(separator: ",") + "]")
        return "{" + members.joined(separator: ",") + "}\n"
    }

    /// Patterns that people write, besides the random ones.
    static let plain = [
        "@([^@]+)$", "[0-9]+", "^[0-9]{7,15}$", "[^0-9]+", "^([^ ]+) ", "M[rs]\\.? ([A-Z][a-z]+)", ",", "^$",
        "[0-9]*",
        "[0-9]+\\.([0-9]+)?", "[A-Z]{2}-?[0-9]{4}", "#([0-9a-f]{6})$", "\\(([0-9]{3})\\) ?[0-9]", "[^,]*$",
        "(?:ab|cd)*e",
        "x{255}", "(?:ab){250}c", "[^\\n]*\\n", "(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "é+", "[à-ÿ]+", "(?:a{20}b){40}$",
        "(?:a|bc|[0-9]{2})+;", "(?:[^;]*;){3}([^;]*)", "[\\-+]?[0-9]+(?:\\.[0-9]{1,2})?$", "[^a]{255}", "(?:é|漢){3,}",
    ]

    /// Patterns, what their texts repeat, and what these end with: for engines that call themselves at every round. A
    /// match begins at once: engines that go back are not linear otherwise.
    static let long = [
        ("(?:a|bc|[0-9]{2})+;", "abc12", ";"), ("(?:ab|cd)*e", "abcd", "e"), ("([^@]*)@", "é漢", "@"),
        ("(?:[^,]*,){3}([^;]*);", "a,", ";"), ("[0-9]+x", "7", "x"), ("((?:é|a[bc])+)$", "éac", "é"),
    ]

    @Test(.enabled(if: getenv("SLUICE_REGEX_PEERS") != nil))
    func `patterns and texts are written for the engines`() throws {
        let path = try #require(getenv("SLUICE_REGEX_PEERS").map { String(cString: $0) })
        var samples = RegexSamples(SeededRandom())
        var regexes = try Self.plain.map { try Regex($0) }
        for _ in 0..<count("SLUICE_REGEX_ROUNDS", standard: 400) { regexes.append(samples.pattern()) }
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        for regex in regexes {
            let made = Self.line(regex, (0..<10).map { _ in samples.text(for: regex) })
            #expect(fputs(made, file) >= 0)
        }
        for (pattern, unit, last) in Self.long {
            let text = String(repeating: unit, count: 20_000)
            let made = Self.line(try Regex(pattern), [text + last, last + text + last])
            #expect(fputs(made, file) >= 0)
        }
        print(
            "seed \(samples.random.seed), \(samples.accepted) random patterns of \(samples.accepted + samples.refused)")
    }
}
