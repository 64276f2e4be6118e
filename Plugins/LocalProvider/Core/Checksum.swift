/// CRC-32 as in gzip and zlib (polynomial 0xEDB88320, reflected), eight bytes a step.
///
/// It tells a damaged model file from a whole one. It is no protection against a forger: the plugin's manifest pins
/// the file's SHA-256, and the host verifies that before it maps the file.
struct CRC32 {
    /// Eight tables of 256: table `k` holds the remainder of each byte followed by `k` zero bytes.
    private let tables: [UInt32]

    init() {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                remainder = (remainder >> 1) ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320)
            }
            tables[byte] = remainder
        }
        for index in 256..<(8 * 256) {
            let shorter = tables[index - 256]
            tables[index] = (shorter >> 8) ^ tables[Int(shorter & 0xFF)]
        }
        self.tables = tables
    }

    /// The checksum of all of `bytes`.
    func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var remainder: UInt32 = 0xFFFF_FFFF
            var position = 0
            while position + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let mixed = word ^ UInt64(remainder)
                var next: UInt32 = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * lane)) & 0xFF
                    next ^= tables[(7 - lane) * 256 + byte]
                }
                remainder = next
                position += 8
            }
            while position < bytes.count {
                let byte = Int((remainder ^ UInt32(bytes[position])) & 0xFF)
                remainder = (remainder >> 8) ^ tables[byte]
                position += 1
            }
            return ~remainder
        }
    }
}
