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
    mutating func readSmallTitle(_ index: Int) {
        guard self[index].shape == .lower, has(index, .honorific),
            self[index + 1].gap == [.period, .space],
            !self[index].isTaken,
            isNameLike(index + 1) || self[index + 1].classes.word == 0 && self[index + 1].length > 2
        else { return }
        add(.title, index, index, 0.85, "title", end: self[index].end + 1)
    }

    // MARK: Cutting a run

    mutating func split(_ run: Run, _ undecided: inout [Run]) {
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
    func dotted(_ last: Int) -> Int? {
        guard self[last].length <= 5, text.at(self[last].end) == 0x2E, last + 1 < count,
            !self[last + 1].gap.contains(.newline)
        else { return nil }
        let next = self[last + 1]
        guard next.gap.contains(.comma) || next.shape == .lower else { return nil }
        return self[last].end + 1
    }

    /// The part of a run that ends with a legal form, such as `Acme Widgets GmbH`.
    func legalForm(_ run: Run) -> Run? {
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
    func isForm(_ index: Int) -> Bool {
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

    mutating func remember(_ run: Run, _ type: EntityType) {
        guard known.count < 1_024 else { return }
        for index in run.first...run.last
        where self[index].length > 2 && !has(index, [.stop, .particle, .orgSuffix]) {
            if type == .person || run.count == 1 { known[self[index].hash] = type }
        }
        if run.count > 1, type != .person { known[self[run.first].hash &+ UInt64(run.count)] = type }
    }

    func recalled(_ run: Run) -> EntityType? {
        if run.count == 1 {
            return self[run.first].classes.word == 2 && isStart(run.first)
                ? nil : known[self[run.first].hash]
        }
        for index in run.first...run.last where known[self[index].hash] != .person { return nil }
        return .person
    }

    // MARK: Deciding

    mutating func decide(_ run: Run, _ undecided: inout [Run]) {
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
            add(best.type, run.first, last, best.score, opinion.evidence, end: last > run.last ? closed(last) : nil)
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

    func placeWithin(_ run: Run) -> Run? {
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
                        "west", "in", "from", "to")
            else { continue }
            if index == run.first, end < run.last, !has(end + 1, [.placeAfter]) { continue }
            return Run(first: index, last: end)
        }
        return nil
    }

    /// What the word in front of a colon or the like says.
    func labelled(_ run: Run) -> EntityType? {
        let gap = self[run.first].gap
        guard !gap.isDisjoint(with: [.colon, .cell]), !gap.contains(.blank), run.first > 0,
            gap.isDisjoint(with: [.comma, .semicolon])
        else { return nil }
        let label = run.first - 1
        guard label >= 0, !self[label].isTaken || has(label, .anyLabel) else { return nil }
        // A label, or a word that stands in many a heading, is no value.
        if !phrase(run.first, run.last).isDisjoint(with: [.personLabel, .orgLabel, .addressLabel, .zipLabel, .calendar]
        ),
            self[run.first].classes.given < 2
        {
            return nil
        }
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
    func labelClasses(_ last: Int) -> WordClass {
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
