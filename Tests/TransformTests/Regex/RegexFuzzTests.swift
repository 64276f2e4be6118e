import Testing

@testable import Transform

/// Nothing that is given as a pattern or as a text crashes, reads beyond its bytes or goes on without end.
///
/// `SLUICE_FUZZ_REGEX` is the number of rounds; `make fuzz-dsl` gives many, under AddressSanitizer.
@Suite("Regex fuzz")
struct RegexFuzzTests {
    /// A pattern that a few edits make wrong, or noise.
    private static func broken(_ samples: inout RegexSamples) -> String {
        var scalars = Array(samples.text().unicodeScalars)
        let pieces = Array("()[]{}|^$.*+?\\-,:?<=!&~0123456789abdDwWsS\u{0}\u{7F}é漢😀\u{10FFFF}\n".unicodeScalars)
        if samples.chance(6) { scalars = [] }
        for _ in 0..<Int.random(in: 1...6, using: &samples.random) {
            let place = Int.random(in: 0...scalars.count, using: &samples.random)
            let piece = pieces.randomElement(using: &samples.random) ?? "a"
            switch Int.random(in: 0..<4, using: &samples.random) {
            case 0 where place < scalars.count: scalars.remove(at: place)
            case 1 where place < scalars.count: scalars[place] = piece
            case 2:
                // Nesting and bounds, for the limits.
                let inner = scalars
                scalars =
                    Array("(?:".unicodeScalars) + inner
                    + Array("){1,\(samples.pick(["2", "9", "40", "255"]))}".unicodeScalars)
            default: scalars.insert(piece, at: place)
            }
        }
        var out = ""
        out.unicodeScalars.append(contentsOf: scalars)
        return out
    }

    /// Any bytes, most of them near UTF-8, in memory that ends where they do.
    private static func withBytes(
        _ samples: inout RegexSamples, _ text: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &samples.random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &samples.random)
            switch Int.random(in: 0..<3, using: &samples.random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &samples.random)
            case 1: bytes.removeSubrange(place...)
            default: bytes.insert(UInt8.random(in: 0x80...255, using: &samples.random), at: place)
            }
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        body(UnsafeRawBufferPointer(memory))
    }

    @Test func `Regex fuzz`() {
        var samples = RegexSamples(SeededRandom())
        let seed = samples.random.seed
        print("Regex fuzz: seed \(seed)")
        var allowed = 0
        for _ in 0..<count("SLUICE_FUZZ_REGEX", standard: 4_000) {
            let pattern = samples.chance(3) ? samples.text() : Self.broken(&samples)
            let regex: Regex
            do { regex = try Regex(pattern) } catch {
                let length = pattern.unicodeScalars.count
                #expect(error.offset >= 0 && error.offset <= length, "\(pattern.debugDescription), seed \(seed)")
                continue
            }
            allowed += 1
            for dialect in RegexDialect.allCases { _ = RegexText.render(regex, dialect: dialect) }
            Self.withBytes(&samples, samples.text(for: regex)) { bytes in
                Self.search(regex, bytes, "\(pattern.debugDescription) on \(Array(bytes)), seed \(seed)")
            }
        }
        #expect(allowed > 0, "seed \(seed)")
    }

    private static func search(_ regex: Regex, _ bytes: UnsafeRawBufferPointer, _ label: String) {
        var steps = 0
        if let found = regex.program.find(bytes, from: 0, steps: &steps) {
            let match = regex.program.match(bytes, found, steps: &steps)
            #expect(match.start >= 0 && match.start <= match.end && match.end <= bytes.count, "\(label)")
            if let group = match.group {
                #expect(group.lowerBound >= match.start && group.upperBound <= match.end, "\(label)")
            }
        }
        _ = regex.program.leftmost(bytes, from: 0, &steps)
        #expect(steps <= (bytes.count + 1) * (2 * regex.program.stateCount + 8) + 128, "\(label)")
        if regex.canMatchEmpty { return }
        for givesUp in [false, true] {
            var separators = regex.separators
            if givesUp { separators.giveUpSearching() }
            var at = 0
            while let separator = separators.next(in: bytes, from: at) {
                #expect(separator.start >= at && separator.end > separator.start, "\(label)")
                if separator.end <= at { return }
                at = separator.end
            }
            #expect(at <= bytes.count, "\(label)")
        }
    }
}
