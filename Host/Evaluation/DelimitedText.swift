/// Comma-separated records with quotes (RFC 4180), as labelled tables come; nothing is sniffed.
struct DelimitedText {
    private let bytes: [UInt8]
    private var at: Int

    /// A byte order mark is passed over.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The cells of the next record; nil at the end. Bytes that are no UTF-8 become U+FFFD.
    mutating func next() -> [String]? {
        guard at < bytes.count else { return nil }
        var cells: [String] = []
        while true {
            cells.append(cell())
            guard at < bytes.count else { return cells }
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: ",") { continue }
            if byte == 0x0D, at < bytes.count, bytes[at] == 0x0A { at += 1 }
            return cells
        }
    }

    /// Up to the comma or line end behind it.
    private mutating func cell() -> String {
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") { return quoted() }
        let start = at
        while at < bytes.count, !isEnd(bytes[at]) { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func quoted() -> String {
        at += 1
        var start = at
        var out: [UInt8] = []
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "\"") else {
                at += 1
                continue
            }
            out += bytes[start..<at]
            at += 1
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                start = at
                break
            }
            start = at
            at += 1
        }
        // What stands behind the closing quote belongs to the cell, as other readers have it.
        while at < bytes.count, !isEnd(bytes[at]) { at += 1 }
        out += bytes[start..<at]
        return String(decoding: out, as: UTF8.self)
    }

    private func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ",") || byte == 0x0A || byte == 0x0D }
}
