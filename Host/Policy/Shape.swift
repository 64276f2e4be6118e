/// The shape of a text: letters → a or A, digits → 9, ASCII punctuation and spaces kept, all else → *.
///
/// At most 64 scalars are shown; a longer text ends in `…`. No letter, digit or symbol of the value is left.
enum Shape {
    static let maximumScalars = 64

    /// Bytes of the longest shape: its signs have one each, and `…` has three.
    static let capacity = maximumScalars + 3

    /// Writes the shape of a text, and gives its size.
    ///
    /// - Parameter out: at least `capacity` bytes.
    static func write(_ text: UnsafeRawBufferPointer, to out: UnsafeMutableRawBufferPointer) -> Int {
        precondition(out.count >= capacity)
        var scalars = 0
        var at = 0
        // Eight at a time as long as they are ASCII; bytes and scalars are the same then.
        while scalars <= maximumScalars - 8, text.count - at >= 8 {
            let bytes = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            guard bytes & each(0x80) == 0 else { break }
            out.storeBytes(of: eight(bytes), toByteOffset: scalars, as: UInt64.self)
            scalars += 8
            at += 8
        }
        let ascii = Self.ascii
        while at < text.count {
            guard scalars < maximumScalars else {
                for byte in "…".utf8 {
                    out[scalars] = byte
                    scalars += 1
                }
                break
            }
            let byte = text[at]
            if byte < 0x80 {
                out[scalars] = ascii[Int(byte)]
                at += 1
            } else {
                let (mask, length) = wide(text, at)
                out[scalars] = mask
                at += length
            }
            scalars += 1
        }
        return scalars
    }

    /// The shapes of eight ASCII bytes.
    @inline(__always)
    private static func eight(_ bytes: UInt64) -> UInt64 {
        let letters = range(bytes | each(0x20), 0x61, 0x7B)
        let digits = range(bytes, 0x30, 0x3A)
        let hidden = ~range(bytes, 0x20, 0x7F)
        // One bit tells `a` from `A`, as any letter of either case.
        return bytes & ~(letters | digits | hidden) | letters & (each(0x41) | bytes & each(0x20))
            | digits & each(0x39) | hidden & each(0x2A)
    }

    @inline(__always)
    private static func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    /// 0xFF for each of eight ASCII bytes that is at least `first` and below `end`, else 0.
    @inline(__always)
    private static func range(_ bytes: UInt64, _ first: UInt64, _ end: UInt64) -> UInt64 {
        // The sum's high bit says whether a byte reaches a bound; none carries into its neighbour.
        let isIn = (bytes &+ each(0x80 - first)) & ~(bytes &+ each(0x80 - end)) & each(0x80)
        return (isIn >> 7) &* 0xFF
    }

    /// Appends the shape of a text to bytes that the caller reuses.
    static func write(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 16) { scratch in
            out.append(contentsOf: scratch[..<write(text, to: scratch)])
        }
    }

    /// What stands for each ASCII byte. Control characters are masked too.
    private static let ascii: [UInt8] = (0..<128).map { (byte: UInt8) -> UInt8 in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt8(ascii: "a")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(ascii: "A")
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt8(ascii: "9")
        case 0x20...0x7E: byte
        default: UInt8(ascii: "*")
        }
    }

    private static func wide(_ text: UnsafeRawBufferPointer, _ at: Int) -> (mask: UInt8, length: Int) {
        let lead = text[at]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
        guard at + length <= text.count, length > 1 else { return (UInt8(ascii: "*"), 1) }
        var value = UInt32(lead & (0x7F >> UInt8(length)))
        for offset in 1..<length { value = value << 6 | UInt32(text[at + offset] & 0x3F) }
        guard let scalar = Unicode.Scalar(value) else { return (UInt8(ascii: "*"), length) }
        let mask: UInt8
        if scalar.properties.isUppercase {
            mask = UInt8(ascii: "A")
        } else if scalar.properties.isAlphabetic {
            mask = UInt8(ascii: "a")
        } else if scalar.properties.numericType != nil {
            mask = UInt8(ascii: "9")
        } else {
            mask = UInt8(ascii: "*")
        }
        return (mask, length)
    }
}

extension Shape {
    static func of(_ text: [UInt8]) -> String {
        var out: [UInt8] = []
        text.withUnsafeBytes { write($0, into: &out) }
        return String(decoding: out, as: UTF8.self)
    }
}
