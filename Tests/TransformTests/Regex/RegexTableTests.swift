import Testing

@testable import Transform

/// What a pattern finds in a text: `start-end`, and ` (start-end)` for the group; `no` without a match.
func found(_ regex: Regex, _ text: String) -> String {
    let match = Array(text.utf8).withUnsafeBytes { regex.firstMatch(in: $0) }
    guard let match else { return "no" }
    let group = match.group.map { " (\($0.lowerBound)-\($0.upperBound))" } ?? ""
    return "\(match.start)-\(match.end)" + group
}

@Suite("Regex table")
struct RegexTableTests {
    @Test func `first`() throws {
        #expect(found(try Regex("@([^@]+)$"), "a@b@c.d") == "3-7 (4-7)")
        #expect(found(try Regex("^[0-9]{7,15}$"), "12345678") == "0-8")
        #expect(found(try Regex("[0-9]+x"), "123 45x") == "4-7")
        #expect(found(try Regex("a*(é*)b"), "xaaéb") == "1-6 (3-5)")
        #expect(found(try Regex("(?:a(b)|c)d"), "cd") == "0-2")
    }
}
