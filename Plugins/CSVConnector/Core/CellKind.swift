/// What a cell looks like; the sniffer asks how many cells look like something.
enum CellKind: Equatable {
    case empty
    case number
    /// A date, a time of day, or both.
    case moment
    /// A URL or an e-mail address.
    case address
    /// Words without any byte that might be a delimiter.
    case text
    /// Words with such a byte, or wrapped in quotes that the dialect does not take as quotes.
    case doubtful

    /// Bytes that the sniffer considers as delimiters, likeliest first.
    static let delimiters: [UInt8] = Array(",;\t|:".utf8)

    /// Classify the bytes of a cell without its quotes; white space around them does not matter.
    init(_ bytes: UnsafeRawBufferPointer, wasQuoted: Bool) {
        var low = 0
        var high = bytes.count
        while low < high, bytes[low] == 0x20 || bytes[low] == 0x09 { low += 1 }
        while high > low, bytes[high - 1] == 0x20 || bytes[high - 1] == 0x09 { high -= 1 }
        let cell = UnsafeRawBufferPointer(rebasing: bytes[low..<high])
        if cell.isEmpty {
            self = .empty
        } else if CellKind.isNumber(cell) {
            self = .number
        } else if CellKind.isMoment(cell) {
            self = .moment
        } else if CellKind.isAddress(cell) {
            self = .address
        } else if wasQuoted {
            self = .text
        } else {
            let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
            let isWrapped = cell.count >= 2 && cell[0] == cell[cell.count - 1] && quotes.contains(cell[0])
            self = isWrapped || cell.contains(where: { CellKind.delimiters.contains($0) }) ? .doubtful : .text
        }
    }

    /// How much the cell speaks for the dialect that cut it out, 0 … 1.
    var weight: Double { self == .doubtful ? 0.4 : 1 }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Sign, digits with grouping or decimal marks, exponent, per cent.
    private static func isNumber(_ cell: UnsafeRawBufferPointer) -> Bool {
        guard cell.count <= 40 else { return false }
        var at = 0
        var end = cell.count
        if cell[at] == UInt8(ascii: "+") || cell[at] == UInt8(ascii: "-") || cell[at] == UInt8(ascii: "$") { at += 1 }
        if end > at, cell[end - 1] == UInt8(ascii: "%") { end -= 1 }
        var digits = 0
        var marks = 0
        while at < end {
            if isDigit(cell[at]) {
                digits += 1
            } else if cell[at] == UInt8(ascii: ".") || cell[at] == UInt8(ascii: ",") {
                marks += 1
                guard marks <= 1 || (at >= 4 && isDigit(cell[at - 1])) else { return false }
            } else {
                break
            }
            at += 1
        }
        guard digits > 0, marks < 5 else { return false }
        if at < end, cell[at] == UInt8(ascii: "e") || cell[at] == UInt8(ascii: "E") {
            at += 1
            if at < end, cell[at] == UInt8(ascii: "+") || cell[at] == UInt8(ascii: "-") { at += 1 }
            let exponent = at
            while at < end, isDigit(cell[at]) { at += 1 }
            if at == exponent { return false }
        }
        return at == end
    }

    /// Digits in two to eight groups, parted by the marks of dates and times.
    private static func isMoment(_ cell: UnsafeRawBufferPointer) -> Bool {
        guard (4...40).contains(cell.count), isDigit(cell[0]) else { return false }
        var groups = 0
        var run = 0
        var colons = 0
        for byte in cell {
            if isDigit(byte) {
                if run == 0 { groups += 1 }
                run += 1
                if run > 9 { return false }
                continue
            }
            run = 0
            switch byte {
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "T"), UInt8(ascii: "Z"),
                UInt8(ascii: " "), UInt8(ascii: "+"):
                break
            default: return false
            }
        }
        return groups >= 3 && groups <= 8 || groups == 2 && colons == 1
    }

    private static func isAddress(_ cell: UnsafeRawBufferPointer) -> Bool {
        guard !cell.contains(0x20) else { return false }
        for scheme in ["http://", "https://", "ftp://", "www."] where cell.starts(with: scheme.utf8) { return true }
        guard let at = cell.firstIndex(of: UInt8(ascii: "@")), at > 0 else { return false }
        let domain = cell[(at + 1)...]
        return domain.contains(UInt8(ascii: ".")) && !domain.contains(UInt8(ascii: "@"))
            && !cell.contains(where: { CellKind.delimiters.contains($0) })
    }
}
