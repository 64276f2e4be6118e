/// Vectors of texts from the letters that they are made of: no model, no network, the same on every machine.
///
/// Each run of three bytes of " text ", in lower case (ASCII letters alone), adds 1 or -1 to one of the dimensions, both told
/// by its hash; the vector is then brought to length 1. Texts that share spellings are near to each other.
enum NGrams {
    static let dimensions = 256
    static let model = "ngrams-256"

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// FNV-1a, 64 bits.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The vector of a text; a text without a letter, digit or sign gives zeros.
    static func embed(_ text: String) -> [Float] {
        var bytes: [UInt8] = [0x20]
        for byte in text.utf8 {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            bytes.append(isSpace(byte) ? 0x20 : isUpper ? byte + 32 : byte)
        }
        bytes.append(0x20)
        var vector = [Float](repeating: 0, count: dimensions)
        guard bytes.contains(where: { $0 != 0x20 }) else { return vector }
        for start in 0..<(bytes.count - 2) {
            let value = hash(bytes[start..<(start + 3)])
            vector[Int(value % UInt64(dimensions))] += value >> 63 == 1 ? -1 : 1
        }
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? vector.map { Float(Double($0) / length) } : vector
    }

    /// Tokens that a text costs: one for every four bytes, begun ones too, of each run without white space.
    static func tokens(_ text: String) -> UInt64 {
        text.utf8.split(whereSeparator: isSpace).reduce(0) { $0 + (UInt64($1.count) + 3) / 4 }
    }
}
