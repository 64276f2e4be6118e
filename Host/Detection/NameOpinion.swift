/// What speaks for a run of words being a person, an organisation or a place.
///
/// Weights were set by hand on sentences of many forms; each is worth about half a decision.
extension Reading {
    func opinion(_ run: Run) -> Opinion {
        var opinion = Opinion()
        weighWords(run, &opinion)
        weighFront(run, &opinion)
        weighBehind(run, &opinion)
        return opinion
    }

    // MARK: The words themselves

    func weighWords(_ run: Run, _ opinion: inout Opinion) {
        let shouted = self[run.first].shape == .upper && isShouted(run.first)
        var given = 0
        var family = 0
        var unknown = 0
        var words = 0
        var commons = 0
        var initials = 0
        var names = 0
        var parts = 0
        var endings: WordClass = []
        var hasInner = false
        for index in run.first...run.last {
            let token = self[index]
            let classes = token.classes
            if token.length == 1 {
                if index > run.first || self[index + 1].gap.contains(.period) { initials += 1 }
                continue
            }
            if has(index, .particle), token.shape == .lower { continue }
            parts += 1
            if classes.given > 0 { given += 1 }
            if classes.family > 0 { family += 1 }
            if classes.given > 0 || classes.family > 0 { names += 1 }
            if classes.word > 0 || has(index, .stop) { words += 1 }
            if classes.word == 2 { commons += 1 }
            if classes.given == 0, classes.family == 0, classes.word == 0 { unknown += 1 }
            if classes.given == 0 || classes.family == 0 { endings.formUnion(self.endings(index)) }
            if token.shape == .mixed, token.length > 3 { hasInner = true }
        }
        let first = self[run.first].classes
        let last = self[run.last].classes
        let hyphened = run.count == 2 && self[run.last].gap == .hyphen
        let isStarting = isStart(run.first)

        // People.
        if parts == 1 {
            if unknown == 1, !shouted { opinion.person += 0.5 }
            opinion.person +=
                [0, 0.7, 1.6, 2.4][first.given] * (first.word == 2 ? 0.4 : first.word == 1 ? 0.7 : 1)
            if first.given == 0 {
                opinion.person += [0, 0.5, 1.0, 1.3][first.family] * (first.word == 2 ? (isStarting ? 0.2 : 0.5) : 0.8)
            }
            if first.given == 0, first.family == 0, endings.contains(.nameEnding) {
                opinion.person += 0.6
            }
            if first.word == 2, isStarting { opinion.person -= 1 }
            if initials > 0, names > 0 { opinion.person += 1 }
        } else if parts <= 4 {
            if names == parts { opinion.person += 1.5 }
            opinion.person += [0, 0.8, 1.4, 1.9][first.given] * (first.word == 2 ? 0.5 : 1)
            opinion.person += [0, 0.5, 0.9, 1.1][last.family] * (last.word == 2 ? 0.6 : 1)
            if last.family == 0, endings.contains(.nameEnding), last.word == 0 { opinion.person += 0.7 }
            if first.given > 0, last.word == 0 { opinion.person += 0.8 }
            if unknown > 0, names > 0, words == 0 { opinion.person += 0.3 }
            if unknown == parts, words == 0 { opinion.person += 1.2 }
            if initials > 0, commons < parts { opinion.person += 1.3 }
            if commons == parts {
                opinion.person -= first.given >= 2 ? 0.8 : 2.5
            } else {
                opinion.person -= 0.5 * Double(commons)
            }
            if hyphened { opinion.person -= first.given >= 2 && last.given >= 2 ? 0.5 : 2.2 }
        } else {
            opinion.person -= 1
        }
        if shouted { opinion.person -= 0.7 }
        // Signs of programs and of trade marks.
        if parts == 1, first.given == 0, first.family == 0, !shouted {
            if self[run.first].shape == .upper { opinion.person -= 1.2 }
            if self[run.first].shape == .mixed { opinion.person -= 0.8 }
        }
        if self[run.first].gap.contains(.underscore) || self[run.last + 1].gap.contains(.underscore) {
            opinion.person -= 3
        }
        if run.count > 1, has(run.last, .country), last.given < 2 { opinion.person -= 2.5 }
        if has(run.first, .calendar) || has(run.last, .calendar) { opinion.person -= 1.5 }
        if !first.isDisjoint(with: [.month, .weekday]), run.count == 1 { opinion.person -= 1.5 }

        // Organisations.
        if has(run.last, .orgWord), run.count > 1 {
            opinion.organization += words == parts && commons == parts && isStarting ? 1.6 : 2.9
        }
        if has(run.first, .orgHead), run.count > 1 {
            opinion.organization += isWord(run.first + 1, "of") ? 3 : 1.2
        }
        if has(run.last, .orgWord), first.given > 1, run.count == 2 { opinion.organization += 0.2 }
        for index in run.first...run.last
        where self[index].gap.contains(.ampersand) && index > run.first {
            opinion.organization += 2
            opinion.person -= 2
            if commons == parts { opinion.organization -= 1.5 }
            break
        }
        if hasInner, !shouted {
            opinion.organization += self[run.first].shape == .mixed && last.family == 0 ? 1.4 : 0
        }
        if hyphened, family == 2, first.given < 3 || last.given < 2 { opinion.organization += 2.9 }
        if parts == 1, unknown == 1, !endings.contains(.nameEnding), !endings.contains(.cityEnding) {
            opinion.organization += 0.5
        }
        if run.count > 1, words == parts { opinion.organization += 0.4 }
        if run.count == 1, has(run.first, .orgWord) { opinion.organization -= 1 }
        if parts == 1, first.word == 2 { opinion.organization -= 0.8 }
        if has(run.first, .calendar), run.count == 1 { opinion.organization -= 1.5 }

        // Places.
        let whole = phrase(run.first, run.last)
        if whole.contains(.country), self[run.first].length > 2 || self[run.first].shape == .upper {
            opinion.place += run.count == 1 && whole.given == 3 ? 2.2 : 3.6
            if self[run.first].shape == .upper, self[run.first].length <= 2,
                isShouted(run.first) || isWord(run.first, "us") && has(run.first + 1, .stop)
            {
                opinion.place -= 1.5
            }
        } else if whole.contains(.state) {
            opinion.place += whole.given >= 2 ? 1.4 : 3
        }
        if whole.city > 0 {
            opinion.place += [0, 0.9, 1.6, 2.8][whole.city] * (run.count > 1 ? 1.3 : 1)
            if whole.given >= 2 || whole.word == 2 {
                opinion.place -= 1.3
            } else if whole.given == 1 || whole.family >= 2 || whole.word == 1 {
                opinion.place -= 0.5
            }
            if whole.city == 3 || run.count > 1 {
                opinion.person -= whole.given >= 2 ? 0 : 1.3
            } else if whole.given == 0 {
                opinion.person -= 0.4
            }
        } else if endings.contains(.cityEnding), unknown > 0 {
            opinion.place += 0.5
        }
        if !whole.isDisjoint(with: [.country, .state]) {
            opinion.person -= whole.given == 3 ? 0.4 : whole.given == 2 ? 1.2 : 2.5
            opinion.organization -= 2
        }
        if self[run.first].shape == .upper, !shouted, self[run.first].length > 3, words < parts {
            opinion.place += 0.9
        }
        if words == parts, commons == parts, whole.city < 2 { opinion.place -= 1.2 }
        if has(run.last, [.orgWord]), run.count > 1 { opinion.place -= 1 }
    }

    // MARK: What stands behind

    func weighBehind(_ run: Run, _ opinion: inout Opinion) {
        let after = run.last + 1
        guard after < count else {
            weighLine(run, &opinion)
            return
        }
        let gap = self[after].gap
        weighLine(run, &opinion)
        if gap == .apostrophe, isWord(after, "s") || isWord(after, "re") {
            let owned = after + 1
            opinion.person += 0.5
            if has(owned, .orgAfter) { opinion.organization += 1.8 }
            if self[owned].isCapital, isSpaced(owned) {
                opinion.organization += isNamePair(owned) ? 2.8 : 0.3
                if isNamePair(owned) { opinion.person -= 2 }
            }
            if has(owned, [.personBefore, .job]), self[owned].shape == .lower { opinion.person += 0.9 }
            if isStart(run.first) { opinion.person += 0.3 }
            return
        }
        if gap == [.colon] || gap == [.colon, .space] || gap == [.colon, .quote]
            || gap == [.colon, .space, .quote]
        {
            // A speaker: `Nicole: "Who are you?"`
            if isLineStart(run.first) || isStart(run.first), run.count <= 3,
                self[run.first].classes.word < 2 || self[run.first].classes.given == 3,
                !has(run.last, .anyLabel), self[after].isCapital || gap.contains(.quote)
            {
                opinion.person += gap.contains(.quote) ? 2 : 1.3
            }
        }
        if gap == [.comma, .space] {
            if isStart(run.first),
                isWord(
                    after, "can", "could", "please", "i", "would", "are", "do", "did", "have", "what", "you",
                    "thanks",
                    "we")
            {
                opinion.person += 1.2
            }
            if has(after, .degree) { opinion.person += 2 }
            if isWord(after, "the", "a", "an", "who", "aged"), run.count > 1 { opinion.person += 0.6 }
            if isWord(after, "who", "whose") { opinion.person += 1.5 }
            if isNamed3(after), self[run.first].classes.word < 2 {
                opinion.person += 1.2
                opinion.place -= 0.6
            }
        }
        guard
            gap == .space || gap == [.space, .quote] || gap == [.comma, .space]
                || gap == [.quote, .space]
        else {
            return
        }
        let near = self[after].classes
        if near.contains(.degree), self[after].isCapital, run.count > 1 { opinion.person += 1.5 }
        if near.contains(.say) {
            opinion.person += 1.6
            opinion.evidence = "words around"
        } else if near.contains(.personVerb), gap == .space {
            opinion.person += 1.3
        }
        if isWord(after, "who", "whose") { opinion.person += 1.4 }
        if isWord(after, "is", "was", "has", "had", "will", "just", "can", "would", "did") {
            opinion.person += 0.7
            if isWord(after, "is", "was"), isWord(after + 1, "a", "an", "the", "one") {
                weighKind(after + 2, &opinion)
            }
            if isWord(after, "is", "was"),
                isWord(
                    after + 1, "so", "very", "my", "his", "her", "not", "such", "really", "always", "talking")
            {
                opinion.person += 0.8
            }
            if has(after + 1, .personVerb) { opinion.person += 0.9 }
            if isWord(after, "is", "was"), isWord(after + 1, "from") { opinion.person += 1.1 }
            if isWord(after, "will", "has", "had", "would"), isWord(after + 1, "be", "been"),
                has(after + 2, [.personVerb])
            {
                opinion.person += 0.5
            }
        }
        if near.contains(.orgAfter), gap == .space {
            opinion.organization += isStart(run.first) || isWord(run.first - 1, "the") ? 2.1 : 1.4
            opinion.person -= 0.4
        }
        if near.contains(.placeAfter), gap == .space { opinion.place += 1.1 }
        if isWord(after, "from", "of"), self[after + 1].isCapital, gap == .space {
            opinion.person += 0.9
        }
        if isWord(after, "and"), isNamed3(after + 1), isSpaced(after + 1) { opinion.person += 1.2 }
    }

    /// `X is a company`, `X is a person`, `X is a city`: the noun within five words decides.
    func weighKind(_ first: Int, _ opinion: inout Opinion) {
        var index = first
        while index < first + 6, index < count,
            index == first || self[index].gap.isSubset(of: [.space, .hyphen])
        {
            if isWord(
                index, "company", "firm", "bank", "agency", "corporation", "startup", "provider",
                "manufacturer",
                "retailer", "organization", "organisation", "nonprofit", "charity", "brand", "business",
                "supplier",
                "publisher", "multinational", "brainchild", "subsidiary", "c", "institution",
                "conglomerate", "studio",
                "chain")
            {
                opinion.organization += 3.2
                opinion.person -= 1.5
                opinion.evidence = "words around"
                return
            }
            if isWord(
                index, "city", "town", "village", "country", "state", "municipality", "suburb", "province",
                "island",
                "capital", "region")
            {
                opinion.place += 2.6
                opinion.person -= 1.2
                return
            }
            if has(index, [.job])
                || isWord(
                    index, "man", "woman", "person", "boy", "girl", "friend", "member", "player", "student",
                    "patient",
                    "male", "female", "fan", "guy")
            {
                opinion.person += 1.8
                return
            }
            if isWord(index, "of", "that", "which", "in", "to", "by", "with", "for") { return }
            index += 1
        }
    }

    func isNamePair(_ index: Int) -> Bool {
        self[index].classes.given > 0 && self[index].classes.word < 2
            && (self[index + 1].isCapital && isSpaced(index + 1))
    }

    func isNamed3(_ index: Int) -> Bool {
        self[index].isCapital && (self[index].classes.given >= 2 || self[index].classes.family >= 2)
            && self[index].classes.word < 2
    }

    /// A line, or a whole text, that is a run and nothing else.
    func weighLine(_ run: Run, _ opinion: inout Opinion) {
        guard isLineStart(run.first), isLineEnd(run.last) else {
            if isEnd(run.last), run.last + 1 >= count, isWord(run.first - 1, "name", "called", "named") {
                opinion.person += 1
            }
            return
        }
        // Above a country stands a town.
        if let end = longestPhrase(run.last + 1, [.country, .state]), isLineEnd(end), run.first > 0 {
            opinion.place += 3.2
            opinion.person -= 1.5
            return
        }
        // Below somebody's name stands the organisation, unless it is a name again.
        if let last = found.last, last.type == .person || last.type == .title, run.first > 0,
            last.end == self[run.first - 1].end, run.last + 1 < count,
            opinion.person < 1.2 || run.count == 2 && self[run.last].gap == .hyphen
        {
            if run.count == 2, self[run.last].gap == .hyphen { opinion.person -= 2 }
            opinion.organization += 2.4
            opinion.person -= 0.5
            opinion.place -= 1
            return
        }
        if run.count >= 2, run.count <= 4 { opinion.person += 0.9 }
    }
}
