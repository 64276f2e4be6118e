/// Which letters `case` makes.
public enum LetterCase: String, Sendable, CaseIterable {
    case upper, lower
}

/// Changes the case of texts.
struct LetterMapper {
    /// What is done with bytes beyond ASCII: nothing, or what the table says up to the scalar `last`.
    private let last: UInt32
    private let to: LetterCase
    /// The first letter that changes, in every byte.
    private let first: UInt8
    private let shorts: UnsafePointer<UInt16>

    init(_ to: LetterCase, _ letters: CaseLetters) {
        self.to = to
        first = to == .upper ? 0x61 : 0x41
        last =
            switch letters {
            case .ascii: 0x7F
            case .basic: 0xFFFF
            case .unicode: 0x10FFFF
            }
        shorts = (to == .upper ? CaseTable.upperShorts : CaseTable.lowerShorts).memory
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// 0x20 in every byte of a word that is an ASCII letter of the other case.
    @inline(__always)
    private func flips(_ word: UInt64) -> UInt64 {
        // Adding carries into the high bit of each byte that is at least `first`, or behind the last letter.
        let low = word & ~Self.highBits
        let atLeast = low &+ Self.ones &* UInt64(0x80 - first)
        let behind = low &+ Self.ones &* UInt64(0x80 - first - 26)
        return (atLeast & ~behind & ~word & Self.highBits) >> 2
    }

    /// The bytes of a word that have to be looked at one by one.
    @inline(__always)
    private func isBeyond(_ word: UInt64) -> Bool { last > 0x7F && word & Self.highBits != 0 }

    /// The offset of the first word or byte that may change, rounded down; the count when nothing does.
    @inline(__always)
    func firstToChange(_ bytes: UnsafeRawBufferPointer) -> Int {
        var at = 0
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if isBeyond(word) || flips(word) != 0 { return at }
            at += 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if (byte >= 0x80 && last > 0x7F) || byte &- first < 26 { return at }
            at += 1
        }
        return at
    }

    /// Writes the bytes in this case; returns how many were written.
    ///
    /// `out` takes at least twice as many bytes as are given: no mapping of the table more than doubles a scalar.
    @inline(__always)
    func map(_ bytes: UnsafeRawBufferPointer, from start: Int, into out: UnsafeMutableRawBufferPointer) -> Int {
        out.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<start]))
        var at = start
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if isBeyond(word) { return mapScalars(bytes, from: at, into: out) }
            out.storeBytes(of: word ^ flips(word), toByteOffset: at, as: UInt64.self)
            at += 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x80 && last > 0x7F { return mapScalars(bytes, from: at, into: out) }
            out[at] = byte &- first < 26 ? byte ^ 0x20 : byte
            at += 1
        }
        return at
    }

    /// As `map`, scalar by scalar; everything before `start` is written already, byte by byte.
    private func mapScalars(
        _ bytes: UnsafeRawBufferPointer, from start: Int, into out: UnsafeMutableRawBufferPointer
    ) -> Int {
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
            let made: UInt32 =
                if size == 2 {
                    UInt32(shorts[Int(scalar)])
                } else if scalar > last {
                    scalar
                } else {
                    to == .upper ? CaseTable.upper(scalar) : CaseTable.lower(scalar)
                }
            written += UTF8Scalars.encode(made, out, written)
        }
        return written
    }
}

extension CaseTable {
    /// The mappings of the scalars of one and two bytes, each at its place. Every one of them is below U+10000.
    ///
    /// `@unchecked Sendable`: written once, before anybody else sees it, and never freed.
    final class Shorts: @unchecked Sendable {
        let memory: UnsafePointer<UInt16>

        init(_ map: (UInt32) -> UInt32) {
            let memory = UnsafeMutablePointer<UInt16>.allocate(capacity: 0x800)
            for scalar in 0..<UInt32(0x800) { memory[Int(scalar)] = UInt16(truncatingIfNeeded: map(scalar)) }
            self.memory = UnsafePointer(memory)
        }
    }

    static let upperShorts = Shorts(upper)
    static let lowerShorts = Shorts(lower)
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
