/// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF.
enum UTF8Check {
    /// Whether every byte belongs to a well-formed sequence; eight ASCII bytes at a time.
    static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < bytes.count {
            if at + 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                at += 8
            } else if bytes[at] < 0x80 {
                at += 1
            } else {
                let length = sequenceLength(bytes, at)
                if length == 0 { return false }
                at += length
            }
        }
        return true
    }

    /// Whether no byte has its high bit set.
    static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        var seen: UInt64 = 0
        while at + 32 <= bytes.count {
            seen |= bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            seen |= bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
            seen |= bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self)
            seen |= bytes.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self)
            at += 32
        }
        while at < bytes.count {
            seen |= UInt64(bytes[at])
            at += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// Bytes of the well-formed sequence at `at`, or 0.
    static func sequenceLength(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
        let shape = shape(of: bytes[at])
        guard shape.length > 0, at + shape.length <= bytes.count else { return 0 }
        if shape.length == 1 { return 1 }
        guard bytes[at + 1] >= shape.low, bytes[at + 1] <= shape.high else { return 0 }
        var next = 2
        while next < shape.length {
            if bytes[at + next] & 0xC0 != 0x80 { return 0 }
            next += 1
        }
        return shape.length
    }

    /// Whether the bytes from `at` to the end may be the beginning of a well-formed sequence.
    static func mayBeCut(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        let shape = shape(of: bytes[at])
        guard shape.length > bytes.count - at else { return false }
        if at + 1 < bytes.count, bytes[at + 1] < shape.low || bytes[at + 1] > shape.high { return false }
        if at + 2 < bytes.count, bytes[at + 2] & 0xC0 != 0x80 { return false }
        return true
    }

    /// How many bytes a lead byte announces (0: none), and the range of the second.
    private static func shape(of lead: UInt8) -> (length: Int, low: UInt8, high: UInt8) {
        switch lead {
        case 0..<0x80: (1, 0, 0)
        case 0xC2...0xDF: (2, 0x80, 0xBF)
        case 0xE0: (3, 0xA0, 0xBF)
        case 0xED: (3, 0x80, 0x9F)
        case 0xE1...0xEF: (3, 0x80, 0xBF)
        case 0xF0: (4, 0x90, 0xBF)
        case 0xF1...0xF3: (4, 0x80, 0xBF)
        case 0xF4: (4, 0x80, 0x8F)
        default: (0, 0, 0)
        }
    }
}
