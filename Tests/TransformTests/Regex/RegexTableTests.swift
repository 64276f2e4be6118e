import Testing

@testable import Transform

/// What a pattern finds in a text: `start-end` in bytes, and ` (start-end)` for the group; `no` without a match.
func found(_ regex: Regex, _ text: String) -> String {
    let match = Array(text.utf8).withUnsafeBytes { regex.firstMatch(in: $0) }
    guard let match else { return "no" }
    let group = match.group.map { " (\($0.lowerBound)-\($0.upperBound))" } ?? ""
    return "\(match.start)-\(match.end)" + group
}

@Suite("Regex table")
struct RegexTableTests {
    @Test func `the first match and its group`() throws {
        #expect(RegexTable.rows.count >= 150)
        for row in RegexTable.rows {
            let made = try found(Regex(row[0]), row[1])
            #expect(made == row[2], "\(row[0]) on \(row[1].debugDescription)")
        }
    }

    @Test func `everything else is refused with its place and the nearest allowed form`() {
        #expect(RegexRefusals.rows.count >= 140)
        for row in RegexRefusals.rows {
            do {
                _ = try Regex(row[0])
                Issue.record("\(row[0].debugDescription) is allowed")
            } catch {
                let text = error.description
                #expect(String(error.offset) == row[1] && text.contains(row[2]), "\(row[0].debugDescription): \(text)")
                #expect(!error.reason.hasSuffix(".") && error.hint.hasSuffix("."), "\(text)")
            }
        }
    }

    @Test func `a pattern has at most 256 bytes`() throws {
        #expect(throws: Never.self) { try Regex(String(repeating: "a", count: 256)) }
        #expect(throws: RegexMistake.self) { try Regex(String(repeating: "a", count: 257)) }
        #expect(throws: RegexMistake.self) { try Regex(String(repeating: "é", count: 129)) }
    }

    @Test func `what a pattern is, is known`() throws {
        let email = try Regex("@([^@]+)$")
        #expect(email.groupCount == 1 && !email.groupCanBeAbsent && email.endsAtEnd && !email.startsAtBeginning)
        #expect(try Regex("a(b)?").groupCanBeAbsent)
        #expect(try Regex("a*").canMatchEmpty)
        #expect(try !Regex("a*b").canMatchEmpty)
    }
}
