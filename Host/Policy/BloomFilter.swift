internal import Foundations

/// Keyed Bloom filters over the pairs of letters of a text: what is like stays like, and nothing else is left.
///
/// Schnell, Bachteler, Reiher 2009. Every pair of neighbours, ends padded, sets `hashes` bits of `bits`; filters of two
/// texts share as many bits as the texts share pairs, whose number can be estimated from them (docs/masking.md). Positions come from one HMAC-SHA-256
/// a pair: a double hash of two values would let whoever guesses a pair find others (Niedermeyer et al. 2014).
///
/// Not Sendable: it keeps the positions of pairs that it has met, and belongs to one thread.
struct BloomFilter {
    /// 128 bytes a value, as many as a cache line pair.
    static let bits = 1024
    /// With at most 65 pairs a filter is 53 % full and the estimate is off by 0.05 (one deviation) for texts that
    /// have nothing in common, 0.013 for those that have 80 %; fewer hashes would leave more of a pair's pattern to see.
    static let hashes = 12
    /// Scalars of a text that count. Likeness of longer texts is that of their beginnings.
    static let scalars = 64

    private let key: HMACKey
    /// Pairs that were met, each at the slot that its number gives, and their positions: a column has few.
    private var members = [UInt64](repeating: .max, count: slots)
    private var positions = [UInt16](repeating: 0, count: slots * hashes)
    private static let slots = 4096
    private var pairs: [UInt64] = []

    /// - Parameter key: for one dataset, never per run.
    init(key: HMACKey) { self.key = key }

    /// The filter of a text; empty for one without a letter.
    mutating func write(_ text: UnsafeRawBufferPointer, into filter: UnsafeMutableRawBufferPointer) {
        filter.initializeMemory(as: UInt8.self, repeating: 0)
        let scalars = NormalText.folded(text, limit: Self.scalars)
        guard !scalars.isEmpty else { return }
        pairs.removeAll(keepingCapacity: true)
        // Above every scalar: padding equals no text.
        var last: UInt64 = 0x1F_FFFF
        for scalar in scalars {
            pairs.append(last << 21 | UInt64(scalar))
            last = UInt64(scalar)
        }
        pairs.append(last << 21 | 0x1F_FFFF)
        // A pair that stands there twice is two members: `anna` and `anana` are not alike.
        pairs.sort()
        var number: UInt64 = 0
        for place in pairs.indices {
            number = place > 0 && pairs[place] == pairs[place - 1] ? number + 1 : 0
            set(pairs[place] | number << 42, in: filter)
        }
    }

    private mutating func set(_ member: UInt64, in filter: UnsafeMutableRawBufferPointer) {
        // The golden ratio spreads neighbours (Knuth 1973).
        let slot = Int((member &* 0x9E37_79B9_7F4A_7C15) >> 52)
        let first = slot * Self.hashes
        if members[slot] != member {
            let mac = withUnsafeBytes(of: member.littleEndian) { key.authenticate($0) }
            for number in 0..<Self.hashes {
                let word = UInt16(mac[2 * number]) << 8 | UInt16(mac[2 * number + 1])
                positions[first + number] = word % UInt16(Self.bits)
            }
            members[slot] = member
        }
        for number in first..<(first + Self.hashes) {
            let place = positions[number]
            filter[Int(place >> 3)] |= 1 << UInt8(place & 7)
        }
    }
}
