/// The bytes of a text that is being looked through; borrowed.
struct Text {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var count: Int { bytes.count }
    subscript(_ place: Int) -> UInt8 { bytes[place] }

    /// The byte at a place, or 0 outside of the text.
    func at(_ place: Int) -> UInt8 { UInt(bitPattern: place) < UInt(bitPattern: bytes.count) ? bytes[place] : 0 }

    func isDigit(_ place: Int) -> Bool { at(place) &- 0x30 < 10 }
    /// An ASCII letter, or any byte of a scalar outside of ASCII.
    func isLetter(_ place: Int) -> Bool {
        let byte = at(place)
        return (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
    }
    func isASCIILetter(_ place: Int) -> Bool { (at(place) | 0x20) &- 0x61 < 26 }
    func isWord(_ place: Int) -> Bool { isDigit(place) || isLetter(place) }
    func isHexadecimal(_ place: Int) -> Bool { isDigit(place) || (at(place) | 0x20) &- 0x61 < 6 }

    /// The place behind the ASCII digits that stand from `place` on.
    func endOfDigits(_ place: Int) -> Int {
        var end = place
        while end < bytes.count, bytes[end] &- 0x30 < 10 { end += 1 }
        return end
    }

    /// The place behind the ASCII letters and digits that stand from `place` on.
    func endOfToken(_ place: Int) -> Int {
        var end = place
        while end < bytes.count, bytes[end] &- 0x30 < 10 || (bytes[end] | 0x20) &- 0x61 < 26 { end += 1 }
        return end
    }

    /// Of the 64 bytes from `place` on, one bit each: which are digits, and which are `@` or `:`. Behind the end is nothing.
    func signs(_ place: Int) -> (digits: UInt64, marks: UInt64) {
        var digits: UInt64 = 0
        var marks: UInt64 = 0
        guard let base = bytes.baseAddress, place + 64 <= bytes.count else {
            for (shift, byte) in bytes[min(place, bytes.count)...].enumerated() {
                if byte &- 0x30 < 10 { digits |= 1 << UInt64(shift) }
                if byte == 0x40 || byte == 0x3A { marks |= 1 << UInt64(shift) }
            }
            return (digits, marks)
        }
        for quarter in 0..<4 {
            // Within the bytes: place + 64 is not behind their end.
            let chunk = UnsafeRawPointer(base + place + quarter * 16).loadUnaligned(as: SIMD16<UInt8>.self)
            digits |= Bits.of((chunk &- 0x30) .< 10) << UInt64(quarter * 16)
            marks |= Bits.of((chunk .== 0x40) .| (chunk .== 0x3A)) << UInt64(quarter * 16)
        }
        return (digits, marks)
    }
}

/// Masks of vectors as bits of a number.
enum Bits {
    /// Bit i is set where lane i is true.
    @inline(__always)
    static func of(_ mask: SIMDMask<SIMD16<Int8>>) -> UInt64 {
        // A lane that is true is eight set bits. Lane i keeps bit i, and the product adds all lanes up in its highest byte.
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self) & 0x8040_2010_0804_0201
        return ((halves[0] &* 0x0101_0101_0101_0101) &>> 56) | ((halves[1] &* 0x0101_0101_0101_0101) &>> 48 & 0xFF00)
    }
}

/// The places where a recogniser may find something, in order: the first digit of each row of digits, each `@` and `:`.
struct Triggers {
    private let text: Text
    /// The place of the first of the 64 bytes that `bits` are about.
    private var block = -64
    private var bits: UInt64 = 0

    init(_ text: Text) { self.text = text }

    /// The first of them that is not in front of `place`, or the text's count.
    ///
    /// A place in the middle of a row of digits counts as its beginning.
    mutating func next(from place: Int) -> Int {
        var start = place & ~63
        var allowed = ~UInt64(0) << UInt64(place & 63)
        if text.isDigit(place), text.isDigit(place - 1) { return place }
        while start < text.count {
            if start != block { read(start) }
            let hits = bits & allowed
            if hits != 0 { return start + hits.trailingZeroBitCount }
            start += 64
            allowed = ~0
        }
        return text.count
    }

    private mutating func read(_ start: Int) {
        let (digits, marks) = text.signs(start)
        block = start
        bits = digits & ~(digits << 1 | (text.isDigit(start - 1) ? 1 : 0)) | marks
    }
}
