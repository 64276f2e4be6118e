/// What stands in front of a name, and what it says of the name.
extension Reading {
    // MARK: What stands in front

    func weighFront(_ run: Run, _ opinion: inout Opinion) {
        let before = run.first - 1
        guard before >= 0 else { return }
        let gap = self[run.first].gap
        if found.last?.type == .title,
            found.last?.end == self[run.first].start - 1 || found.last?.end == self[run.first].start
        {
            opinion.person += 4
            opinion.evidence = "title"
            return
        }
        // `Last name? Clark`
        if gap == [.stop, .space], has(before, .personLabel) { opinion.person += 2.5 }
        if gap.contains(.newline) { return }
        if gap.contains(.colon), !gap.contains(.quote),
            has(before, .personBefore) || has(before, .personLabel)
        {
            opinion.person += 1
        }
        if gap == [.comma, .space], has(before, [.personBefore]),
            self[before].shape == .lower || isStart(before)
        {
            opinion.person += 1.2
        }
        // A neighbour in a list is of the same kind.
        if let last = found.last, last.end <= self[run.first].start, isListed(after: last, run) {
            if last.type == .person { opinion.person += 1.3 }
            if last.type == .place { opinion.place += 1.0 }
            if last.type == .organization { opinion.organization += 1.0 }
        }
        guard gap == .space || gap == [.space, .quote] || gap == [.space, .open] else { return }
        let near = self[before].classes
        if has(before, .title), self[before].shape != .lower || has(before, .honorific) {
            opinion.person += 1.8
            opinion.evidence = "title"
        }
        if near.contains(.personBefore) {
            opinion.person +=
                isWord(
                    before, "by", "with", "name", "about", "ask", "told", "thank", "meet", "met", "am",
                    "including",
                    "thanks") ? 1.1 : 1.9
            if near.contains(.job), self[before].isCapital { opinion.person += 0.4 }
            opinion.evidence = "words around"
        } else if near.contains(.job) {
            opinion.person += 1.2
        }
        if isWord(before, "is", "was"),
            isWord(before - 1, "name", "names") || isWord(before - 1, "this", "it", "i") && run.count > 1
        {
            opinion.person += 2
        }
        if isWord(before, "m", "am"), isWord(before - 1, "i") { opinion.person += 2 }
        if near.contains(.say) { opinion.person += 1.4 }
        if isWord(before, "and", "or"), isNamed3(before - 1) { opinion.person += 1 }
        if isWord(
            before, "and", "or", "than", "of", "from", "for", "to", "under", "is", "why", "where", "has",
            "have", "did",
            "does", "had", "given", "heard", "had", "that", "s", "him", "her", "was", "see", "as",
            "including", "add",
            "between", "versus", "like", "if", "when", "because", "how", "then", "while", "called", "but")
        {
            opinion.person += isWord(before, "from", "for", "as") ? 0.3 : 0.6
        }
        if isWord(before, "me", "him", "her", "us"),
            has(before - 1, .personBefore) || isWord(before - 1, "call", "named", "calls")
        {
            opinion.person += 2
            opinion.evidence = "words around"
        }
        if isWord(before, "to"),
            has(before - 1, .say) || has(before - 2, .say)
                || isWord(before - 1, "account", "speak", "talk", "married", "it", "him", "them")
        {
            opinion.person += 0.9
        }
        if isWord(before, "under"),
            isWord(before - 1, "it", "s", "account", "registered", "reservation", "booked")
        {
            opinion.person += 1
        }
        // Places.
        if isWord(before, "in") {
            let isLived = has(before - 1, [.placeVerb]) || has(before - 2, [.placeVerb])
            opinion.place += isLived ? 3 : 2.1
            opinion.person -= isLived ? 2.5 : 1.2
            opinion.organization -= 0.2
            if opinion.place > 0 { opinion.evidence = "words around" }
        } else if near.contains(.placeBefore) {
            opinion.place +=
                isWord(before, "for", "leave", "of", "at", "via", "university", "home") ? 0.5 : 1
            if has(before - 1, .placeVerb) || has(before - 2, .placeVerb) {
                let isReached =
                    isWord(before, "at") && isWord(before - 1, "arrived", "arrives", "arrive", "landed", "stayed")
                if isReached { opinion.organization -= 1.5 }
                opinion.place +=
                    isReached ? 1.9 : isWord(before, "at", "for", "of") ? 0.3 : isWord(before, "to") ? 1.6 : 1.2
                opinion.person -= isWord(before, "from", "to") ? 1.2 : 0.5
            }
            if isWord(
                before, "north", "south", "east", "west", "northern", "southern", "eastern", "western",
                "central",
                "near", "city", "town", "village", "capital", "downtown")
            {
                opinion.place += 1
                opinion.person -= 0.5
            }
            if isWord(before, "of"),
                isWord(
                    before - 1, "city", "town", "capital", "outside", "north", "south", "east", "west",
                    "republic",
                    "state", "university", "kingdom", "part", "mayor")
            {
                opinion.place += 1.6
                opinion.person -= 1
            }
        }
        // Organisations.
        if near.contains(.orgBefore) {
            opinion.organization +=
                isWord(before, "for", "at", "by", "with")
                ? 1.0
                : isWord(
                    before, "support", "join", "joined", "joining", "acquired", "acquire", "company", "firm")
                    ? 1.8 : 0.8
            if has(before - 1, .orgVerb) || has(before - 2, .orgVerb) {
                opinion.organization += 1.7
                opinion.person -= 1
                opinion.evidence = "words around"
            }
            if isWord(before, "at") {
                opinion.organization += 1.1
                opinion.person -= 0.7
            }
        }
        if isWord(before, "the"), run.count > 1 || has(run.last, .orgWord) {
            opinion.organization += 0.3
            opinion.person -= has(run.last + 1, .stop) ? 1 : 0.4
        }
        if isWord(before, "from", "of"), endsPerson(before) {
            opinion.organization += 2.1
            opinion.person -= 2.5
        }
        if isWord(before, "is", "are"), isWord(before - 1, "who", "this") { opinion.person += 0.5 }
    }

    /// Whether a person was found directly in front of a token.
    func endsPerson(_ index: Int) -> Bool {
        guard index > 0, let last = found.last else { return false }
        return last.type == .person && last.end == self[index - 1].end
    }

    func isListed(after entity: Entity, _ run: Run) -> Bool {
        let before = run.first - 1
        if self[before].end == entity.end { return self[run.first].gap == [.comma, .space] }
        return isWord(before, "and", "or") && before > 0 && self[before - 1].end == entity.end
            && self[run.first].gap == .space && self[before].gap.isSubset(of: [.space, .comma])
    }
}
