/// Nationalities, religions and political groups; titles of professions; and what is no language at all.
extension Reading {
    mutating func readGroups() {
        var index = 0
        while index < count {
            guard !self[index].isTaken, has(index, [.group, .startsPhrase]),
                let last = longestPhrase(index, .group)
            else {
                index += 1
                continue
            }
            if isGroup(index, last) {
                add(.group, index, last, self[index].isCapital ? 0.8 : 0.6, "dictionary")
            }
            index = last + 1
        }
        readJobs()
    }

    private func isGroup(_ first: Int, _ last: Int) -> Bool {
        let token = self[first]
        // `Cyprus (Greek)` is a country.
        if token.gap == [.space, .open], has(first - 1, .country) { return false }
        if token.shape == .lower {
            return !has(first, .groupWeak) && token.classes.word < 2
                && self[first + 1].gap.isDisjoint(with: [.underscore, .slash])
                && token.gap.isDisjoint(with: [.underscore, .slash, .period])
        }
        guard token.isCapital else { return false }
        if has(first, .groupWeak),
            has(first, [.country]) || token.classes.given > 1 || token.classes.family > 2,
            isStart(first) || self[first - 1].isCapital && isSpaced(first)
        {
            return false
        }
        // A name of its own: `Indian Ocean`, `American Airlines`, `French Smith`.
        if isSpaced(last + 1), self[last + 1].isCapital {
            if has(last + 1, [.orgSuffix]) { return false }
            if has(last + 1, .orgWord), isLineEnd(last + 1) || has(last + 2, [.orgAfter, .orgSuffix]) {
                return false
            }
            if isWord(
                last + 1, "ocean", "sea", "bay", "gulf", "republic", "islands", "airlines", "airways",
                "express",
                "channel")
            {
                return false
            }
        }
        if isSpaced(first), self[first - 1].isCapital, self[first - 1].classes.given > 1,
            !isStart(first - 1) || self[first - 1].classes.word == 0
        {
            return false
        }
        if isWord(first, "democrat", "republican", "liberal", "conservative"), isStart(first) {
            return true
        }
        // A language that somebody speaks is none.
        if isWord(
            first - 1, "speak", "speaks", "spoke", "spoken", "in", "learn", "learning", "into",
            "studying", "studies",
            "fluent"), !self[last + 1].isCapital
        {
            if isEnd(last) || has(last + 1, .stop) || self[last + 1].gap.contains(.comma) { return false }
        }
        return true
    }

    // MARK: Professions

    /// `as Biomedical engineer`, `the Cinematographer,`, a line that is a profession.
    private mutating func readJobs() {
        for index in 0..<count where has(index, .job) && !self[index].isTaken {
            guard !has(index + 1, .job) || !isSpaced(index + 1) else { continue }
            var first = index
            while first > max(0, index - 5),
                isSpaced(first) || self[first].gap == [.comma, .space] && isLineEnd(index)
                    || self[first].gap == .hyphen
                    || self[first].gap == [.space, .ampersand],
                !self[first - 1].isTaken, !self[first - 1].isNumber,
                !has(first - 1, .stop) || isWord(first - 1, "and", "of") && first - 1 > 0,
                !has(first - 1, [.personVerb, .say, .orgVerb])
                    || isWord(
                        first - 1, "engineer", "director", "manager", "consultant", "analyst", "executive"),
                !has(first - 1, .honorific),
                self[first - 1].gap.isSubset(of: [.space, .hyphen, .newline, .blank, .ampersand, .comma, .colon])
                    || first - 1 == 0
            {
                if self[first - 1].classes.word == 0, !has(first - 1, .job),
                    self[first - 1].classes.given > 0 || self[first - 1].classes.family > 0
                {
                    break
                }
                first -= 1
                if self[first].gap.contains(.newline) || self[first].gap.contains(.colon) { break }
            }
            while first < index, has(first, .stop) { first += 1 }
            let isSmall = isUncased(first) && isLineStart(first) && isLineEnd(index) && first > 0 && index > first
            guard self[first].isCapital || isSmall else { continue }
            let isAlone =
                isLineStart(first) && isLineEnd(index) && (first > 0 || index + 1 < count)
                && index + 1 - first <= 5
            let isCalled =
                isWord(first - 1, "as") || isWord(first - 1, "a", "an", "the") && isWord(first - 2, "as")
            let isApposed =
                self[first - 1].isCapital == false && isWord(first - 1, "the", "a", "an")
                && self[first - 1].gap == [.comma, .space]
                && (self[index + 1].gap.contains(.comma) || isEnd(index))
            let isLabel =
                self[first].gap.contains(.colon)
                && isWord(first - 1, "title", "position", "role", "occupation", "profession", "job")
            if isAlone || isCalled || isApposed || isLabel {
                add(.title, first, index, isLabel ? 0.9 : 0.75, "profession")
            }
        }
    }

    // MARK: No language

    /// Addresses of the Internet, paths and identifiers of programs hold no names.
    mutating func readTechnical() {
        for index in 0..<count {
            let token = self[index]
            let before = text.at(token.start - 1)
            let behind = text.at(token.end)
            let next = text.at(token.end + 1)
            var isTechnical =
                before == 0x40 || before == 0x5C || behind == 0x40 || before == 0x24
                || before == 0x23 && token.isNumber
            // a://b, a.b/c, a/b with a dot or slash around
            if behind == 0x3A, next == 0x2F, text.at(token.end + 2) == 0x2F { isTechnical = true }
            if before == 0x2F, text.at(token.start - 2) == 0x2F { isTechnical = true }
            if before == 0x2E, text.isWord(token.start - 2), text.isASCIILetter(token.start), index > 0,
                self[index - 1].isTaken || token.shape == .lower && self[index - 1].length > 1
            {
                isTechnical = true
                if index > 0 { tokens[index - 1].isTaken = true }
            }
            if before == 0x2F, index > 0, self[index - 1].isTaken, token.gap == .slash {
                isTechnical = true
            }
            if token.gap == .hyphen || token.gap == .underscore, index > 0, self[index - 1].isTaken,
                self[index - 1].end == token.start - 1, isURLPart(index - 1)
            {
                isTechnical = true
            }
            if behind == 0x28, token.shape == .mixed || token.shape == .lower { isTechnical = true }
            if token.shape == .mixed, text.at(token.start) | 0x20 == text.at(token.start), token.start > 0 {
                isTechnical = true
            }
            // `\n` as JSON writes it: the letter is stuck to the word, which no dictionary then knows.
            if before == 0x5C, token.length > 1, isEscape(text[token.start]) {
                isTechnical = false
                unescape(index)
            }
            if isTechnical { tokens[index].isTaken = true }
        }
    }

    private func isURLPart(_ index: Int) -> Bool {
        let before = text.at(self[index].start - 1)
        return before == 0x2F || before == 0x2E || before == 0x40
    }

    private func isEscape(_ byte: UInt8) -> Bool { byte == 0x6E || byte == 0x72 || byte == 0x74 }

    /// Takes the letter of an escape off a word, which then begins a line.
    private mutating func unescape(_ index: Int) {
        var tokenizer = Tokenizer(text, lexicon: lexicon, from: self[index].start + 1)
        guard var token = tokenizer.next(), token.end == self[index].end else { return }
        token.gap = self[index].gap.subtracting(.other).union(.newline)
        tokens[index] = token
    }
}
