/// What the heading of a table in a text says about the fields below it: comma-separated values, or lines of `|`.
struct Columns {
    /// What each column holds; nil where the heading says nothing.
    let types: [EntityType?]
    private let separator: UInt8

    /// Reads the first line that is a heading; nil when the first three lines are none.
    init?(_ reading: Reading) {
        let text = reading.text
        var at = 0
        for _ in 0..<3 {
            var end = at
            while end < text.count, end - at < 4_096, text[end] != 0x0A { end += 1 }
            guard end < text.count, text[end] == 0x0A else { return nil }
            for separator: UInt8 in [0x7C, 0x2C, 0x09, 0x3B] {
                if let types = Self.heading(reading, at, end, separator) {
                    self.types = types
                    self.separator = separator
                    return
                }
            }
            at = end + 1
        }
        return nil
    }

    private static func heading(_ reading: Reading, _ start: Int, _ end: Int, _ separator: UInt8)
        -> [EntityType?]?
    {
        var types: [EntityType?] = []
        var known = 0
        var isHeading = true
        for field in fields(reading.text, start, end, separator, atMost: 65) {
            guard field.count <= 40 else { return nil }
            let type = Self.type(reading, field, &isHeading)
            if type != nil { known += 1 }
            if !field.isEmpty, field.contains(where: { reading.text.isDigit($0) }) { return nil }
            types.append(type)
            guard types.count <= 64 else { return nil }
        }
        return types.count >= 2 && known >= 1 && isHeading ? types : nil
    }

    private static func type(_ reading: Reading, _ field: Range<Int>, _ isHeading: inout Bool) -> EntityType? {
        var tokenizer = Tokenizer(reading.text, lexicon: reading.lexicon, from: field.lowerBound)
        var hash: UInt64?
        while let token = tokenizer.next(), token.end <= field.upperBound {
            // A field with somebody's name in it stands below a heading.
            if token.classes.given >= 2, token.classes.word == 0, token.isCapital { isHeading = false }
            hash = hash.map { Lexicon.join($0, token.hash) } ?? token.hash
        }
        guard let hash else { return nil }
        let classes = reading.lexicon.classes(hash)
        if classes.contains(.personLabel), !classes.contains(.orgLabel) { return .person }
        if classes.contains(.orgLabel) { return .organization }
        if classes.contains(.addressLabel), !classes.contains(.placeLabel) { return .streetAddress }
        if classes.contains(.zipLabel) { return .postalCode }
        if classes.contains(.placeLabel) { return .place }
        return nil
    }

    /// The fields of a line without blanks and quotes around them.
    static func fields(
        _ text: Text, _ start: Int, _ end: Int, _ separator: UInt8, atMost limit: Int = .max
    ) -> [Range<Int>] {
        var fields: [Range<Int>] = []
        var at = start
        var isQuoted = false
        var from = start
        while at <= end, fields.count < limit {
            if at < end, text[at] == 0x22 { isQuoted.toggle() }
            if at == end || text[at] == separator && !isQuoted {
                var low = from
                var high = at
                while low < high, text[low] <= 0x20 || text[low] == 0x22 { low += 1 }
                while high > low, text[high - 1] <= 0x20 || text[high - 1] == 0x22 { high -= 1 }
                // A line of `|` begins and ends with one.
                if separator != 0x7C || (low < high) { fields.append(low..<high) }
                from = at + 1
            }
            at += 1
        }
        return fields
    }

    /// The fields of the lines from `start` on to `end` that the heading names.
    func values(_ text: Text, from start: Int, to end: Int) -> [(EntityType, Range<Int>)] {
        var values: [(EntityType, Range<Int>)] = []
        var at = start
        while at < end {
            var stop = at
            while stop < end, text[stop] != 0x0A { stop += 1 }
            let fields = Self.fields(text, at, stop, separator, atMost: types.count + 1)
            if fields.count == types.count {
                for (type, field) in zip(types, fields)
                where type != nil && field.count > 1 && field.count <= 200 {
                    if let type { values.append((type, field)) }
                }
            }
            at = stop + 1
        }
        return values
    }
}

extension Reading {
    /// Takes the fields under a heading for what it says, if a letter is in them.
    mutating func readColumns(_ columns: Columns) {
        guard let first = tokens.first, let last = tokens.last else { return }
        var start = first.start
        // A line that begins far in front of these words is no row of a table; to cut it anew for each stretch of words
        // would take time with the square of its length.
        while start > 0, text[start - 1] != 0x0A {
            start -= 1
            if first.start - start > Scanner.reach { return }
        }
        var index = 0
        for (type, field) in columns.values(text, from: start, to: last.end) {
            while index < count, self[index].end <= field.lowerBound { index += 1 }
            let begin = index
            guard begin < count, self[begin].start >= field.lowerBound, !self[begin].isTaken else {
                continue
            }
            while index < count, self[index].end <= field.upperBound { index += 1 }
            guard index > begin, isField(type, begin, index - 1) else { continue }
            add(type, begin, index - 1, 0.9, "heading")
        }
    }

    private func isField(_ type: EntityType, _ first: Int, _ last: Int) -> Bool {
        if (first...last).contains(where: { has($0, .anyLabel) && (self[$0].shape == .lower || first == last) }) {
            return false
        }
        switch type {
        case .postalCode:
            return last - first <= 1
                && (first...last).contains { self[$0].isNumber || self[$0].shape == .alphanumeric }
        case .streetAddress: return (first...last).contains { self[$0].isNumber } && last > first
        default: return self[first].isCapital || self[first].shape == .caseless
        }
    }
}
