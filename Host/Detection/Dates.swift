/// Dates, times, weekdays, years and ages.
extension Reading {
    /// Dates: ISO 8601 and its relatives, months by name, weekdays, and years where a word says that they are ones.
    mutating func readDates() {
        var index = 0
        while index < count {
            guard !self[index].isTaken else {
                index += 1
                continue
            }
            let last: Int?
            if self[index].shape == .digits || self[index].shape == .alphanumeric {
                last = numericDate(index) ?? dayAndMonth(index) ?? year(index)
            } else if has(index, .month) {
                last = monthAndDay(index)
            } else if has(index, .weekday) {
                last = weekday(index)
            } else {
                last = nil
            }
            index = (last ?? index) + 1
        }
    }

    /// `2020-06-20`, `7/30/1964`, `20.06.2020`, with a time behind it or not; also a time alone.
    private mutating func numericDate(_ index: Int) -> Int? {
        let gap = self[index + 1].gap
        guard gap == .hyphen || gap == .slash || gap == .period, self[index].isNumber else {
            return nil
        }
        guard self[index - 1].end != self[index].start - 1 || !isJoined(index) else { return nil }
        // `2026-04-20T13:05` is one word less: the day and the hour are stuck together by a T.
        let third = self[index + 2]
        guard self[index + 1].isNumber, third.gap == gap, third.isNumber || stuckTime(index + 2) != nil
        else {
            return nil
        }
        let values = (
            self[index].value, self[index + 1].value,
            third.isNumber ? third.value : stuckTime(index + 2) ?? 0
        )
        let lengths = (self[index].length, self[index + 1].length, third.isNumber ? third.length : 2)
        let isYearFirst =
            lengths.0 == 4 && (1000...2999).contains(values.0) && (1...12).contains(values.1)
            && (1...31).contains(values.2) && lengths.1 <= 2 && lengths.2 <= 2
        let isYearLast =
            lengths.0 <= 2 && lengths.1 <= 2
            && (lengths.2 == 4 && (1000...2999).contains(values.2) || lengths.2 == 2)
            && ((1...12).contains(values.0) && (1...31).contains(values.1)
                || (1...31).contains(values.0) && (1...12).contains(values.1))
        guard isYearFirst || isYearLast, !isGoingOn(index + 2) else { return nil }
        if gap == .period, lengths.2 == 2, isYearLast { return nil }
        var last = index + 2
        if third.isNumber {
            if self[index + 3].gap == .space || self[index + 3].gap == [.comma, .space],
                let end = clock(index + 3)
            {
                last = end
            }
        } else if let end = clock(index + 3, isBehindHour: true) {
            last = end
        }
        add(.dateTime, index, last, isYearFirst || lengths.2 == 4 ? 0.85 : 0.7, "form")
        return last
    }

    /// The day in `20T13`, where minutes follow.
    private func stuckTime(_ index: Int) -> Int? {
        let token = self[index]
        guard token.shape == .alphanumeric, token.end - token.start == 5,
            text.at(token.start + 2) | 0x20 == 0x74
        else {
            return nil
        }
        guard [0, 1, 3, 4].allSatisfy({ text.isDigit(token.start + $0) }) else { return nil }
        return Int(text[token.start] - 0x30) * 10 + Int(text[token.start + 1] - 0x30)
    }

    /// Whether a number hangs together with what is in front of it.
    private func isJoined(_ index: Int) -> Bool {
        !self[index].gap.isDisjoint(with: [.hyphen, .slash, .period, .underscore, .other])
            && self[index].gap.isDisjoint(with: [.space, .newline])
    }

    private func isGoingOn(_ index: Int) -> Bool {
        guard index + 1 < count else { return false }
        let gap = self[index + 1].gap
        return !gap.isDisjoint(with: [.hyphen, .slash, .period])
            && gap.isDisjoint(with: [.space, .newline, .quote])
            && self[index + 1].shape != .lower
    }

    /// `13:05`, `13:05:22.5`, `9:30 pm`, `13:05Z`: the last token of it. Behind an hour that was read, `05:22Z`.
    private func clock(_ index: Int, isBehindHour: Bool = false) -> Int? {
        var at = index
        var parts = 0
        if isBehindHour {
            at -= 1
        } else {
            guard self[index].isNumber, self[index].length <= 2, self[index].value < 25 else {
                return nil
            }
        }
        while self[at + 1].gap == .colon, isMinutes(at + 1), parts < 2 {
            at += 1
            parts += 1
        }
        if parts == 2, self[at + 1].gap == .period, self[at + 1].isNumber { at += 1 }
        if parts == 0 {
            guard !isBehindHour, isWord(index + 1, "am", "pm"), isSpaced(index + 1) else { return nil }
            return index + 1
        }
        if isSpaced(at + 1), isWord(at + 1, "am", "pm", "utc", "gmt") { at += 1 }
        return at
    }

    /// Two digits below 60, with a `Z` stuck to them or not.
    private func isMinutes(_ index: Int) -> Bool {
        let token = self[index]
        if token.isNumber { return token.length == 2 && token.value < 60 }
        return token.shape == .alphanumeric && token.end - token.start == 3 && text.isDigit(token.start)
            && text.isDigit(token.start + 1) && text[token.start + 2] | 0x20 == 0x7A
    }

    // MARK: Months by name

    private func isDay(_ index: Int) -> Bool {
        let token = self[index]
        if token.isNumber { return token.length <= 2 && (1...31).contains(token.value) }
        guard token.shape == .alphanumeric, token.length <= 4, text.isDigit(token.start) else {
            return false
        }
        let tail = (text.at(token.end - 2) | 0x20, text.at(token.end - 1) | 0x20)
        return tail == (0x73, 0x74) || tail == (0x6E, 0x64) || tail == (0x72, 0x64)
            || tail == (0x74, 0x68)
    }

    private func isYear(_ index: Int) -> Bool {
        self[index].isNumber && self[index].length == 4 && (1000...2199).contains(self[index].value)
    }

    private static let loose: Gap = [.space, .comma, .period, .hyphen, .slash]

    /// `5 January 2020`, `5th of May`, `5. Mai 2020`, `05-Jan-2020`.
    private mutating func dayAndMonth(_ index: Int) -> Int? {
        guard isDay(index) else { return nil }
        var month = index + 1
        if isWord(month, "of", "de"), isSpaced(month) { month += 1 }
        guard has(month, .month), self[month].gap.isSubset(of: Self.loose), !self[month].isTaken,
            self[month].isCapital || month > index + 1 || isYear(month + 1)
        else { return nil }
        var last = month
        var next = month + 1
        if isWord(next, "of", "de"), isSpaced(next) { next += 1 }
        if isYear(next), self[next].gap.isSubset(of: Self.loose) { last = next }
        if isSpaced(last + 1) || self[last + 1].gap == [.comma, .space], let end = clock(last + 1) {
            last = end
        }
        add(.dateTime, index, last, 0.85, "month")
        return last
    }

    /// `January 5, 2020`, `January 2020`, `Jan. 5`; May and March need a number, and a month alone is a date as well.
    private mutating func monthAndDay(_ index: Int) -> Int? {
        guard self[index].isCapital else { return nil }
        var last = index
        if isDay(index + 1), self[index + 1].gap.isSubset(of: Self.loose) {
            last = index + 1
            if isYear(index + 2), self[index + 2].gap.isSubset(of: Self.loose) { last = index + 2 }
        } else if isYear(index + 1), self[index + 1].gap.isSubset(of: Self.loose) {
            last = index + 1
        }
        if last == index {
            let isPlain =
                self[index].length > 4 && self[index].classes.given == 0 && self[index].classes.family == 0
            guard
                isPlain
                    || isWord(
                        index - 1, "in", "since", "until", "last", "next", "this", "of", "by", "early", "late"),
                !isWord(index, "mars", "mai", "set", "sept"),
                self[index].classes.word == 0 || !isStart(index)
            else { return nil }
            guard !self[index + 1].isCapital || !isSpaced(index + 1) else { return nil }
        } else if isSpaced(last + 1) || self[last + 1].gap == [.comma, .space],
            let end = clock(last + 1)
        {
            last = end
        }
        add(.dateTime, index, last, last > index ? 0.85 : 0.55, "month")
        return last
    }

    private mutating func weekday(_ index: Int) -> Int? {
        guard self[index].isCapital else { return nil }
        // Short ones are words of their own, and of other languages names.
        let token = self[index]
        if token.length <= 4 || token.classes.given > 1 || token.classes.family > 1,
            token.classes.word > 0
        {
            guard token.gap.contains(.comma) || self[index + 1].gap.contains(.comma),
                self[index + 1].isNumber
                    || has(index + 1, .month)
            else { return nil }
        }
        guard token.length > 3 || self[index + 1].isNumber else { return nil }
        if isSpaced(index + 1), self[index + 1].isCapital, !has(index + 1, [.month, .stop]) {
            return nil
        }
        add(.dateTime, index, index, 0.65, "weekday")
        return index
    }

    // MARK: Years

    /// Four digits that a word calls a year: `in 1971`, `a 2017 film`, `since 2004`, `(1999)`.
    private mutating func year(_ index: Int) -> Int? {
        guard self[index].isNumber, self[index].length == 4, (1500...2099).contains(self[index].value),
            !isJoined(index), !isGoingOn(index)
        else { return nil }
        guard
            isWord(
                index - 1, "in", "since", "during", "year", "of", "by", "until", "till", "early", "late",
                "mid",
                "circa",
                "summer", "winter", "spring", "autumn", "fall", "before", "after", "from", "to", "between",
                "class")
                || isWord(index - 1, "a", "the", "an") && self[index + 1].shape != .digits
                    && isSpaced(index + 1)
        else { return nil }
        guard isSpaced(index), !self[index + 1].isNumber || !isSpaced(index + 1) else { return nil }
        // `of 2000 people` counts; `from 1500 Main Street` is an address.
        let next = self[index + 1]
        if isSpaced(index + 1) {
            if next.isCapital, isWord(index - 1, "from", "to", "of", "the", "a", "in"),
                !has(index + 1, [.group, .month])
            {
                if has(index + 1, .street) || has(index + 2, .street) || has(index + 1, .streetFront) {
                    return nil
                }
            }
            if isWord(index - 1, "of", "the", "to", "by", "from", "between", "after", "before", "until"),
                next.shape == .lower, !has(index + 1, .stop), !self[index - 2].isCapital
            {
                return nil
            }
        }
        add(.dateTime, index, index, isWord(index - 1, "to", "by", "from", "of") ? 0.55 : 0.7, "year")
        return index
    }

    // MARK: Ages

    /// A number of years that somebody has.
    mutating func readAges() {
        for index in 0..<count
        where self[index].isNumber && !self[index].isTaken && self[index].length <= 3 {
            guard (0...120).contains(self[index].value), !isJoined(index) else { continue }
            if let (last, score) = age(index) { add(.age, index, last, score, "words around") }
        }
    }

    private func age(_ index: Int) -> (Int, Double)? {
        // 38-year-old, 38 years old, 38 year old, 31 y/o, 31yo
        let next = index + 1
        if isWord(next, "year", "years", "yrs", "yr", "y", "month", "months", "weeks"),
            self[next].gap == .space || self[next].gap == .hyphen
        {
            if isWord(next + 1, "old", "o", "young"),
                self[next + 1].gap.isSubset(of: [.space, .hyphen, .slash])
            {
                return (index, 0.95)
            }
            if isWord(next + 1, "of") && isWord(next + 2, "age") { return (index, 0.95) }
        }
        if isWord(next, "yo"), isSpaced(next) { return (index, 0.9) }
        // aged 38, age: 38, at the age of 61, turned 60, I'll turn 23
        var before = index - 1
        if isWord(before, "is", "was", "to"), isSpaced(index) { before -= 1 }
        if isWord(before, "age", "aged", "ages", "alter", "edad", "eta") {
            let gap = self[index].gap
            if gap.isSubset(of: [.space, .colon, .cell, .quote, .comma]) { return (index, 0.9) }
        }
        if isWord(index - 1, "of"), isWord(index - 2, "age", "ages"), isSpaced(index) {
            return (index, 0.95)
        }
        guard isSpaced(index) else { return nil }
        let isFinal =
            isEnd(index) || !self[index + 1].gap.isDisjoint(with: [.comma, .close])
            || isWord(
                index + 1, "and", "but", "when", "in", "on", "this", "last", "next", "today", "tomorrow",
                "years", "now"
            )
        if isWord(index - 1, "turn", "turned", "turning", "turns"), isFinal { return (index, 0.9) }
        // `she was 78`, `I'm 31`: of small numbers only those of grown people, and nothing counted behind.
        if (14...110).contains(self[index].value), isFinal,
            !self[index + 1].gap.contains(.period) || !self[index + 1].isNumber
                || self[index + 1].gap.contains(.space)
        {
            let isVerb = isWord(
                index - 1, "is", "was", "am", "m", "are", "were", "s", "only", "just", "now", "almost",
                "nearly")
            var who = index - 2
            if isWord(index - 1, "only", "just", "now", "almost", "nearly") { who = index - 3 }
            if isVerb, isWord(who, "he", "she", "i", "who") { return (index, 0.75) }
        }
        return nil
    }
}
