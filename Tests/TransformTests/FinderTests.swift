import CVector
import Columnar
import Foundations
import Testing

@testable import Transform

/// Quick loops beside the automaton and beside their plain twins.
@Suite struct FinderTests {
    static let patterns = [
        "[^0-9]+", "[0-9]+", "a", "[ab]", "[^a]", ",+", "[^a-z]", "é+", "[^é]+", "^[0-9]{7,15}$", "^a+$", "^[ab]$",
        "^([a-c]{2,})$",
        "^[^a]{2}$", "@([^@]+)$", "@[^@]+$", "@([a-c]+)$", ",([^,@]+)$", "a([^é]+)$", "@(a+)$", "a[ab]+$",
    ]

    @Test func `a form finds what the automaton finds`() throws {
        var random = SeededRandom()
        var forms = 0
        for source in Self.patterns {
            let regex = try Regex(source)
            let quick = Finder(regex)
            let slow = Finder(regex, form: .any)
            if case .any = Finder.Form(regex) {} else { forms += 1 }
            for _ in 0..<400 {
                let text = (0..<Int.random(in: 0...18, using: &random)).map { _ in
                    ["a", "b", "c", "@", ",", "0", "7", "9", "é", "中", "\n"].randomElement(using: &random) ?? "a"
                }.joined()
                Array(text.utf8).withUnsafeBytes { bytes in
                    for group in 0...regex.groupCount {
                        let (made, expected) = (quick.find(bytes, group: group), slow.find(bytes, group: group))
                        #expect(made?.start == expected?.start, "\(source) in \(text), seed \(random.seed)")
                        #expect(made?.end == expected?.end, "\(source) in \(text), seed \(random.seed)")
                    }
                    guard let (set, isSingle) = quick.run else { return }
                    var separators = slow.separators
                    var at = 0
                    while at <= bytes.count {
                        let made = Finder.find(set, isSingle: isSingle, bytes, from: at)
                        let expected = separators.next(in: bytes, from: at)
                        #expect(made?.start == expected?.start, "\(source) in \(text), seed \(random.seed)")
                        #expect(made?.end == expected?.end, "\(source) in \(text), seed \(random.seed)")
                        guard let expected else { return }
                        at = max(expected.end, at + 1)
                    }
                }
            }
        }
        // Those beyond bytes are the automaton's.
        #expect(forms == 14)
    }

    @Test func `bytes are kept, counted, flipped and read as by the plain twins`() {
        var random = SeededRandom()
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ -> UInt8 in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random)
                    : Array("aAzZ@[`{09".utf8).randomElement(using: &random) ?? 0
            }
            for first: UInt8 in [0x41, 0x61] {
                var quick = Array(repeating: UInt8(0), count: bytes.count)
                var plain = quick
                let seen = cvector_flip(bytes, bytes.count, first, &quick)
                #expect(seen == cvector_flip_plain(bytes, bytes.count, first, &plain), "seed \(random.seed)")
                #expect(quick == plain, "seed \(random.seed)")
            }
            #expect(
                cvector_is_solid(bytes, bytes.count) == cvector_is_solid_plain(bytes, bytes.count),
                "seed \(random.seed)")
            let solid = bytes.map { $0 & 0x3F | 0x40 }
            #expect(cvector_is_solid(solid, solid.count) == 1, "seed \(random.seed)")
            let set = (0..<256).map { _ in UInt8.random(in: 0...1, using: &random) }
            var kept = Array(repeating: UInt8(0), count: bytes.count)
            let count = cvector_keep(bytes, bytes.count, set, &kept)
            #expect(Array(kept.prefix(count)) == bytes.filter { set[Int($0)] == 1 }, "seed \(random.seed)")
            let all = bytes.allSatisfy { set[Int($0)] == 1 }
            #expect(cvector_all(bytes, bytes.count, set) == (all ? 1 : 0), "seed \(random.seed)")
            let tail = bytes.reversed().prefix { set[Int($0)] == 1 }.count
            #expect(cvector_tail(bytes, bytes.count, set) == tail, "seed \(random.seed)")
            var digits = (0..<Int.random(in: 1...16, using: &random)).map { _ in
                UInt8.random(in: 0x30...0x39, using: &random)
            }
            if Int.random(in: 0..<3, using: &random) == 0 {
                digits[Int.random(in: 0..<digits.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            #expect(
                cvector_digits(digits, digits.count) == cvector_digits_plain(digits, digits.count),
                "\(digits), seed \(random.seed)")
        }
    }

    @Test func `a fixed divisor divides`() {
        var random = SeededRandom()
        for _ in 0..<30_000 {
            let shift = UInt64.random(in: 1..<64, using: &random)
            let divisor = max(1, Int64(truncatingIfNeeded: random.next() >> shift))
            let dividend = random.next() >> UInt64.random(in: 0..<64, using: &random)
            let fixed = FixedDivisor(divisor)
            #expect(fixed.quotient(dividend) == dividend / UInt64(divisor), "\(dividend) by \(divisor)")
            let signed = Int64(bitPattern: dividend)
            #expect(
                fixed.rounded(signed) == DecimalMath.rounded(signed, by: divisor), "\(signed) by \(divisor)")
        }
        for divisor in [1, 2, 3, 5, 1 << 62, Int64.max] {
            for dividend in [0, 1, UInt64.max, UInt64(divisor), UInt64(divisor) - 1] {
                #expect(FixedDivisor(divisor).quotient(dividend) == dividend / UInt64(divisor))
            }
        }
    }
}
