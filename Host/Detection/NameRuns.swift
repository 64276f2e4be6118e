/// Which words stand together as one name.
extension Reading {
    // MARK: Runs

    /// Whether a word may be part of a name.
    func isNameLike(_ index: Int) -> Bool {
        let token = self[index]
        guard !token.isTaken, token.shape != .digits, token.shape != .alphanumeric else { return false }
        if token.shape == .caseless {
            return token.classes.given > 0 || token.classes.family > 0 || token.classes.city > 0
                || has(index, .country)
        }
        guard token.isCapital else { return false }
        if has(index, .stop) {
            // `Will Smith`, `Don Draper`: a name only inside a sentence, or in front of a family name.
            guard token.length > 1, token.classes.given > 0 || token.classes.family > 0, !isShouted(index)
            else {
                return token.length == 1 && self[index + 1].gap.contains(.period)
            }
            if isSpaced(index + 1), self[index + 1].isCapital, self[index + 1].length > 1, !has(index + 1, .stop),
                !isStart(index)
            {
                return true
            }
            return self[index - 1].classes.given > 1 && self[index - 1].isCapital && isSpaced(index)
                || self[index + 1].classes.family > 0 && self[index + 1].length > 1 && self[index + 1].isCapital
                    && isSpaced(index + 1)
        }
        return true
    }

    func run(at index: Int) -> Run? {
        guard isNameLike(index) else { return lowerRun(at: index) }
        var last = index
        while last + 1 < count, last - index < 8 {
            let next = last + 1
            if joins(next) {
                last = next
                continue
            }
            // van der, de, von, bin: small words inside of a name, `of` inside of an organisation's.
            var behind = next
            while behind < next + 3, has(behind, .particle), self[behind].shape == .lower,
                isSpaced(behind) || self[behind].gap == .hyphen || self[behind].gap == .apostrophe
            { behind += 1 }
            if behind > next, isNameLike(behind),
                self[behind].gap == .space || self[behind].gap == .apostrophe || self[behind].gap == .hyphen
            {
                last = behind
                continue
            }
            if isWord(next, "of", "for"), isSpaced(next), has(last, [.orgHead]), isNameLike(next + 1),
                isSpaced(next + 1)
            {
                last = next + 1
                continue
            }
            break
        }
        return Run(first: index, last: last)
    }

    /// Whether a token goes on with the name that the one in front of it is part of.
    func joins(_ index: Int) -> Bool {
        guard
            isNameLike(index)
                || self[index].length == 1 && self[index].shape == .capital && !self[index].isTaken
        else { return false }
        let gap = self[index].gap
        let before = self[index - 1]
        if gap == .space { return before.shape != .caseless || self[index].shape == .caseless }
        if gap == .hyphen { return true }
        if gap == .apostrophe { return before.length <= 2 || self[index].length > 2 }
        if gap == [.period, .space] || gap == .period {
            return before.length == 1 || has(index - 1, [.honorific]) && before.length <= 4
                || isWord(index - 1, "st")
        }
        if gap == [.space, .ampersand] || gap == .ampersand { return before.length > 0 }
        if gap == [.apostrophe, .space] { return before.length == 1 && before.shape == .capital }
        return false
    }

    /// A name without a capital, in a text without capitals: a known one, or an unknown word that is called a name.
    func lowerRun(at index: Int) -> Run? {
        let token = self[index]
        guard token.shape == .lower, !token.isTaken, token.length >= 3, token.classes.word == 0,
            !has(index, [.stop, .particle, .orgSuffix, .calendar, .unit]),
            token.gap.isSubset(of: [.space, .newline, .comma, .quote, .colon, .period]),
            self[index + 1].gap != .period || isEnd(index),
            self[index + 1].gap.isDisjoint(with: [.underscore, .slash])
        else { return nil }
        let isCalled =
            isWord(index - 1, "named", "called", "me", "name") || has(index - 1, .honorific)
            || isWord(index - 1, "is") && isWord(index - 2, "name")
        let isReached =
            has(index - 1, .placeBefore) && has(index - 2, .placeVerb)
            && isWord(index - 1, "in", "from", "to", "near")
        let isCalledTitle = has(index - 1, .honorific)
        let isSolo = isUncased(index)
        let next = self[index + 1]
        let isPair =
            next.shape == .lower && isSpaced(index + 1) && next.length > 2 && next.classes.word == 0
            && !has(index + 1, .stop)
        let isKnown =
            (token.classes.given >= 2 && (token.length >= 4 || isPair) || isCalledTitle) && isSolo
        let isNear = isWord(index - 1, "in", "from", "near") && token.classes.city >= 2 && isSolo
        guard
            isCalled || isKnown || isNear
                || isReached && (token.classes.city > 0 || has(index, [.country, .state]))
                || has(index, .country) && token.length > 4
        else { return nil }
        var last = index
        while last < index + 4, !self[last + 1].isTaken, self[last + 1].shape == .lower {
            let next = last + 1
            // An initial in the middle.
            if self[next].length == 1, isSpaced(next), self[next + 1].shape == .lower,
                self[next + 1].classes.word == 0,
                !has(next + 1, .stop),
                self[next + 1].gap.isSubset(of: [.space, .period]), self[next + 1].length > 2
            {
                last = next + 1
                continue
            }
            guard isSpaced(next), self[next].classes.word == 0, !has(next, [.stop]),
                self[next].length > 2,
                self[next].classes.family > 0 || self[next].classes.given > 0
                    || self[next].classes.rawValue & ~WordClass.startsPhrase.rawValue == 0
            else { break }
            last = next
        }
        return Run(first: index, last: last)
    }

    /// Takes what is no part of a name off its ends: words that begin a sentence, greetings, titles.
    mutating func trim(_ run: inout Run) {
        while run.first <= run.last {
            let index = run.first
            if has(index, .honorific),
                index < run.last || isSpaced(index + 1) || self[index + 1].gap == [.period, .space]
            {
                let hasPeriod = text.at(self[index].end) == 0x2E
                if index < run.last, self[index + 1].gap.isSubset(of: [.space, .period]),
                    self[index].length > 1,
                    !(self[index].classes.given > 1 && !hasPeriod)
                {
                    add(.title, index, index, 0.9, "title", end: self[index].end + (hasPeriod ? 1 : 0))
                    run.first += 1
                    continue
                }
            }
            // A verb of another language begins the sentence: `Пришла Наталья Иванова`.
            if isStart(index), run.count == 3, self[index].classes.rawValue == 0,
                self[index + 1].classes.given >= 2,
                self[index + 1].gap == .space, self[index + 2].classes.family >= 2
            {
                run.first += 1
                continue
            }
            let isPlain =
                self[index].classes.word > 0 || has(index, [.stop, .calendar, .month, .weekday])
            guard index < run.last, isPlain else { break }
            let isName =
                self[index].classes.given >= 2 && self[index].classes.word < 2
                || self[index].classes.given == 3
            let opens =
                has(index, [.stop]) && isStart(index)
                || has(index, [.personBefore, .job]) && self[index].classes.given < 2 && isNamed(index + 1)
            if opens {
                run.first += 1
                continue
            }
            if isStart(index), !isName, self[index + 1].classes.given > 0, self[index].gap != .hyphen,
                self[index + 1].gap == .space, isNamed(index + 1), !endsAsOrganization(run),
                phrase(index, min(index + 1, run.last)).city == 0,
                phrase(index, run.last).isDisjoint(with: [.country, .state])
            {
                run.first += 1
                continue
            }
            break
        }
    }

    func endsAsOrganization(_ run: Run) -> Bool { has(run.last, [.orgSuffix, .orgWord]) }

    /// Whether a word is rather a name than anything else.
    func isNamed(_ index: Int) -> Bool {
        let classes = self[index].classes
        if classes.word == 2 { return classes.given >= 2 }
        return classes.given > 0 || classes.family > 0 && classes.word == 0 || classes.rawValue == 0
    }
}
