/// Postal codes, in addresses and alone.
extension Reading {
    /// A postal code at a token: three to six digits, `90010-170`, `SW1A 1AA`, `K1A 0B1`, `1234 AB`.
    func code(_ index: Int) -> Int? {
        let token = self[index]
        guard !token.isTaken,
            token.gap.isDisjoint(with: [.hyphen, .slash, .other, .underscore])
                || token.gap.contains(.space)
        else { return nil }
        let next = self[index + 1]
        if token.isNumber, (3...7).contains(token.length) {
            if next.gap == .hyphen, next.isNumber, (2...4).contains(next.length), token.length >= 3 {
                return index + 1
            }
            if isSpaced(index + 1), token.length == 3, next.isNumber, next.length == 2 {
                return index + 1
            }
            if isSpaced(index + 1), token.length == 4, next.shape == .upper, next.length == 2 {
                return index + 1
            }
            return index
        }
        return letteredCode(index)
    }

    /// The codes of Britain and Canada.
    private func letteredCode(_ index: Int) -> Int? {
        let token = self[index]
        let next = self[index + 1]
        guard token.shape == .alphanumeric, (2...4).contains(token.length),
            token.end - token.start == token.length,
            isSpaced(index + 1),
            next.shape == .alphanumeric, next.end - next.start == 3, !next.isTaken,
            text.isASCIILetter(token.start),
            text.isDigit(next.start), text.isASCIILetter(next.start + 2)
        else { return nil }
        let isBritish = text.isASCIILetter(next.start + 1)
        let isCanadian =
            token.length == 3 && text.isASCIILetter(token.start + 2) && text.isDigit(token.start + 1)
            && text.isASCIILetter(next.start + 1)
        return isBritish || isCanadian ? index + 1 : nil
    }

    // MARK: Codes alone

    mutating func readPostalCodes() {
        for index in 0..<count where !self[index].isTaken {
            guard self[index].isNumber || self[index].shape == .alphanumeric, let end = code(index) else {
                continue
            }
            if isZipLabelled(index) {
                add(.postalCode, index, end, 0.9, "word")
            } else if !self[index].isNumber {
                if let end = letteredCode(index), self[index].gap.isDisjoint(with: [.other, .underscore]) {
                    add(.postalCode, index, end, 0.6, "form")
                }
            } else if self[index].length >= 4, self[index].length <= 5 || end > index,
                self[index].gap.isSubset(of: [.space, .comma, .newline]),
                self[index].gap.contains(.space) || self[index].gap.contains(.newline)
            {
                // Behind a state's code or a town.
                let isState =
                    has(index - 1, .stateCode) && self[index - 1].shape == .upper && self[index].length == 5
                let isTown =
                    self[index - 1].isCapital && !self[index - 1].isTaken && isSpaced(index)
                    && (self[index - 1].classes.city > 0 || has(index - 1, [.state, .country])
                        || isTownByContext(index - 1))
                    && !has(index - 1, [.month, .calendar, .unit, .street])
                    && (self[index].length == 5 || isTownByContext(index - 1))
                if isState || isTown { add(.postalCode, index, end, isState ? 0.8 : 0.6, "place in front") }
            }
        }
    }

    /// Whether one or two capitalised words in front stand behind a word such as `in`.
    private func isTownByContext(_ index: Int) -> Bool {
        for near in 1...3 {
            if isWord(index - near, "in", "near", "from", "to") {
                return self[index - near].shape == .lower
            }
            guard self[index - near].isCapital else { return false }
        }
        return false
    }

    private func isZipLabelled(_ index: Int) -> Bool {
        var at = index - 1
        if isWord(at, "is", "was"), isSpaced(index) { at -= 1 }
        guard self[index].gap.isSubset(of: [.space, .colon, .quote, .cell, .underscore]) else {
            return false
        }
        if has(at, .zipLabel) { return true }
        return isWord(at, "code") && isWord(at - 1, "zip", "postal", "post", "area")
    }
}
