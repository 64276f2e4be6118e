/// A packed embedding model, read in place: vocabulary, merge rules and one vector a token.
///
/// The layout is described in `scripts/pack-wordllama.py`. Everything that could lead a reader out of bounds is
/// checked once, in `init`; afterwards the accessors read without a check.
///
/// The bytes are borrowed: the caller keeps them mapped and unchanged for as long as any copy of the model is used.
// Sendable: the bytes are never written, and `init` demands that nobody else writes them either.
public struct EmbeddingModel: @unchecked Sendable {
    /// How much of the file `init` reads to find damage.
    public enum Verification: Sendable {
        /// Header and tables, about 1.2 MB. Enough for safety, and for a file whose SHA-256 the host has verified.
        case tables
        /// Every byte, the weights included.
        case everything
    }

    /// The number of tokens.
    public let vocabularyCount: Int
    /// The number of components of a vector; a multiple of 16.
    public let dimensions: Int

    let wordsAreSeparate: Bool
    let scalarCount: Int
    let specialCount: Int
    private let mergeCount: Int

    private let textIndex: UnsafeRawPointer
    private let text: UnsafeRawPointer
    private let scalars: UnsafeRawPointer
    private let byteTokens: UnsafeRawPointer
    private let specials: UnsafeRawPointer
    private let mergeIndex: UnsafeRawPointer
    private let merges: UnsafeRawPointer
    private let weights: UnsafeRawPointer

    private static let magic: [UInt8] = Array("SLUICEWL".utf8)
    private static let headerSize = 128
    private static let alignment: UInt64 = 64
    private static let sections = [
        "text index", "text", "scalars", "byte tokens", "specials", "merge index", "merges", "weights",
    ]

    /// Opens a packed model, or says what is wrong with it.
    ///
    /// - Parameters:
    ///   - bytes: the whole file; borrowed for the life of the model and of its copies.
    ///   - verification: how many of the checksums are computed; the inner rules are always checked.
    /// - Throws: `ModelError` for a file that is short, of another kind or version, or damaged. Never traps.
    public init(bytes: UnsafeRawBufferPointer, verification: Verification = .everything) throws(ModelError) {
        guard let base = bytes.baseAddress, bytes.count >= Self.headerSize else {
            throw .truncated(expected: UInt64(Self.headerSize), actual: UInt64(bytes.count))
        }
        guard bytes.prefix(8).elementsEqual(Self.magic) else { throw .notAModel }
        let header = Table(base)
        guard header[2] == 1 else { throw .unsupportedVersion(header[2]) }
        let crc = CRC32()
        guard header[3] == UInt32(Self.headerSize),
            header[31] == crc.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[..<124]))
        else { throw .damaged(section: "header") }
        let fileSize = header.u64(at: 16)
        guard fileSize == UInt64(bytes.count) else {
            throw .truncated(expected: fileSize, actual: UInt64(bytes.count))
        }

        vocabularyCount = Int(header[6])
        dimensions = Int(header[7])
        mergeCount = Int(header[8])
        scalarCount = Int(header[9])
        specialCount = Int(header[10])
        wordsAreSeparate = header[11] & 1 == 1
        guard vocabularyCount > 0, dimensions > 0, dimensions % 16 == 0, mergeCount < 1 << 24,
            scalarCount <= vocabularyCount, specialCount <= vocabularyCount
        else { throw .damaged(section: "header") }

        // Counts are 32-bit, so no product below overflows 64 bits except the weights', whose overflow is reported.
        let (weightCount, tooMany) = UInt64(header[6]).multipliedReportingOverflow(by: UInt64(header[7]) * 2)
        let sizes: [UInt64?] = [
            (UInt64(header[6]) + 1) * 4, nil, UInt64(header[9]) * 8, 256 * 4, UInt64(header[10]) * 4,
            (UInt64(header[6]) + 1) * 4, UInt64(header[8]) * 12, weightCount,
        ]
        if tooMany { throw .damaged(section: "header") }
        let offsets = try Self.offsets(header: header, fileSize: fileSize, sizes: sizes)

        textIndex = base + offsets[0]
        text = base + offsets[1]
        scalars = base + offsets[2]
        byteTokens = base + offsets[3]
        specials = base + offsets[4]
        mergeIndex = base + offsets[5]
        merges = base + offsets[6]
        weights = base + offsets[7]

        let tables = UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize..<offsets[7]])
        guard crc.checksum(of: tables) == header[28] else { throw .damaged(section: "tables") }
        if case .everything = verification {
            let rows = UnsafeRawBufferPointer(rebasing: bytes[offsets[7]...])
            guard crc.checksum(of: rows) == header[29] else { throw .damaged(section: "weights") }
        }
        try validateTexts(size: offsets[2] - offsets[1])
        try validateTokens()
        try validateMerges()
    }

    /// Section offsets that are aligned, ascending and wide enough; `nil` in `sizes` takes any width.
    private static func offsets(
        header: Table, fileSize: UInt64, sizes: [UInt64?]
    ) throws(ModelError) -> [Int] {
        var offsets: [Int] = []
        var end = UInt64(headerSize)
        for index in sizes.indices {
            let offset = header.u64(at: 48 + 8 * index)
            let next = index + 1 < sizes.count ? header.u64(at: 56 + 8 * index) : fileSize
            guard offset == end, offset % alignment == 0, next >= offset, next <= fileSize else {
                throw .damaged(section: sections[index])
            }
            if let size = sizes[index] {
                guard next - offset >= size, next - offset - size < alignment else {
                    throw .damaged(section: sections[index])
                }
            }
            // Fits: it is at most the size of a buffer that lies in memory.
            offsets.append(Int(offset))
            end = next
        }
        return offsets
    }

    private func validateTexts(size: Int) throws(ModelError) {
        let index = Table(textIndex)
        guard index[0] == 0, Int(index[vocabularyCount]) <= size else { throw .damaged(section: "text index") }
        for token in 0..<vocabularyCount where index[token] >= index[token + 1] {
            throw .damaged(section: "text index")
        }
    }

    private func validateTokens() throws(ModelError) {
        let table = Table(scalars)
        for row in 0..<scalarCount {
            guard row == 0 || table[2 * row - 2] < table[2 * row], Int(table[2 * row + 1]) < vocabularyCount else {
                throw .damaged(section: "scalars")
            }
        }
        for byte in 0..<256 where Int(Table(byteTokens)[byte]) >= vocabularyCount {
            throw .damaged(section: "byte tokens")
        }
        for row in 0..<specialCount where Int(Table(specials)[row]) >= vocabularyCount {
            throw .damaged(section: "specials")
        }
    }

    private func validateMerges() throws(ModelError) {
        let index = Table(mergeIndex)
        let rows = Table(merges)
        guard index[0] == 0, Int(index[vocabularyCount]) == mergeCount else { throw .damaged(section: "merge index") }
        for left in 0..<vocabularyCount {
            let begin = Int(index[left])
            let end = Int(index[left + 1])
            guard begin <= end, end <= mergeCount else { throw .damaged(section: "merge index") }
            for row in begin..<end {
                guard row == begin || rows[3 * row - 3] < rows[3 * row], Int(rows[3 * row]) < vocabularyCount,
                    Int(rows[3 * row + 1]) < 1 << 24, Int(rows[3 * row + 2]) < vocabularyCount
                else { throw .damaged(section: "merges") }
            }
        }
    }
}

extension EmbeddingModel {
    /// The UTF-8 of a token of the vocabulary.
    ///
    /// - Precondition: `token` is below `vocabularyCount`.
    func text(of token: UInt32) -> UnsafeRawBufferPointer {
        let index = Table(textIndex)
        let begin = Int(index[Int(token)])
        return UnsafeRawBufferPointer(start: text + begin, count: Int(index[Int(token) + 1]) - begin)
    }

    /// The token that is this one Unicode scalar, or nil.
    func token(scalar: UInt32) -> UInt32? {
        let table = Table(scalars)
        var low = 0
        var high = scalarCount
        while low < high {
            let middle = (low + high) / 2
            if table[2 * middle] < scalar { low = middle + 1 } else { high = middle }
        }
        return low < scalarCount && table[2 * low] == scalar ? table[2 * low + 1] : nil
    }

    /// The token that stands for one byte of a scalar outside the vocabulary.
    func token(byte: UInt8) -> UInt32 { Table(byteTokens)[Int(byte)] }

    /// The special token in this place, of `specialCount`.
    func special(_ position: Int) -> UInt32 { Table(specials)[position] }

    /// The rule that joins two neighbours, or nil; `rank` is below 2^24 and the lowest is applied first.
    func merge(_ left: UInt32, _ right: UInt32) -> (rank: UInt32, merged: UInt32)? {
        let index = Table(mergeIndex)
        let rows = Table(merges)
        let end = Int(index[Int(left) + 1])
        var low = Int(index[Int(left)])
        var high = end
        while low < high {
            let middle = (low + high) / 2
            if rows[3 * middle] < right { low = middle + 1 } else { high = middle }
        }
        guard low < end, rows[3 * low] == right else { return nil }
        return (rows[3 * low + 1], rows[3 * low + 2])
    }

    /// Adds a token's vector to `sum`.
    ///
    /// - Precondition: `token` is below `vocabularyCount` and `sum` holds `dimensions` floats.
    func add(token: UInt32, to sum: UnsafeMutablePointer<Float>) {
        let row = weights + Int(token) * dimensions * 2
        for component in 0..<dimensions {
            let half = UInt32(UInt16(littleEndian: row.loadUnaligned(fromByteOffset: 2 * component, as: UInt16.self)))
            // Binary16 to binary32: move the fraction up, then mend the exponent's bias (15 to 127) by a factor of
            // 2^112, which is exact for subnormals too. The packer refuses infinities and NaN.
            let magnitude = Float(bitPattern: (half & 0x7FFF) << 13) * 0x1p112
            sum[component] += Float(bitPattern: magnitude.bitPattern | (half & 0x8000) << 16)
        }
    }
}

/// Little-endian 32-bit integers at any address.
private struct Table {
    private let base: UnsafeRawPointer

    init(_ base: UnsafeRawPointer) { self.base = base }

    subscript(_ position: Int) -> UInt32 {
        UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4 * position, as: UInt32.self))
    }

    func u64(at offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
