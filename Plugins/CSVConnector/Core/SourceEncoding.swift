/// How a source's bytes spell its characters.
public enum SourceEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"
    /// Never guessed, only configured.
    case latin1 = "iso-8859-1"

    var isUTF16: Bool { self == .utf16LittleEndian || self == .utf16BigEndian }
}

/// An encoding and where the text begins behind its byte order mark.
public struct EncodingFinding: Equatable, Sendable {
    public var encoding: SourceEncoding
    public var markBytes: Int
}

/// Decides from the first bytes of a source how to read it, or why it is no text.
enum EncodingDetector {
    /// Bytes that the decision rests on.
    static let sampleBytes = 1 << 20
    /// Bytes that the test for binary data rests on.
    private static let binaryBytes = 1 << 16

    /// The encoding of `sample`; throws "empty:", "binary:" or "encoding:".
    ///
    /// Order: byte order mark, UTF-16 by its zero bytes, UTF-8 unless ill-formed bytes outnumber well-formed
    /// sequences, Windows-1252 unless bytes that it does not define are frequent.
    static func detect(
        _ sample: UnsafeRawBufferPointer, isWhole: Bool, override: SourceEncoding?
    ) throws(CSVFailure) -> EncodingFinding {
        let finding = try guess(sample, isWhole: isWhole, override: override)
        let text = UnsafeRawBufferPointer(rebasing: sample[min(finding.markBytes, sample.count)...])
        if isWhole, isBlank(text, finding.encoding) {
            throw CSVFailure("empty: The source holds no record.")
        }
        return finding
    }

    private static func guess(
        _ sample: UnsafeRawBufferPointer, isWhole: Bool, override: SourceEncoding?
    ) throws(CSVFailure) -> EncodingFinding {
        let mark = byteOrderMark(sample)
        if let override {
            let markBytes = mark?.encoding == override ? mark?.markBytes ?? 0 : 0
            return EncodingFinding(encoding: override, markBytes: markBytes)
        }
        let found = mark ?? utf16WithoutMark(sample)
        let head = UnsafeRawBufferPointer(rebasing: sample.prefix(binaryBytes))
        if isBinary(head, found?.encoding ?? .utf8, skipping: found?.markBytes ?? 0) {
            throw CSVFailure("binary: The source is not text.")
        }
        if let found { return found }
        let tally = utf8Tally(sample, isWhole: isWhole)
        if tally.illFormed == 0 || tally.sequences >= tally.illFormed {
            return EncodingFinding(encoding: .utf8, markBytes: 0)
        }
        let undefined = sample.count(where: { [0x81, 0x8D, 0x8F, 0x90, 0x9D].contains($0) })
        let high = sample.count(where: { $0 >= 0x80 })
        guard undefined * 50 <= high else {
            throw CSVFailure(
                "encoding: The source is neither UTF-8, UTF-16 nor Windows-1252; set \"encoding\" or convert it.")
        }
        return EncodingFinding(encoding: .windows1252, markBytes: 0)
    }

    private static func byteOrderMark(_ bytes: UnsafeRawBufferPointer) -> EncodingFinding? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return EncodingFinding(encoding: .utf8, markBytes: 3) }
        if bytes.starts(with: [0xFF, 0xFE]) { return EncodingFinding(encoding: .utf16LittleEndian, markBytes: 2) }
        if bytes.starts(with: [0xFE, 0xFF]) { return EncodingFinding(encoding: .utf16BigEndian, markBytes: 2) }
        return nil
    }

    /// Text of which a good part is ASCII has a zero byte in every other place, and hardly any elsewhere.
    private static func utf16WithoutMark(_ bytes: UnsafeRawBufferPointer) -> EncodingFinding? {
        let pairs = min(bytes.count, binaryBytes) / 2
        guard pairs >= 2 else { return nil }
        var zeros = (even: 0, odd: 0)
        for pair in 0..<pairs {
            if bytes[pair * 2] == 0 { zeros.even += 1 }
            if bytes[pair * 2 + 1] == 0 { zeros.odd += 1 }
        }
        let many = (pairs * 4 + 9) / 10
        if zeros.odd >= many, zeros.even * 10 <= zeros.odd {
            return EncodingFinding(encoding: .utf16LittleEndian, markBytes: 0)
        }
        if zeros.even >= many, zeros.odd * 10 <= zeros.even {
            return EncodingFinding(encoding: .utf16BigEndian, markBytes: 0)
        }
        return nil
    }

    private static func isBinary(
        _ head: UnsafeRawBufferPointer, _ encoding: SourceEncoding, skipping mark: Int
    ) -> Bool {
        var controls = 0
        var units = 0
        let step = encoding.isUTF16 ? 2 : 1
        var at = mark
        while at + step <= head.count {
            let unit: UInt16
            switch encoding {
            case .utf16LittleEndian: unit = UInt16(head[at]) | UInt16(head[at + 1]) << 8
            case .utf16BigEndian: unit = UInt16(head[at + 1]) | UInt16(head[at]) << 8
            default: unit = UInt16(head[at])
            }
            if unit == 0 { return true }
            if unit < 0x20 && !(0x09...0x0D).contains(unit) || unit == 0x7F { controls += 1 }
            units += 1
            at += step
        }
        return controls * 20 > units
    }

    private static func isBlank(_ text: UnsafeRawBufferPointer, _ encoding: SourceEncoding) -> Bool {
        // In UTF-16 white space is a white byte and a zero one; no other character is made of these alone,
        // except a few of U+0900 … U+2020 that no text consists of.
        text.allSatisfy { byte in
            (0x09...0x0D).contains(byte) || byte == 0x20 || (byte == 0 && encoding.isUTF16)
        }
    }

    /// Well-formed sequences of several bytes, and bytes that belong to none; a cut last sequence counts as neither.
    static func utf8Tally(_ bytes: UnsafeRawBufferPointer, isWhole: Bool) -> (sequences: Int, illFormed: Int) {
        var tally = (sequences: 0, illFormed: 0)
        var at = 0
        while at < bytes.count {
            if bytes[at] < 0x80 {
                at += 1
                continue
            }
            let length = UTF8Check.sequenceLength(bytes, at)
            if length > 0 {
                tally.sequences += 1
                at += length
            } else {
                let isCut = !isWhole && bytes.count - at < 4 && UTF8Check.mayBeCut(bytes, at)
                if isCut { break }
                tally.illFormed += 1
                at += 1
            }
        }
        return tally
    }
}
