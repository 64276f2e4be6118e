/// Finds what has no form of its own: people, organisations, places, groups, titles, dates, ages and addresses.
struct Contextual {
    let lexicon: Lexicon

    /// Words of one stretch; it is cut where a line or a sentence ends, if one does in its second half.
    private static let stretch = 4_096

    /// The entities of a text, in order and without overlaps, together with those that were found by their form.
    ///
    /// What was found by its form stays, but for numbers inside of a street address.
    func entities(in text: Text, besides written: [Entity]) -> [Entity] {
        var merger = Merger(written)
        var tokenizer = Tokenizer(text, lexicon: lexicon)
        var tokens: [Token] = []
        var next = 0
        var columns: Columns?
        var isFirst = true
        while true {
            let token = tokenizer.next()
            if var token {
                while next < written.count, written[next].end <= token.start { next += 1 }
                // A number that only a word calls a telephone's may be a house's.
                if next < written.count, written[next].start < token.end {
                    token.isTaken =
                        written[next].type != .phone || written[next].score > 0.75
                        || isGrouped(written[next], text)
                }
                tokens.append(token)
                guard tokens.count >= Self.stretch else { continue }
            }
            let isLast = token == nil
            let cut = isLast ? tokens.count : Self.cut(tokens)
            var reading = Reading(text, lexicon: lexicon, tokens: Array(tokens[..<cut]))
            if isFirst { columns = Columns(reading) }
            isFirst = false
            reading.readWebNames()
            reading.readTechnical()
            if let columns { reading.readColumns(columns) }
            reading.readDates()
            reading.readAddresses()
            reading.readAges()
            reading.readGroups()
            reading.readNames()
            for entity in reading.found { merger.add(entity) }
            tokens.removeFirst(cut)
            if isLast { break }
        }
        return merger.merged()
    }

    /// Whether a number has three groups or more.
    private func isGrouped(_ entity: Entity, _ text: Text) -> Bool {
        (entity.start..<entity.end).count { !text.isDigit($0) } > 1
    }

    private static func cut(_ tokens: [Token]) -> Int {
        for gap: Gap in [.blank, .newline, .sentence] {
            for index in (stretch / 2..<tokens.count).reversed()
            where !tokens[index].gap.isDisjoint(with: gap) {
                return index
            }
        }
        return tokens.count
    }
}

/// Puts together what different recognisers found: of two that overlap the surer one stays.
private struct Merger {
    private let written: [Entity]
    private var found: [Entity] = []

    init(_ written: [Entity]) { self.written = written }

    mutating func add(_ entity: Entity) { found.append(entity) }

    func merged() -> [Entity] {
        // An address and a name can begin at the same place: the longer first.
        let all = (written + found).sorted {
            $0.start != $1.start ? $0.start < $1.start : $0.end > $1.end
        }
        var merged: [Entity] = []
        merged.reserveCapacity(all.count)
        for entity in all where entity.score >= Scanner.threshold {
            var isKept = true
            while let last = merged.last, last.end > entity.start {
                if Self.wins(last, over: entity) {
                    isKept = false
                    break
                }
                merged.removeLast()
            }
            if isKept { merged.append(entity) }
        }
        return merged
    }

    /// A street address keeps what lies in it; else the score decides, then the length.
    private static func wins(_ one: Entity, over other: Entity) -> Bool {
        if one.type == .streetAddress, one.start <= other.start, one.end >= other.end { return true }
        if other.type == .streetAddress, other.start <= one.start, other.end >= one.end { return false }
        return one.score != other.score ? one.score > other.score : one.count >= other.count
    }
}
