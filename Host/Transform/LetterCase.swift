/// Which letters `case` makes.
public enum LetterCase: String, Sendable, CaseIterable {
    case upper, lower
}

extension LetterCase {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// 0x20 in every byte of an ASCII word that is a letter of the other case.
    @inline(__always)
    private static func flips(_ word: UInt64, first: UInt8) -> UInt64 {
        // Adding carries into the high bit of each byte that is at least `first`, or behind the last letter.
        let atLeast = word &+ ones &* UInt64(0x80 - first)
        let behind = word &+ ones &* UInt64(0x80 - first - 26)
        return ((atLeast & ~behind) & highBits) >> 2
    }

    private var firstOfOther: UInt8 { self == .upper ? 0x61 : 0x41 }

    /// The offset of the first word or byte that may change, rounded down; the count when nothing does.
    func firstToChange(_ bytes: UnsafeRawBufferPointer) -> Int {
        let first = firstOfOther
        var at = 0
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if word & Self.highBits != 0 || Self.flips(word, first: first) != 0 { return at }
            at += 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x80 || byte &- first < 26 { return at }
            at += 1
        }
        return at
    }

    /// Writes the bytes in this case; returns how many were written.
    ///
    /// `out` takes at least twice as many bytes as are given: no mapping of the table more than doubles a scalar.
    func map(_ bytes: UnsafeRawBufferPointer, from start: Int, into out: UnsafeMutableRawBufferPointer) -> Int {
        out.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<start]))
        let first = firstOfOther
        var at = start
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if word & Self.highBits != 0 { return mapScalars(bytes, from: at, into: out) }
            out.storeBytes(of: word ^ Self.flips(word, first: first), toByteOffset: at, as: UInt64.self)
            at += 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x80 { return mapScalars(bytes, from: at, into: out) }
            out[at] = byte &- first < 26 ? byte ^ 0x20 : byte
            at += 1
        }
        return at
    }

    /// As `map`, scalar by scalar; everything before `start` is ASCII and written already.
    private func mapScalars(
        _ bytes: UnsafeRawBufferPointer, from start: Int, into out: UnsafeMutableRawBufferPointer
    ) -> Int {
        let first = firstOfOther
        var at = start
        var written = start
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x80 {
                out[written] = byte &- first < 26 ? byte ^ 0x20 : byte
                at += 1
                written += 1
                continue
            }
            let (scalar, size) = UTF8Scalars.decode(bytes, at: at)
            at += size
            written += UTF8Scalars.encode(
                self == .upper ? CaseTable.upper(scalar) : CaseTable.lower(scalar), out, written)
        }
        return written
    }
}

/// Scalars of well-formed UTF-8, one at a time.
enum UTF8Scalars {
    /// The scalar whose lead byte, not ASCII, is at `at`, and its size in bytes.
    @inline(__always)
    static func decode(_ bytes: UnsafeRawBufferPointer, at: Int) -> (scalar: UInt32, size: Int) {
        let lead = UInt32(bytes[at])
        func tail(_ offset: Int) -> UInt32 { UInt32(bytes[at + offset]) & 0x3F }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | tail(1), 2) }
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | tail(1) << 6 | tail(2), 3) }
        return ((lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
    }

    /// Writes a scalar; returns how many bytes it took.
    @inline(__always)
    static func encode(_ scalar: UInt32, _ out: UnsafeMutableRawBufferPointer, _ at: Int) -> Int {
        func low(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F)) }
        if scalar < 0x80 {
            out[at] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        if scalar < 0x800 {
            out[at] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            out[at + 1] = low(0)
            return 2
        }
        if scalar < 0x10000 {
            out[at] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            out[at + 1] = low(6)
            out[at + 2] = low(0)
            return 3
        }
        out[at] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        out[at + 1] = low(12)
        out[at + 2] = low(6)
        out[at + 3] = low(0)
        return 4
    }

    /// How many scalars there are: bytes that are not continuation bytes.
    @inline(__always)
    static func count(_ bytes: UnsafeRawBufferPointer) -> Int {
        var continuations = 0
        var at = 0
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            // A continuation byte has the high bit set and the next one clear.
            continuations += (word & ~(word << 1) & 0x8080_8080_8080_8080).nonzeroBitCount
            at += 8
        }
        while at < bytes.count {
            if bytes[at] & 0xC0 == 0x80 { continuations += 1 }
            at += 1
        }
        return bytes.count - continuations
    }
}
