/// Reads the first record of a delimited file byte by byte, and stops behind its end.
///
/// A quote opens at the start of a cell alone, and a line end inside quotes does not end the record; a line ends with LF,
/// CR LF or CR. UTF-16 is told by its byte-order mark, or by the zero beside its first letter. To tell CR from CR LF,
/// and a doubled quote from a closing one, one character is looked at and not kept.
struct HeaderReader {
    struct Failure: Error {
        let reason: String
    }

    static let limit = 1 << 20

    private enum Unit {
        case byte, little, big

        var width: Int { self == .byte ? 1 : 2 }
    }

    /// The byte at an offset; nil at the end.
    private let byte: (Int) -> UInt8?
    private var offset = 0
    private var kept: [UInt8] = []
    private var unit = Unit.byte

    init(byte: @escaping (Int) -> UInt8?) { self.byte = byte }

    mutating func record() throws(Failure) -> [UInt8] {
        detect()
        var inQuotes = false
        var atCellStart = true
        var isBlank = true
        while let character = take() {
            guard kept.count <= Self.limit else { throw Failure(reason: "is longer than \(Self.limit) bytes") }
            if inQuotes {
                guard character == quote else { continue }
                if peek() == quote { _ = take() } else { inQuotes = false }
                continue
            }
            switch character {
            case quote where atCellStart: inQuotes = true
            case 0x0A, 0x0D:
                if character == 0x0D, peek() == 0x0A { _ = take() }
                // Blank lines before the header are no records.
                if !isBlank { return kept }
                continue
            default: break
            }
            isBlank = false
            atCellStart = Self.delimiters.contains(character)
        }
        if inQuotes { throw Failure(reason: "has a quote that does not close") }
        return kept
    }

    private let quote = UInt16(UInt8(ascii: "\""))
    private static let delimiters: Set<UInt16> = Set(",;\t|:".utf16)

    private mutating func detect() {
        let first = byte(0)
        let second = byte(1)
        switch (first, second) {
        case (0xFF, 0xFE), (0xFE, 0xFF):
            unit = first == 0xFF ? .little : .big
            kept = [first ?? 0, second ?? 0]
            offset = 2
        case (.some(1...), 0): unit = .little
        case (0, .some(1...)): unit = .big
        case (0xEF, 0xBB) where byte(2) == 0xBF:
            kept = [0xEF, 0xBB, 0xBF]
            offset = 3
        default: break
        }
    }

    private func peek() -> UInt16? {
        guard let first = byte(offset) else { return nil }
        guard unit != .byte else { return UInt16(first) }
        guard let second = byte(offset + 1) else { return nil }
        return unit == .little ? UInt16(second) << 8 | UInt16(first) : UInt16(first) << 8 | UInt16(second)
    }

    private mutating func take() -> UInt16? {
        guard let character = peek() else { return nil }
        for place in 0..<unit.width { if let byte = byte(offset + place) { kept.append(byte) } }
        offset += unit.width
        return character
    }
}
