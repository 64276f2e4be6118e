/// A stretch of a text as words, and what was found in it so far.
///
/// A stretch is bounded, and every recogniser looks a bounded number of words to either side, so that the time is
/// proportional to the text.
struct Reading {
    let text: Text
    let lexicon: Lexicon
    var tokens: [Token]
    var found: [Entity] = []
    /// Words of names that were found: who is named in full once may be called by one name elsewhere.
    var known: [UInt64: EntityType] = [:]

    init(_ text: Text, lexicon: Lexicon, tokens: [Token]) {
        self.text = text
        self.lexicon = lexicon
        self.tokens = tokens
    }

    var count: Int { tokens.count }

    /// The token, or one that is nothing outside of the stretch.
    subscript(_ index: Int) -> Token { index >= 0 && index < tokens.count ? tokens[index] : .none }

    func has(_ index: Int, _ classes: WordClass) -> Bool {
        !self[index].classes.isDisjoint(with: classes)
    }

    /// Whether nothing but a blank stands in front of a token.
    func isSpaced(_ index: Int) -> Bool { index < count && self[index].gap == .space }

    /// Whether a token begins a sentence, a line, a field or a quotation.
    func isStart(_ index: Int) -> Bool { index <= 0 || !self[index].gap.isDisjoint(with: .sentence) }
    /// Whether what comes behind a token begins a new sentence, line or field, or there is nothing.
    func isEnd(_ index: Int) -> Bool {
        index + 1 >= count || !self[index + 1].gap.isDisjoint(with: .sentence)
    }
    func isLineStart(_ index: Int) -> Bool { index <= 0 || self[index].gap.contains(.newline) }
    func isLineEnd(_ index: Int) -> Bool {
        index + 1 >= count || self[index + 1].gap.contains(.newline)
    }

    /// Whether a token is one of a few words of ASCII in small letters.
    func isWord(_ index: Int, _ words: StaticString...) -> Bool {
        guard index >= 0, index < count else { return false }
        let token = tokens[index]
        for word in words where word.utf8CodeUnitCount == token.end - token.start {
            var isSame = true
            for place in 0..<word.utf8CodeUnitCount
            where text[token.start + place] | 0x20 != word.utf8Start[place] {
                isSame = false
                break
            }
            if isSame { return true }
        }
        return false
    }

    /// The classes of a phrase from `first` to `last`, both in it; nothing for one that is no phrase of the lexicon.
    func phrase(_ first: Int, _ last: Int) -> WordClass {
        guard first < last else { return self[first].classes }
        guard self[first].classes.contains(.startsPhrase) else { return [] }
        var hash = self[first].hash
        for index in first + 1...last { hash = Lexicon.join(hash, self[index].hash) }
        return lexicon.classes(hash)
    }

    /// The last token of the longest phrase from `first` on, of at most five words, whose classes meet some; nil when
    /// none do.
    func longestPhrase(
        _ first: Int, _ classes: WordClass, across gaps: Gap = [.space, .hyphen, .apostrophe, .period]
    )
        -> Int?
    {
        var best = self[first].classes.isDisjoint(with: classes) ? nil : Optional(first)
        guard self[first].classes.contains(.startsPhrase) else { return best }
        var hash = self[first].hash
        var index = first + 1
        while index < count, index < first + 5, self[index].gap.isSubset(of: gaps),
            !self[index].isTaken,
            !self[index].isNumber
        {
            hash = Lexicon.join(hash, self[index].hash)
            if !lexicon.classes(hash).isDisjoint(with: classes) { best = index }
            index += 1
        }
        return best
    }

    /// The kinds of ending that a word has: of family names, of towns, of streets.
    func endings(_ index: Int) -> WordClass {
        let token = self[index]
        guard token.length >= 5, token.shape != .digits, token.end - token.start <= 64 else {
            return []
        }
        var scalars: [UInt32] = []
        scalars.reserveCapacity(24)
        var at = token.start
        while at < token.end {
            let (scalar, length) = Letters.scalar(text, at)
            let folded = Letters.fold(scalar)
            if folded != 0 { scalars.append(folded) }
            at += length
        }
        var endings: WordClass = []
        // Endings are hashed from their beginning, so each length is a hash of its own.
        for length in 1...10 where length + 2 <= scalars.count {
            var hash = Lexicon.endingSeed
            for place in scalars.count - length..<scalars.count {
                hash = Lexicon.step(hash, scalars[place])
            }
            endings.formUnion(lexicon.classes(hash).intersection(.ending))
        }
        return endings
    }

    /// Whether the words around a token are all in capitals, so that capitals say nothing.
    func isShouted(_ index: Int) -> Bool {
        var uppers = 0
        for near in max(0, index - 6)...min(count - 1, index + 6) where near != index {
            switch self[near].shape {
            case .lower where self[near].length > 1: return false
            case .capital where self[near].length > 1: return false
            case .upper: uppers += 1
            default: break
            }
        }
        return uppers >= 3
    }

    /// Whether no word around a token has a capital, so that their lack says nothing.
    func isUncased(_ index: Int) -> Bool {
        for near in max(0, index - 8)...min(count - 1, index + 8)
        where self[near].isCapital && !self[near].isTaken {
            return false
        }
        return true
    }

    /// The byte span of tokens, both in it.
    mutating func add(
        _ type: EntityType, _ first: Int, _ last: Int, _ score: Double, _ evidence: String,
        end: Int? = nil
    ) {
        guard first >= 0, last < count, first <= last else { return }
        found.append(
            Entity(
                type: type, start: self[first].start, end: end ?? self[last].end, score: min(score, 0.97),
                evidence: evidence))
        for index in first...last { tokens[index].isTaken = true }
    }
}
