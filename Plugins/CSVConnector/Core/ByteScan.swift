/// Searches for bytes eight at a time (Lamport 1975, "Multiple byte processing with full-word instructions").
///
/// Loads may reach up to seven bytes behind `end`: callers keep that much room behind their text.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The byte in all eight places of a word.
    @inline(__always)
    static func pattern(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

    /// High bits that mark zero bytes; the lowest mark is right, higher ones may be echoes of it.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// The first place from `start` on where one of two bytes stands, or `end`.
    @inline(__always)
    static func first(
        of one: UInt64, or other: UInt64, in text: UnsafePointer<UInt8>, from start: Int, to end: Int
    ) -> Int {
        var at = start
        while at < end {
            let word = UInt64(littleEndian: UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self))
            let found = zeros(word ^ one) | zeros(word ^ other)
            if found != 0 {
                at += found.trailingZeroBitCount >> 3
                return at < end ? at : end
            }
            at += 8
        }
        return end
    }

    /// How often a byte stands in a stretch.
    static func count(_ byte: UInt8, in text: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        let pattern = pattern(byte)
        var count = 0
        var at = first(of: pattern, or: pattern, in: text, from: start, to: end)
        while at < end {
            count += 1
            at = first(of: pattern, or: pattern, in: text, from: at + 1, to: end)
        }
        return count
    }
}
