/// A ULID: 48 bits of milliseconds since 1970, then 80 bits; its text is 26 characters of Crockford's base 32.
///
/// Source: github.com/ulid/spec. Text sorts as time does.
public struct ULID: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// - Parameters:
    ///   - milliseconds: since 1970-01-01T00:00:00Z; only the low 48 bits count.
    ///   - random: at least 10 bytes; the first 10 are taken.
    public init(milliseconds: UInt64, random: [UInt8]) {
        precondition(random.count >= 10)
        high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | UInt64(random[0]) << 8 | UInt64(random[1])
        low = random[2..<10].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A ULID from its text of either case; nil when it is not 26 characters of the alphabet or above 2^128.
    public init?(_ text: String) {
        // ASCII alone: the upper case of other letters can be an S.
        let characters = text.utf8.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 - 32 : $0 }
        guard characters.count == 26 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, character) in characters.enumerated() {
            guard let digit = Self.alphabet.firstIndex(of: character), index > 0 || digit < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
        self.high = high
        self.low = low
    }

    public var milliseconds: UInt64 { high >> 16 }

    public var description: String {
        var out = [UInt8](repeating: 0, count: 26)
        var high = high
        var low = low
        for index in stride(from: 25, through: 0, by: -1) {
            out[index] = Self.alphabet[Int(low & 31)]
            low = low >> 5 | high << 59
            high >>= 5
        }
        return String(decoding: out, as: UTF8.self)
    }

    public static func < (a: ULID, b: ULID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
