import Testing

@testable import LocalCore

@Suite struct `A packed model` {
    private func open<Result>(
        _ file: [UInt8], _ use: (EmbeddingModel) throws -> Result
    ) throws -> Result {
        // A block of its own size, so that a read behind the end is found by an address sanitizer.
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: file.count, alignment: 64)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: file)
        return try use(EmbeddingModel(bytes: UnsafeRawBufferPointer(bytes)))
    }

    private func tokens(_ text: String) throws -> [UInt32] {
        try open(PackedModel.tiny()) { model throws in
            var tokenizer = Tokenizer(model)
            return try tokenizer.tokens(of: text)
        }
    }

    @Test func `joins by rank, falls back to bytes and cuts special tokens out`() throws {
        #expect(try tokens("") == [])
        #expect(try tokens("ab") == [263])
        #expect(try tokens(" ab") == [258, 263])
        #expect(try tokens("aab b") == [258, 259, 262, 258, 260])
        #expect(try tokens("éab") == [258, 261, 262])
        #expect(try tokens("éa") == [258, 264])
        #expect(try tokens("ö") == [258, 2 + 0xC3, 2 + 0xB6])
        #expect(try tokens("e\u{301}") == [258, 2 + 0x65, 2 + 0xCC, 2 + 0x81])
        #expect(try tokens("a<s>ab") == [258, 259, 1, 263])
        #expect(try tokens("<<unk>") == [258, 2 + 0x3C, 0])
    }

    @Test func `takes bytes that are not UTF-8 one by one`() throws {
        try open(PackedModel.tiny()) { model throws in
            var tokenizer = Tokenizer(model)
            let invalid: [[UInt8]] = [
                [0xFF], [0xC3], [0xE2, 0x96], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3, 0x61],
            ]
            for bytes in invalid {
                var found: [UInt32] = []
                try tokenizer.forEachToken(of: bytes.span) { found.append($0) }
                #expect(found == [258] + bytes.map { $0 == 0x61 ? 259 : UInt32($0) + 2 })
            }
        }
    }

    @Test func `embeds to length 1, an empty text to zero`() throws {
        try open(PackedModel.tiny()) { model throws in
            var embedder = Embedder(model)
            let rows = try embedder.embed(["", "ab a", "a"])
            #expect(rows.count == 3 * 16)
            #expect(rows[..<16].allSatisfy { $0 == 0 })
            for row in 1...2 {
                let length = rows[(16 * row)..<(16 * (row + 1))].reduce(0) { $0 + $1 * $1 }
                #expect(abs(length - 1) < 1e-5)
            }
            #expect(try embedder.embed([]) == [])
            #expect(try embedder.tokenCount(of: "ab ab") == 2)
        }
    }

    @Test func `refuses a word that would need too much memory`() throws {
        try open(PackedModel.tiny()) { model throws in
            var tokenizer = Tokenizer(model)
            let long = String(repeating: "b", count: Tokenizer.wordLimit + 1)
            #expect(throws: ModelError.wordTooLong(limit: Tokenizer.wordLimit)) { try tokenizer.count(of: long) }
            #expect(try tokenizer.tokens(of: "ab") == [263])
        }
    }

    @Test func `is refused when cut at any length`() throws {
        let file = PackedModel.tiny()
        for length in 0..<file.count where length < 256 || length % 61 == 0 || length > file.count - 130 {
            #expect(throws: ModelError.self, "\(length)") { try open(Array(file[..<length])) { _ in } }
        }
        #expect(throws: ModelError.self) { try open(file + [0]) { _ in } }
        #expect(throws: ModelError.truncated(expected: 128, actual: 0)) {
            try EmbeddingModel(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test func `is refused when any one byte is changed`() throws {
        let file = PackedModel.tiny()
        for position in file.indices {
            var changed = file
            changed[position] ^= 1 << UInt8(position % 8)
            #expect(throws: ModelError.self, "\(position)") { try open(changed) { _ in } }
        }
    }

    @Test(arguments: 0..<20)
    func `never leads out of its bounds, however its tables lie`(_ seed: Int) throws {
        var random = SplitMix64(state: UInt64(seed))
        let file = PackedModel.tiny()
        let tablesEnd = Int(PackedModel.read(file, 104))
        var opened = 0
        for round in 0..<100 {
            var changed = file
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                // The header's numbers, or any aligned word of the tables, set to something likely to hurt.
                let offset =
                    round % 4 == 0
                    ? 4 * Int.random(in: 4..<28, using: &random)
                    : 4 * Int.random(in: 32..<(tablesEnd / 4), using: &random)
                let old = PackedModel.read(changed, offset)
                let word =
                    [old &+ 1, old &- 1, 0, .max, 1 << 31, UInt32.random(in: 0...300, using: &random)]
                    .randomElement(using: &random) ?? 0
                PackedModel.write(&changed, offset, word)
            }
            PackedModel.seal(&changed)
            do {
                try open(changed) { model in
                    var embedder = Embedder(model)
                    let rows = try embedder.embed(["ab éa <s>ö 👍", "aaaabbbb", "<unk>", ""])
                    #expect(rows.count == 4 * model.dimensions)
                    opened += 1
                }
            } catch is ModelError {
                continue
            }
        }
        // Some changes are harmless to memory (a text, a rank): else the tables were not reached at all.
        #expect(opened > 0, "seed \(seed)")
    }

    @Test func `has the checksum of zlib`() {
        #expect(slowCRC32(Array("123456789".utf8)) == 0xCBF4_3926)
        var random = SplitMix64(state: 7)
        for length in [0, 1, 7, 8, 9, 63, 64, 1000] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(bytes.withUnsafeBytes { CRC32().checksum(of: $0) } == slowCRC32(bytes))
        }
    }
}

/// Pseudo-random numbers that are the same in every run.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
