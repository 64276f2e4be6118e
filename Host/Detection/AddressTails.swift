/// What follows a street in an address: units, towns, states, codes, countries.
extension Reading {
    // MARK: What follows the street

    /// Units, towns, states, codes and countries behind a street, at most sixteen words.
    func tail(from street: Int) -> (last: Int, parts: [Part]) {
        var parts: [Part] = []
        var last = street
        var at = street + 1
        var hasCode = false
        func take(_ kind: Part.Kind, _ end: Int) {
            parts.append(Part(kind: kind, first: at, last: end))
            last = end
            at = end + 1
        }
        while at < count, at <= street + 18, !self[at].isTaken, self[at].gap.isSubset(of: Self.between),
            !self[at].gap.contains(.stop) || self[at].gap.contains(.newline)
        {
            // An empty line ends it, but for a country below.
            if self[at].gap.contains(.blank), longestPhrase(at, [.country]) == nil { break }
            // A line of its own that names what follows: `Phone:`.
            if self[at + 1].gap.contains(.colon), !has(at, .unit) { break }
            if isUnit(at) {
                take(.unit, at + 1)
                continue
            }
            // A sentence that begins is no part of it.
            let isNewSentence = self[at].gap.contains(.period) && !self[at].gap.contains(.comma)
            if isNewSentence, !self[at].gap.contains(.newline), !self[at].isNumber {
                let isAbbreviation = self[last].length <= 3 || self[last].isNumber
                guard isAbbreviation, has(at, [.unit]) else { break }
            }
            if let end = code(at), !hasCode || end == at && self[at].gap.contains(.newline) {
                // One code, at the end of a line, in front of a town or behind one.
                hasCode = true
                take(.code, end)
                continue
            }
            if let end = longestPhrase(at, [.country, .state]), self[at].isCapital || isUncased(at),
                isPlaceful(at, end)
            {
                // The inside of a bracket belongs to a country, as in `Cyprus (Greek)`.
                take(.country, bracketed(end) ?? end)
                continue
            }
            if has(at, .stateCode) || self[at].length <= 3,
                self[at].shape == .upper
                    || isUncased(at) && self[at].shape == .lower && has(at, .stateCode),
                self[at].gap.contains(.comma) || code(at + 1) != nil || isTailEnd(at)
            {
                take(.country, at)
                continue
            }
            if isWord(at, "nan", "null", "none") || self[at].isNumber && self[at].length <= 2,
                self[at].gap.contains(.comma), isTailEnd(at) || code(at + 1) != nil
            {
                take(.code, at)
                continue
            }
            guard let end = town(at) else { break }
            take(.town, bracketed(end) ?? end)
        }
        return (last, parts)
    }

    /// A second name of the street on the same line (`Tungata 11 Rott Crossroad`), or a direction.
    func crossed(_ last: Int) -> Int {
        for length in 1...3 {
            let end = last + length
            guard isSpaced(end), self[end].isCapital, !self[end].isTaken, !has(end, [.unit, .stateCode]) else { break }
            if isWord(end, "north", "south", "east", "west", "extension", "extensions"), length == 1 { return end }
            if has(end, .street), length > 1 || self[last].isNumber { return end }
        }
        return last
    }

    /// Behind the bracket that closes behind a token, when one was opened in front of it.
    func closed(_ index: Int) -> Int? {
        self[index].gap.contains(.open) && text.at(self[index].end) == 0x29 ? self[index].end + 1 : nil
    }

    /// The token in brackets behind a country or town.
    func bracketed(_ index: Int) -> Int? {
        self[index + 1].gap == [.space, .open] && !self[index + 1].isNumber
            && self[index + 2].gap.contains(.close)
            && !self[index + 1].isTaken && has(index + 1, .group) || isBracketEnd(index) ? index + 1 : nil
    }

    func isBracketEnd(_ index: Int) -> Bool {
        self[index + 1].gap == [.space, .open] && self[index + 1].isCapital && !self[index + 1].isTaken
            && (index + 2 >= count || self[index + 2].gap.contains(.close))
    }

    /// Whether a country or state is meant as one: behind a comma or a line's end, or with a code behind it.
    func isPlaceful(_ first: Int, _ last: Int) -> Bool {
        !self[first].gap.isDisjoint(with: [.comma, .newline]) || isTailEnd(last)
            || code(last + 1) != nil
    }

    func isTailEnd(_ index: Int) -> Bool {
        index + 1 >= count
            || !self[index + 1].gap.isDisjoint(with: [
                .newline, .comma, .period, .stop, .quote, .close, .cell, .open, .semicolon,
            ])
    }

    /// The town that begins at a token: one to four words behind a comma or on a line of its own, or one that is known.
    func town(_ index: Int) -> Int? {
        let isApart = !self[index].gap.isDisjoint(with: [.comma, .newline])
        let isUncased = self.isUncased(index)
        let token = self[index]
        guard token.isCapital || isUncased && token.shape == .lower || token.shape == .caseless,
            !has(index, .stop) || has(index, .particle)
        else { return nil }
        var end = index
        while end < index + 4, end + 1 < count, self[end + 1].gap.isSubset(of: Self.within),
            !self[end + 1].gap.contains(.period) || self[end].length <= 3,
            !self[end + 1].isTaken, !has(end + 1, .unit),
            self[end + 1].isCapital || has(end + 1, .particle)
                || self[end + 1].length <= 3 && self[end + 1].shape == .lower && self[end + 2].isCapital
                || isUncased && self[end + 1].shape == .lower && !has(end + 1, .stop),
            !(self[end + 1].shape == .upper && self[end + 1].length <= 3 && code(end + 2) != nil),
            longestPhrase(end + 1, .country) == nil
        {
            end += 1
        }
        while end > index, has(end, [.particle]), self[end].shape == .lower { end -= 1 }
        let isKnown = longestPhrase(index, [.country, .state]) != nil || isKnownTown(index)
        let isFollowed =
            isTailEnd(end) || code(end + 1) != nil || longestPhrase(end + 1, [.country, .state]) != nil
            || self[end + 1].shape == .upper && (has(end + 1, .stateCode) || code(end + 2) != nil)
        if isApart, isFollowed { return end }
        if isKnown, isFollowed, !isStart(index) { return end }
        // Without a comma: `25 Tampere Finland 33100`.
        if self[index].gap == .space, isFollowed, !isTailEnd(end) || self[index].shape == .upper {
            return end
        }
        return nil
    }

    func isKnownTown(_ index: Int) -> Bool {
        if self[index].classes.city > 0 { return true }
        guard has(index, .startsPhrase), index + 1 < count else { return false }
        for last in index + 1...min(index + 3, count - 1) where phrase(index, last).city > 0 {
            return true
        }
        return false
    }
}
