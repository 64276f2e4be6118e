import Testing

@testable import Transform

/// The work of a search grows with the text, whatever the pattern: counted in steps, not timed.
@Suite("Regex work")
struct RegexLinearTests {
    /// Steps of the first search; nothing is found but `expected`.
    private func steps(_ regex: Regex, _ text: [UInt8], expected: Range<Int>? = nil) -> Int {
        var steps = 0
        let match = text.withUnsafeBytes { regex.program.find($0, from: 0, steps: &steps) }
        #expect(match?.start == expected?.lowerBound && match?.end == expected?.upperBound, "\(regex.source)")
        return steps
    }

    private func bytes(_ text: String, times: Int) -> [UInt8] {
        let unit = Array(text.utf8)
        return (0..<times).flatMap { _ in unit }
    }

    /// Attempts that fail may cost four steps a byte, the pass from the end one a state, finding a place one.
    private func bound(_ regex: Regex, _ text: [UInt8]) -> Int {
        (text.count + 1) * (regex.program.stateCount + 6) + 4_096
    }

    @Test(arguments: [
        ("[0-9]+x", "7"), ("(?:ab)*c", "ab"), ("a[^b]*b", "a"), ("(?:a|b[0-9]*c)d", "b7"), ("[a-z]{255}0", "a"),
        ("[^,]*$", "ab,"), ("é+x", "é"), ("(?:é漢)+x", "é漢"), ("a*(?:b*c*)d", "abc"), ("x[^;]*;", "xx"),
    ])
    func `a text without a match costs a fixed number of steps a byte`(_ pattern: String, _ unit: String) throws {
        let regex = try Regex(pattern)
        for length in [1_000, 10_000, 100_000] {
            let text = bytes(unit + (pattern.hasSuffix("$") ? "," : ""), times: length / unit.utf8.count)
            let expected = pattern.hasSuffix("$") ? text.count..<text.count : nil
            let taken = steps(regex, text, expected: expected)
            #expect(taken <= bound(regex, text), "\(pattern): \(taken) steps for \(text.count) bytes")
        }
    }

    @Test func `a million digits without an x cost less than twelve million steps`() throws {
        let text = [UInt8](repeating: 0x37, count: 1_000_000)
        let taken = steps(try Regex("[0-9]+x"), text)
        #expect(taken < 12_000_000, "\(taken)")
        #expect(taken >= text.count)
    }

    @Test func `separators of one text are found in linear work together`() throws {
        // From each b an attempt runs to the end in vain, and between two of them there is a match.
        let regex = try Regex("a|b[^z]*z")
        let text = bytes("ba", times: 50_000)
        text.withUnsafeBytes { buffer in
            var separators = regex.separators
            var count = 0
            while let separator = separators.next(in: buffer, from: 2 * count) {
                #expect(separator.start == 2 * count + 1 && separator.end == 2 * count + 2)
                count += 1
            }
            #expect(count == 50_000)
            #expect(separators.stepsTaken <= text.count * 40, "\(separators.stepsTaken)")
        }
    }

    @Test func `both ways to find separators find the same`() throws {
        var samples = RegexSamples(SeededRandom())
        for _ in 0..<600 {
            let regex = samples.pattern()
            if regex.canMatchEmpty { continue }
            let text = Array(samples.text(for: regex).utf8)
            text.withUnsafeBytes { buffer in
                var slow = regex.separators
                slow.giveUpSearching()
                var fast = regex.separators
                var at = 0
                while true {
                    let one = slow.next(in: buffer, from: at)
                    let other = fast.next(in: buffer, from: at)
                    let isSame = one?.start == other?.start && one?.end == other?.end
                    #expect(isSame, "\(regex.source.debugDescription), seed \(samples.random.seed)")
                    guard let one, isSame else { break }
                    at = one.end
                }
            }
        }
    }
}
