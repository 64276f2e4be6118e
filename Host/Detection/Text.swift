/// The bytes of a text that is being looked through; borrowed.
struct Text {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let work: Work?

    init(_ bytes: UnsafeBufferPointer<UInt8>, work: Work? = nil) {
        self.bytes = bytes
        self.work = work
    }

    var count: Int { bytes.count }
    subscript(_ place: Int) -> UInt8 {
        work?.add(1)
        return bytes[place]
    }

    /// The byte at a place, or 0 outside of the text.
    func at(_ place: Int) -> UInt8 {
        work?.add(1)
        return UInt(bitPattern: place) < UInt(bitPattern: bytes.count) ? bytes[place] : 0
    }

    func isDigit(_ place: Int) -> Bool { at(place) &- 0x30 < 10 }
    /// A letter of any script, or a byte of one.
    func isLetter(_ place: Int) -> Bool {
        let byte = at(place)
        return (byte | 0x20) &- 0x61 < 26 || byte >= 0x80 && scalar(around: place).map { Letters.isLetter($0) } ?? false
    }
    func isASCIILetter(_ place: Int) -> Bool { (at(place) | 0x20) &- 0x61 < 26 }
    /// What a number or a token beside it is a part of: a digit, or a letter of a script that has capitals. Text of other
    /// scripts stands beside numbers without a blank, as quotes and dots do.
    func isWord(_ place: Int) -> Bool {
        let byte = at(place)
        return byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
            || byte >= 0x80 && scalar(around: place).map { Letters.isJoining($0) } ?? false
    }

    /// The scalar outside of ASCII that the byte at a place is a part of; nil where it is no UTF-8.
    @inline(never)
    func scalar(around place: Int) -> UInt32? {
        var start = place
        while place - start < 3, at(start) & 0xC0 == 0x80 { start -= 1 }
        let (value, length) = Letters.scalar(self, start)
        return length > 1 && start + length > place ? value : nil
    }
    func isHexadecimal(_ place: Int) -> Bool { isDigit(place) || (at(place) | 0x20) &- 0x61 < 6 }

    /// The place behind the ASCII digits that stand from `place` on.
    func endOfDigits(_ place: Int) -> Int {
        var end = place
        while end < bytes.count, bytes[end] &- 0x30 < 10 { end += 1 }
        work?.add(end - place)
        return end
    }

    /// The place behind the ASCII letters and digits that stand from `place` on.
    func endOfToken(_ place: Int) -> Int {
        var end = place
        while end < bytes.count, bytes[end] &- 0x30 < 10 || (bytes[end] | 0x20) &- 0x61 < 26 { end += 1 }
        work?.add(end - place)
        return end
    }

    /// What the 64 bytes from `place` on are; behind the end of the text is nothing.
    func signs(_ place: Int) -> Signs {
        var signs = Signs()
        work?.add(64)
        guard let base = bytes.baseAddress, place + 64 <= bytes.count else {
            for (shift, byte) in bytes[min(place, bytes.count)...].prefix(64).enumerated() {
                let bit: UInt64 = 1 << UInt64(shift)
                switch byte {
                case 0x30...0x39: signs.digits |= bit
                case 0x3A, 0x3D, 0x40: signs.marks |= bit
                case 0x20, 0x28, 0x29, 0x2D, 0x2E, 0x2F: signs.separators |= bit
                default: break
                }
            }
            return signs
        }
        for eighth in 0..<8 {
            // Within the bytes: place + 64 is not behind their end.
            let word = Eight(UnsafeRawPointer(base + place + eighth * 8).loadUnaligned(as: UInt64.self).littleEndian)
            let shift = UInt64(eighth * 8)
            signs.digits |= Eight.bits(word.within(0x30, 0x3A)) &<< shift
            signs.marks |=
                Eight.bits(word.within(0x3A, 0x3B) | word.within(0x3D, 0x3E) | word.within(0x40, 0x41)) &<< shift
            signs.separators |=
                Eight.bits(word.within(0x20, 0x21) | word.within(0x28, 0x2A) | word.within(0x2D, 0x30)) &<< shift
        }
        return signs
    }
}

/// How many bytes were looked at, for tests that hold it to a bound; builds for release count nothing.
struct Work {
    #if SLUICE_TEST_HOOKS
    private let count: UnsafeMutablePointer<Int>

    /// The counter is borrowed for as long as the text is looked through.
    init(_ count: UnsafeMutablePointer<Int>) { self.count = count }

    func add(_ bytes: Int) { count.pointee += bytes }
    #else
    private init() {}

    @inline(__always)
    func add(_ bytes: Int) {}
    #endif
}

/// What 64 bytes are, one bit each, the first lowest.
struct Signs {
    var digits: UInt64 = 0
    /// `@`, `:` and `=`.
    var marks: UInt64 = 0
    /// What may stand alone between two groups of a number: a blank and `( ) - . /`.
    var separators: UInt64 = 0
}

/// Eight bytes in one number, the first lowest; an answer is the highest bit of each byte.
private struct Eight {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let high: UInt64 = 0x8080_8080_8080_8080
    private let low: UInt64
    private let ascii: UInt64

    @inline(__always)
    init(_ word: UInt64) {
        low = word & ~Self.high
        ascii = ~word & Self.high
    }

    /// The bytes from `first` on and below `end`, both of ASCII.
    @inline(__always)
    func within(_ first: UInt64, _ end: UInt64) -> UInt64 {
        // No byte carries into the next: both summands are below 0x80, or 0x80 once.
        (low &+ (0x80 &- first) &* Self.ones) & ~(low &+ (0x80 &- end) &* Self.ones) & ascii
    }

    /// One bit for each byte, the first lowest.
    @inline(__always)
    static func bits(_ answer: UInt64) -> UInt64 { ((answer &>> 7) &* 0x0102_0408_1020_4080) &>> 56 }
}

/// The places where a recogniser may find something, in order: the first digit of each row of digits, each `@`, `:` and `=`.
struct Triggers {
    private let text: Text
    /// The place of the first of the 64 bytes that `now` and `bits` are about; `ahead` are the next 64.
    private var block = -64
    private var bits: UInt64 = 0
    private var now = Signs()
    private var ahead = Signs()

    init(_ text: Text) {
        self.text = text
        ahead = text.signs(0)
    }

    /// The first of them that is not in front of `place`, or the text's count.
    ///
    /// Nothing begins in the middle of a row of digits: the rest of one at `place` is passed over.
    mutating func next(from place: Int) -> Int {
        let place = text.isDigit(place) && text.isDigit(place - 1) ? text.endOfDigits(place) : place
        var start = place & ~63
        var allowed = ~UInt64(0) &<< UInt64(place & 63)
        while start < text.count {
            if start != block { read(start) }
            let hits = bits & allowed
            if hits != 0 { return start + hits.trailingZeroBitCount }
            start += 64
            allowed = ~0
        }
        return text.count
    }

    /// The 64 bytes from a place on that `next` gave.
    func signs(_ place: Int) -> (digits: UInt64, separators: UInt64) {
        let shift = UInt64(place - block)
        // A shift by 64 gives nothing, as it should.
        return (
            now.digits &>> shift | ahead.digits << (64 - shift),
            now.separators &>> shift | ahead.separators << (64 - shift)
        )
    }

    private mutating func read(_ start: Int) {
        now = start == block + 64 ? ahead : text.signs(start)
        ahead = text.signs(start + 64)
        block = start
        bits = now.digits & ~(now.digits << 1 | (text.isDigit(start - 1) ? 1 : 0)) | now.marks
    }
}
