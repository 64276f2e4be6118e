/// Organisations that are named for their partners: `White, Willis and Hoffman`, `Thomas and Sons`.
extension Reading {
    /// Reports the partnership that begins at a token; its last token.
    mutating func partnership(_ index: Int) -> Int? {
        guard isPartner(index) else { return nil }
        var last = index
        var partners = 1
        while partners < 4, self[last + 1].gap == [.comma, .space], isPartner(last + 1) {
            last += 1
            partners += 1
        }
        var next = last + 1
        if self[next].gap == [.comma, .space], isWord(next, "and") {
            next += 1
        } else if isWord(next, "and"), isSpaced(next) {
            next += 1
        } else {
            return nil
        }
        guard isSpaced(next) else { return nil }
        if isWord(next, "sons", "brothers", "daughters", "partners", "associates", "company", "co"),
            self[next].isCapital || isUncased(next)
        {
            add(.organization, index, next, 0.9, "partners")
            return next
        }
        guard partners >= 2, isPartner(next),
            !self[next + 1].isCapital || !isSpaced(next + 1) || has(next + 1, .orgWord)
        else {
            return nil
        }
        guard isFirm(index, next) else { return nil }
        add(.organization, index, next, 0.7, "partners")
        return next
    }

    private func isPartner(_ index: Int) -> Bool {
        let token = self[index]
        guard !token.isTaken,
            token.isCapital || token.shape == .lower && isUncased(index) && token.classes.word == 0,
            token.length > 1
        else { return false }
        return token.classes.family >= 2 || token.classes.family == 1 && token.classes.word < 2
    }

    /// Whether the place of several family names says that they are one firm and not several people.
    private func isFirm(_ first: Int, _ last: Int) -> Bool {
        if has(last + 1, .orgWord), self[last + 1].isCapital, isSpaced(last + 1) { return true }
        if isLineStart(first), isLineEnd(last), first > 0 || last + 1 < count { return true }
        if isWord(first - 1, "from", "for", "at", "of", "join", "joined", "with", "by"), isSpaced(first) {
            // `the founders of`, `by`: people too, unless somebody works there.
            return isWord(first - 1, "for", "at", "join", "joined") || has(first - 2, .orgVerb)
                || isWord(first - 1, "from", "of")
                    && (isWord(first - 2, "is", "s") || self[first - 2].isTaken)
        }
        if isWord(last + 1, "s"), self[last + 1].gap == .apostrophe, self[last + 2].isCapital {
            return true
        }
        if isWord(last + 1, "is", "was", "has"), isSpaced(last + 1) { return true }
        return has(last + 1, .orgAfter) && isSpaced(last + 1)
    }
}
