/// Names of people, organisations and places.
extension Reading {
    /// Words that stand together as one name; both ends are in it.
    struct Run {
        var first: Int
        var last: Int
        var count: Int { last - first + 1 }
    }

    /// How much speaks for each reading of a run, in halves of a decision: above zero is more likely than not.
    struct Opinion {
        var person = -1.6
        var organization = -2.2
        var place = -1.8
        var evidence = "dictionary"

        /// The best reading, if one is more likely than none.
        var best: (type: EntityType, score: Double)? {
            let most = max(person, organization, place)
            guard most > 0 else { return nil }
            let type: EntityType =
                most == person ? .person : most == organization ? .organization : .place
            return (type, 0.5 + 0.47 * most / (most + 1.5))
        }
    }

    mutating func readNames() {
        var undecided: [Run] = []
        var index = 0
        while index < count {
            readSmallTitle(index)
            if let last = partnership(index) {
                index = last + 1
                continue
            }
            guard var run = run(at: index) else {
                index += 1
                continue
            }
            let next = run.last + 1
            trim(&run)
            if run.first <= run.last { split(run, &undecided) }
            index = max(next, index + 1)
        }
        // Who was named in full may be called by one name; who stands among others in a list is of their kind.
        for run in undecided where !self[run.first].isTaken {
            if let type = recalled(run) {
                add(type, run.first, run.last, 0.65, "named elsewhere")
            }
        }
    }

    /// `ms. Marcela`, `dr. house`.
    private mutating func readSmallTitle(_ index: Int) {
        guard self[index].shape == .lower, has(index, .honorific),
            self[index + 1].gap == [.period, .space],
            !self[index].isTaken,
            isNameLike(index + 1) || self[index + 1].classes.word == 0 && self[index + 1].length > 2
        else { return }
        add(.title, index, index, 0.85, "title", end: self[index].end + 1)
    }

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
            return !isStart(index)
                || self[index + 1].classes.family > 0 && self[index + 1].isCapital && isSpaced(index + 1)
        }
        return true
    }

    private func run(at index: Int) -> Run? {
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
    private func joins(_ index: Int) -> Bool {
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
    private func lowerRun(at index: Int) -> Run? {
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
        let isKnown = (token.classes.given >= 2 && token.length >= 4 || isCalledTitle) && isSolo
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
    private mutating func trim(_ run: inout Run) {
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
                phrase(index, min(index + 1, run.last)).city == 0
            {
                run.first += 1
                continue
            }
            break
        }
    }

    private func endsAsOrganization(_ run: Run) -> Bool { has(run.last, [.orgSuffix, .orgWord]) }

    /// Whether a word is rather a name than anything else.
    private func isNamed(_ index: Int) -> Bool {
        let classes = self[index].classes
        if classes.word == 2 { return classes.given >= 2 }
        return classes.given > 0 || classes.family > 0 && classes.word == 0 || classes.rawValue == 0
    }

    // MARK: Cutting a run

    private mutating func split(_ run: Run, _ undecided: inout [Run]) {
        // An organisation's legal form ends its name.
        if let organization = legalForm(run) {
            if organization.first > run.first {
                decide(Run(first: run.first, last: organization.first - 1), &undecided)
            }
            add(
                .organization, organization.first, organization.last, 0.92, "legal form",
                end: dotted(organization.last)
            )
            remember(organization, .organization)
            return
        }
        // A title or honorific in the middle begins a person.
        if run.count > 2 {
            for index in run.first + 1..<run.last
            where has(index, .honorific) && self[index].length <= 4
                && self[index + 1].gap.contains(.period)
            {
                decide(Run(first: run.first, last: index - 1), &undecided)
                var rest = Run(first: index, last: run.last)
                trim(&rest)
                if rest.first <= rest.last { decide(rest, &undecided) }
                return
            }
        }
        // A possessive parts who has from what is had.
        decide(run, &undecided)
    }

    /// A full stop behind an abbreviation (`Inc.`) belongs to it, unless the text ends a sentence there.
    private func dotted(_ last: Int) -> Int? {
        guard self[last].length <= 5, text.at(self[last].end) == 0x2E, last + 1 < count,
            !self[last + 1].gap.contains(.newline)
        else { return nil }
        let next = self[last + 1]
        guard next.gap.contains(.comma) || next.shape == .lower else { return nil }
        return self[last].end + 1
    }

    /// The part of a run that ends with a legal form, such as `Acme Widgets GmbH`.
    private func legalForm(_ run: Run) -> Run? {
        var last = run.last
        if has(last, .orgSuffix), last > run.first, self[last].length >= 2, isForm(last) {
            return Run(first: run.first, last: last)
        }
        // Behind a comma: `Acme, Inc.`; or `Acme S.A.`
        if last + 1 < count, has(last + 1, .orgSuffix), self[last + 1].gap == [.comma, .space],
            self[last + 1].isCapital, self[last + 1].length >= 3
        {
            last += 1
            return Run(first: run.first, last: last)
        }
        return nil
    }

    /// Two letters are a legal form only in capitals or as usually written.
    private func isForm(_ index: Int) -> Bool {
        let token = self[index]
        guard self[index].gap.isSubset(of: [.space, .ampersand, .period]) else { return false }
        if isWord(index, "company", "limited", "corporation", "incorporated") { return true }
        if token.length > 2 {
            return token.classes.given == 0 || token.classes.word == 0 && token.shape != .capital
                || isWord(index, "inc", "ltd", "corp")
        }
        return isWord(index, "co", "kg", "oy", "ab", "as", "ag", "sa", "bv", "nv", "lp", "se")
            && (token.shape == .upper || isWord(index, "oy", "ab", "co", "as")) && !isShouted(index)
    }

    private mutating func remember(_ run: Run, _ type: EntityType) {
        guard known.count < 1_024 else { return }
        for index in run.first...run.last
        where self[index].length > 2 && !has(index, [.stop, .particle, .orgSuffix]) {
            if type == .person || run.count == 1 { known[self[index].hash] = type }
        }
        if run.count > 1, type != .person { known[self[run.first].hash &+ UInt64(run.count)] = type }
    }

    private func recalled(_ run: Run) -> EntityType? {
        if run.count == 1 {
            return self[run.first].classes.word == 2 && isStart(run.first)
                ? nil : known[self[run.first].hash]
        }
        for index in run.first...run.last where known[self[index].hash] != .person { return nil }
        return .person
    }

    // MARK: Deciding

    private mutating func decide(_ run: Run, _ undecided: inout [Run]) {
        guard run.first <= run.last, !self[run.first].isTaken else { return }
        if run.count == 1, self[run.first].length == 1 { return }
        if let field = labelled(run) {
            add(field, run.first, run.last, 0.9, "label")
            remember(run, field)
            return
        }
        let opinion = opinion(run)
        if let best = opinion.best {
            let last = best.type == .place ? bracketed(run.last) ?? run.last : run.last
            add(best.type, run.first, last, best.score, opinion.evidence)
            remember(run, best.type)
            return
        }
        // A place may be the end or the beginning of a longer run: `Southern Tunisia`, `Paris Agreement`.
        if let part = placeWithin(run) {
            add(.place, part.first, part.last, 0.6, "dictionary")
            return
        }
        undecided.append(run)
    }

    private func placeWithin(_ run: Run) -> Run? {
        guard run.count > 1 else { return nil }
        for index in run.first...run.last {
            guard let end = longestPhrase(index, .country), end <= run.last,
                end == run.last || index == run.first
            else { continue }
            guard
                index == run.first
                    || isWord(
                        index - 1, "southern", "northern", "eastern", "western", "central", "south", "north",
                        "east",
                        "west", "in", "from")
            else { continue }
            if index == run.first, end < run.last, !has(end + 1, [.placeAfter]) { continue }
            return Run(first: index, last: end)
        }
        return nil
    }

    /// What the word in front of a colon or the like says.
    private func labelled(_ run: Run) -> EntityType? {
        let gap = self[run.first].gap
        guard !gap.isDisjoint(with: [.colon, .cell]), !gap.contains(.blank), run.first > 0,
            gap.isDisjoint(with: [.comma, .semicolon])
        else { return nil }
        let label = run.first - 1
        guard label >= 0, !self[label].isTaken || has(label, .anyLabel) else { return nil }
        let classes = labelClasses(label)
        if classes.contains(.personLabel), !has(run.last, [.orgSuffix, .orgWord]) {
            let opinion = opinion(run)
            if classes.contains(.orgLabel) {
                return opinion.person > -1.2 && opinion.person >= opinion.organization
                    ? .person : .organization
            }
            guard opinion.organization < 1.5 else { return .organization }
            // `From: Paris`, `User: I`: a word that is none but common is no name.
            if run.count == 1, self[run.first].classes.word == 2, self[run.first].classes.given < 2 {
                return nil
            }
            if isWord(
                label, "to", "from", "by", "user", "driver", "agent", "author", "member", "contact",
                "manager", "editor"
            ), opinion.person < -0.9 {
                return nil
            }
            return .person
        }
        if classes.contains(.orgLabel)
            || classes.contains(.personLabel) && has(run.last, [.orgSuffix, .orgWord])
        {
            return .organization
        }
        if classes.contains(.placeLabel),
            opinion(run).place > -1.5
                || gap.contains(.colon) && run.count <= 2 && self[run.first].classes.word < 2
        {
            return .place
        }
        return nil
    }

    /// A label of up to three words that ends at a token: `date of birth`, `first_name`.
    private func labelClasses(_ last: Int) -> WordClass {
        for length in (1...3).reversed() where last - length + 1 >= 0 {
            let first = last - length + 1
            guard length == 1 || self[last].gap.isSubset(of: [.space, .underscore, .hyphen, .apostrophe])
            else {
                continue
            }
            let classes = phrase(first, last)
            if !classes.isDisjoint(with: .anyLabel) { return classes }
        }
        return []
    }
}
