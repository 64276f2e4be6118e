/// Which letters `case` makes.
public enum LetterCase: String, Sendable, CaseIterable {
    case upper, lower
}

/// Changes the case of texts, scalar by scalar: what has nothing but ASCII is `cvector_flip`'s.
struct LetterMapper {
    /// Scalars behind it stay as they are.
    private let last: UInt32
    private let to: LetterCase
    /// The first ASCII letter that changes.
    let first: UInt8
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

    /// As ``map(_:into:)`` where the ASCII letters at `out` are done already. Scalars that keep their size, and those are
    /// nearly all, are written over.
    @inline(__always)
    func mapBeyond(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<UInt8>) -> Int {
        var at = 0
        while at < bytes.count {
            if bytes[at] < 0x80 {
                at += 1
                continue
            }
            guard bytes[at] < 0xE0 else { return map(bytes, into: out) }
            let scalar = (Int(bytes[at]) & 0x1F) << 6 | Int(bytes[at + 1]) & 0x3F
            let made = shorts[scalar]
            guard made >= 0x80, made < 0x800 else { return map(bytes, into: out) }
            out[at] = UInt8(truncatingIfNeeded: 0xC0 | made >> 6)
            out[at + 1] = UInt8(truncatingIfNeeded: 0x80 | made & 0x3F)
            at += 2
        }
        return at
    }

    /// Writes the bytes in this case at `out`, where there is room for twice as many; returns how many were written.
    func map(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<UInt8>) -> Int {
        var at = 0
        var written = 0
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
                if scalar > last {
                    scalar
                } else if size == 2 {
                    UInt32(shorts[Int(scalar)])
                } else {
                    to == .upper ? CaseTable.upper(scalar) : CaseTable.lower(scalar)
                }
            written += UTF8Scalars.encode(
                made, UnsafeMutableRawBufferPointer(start: out, count: bytes.count * 2), written)
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
