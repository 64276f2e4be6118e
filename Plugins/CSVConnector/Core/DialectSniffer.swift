/// Finds the dialect under which a sample looks most like a table.
///
/// The idea is that of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns"
/// (2019): the right dialect gives records of one length and cells that look like something. Score = consistency² ×
/// width × type², where consistency is the share of lines in records of the expected length, width is (L−1)/L for
/// L cells, and type the mean weight of the cells.
struct DialectSniffer {
    /// Bytes of text that the decision rests on.
    static let sampleBytes = 1 << 16
    /// What a table of one column is worth beside (L−1)/L for wider ones.
    private static let singleColumnWidth = 0.05

    private let text: UnsafeRawBufferPointer
    private let isWhole: Bool

    /// `text` is UTF-8; unless `isWhole`, its last record may be cut.
    init(text: UnsafeRawBufferPointer, isWhole: Bool) {
        self.text = UnsafeRawBufferPointer(rebasing: text.prefix(DialectSniffer.sampleBytes))
        self.isWhole = isWhole && text.count <= DialectSniffer.sampleBytes
    }

    /// The best dialect; what `options` fixes is kept.
    func sniff(_ options: CSVOptions) -> Dialect {
        let lineEnding = lineEnding()
        var best = Dialect(lineEnding: lineEnding)
        if let delimiter = options.delimiter { best.delimiter = delimiter }
        if let quote = options.quote { best.quote = quote }
        var bestScore = Score()
        func consider(_ delimiter: UInt8?, _ quote: UInt8?) {
            for escape in escapes(quote) {
                let dialect = Dialect(delimiter: delimiter, quote: quote, escape: escape, lineEnding: lineEnding)
                let score = score(dialect)
                if options.quote == nil, quote == UInt8(ascii: "'"), !score.wrapsCells { continue }
                // A later candidate must be better, not as good: the order says what is usual.
                if score.value > bestScore.value + 1e-9 {
                    bestScore = score
                    best = dialect
                }
            }
        }
        let delimiters = delimiters(options)
        for delimiter in delimiters {
            for quote in quotes(options) { consider(delimiter, quote) }
        }
        // One quote that is never closed is a broken record; only if most quotes make no sense are they plain text.
        if options.quote == nil, bestScore.misquoted >= 2, bestScore.misquoted > bestScore.quoted {
            for delimiter in delimiters { consider(delimiter, nil) }
        }
        return best
    }

    /// How good a dialect is, and how its quotes fared.
    private struct Score {
        var value = -1.0
        /// Cells in quotes.
        var quoted = 0
        /// Cells whose quote is never closed, or closed before the cell ends.
        var misquoted = 0
        /// Plain cells that end with the quote and do not begin with it.
        var halfQuoted = 0
        /// Plain cells in double quotes, when the quote is another.
        var doubleQuoted = 0

        /// Whether the quote does what a quote does, often enough to be believed of an apostrophe: it stands at both ends
        /// of cells, not at one of them, and there far more often than the usual quote.
        var wrapsCells: Bool {
            quoted > 0 && quoted >= 10 * (misquoted + halfQuoted) && quoted >= 4 * doubleQuoted
        }
    }

    private func lineEnding() -> Dialect.LineEnding {
        var counts = (feeds: 0, pairs: 0, returns: 0)
        var last: UInt8 = 0
        for byte in text {
            if byte == 0x0A {
                counts.feeds += 1
                if last == 0x0D {
                    counts.pairs += 1
                    counts.returns -= 1
                }
            } else if byte == 0x0D {
                counts.returns += 1
            }
            last = byte
        }
        // A sample cut between the two bytes of a pair.
        if !isWhole, last == 0x0D { counts.returns -= 1 }
        if counts.returns > counts.feeds { return .cr }
        return counts.pairs * 2 > counts.feeds ? .crlf : .lf
    }

    private func delimiters(_ options: CSVOptions) -> [UInt8?] {
        if let fixed = options.delimiter { return [fixed] }
        let present = CellKind.delimiters.filter { text.contains($0) }
        // Without any delimiter the file has one column, and a comma is what others would say of it.
        return present.isEmpty ? [UInt8(ascii: ",")] : present + [nil]
    }

    private func quotes(_ options: CSVOptions) -> [UInt8?] {
        if let fixed = options.quote { return [fixed] }
        var quotes: [UInt8?] = [UInt8(ascii: "\"")]
        if text.contains(UInt8(ascii: "'")) { quotes.append(UInt8(ascii: "'")) }
        return quotes
    }

    private func escapes(_ quote: UInt8?) -> [Dialect.Escape] {
        guard let quote else { return [.doubled] }
        var last: UInt8 = 0
        for byte in text {
            if byte == quote, last == UInt8(ascii: "\\") { return [.doubled, .backslash] }
            last = byte
        }
        return [.doubled]
    }

    private func score(_ dialect: Dialect) -> Score {
        var score = Score(value: 0)
        let splitter = RecordSplitter(dialect: dialect)
        var at = 0
        var lengths: [Int: Int] = [:]
        var firstLength = 0
        var lines = 0
        var cells = 0
        var weight = 0.0
        var addresses = 0
        while at < text.count {
            guard let record = splitter.record(in: text, at: at, isFinal: isWhole || lines == 0) else { break }
            let start = at
            at = record.end
            if record.isBlank { continue }
            let length = record.isUnclosed ? 0 : record.cells.count
            if firstLength == 0 { firstLength = max(1, length) }
            if length == 0 {
                // Quotes that never close swallow whatever follows: count the lines that they took.
                score.misquoted += 1
                lines += 1 + text[start..<at].count(where: { $0 == dialect.lineEnding.byte })
                continue
            }
            lines += 1
            lengths[length, default: 0] += 1
            for cell in record.cells {
                cells += 1
                // Text behind a closing quote: the quote was none, or its escape is another.
                guard cell.tail.isEmpty else {
                    score.misquoted += 1
                    continue
                }
                if cell.wasQuoted {
                    score.quoted += 1
                } else if let first = text[cell.content].first, let last = text[cell.content].last {
                    if last == dialect.quote { score.halfQuoted += 1 }
                    if first == UInt8(ascii: "\""), last == first, cell.content.count > 1 { score.doubleQuoted += 1 }
                }
                let kind = CellKind(
                    UnsafeRawBufferPointer(rebasing: text[cell.content]), wasQuoted: cell.wasQuoted)
                weight += kind.weight
                if length == 1, !cell.wasQuoted, kind == .address || kind == .moment { addresses += 1 }
            }
        }
        guard lines > 0, cells > 0 else { return score }
        let (length, consistency) = consistency(lengths, first: firstLength, lines: lines)
        let type = weight / Double(cells)
        var width = Double(length - 1) / Double(length)
        if length <= 1 {
            // Lines that are times or addresses as they stand are not to be cut at their colons.
            width = addresses * 10 >= max(1, lines - 1) * 9 ? 1 : DialectSniffer.singleColumnWidth
        }
        score.value = consistency * consistency * width * type * type
        return score
    }

    /// The length to expect, and the share of lines that have it.
    ///
    /// The first record decides, because the reader will hold all others against it; if the rest agrees on another
    /// length, that counts half.
    private func consistency(_ lengths: [Int: Int], first: Int, lines: Int) -> (length: Int, share: Double) {
        let share = Double(lengths[first] ?? 0) / Double(lines)
        // Of lengths as frequent as each other the smaller, so that the result does not hang on the hash order.
        let usual = lengths.max { ($0.value, -$0.key) < ($1.value, -$1.key) }
        guard first > 1, let usual, usual.key > 1, usual.key != first else { return (first, share) }
        let half = Double(usual.value) / Double(lines) / 2
        return half > share ? (usual.key, half) : (first, share)
    }
}
