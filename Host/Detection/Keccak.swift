/// Keccak-256 as Ethereum and Monero use it: the sponge of FIPS 202 with the padding that came before it.
///
/// libcrypto 3.0 has the standard's SHA3-256 alone.
enum Keccak {
    /// The 32 bytes of the digest.
    static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let rate = 136
        var state = [UInt64](repeating: 0, count: 25)
        var block = [UInt8](repeating: 0, count: rate)
        var used = 0
        for byte in bytes {
            block[used] = byte
            used += 1
            if used == rate {
                absorb(block, into: &state)
                used = 0
            }
        }
        for place in used..<rate { block[place] = 0 }
        block[used] ^= 0x01
        block[rate - 1] ^= 0x80
        absorb(block, into: &state)
        return (0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 8] >> UInt64($0 % 8 * 8)) }
    }

    private static func absorb(_ block: [UInt8], into state: inout [UInt64]) {
        for lane in 0..<block.count / 8 {
            var word: UInt64 = 0
            for byte in (0..<8).reversed() { word = word << 8 | UInt64(block[lane * 8 + byte]) }
            state[lane] ^= word
        }
        permute(&state)
    }

    private static func permute(_ state: inout [UInt64]) {
        for constant in constants {
            var parity = [UInt64](repeating: 0, count: 5)
            for x in 0..<5 { parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] }
            for x in 0..<5 {
                let mix = parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1)
                for y in stride(from: 0, to: 25, by: 5) { state[x + y] ^= mix }
            }
            var moved = [UInt64](repeating: 0, count: 25)
            for x in 0..<5 {
                for y in 0..<5 { moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(state[x + 5 * y], rotations[x + 5 * y]) }
            }
            for y in stride(from: 0, to: 25, by: 5) {
                for x in 0..<5 { state[x + y] = moved[x + y] ^ (~moved[(x + 1) % 5 + y] & moved[(x + 2) % 5 + y]) }
            }
            state[0] ^= constant
        }
    }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        count == 0 ? word : word << count | word >> (64 - count)
    }

    /// FIPS 202, table 2, by x + 5y.
    private static let rotations: [UInt64] = [
        0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
    ]

    /// The round constants, from the shift register of FIPS 202, algorithm 5.
    private static let constants: [UInt64] = {
        var register: UInt8 = 1
        return (0..<24).map { _ in
            var constant: UInt64 = 0
            for power in 0...6 {
                if register & 1 != 0 { constant |= 1 << (UInt64(1) << UInt64(power) - 1) }
                register = register << 1 ^ (register & 0x80 != 0 ? 0x71 : 0)
            }
            return constant
        }
    }()
}
