/// The shape of a text: letters → a or A, digits → 9, ASCII punctuation and spaces kept, all else → *.
///
/// At most 64 scalars are shown; a longer text ends in `…`. No letter, digit or symbol of the value is left.
enum Shape {
    static let maximumScalars = 64

    /// Appends the shape of a text to bytes that the caller reuses.
    static func write(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        var scalars = 0
        var at = 0
        let ascii = Self.ascii
        while at < text.count {
            guard scalars < maximumScalars else {
                out.append(contentsOf: "…".utf8)
                break
            }
            let byte = text[at]
            if byte < 0x80 {
                out.append(ascii[Int(byte)])
                at += 1
            } else {
                let (mask, length) = wide(text, at)
                out.append(mask)
                at += length
            }
            scalars += 1
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
