import Glibc
import Testing

@testable import Transform

/// The number that an environment variable holds.
func count(_ name: String, standard: Int) -> Int {
    getenv(name).flatMap { Int(String(cString: $0)) } ?? standard
}

@Suite("Regex properties")
struct RegexPropertyTests {
    /// A found match in scalars of the text.
    private func inScalars(_ match: RegexMatch?, _ text: String) -> RegexReference.Found? {
        guard let match else { return nil }
        func scalars(_ bytes: Int) -> Int {
            text.unicodeScalars.distance(
                from: text.startIndex, to: text.utf8.index(text.startIndex, offsetBy: bytes))
        }
        return RegexReference.Found(
            start: scalars(match.start), end: scalars(match.end),
            group: match.group.map { scalars($0.lowerBound)..<scalars($0.upperBound) })
    }

    @Test func `the matcher, the longest match and the first match are one`() throws {
        var samples = RegexSamples(SeededRandom())
        for _ in 0..<count("SLUICE_REGEX_ROUNDS", standard: 1_500) {
            let regex = samples.pattern()
            for _ in 0..<6 {
                let text = samples.text(for: regex)
                let reference = RegexReference(regex: regex, text: Array(text.unicodeScalars))
                let first = reference.first()
                let longest = reference.longest()
                let made = inScalars(Array(text.utf8).withUnsafeBytes { regex.firstMatch(in: $0) }, text)
                let slow = inScalars(Array(text.utf8).withUnsafeBytes { Self.fromTheEnd(regex, $0) }, text)
                let label = "\(regex.source.debugDescription) on \(text.debugDescription), seed \(samples.random.seed)"
                #expect(first?.range == longest, "two meanings: \(label)")
                #expect(made == first, "the matcher: \(label)")
                #expect(slow?.range == longest, "the pass from the end: \(label)")
            }
        }
    }

    /// By the pass that takes over when attempts fail too often.
    private static func fromTheEnd(_ regex: Regex, _ text: UnsafeRawBufferPointer) -> RegexMatch? {
        var steps = 0
        // It looks for a match from anywhere, or for a beginning of the text that it need not have passed.
        let found = regex.program.leftmost(text, from: 0, &steps)
        guard let found, !regex.startsAtBeginning || found.start == 0 else { return nil }
        return RegexMatch(start: found.start, end: found.end, groupStart: -1, groupEnd: -1)
    }

    @Test func `a pattern written for an engine means the same when it is read again`() throws {
        var samples = RegexSamples(SeededRandom())
        for _ in 0..<500 {
            let regex = samples.pattern()
            let written = RegexText.render(regex, dialect: .postgres)
            // Characters by number, and escapes that only classes of engines need, are not part of the subset.
            if ["\\u", "\\U", "\\&", "\\~"].contains(where: { written.contains($0) }) || written.utf8.count > 256 {
                continue
            }
            let again = try Regex(written)
            let label = "\(regex.source.debugDescription) as \(written.debugDescription), seed \(samples.random.seed)"
            #expect(RegexText.render(again, dialect: .postgres) == written, "\(label)")
            let text = samples.text(for: regex)
            #expect(found(again, text) == found(regex, text), "\(label)")
        }
    }
}
