/// Packed model files made by the tests, in the layout of scripts/pack-wordllama.py.
enum PackedModel {
    /// Special tokens, the 256 bytes, ▁, a, b, é, and the merges a+b, ▁+ab, é+a; 16 dimensions.
    static func tiny() -> [UInt8] {
        var texts: [[UInt8]] = ["<unk>", "<s>"].map { Array($0.utf8) }
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in 0..<256 { texts.append(Array("<0x".utf8) + [hex[byte / 16], hex[byte % 16]] + Array(">".utf8)) }
        texts += ["\u{2581}", "a", "b", "é", "ab", "\u{2581}ab", "éa"].map { Array($0.utf8) }
        let count = UInt32(texts.count)
        var textIndex: [UInt32] = [0]
        for text in texts { textIndex.append(textIndex[textIndex.count - 1] + UInt32(text.count)) }
        let scalars: [UInt32] = [0x61, 259, 0x62, 260, 0xE9, 261, 0x2581, 258]
        let byteTokens = (0..<256).map { UInt32($0 + 2) }
        // Left 258: + 262 = 263, rank 1. Left 259: + 260 = 262, rank 0. Left 261: + 259 = 264, rank 2.
        let merges: [UInt32] = [262, 1, 263, 260, 0, 262, 259, 2, 264]
        let mergeIndex = (0...count).map { $0 <= 258 ? UInt32(0) : $0 == 259 ? 1 : $0 <= 261 ? 2 : 3 }
        let weights = (0..<Int(count) * 16).flatMap { position -> [UInt8] in
            let half = UInt16(0x3800 + position % 997)
            return [UInt8(half & 0xFF), UInt8(half >> 8)]
        }
        let sections = [
            bytes(textIndex), texts.flatMap { $0 }, bytes(scalars), bytes(byteTokens), bytes([0, 1]), bytes(mergeIndex),
            bytes(merges), weights,
        ]
        var body: [UInt8] = []
        var offsets: [UInt64] = []
        for section in sections {
            offsets.append(UInt64(128 + body.count))
            body += section
            body += [UInt8](repeating: 0, count: (64 - body.count % 64) % 64)
        }
        var header = Array("SLUICEWL".utf8) + bytes([1, 128, UInt32(128 + body.count), 0, count, 16, 3, 4, 2, 1])
        header += offsets.flatMap { bytes([UInt32($0), 0]) }
        header += [UInt8](repeating: 0, count: 16)
        var file = header + body
        seal(&file)
        return file
    }

    /// Writes the checksums that fit the bytes, so that only the inner rules are left to find a change.
    static func seal(_ file: inout [UInt8]) {
        let weights = Int(read(file, 104))
        if weights >= 128 && weights <= file.count {
            write(&file, 112, slowCRC32(file[128..<weights]))
            write(&file, 116, slowCRC32(file[weights...]))
        }
        write(&file, 124, slowCRC32(file[..<124]))
    }

    /// Clears the flag that lets a tokenizer cut a text at spaces, and mends the header's checksum.
    static func clearWordFlag(_ file: UnsafeMutableRawBufferPointer) {
        file[44] &= 0xFE
        var header = Array(file[..<128])
        write(&header, 124, slowCRC32(header[..<124]))
        file[..<128].copyBytes(from: header)
    }

    private static func bytes(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
    }

    static func read(_ file: [UInt8], _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(file[offset + $1]) << UInt32(8 * $1) }
    }

    static func write(_ file: inout [UInt8], _ offset: Int, _ word: UInt32) {
        file.replaceSubrange(offset..<(offset + 4), with: bytes([word]))
    }
}
