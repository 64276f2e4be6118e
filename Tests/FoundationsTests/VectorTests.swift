import CVector
import Foundations
import Testing

/// The loops in vectors beside their plain twins (Host/CVector).
@Suite struct `A vector loop` {
    /// The plain one, SSSE3, AVX2; those that this processor has.
    private static let instructions = (Int32(0)...2).filter { cvector_text_by($0, "a", 1) >= 0 }

    /// Every way of saying what the bytes are as text agrees with Swift's own.
    private func agrees(_ bytes: [UInt8], _ note: @autoclosure () -> String = "") {
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        let kind = !isValid ? CVECTOR_INVALID : bytes.allSatisfy { $0 < 0x80 } ? CVECTOR_ASCII : CVECTOR_UTF8
        var found = Self.instructions.map { cvector_text_by($0, bytes, bytes.count) }
        found.append(cvector_text(bytes, bytes.count))
        if found.contains(where: { $0 != kind }) {
            Issue.record("\(Hex.encode(bytes)) is \(kind), found \(found) \(note())")
        }
    }

    @Test func `has a quick form here`() {
        #if arch(x86_64)
        #expect(Self.instructions.contains(1))
        #endif
        #expect(cvector_text_by(9, "a", 1) == -1)
        agrees([])
    }

    /// Every scalar at the edge of a length, and what is wrong around it, at the borders of every block.
    @Test func `finds every fault at every border of a block`() {
        let pieces: [[UInt8]] = [
            [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF],
            [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
            // Overlong, surrogates, too large, never allowed, alone, one too many.
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80], [0xFF], [0x80], [0xBF], [0xC2, 0x80, 0x80],
            [0xE1, 0x80, 0x80, 0x80], [0xF1, 0x80, 0x80, 0x80, 0x80],
            // Cut off.
            [0xC2], [0xE1], [0xE1, 0x80], [0xF1], [0xF1, 0x80], [0xF1, 0x80, 0x80],
        ]
        let borders = [0, 16, 32, 48, 64, 96, 128, 192, 256].flatMap { border in (-5...5).map { border + $0 } }
        for piece in pieces {
            for place in borders where place >= 0 {
                let before = [UInt8](repeating: 0x61, count: place)
                agrees(before + piece, "at \(place), last")
                agrees(before + piece + [0x61], "at \(place)")
                agrees(before + piece + [UInt8](repeating: 0x62, count: 150), "at \(place)")
                // Text that is not ASCII all around: the other way through the loop.
                let scalars = Array(String(repeating: "é", count: (place + 1) / 2).utf8.prefix(place & ~1))
                agrees(scalars + piece + scalars, "at \(scalars.count), amid others")
            }
        }
    }

    @Test func `agrees on random text with random faults`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        let pieces = [
            "a", "é", "€", "😀", "plain words ", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10FFFF}",
        ]
        .map { Array($0.utf8) }
        let faults: [UInt8] = [
            0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            let size = Int.random(in: 0...300, using: &random)
            while bytes.count < size { bytes += pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    faults[Int.random(in: 0..<faults.count, using: &random)]
            }
            bytes.removeLast(min(bytes.count, Int.random(in: 0...3, using: &random)))
            agrees(bytes, "seed \(seed)")
        }
    }

    @Test func `says whether offsets fall as its twin does`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        for count in Array(0...40) + [1000] {
            for _ in 0..<50 {
                var offsets: [Int32] = []
                var last = Int32.random(in: -5...5, using: &random)
                for _ in 0..<count {
                    offsets.append(last)
                    last &+= Int32.random(in: 0...3, using: &random)
                }
                if Bool.random(using: &random), count > 0 {
                    offsets[Int.random(in: 0..<count, using: &random)] =
                        [.min, .max, 0, last][Int.random(in: 0..<4, using: &random)]
                }
                // At an odd address, too.
                var bytes: [UInt8] = [0]
                for offset in offsets { withUnsafeBytes(of: offset.littleEndian) { bytes += Array($0) } }
                bytes.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return }
                    let quick = cvector_never_falls(start + 1, count)
                    let plain = cvector_never_falls_plain(start + 1, count)
                    let truth = zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
                    if quick != plain || (quick != 0) != truth { Issue.record("\(offsets), seed \(seed)") }
                }
            }
        }
    }

    @Test func `says whether cuts are clean as its twin does`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        let text = Array("aé€😀 and more: straße, naïve, 日本語".utf8)
        for _ in 0..<5000 {
            let count = Int.random(in: 0...12, using: &random)
            let cuts = (0..<count).map { _ in Int32.random(in: 0...Int32(text.count), using: &random) }.sorted()
            let quick = cvector_cuts_are_clean(cuts, count, text, text.count)
            let plain = cvector_cuts_are_clean_plain(cuts, count, text, text.count)
            let truth = cuts.allSatisfy { Int($0) == text.count || text[Int($0)] & 0xC0 != 0x80 }
            if quick != plain || (quick != 0) != truth { Issue.record("\(cuts), seed \(seed)") }
        }
    }
}

/// Random numbers that a seed replays.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
