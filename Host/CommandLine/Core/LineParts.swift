internal import Foundations

/// Where the id and the text of a line stand: one with both keys, an id that is a number or a string, and nothing unusual.
struct LineParts {
    /// The id as it is written, which is also how canonical JSON writes it.
    private(set) var id = 0..<0
    /// The text without its quotes.
    private(set) var text = 0..<0
    private(set) var hasEscapes = false

    private var at = 0

    /// Nil for a line that only a JSON parser can judge.
    init?(_ line: UnsafeBufferPointer<UInt8>) {
        guard isValidUTF8(UnsafeRawBufferPointer(line)) else { return nil }
        guard skip(line, to: 0x7B), let first = member(line), skip(line, to: 0x2C), let second = member(line),
            first != second,
            skip(line, to: 0x7D)
        else { return nil }
        skipSpace(line)
        guard at == line.count else { return nil }
    }

    private enum Key { case id, text }

    /// Reads one member; nil when it is neither of the two.
    private mutating func member(_ line: UnsafeBufferPointer<UInt8>) -> Key? {
        if skip(line, #""id""#) {
            guard skip(line, to: 0x3A) else { return nil }
            skipSpace(line)
            return identifier(line) ? .id : nil
        }
        guard skip(line, #""text""#), skip(line, to: 0x3A), skip(line, to: 0x22), let end = string(line) else {
            return nil
        }
        text = end.text
        hasEscapes = end.hasEscapes
        return .text
    }

    /// A string without escapes, or an integer that every reader of JSON knows.
    private mutating func identifier(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = at
        guard at < line.count else { return false }
        if line[at] == 0x22 {
            at += 1
            guard let end = string(line), !end.hasEscapes else { return false }
            id = start..<at
            return true
        }
        while at < line.count, line[at] &- 0x30 < 10 { at += 1 }
        id = start..<at
        return (1...15).contains(at - start) && (line[start] != 0x30 || at - start == 1)
    }

    /// Reads on behind the quote that opens a string; nil for an escape that is seldom, a control sign, or no end.
    private mutating func string(_ line: UnsafeBufferPointer<UInt8>) -> (text: Range<Int>, hasEscapes: Bool)? {
        let start = at
        var hasEscapes = false
        while true {
            at = Self.endOfPlain(line, at)
            guard at < line.count else { return nil }
            if line[at] == 0x22 {
                at += 1
                return (start..<at - 1, hasEscapes)
            }
            guard line[at] == 0x5C, at + 1 < line.count, Self.meaning(line[at + 1]) != 0 else { return nil }
            hasEscapes = true
            at += 2
        }
    }

    private mutating func skipSpace(_ line: UnsafeBufferPointer<UInt8>) {
        while at < line.count, line[at] == 0x20 || line[at] == 0x09 || line[at] == 0x0D { at += 1 }
    }

    private mutating func skip(_ line: UnsafeBufferPointer<UInt8>, to sign: UInt8) -> Bool {
        skipSpace(line)
        guard at < line.count, line[at] == sign else { return false }
        at += 1
        return true
    }

    private mutating func skip(_ line: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        skipSpace(line)
        let isThere = word.withUTF8Buffer { word in
            at + word.count <= line.count && word.indices.allSatisfy { line[at + $0] == word[$0] }
        }
        if isThere { at += word.utf8CodeUnitCount }
        return isThere
    }

    // MARK: Escapes

    /// The first place from `start` on that holds a quote, a backslash or a control sign, or the end.
    static func endOfPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var at = start
        guard let base = bytes.baseAddress else { return start }
        let ones: UInt64 = 0x0101_0101_0101_0101
        while at + 8 <= bytes.count {
            let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
            let quote = word ^ 0x22 &* ones
            let slash = word ^ 0x5C &* ones
            // Some byte is below what is taken off it: of those, bytes from 0x80 on do not count.
            let found = (word &- 0x20 &* ones) & ~word | (quote &- ones) & ~quote | (slash &- ones) & ~slash
            if found & (0x80 &* ones) != 0 { break }
            at += 8
        }
        while at < bytes.count, bytes[at] != 0x22, bytes[at] != 0x5C, bytes[at] >= 0x20 { at += 1 }
        return at
    }

    /// What the sign behind a backslash stands for; 0 for one that is seldom.
    private static func meaning(_ sign: UInt8) -> UInt8 {
        switch sign {
        case 0x22, 0x5C, 0x2F: sign
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: 0
        }
    }

    /// Appends what a string with the escapes of `meaning` says.
    static func unescape(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        var at = 0
        while at < bytes.count {
            let end = endOfPlain(bytes, at)
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<end]))
            guard end + 1 < bytes.count else { return }
            out.append(meaning(bytes[end + 1]))
            at = end + 2
        }
    }

    /// Appends a text as canonical JSON writes it between quotes (RFC 8785).
    static func escape(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        var at = 0
        while at < bytes.count {
            let end = endOfPlain(bytes, at)
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<end]))
            guard end < bytes.count else { return }
            out.append(0x5C)
            switch bytes[end] {
            case 0x08: out.append(0x62)
            case 0x09: out.append(0x74)
            case 0x0A: out.append(0x6E)
            case 0x0C: out.append(0x66)
            case 0x0D: out.append(0x72)
            case 0x22, 0x5C: out.append(bytes[end])
            default:
                out.append(contentsOf: "u00".utf8)
                out.append(contentsOf: Hex.digits(bytes[end]))
            }
            at = end + 1
        }
    }
}
