/// What a run of digits is: a card, a telephone number, a social security number, an address of the Internet.
enum Numbers {
    /// The entity that a run is, or nil.
    static func entity(_ run: NumberRun, in text: Text) -> Entity? {
        var hints = Hints(text, before: run.start)
        return entity(run, in: text, &hints)
    }

    /// - Parameter hints: of the words in front of the run's start.
    static func entity(_ run: NumberRun, in text: Text, _ hints: inout Hints) -> Entity? {
        // A number that is stuck to a word, or goes on behind a decimal mark, is a part of something else.
        let isOpenLeft =
            text.isWord(run.start - 1)
            || (!run.hasPlus && !run.hasBracket && isJoint(text.at(run.start - 1)) && text.isWord(run.start - 2))
        let isOpenRight =
            run.extensionEnd == 0
            && (text.isWord(run.end) || (isJoint(text.at(run.end)) && text.isWord(run.end + 1)))
            // `780 6326-Office`: what it is hangs on it.
            && !(run.groups.count > 0 && text.at(run.end) == 0x2D && ContextWord.after(text, run.end) == .phone)
        if let found = ipAddress(run, text) { return found }
        if isOpenLeft || isOpenRight {
            guard isEscaped(run, text, isOpenLeft: isOpenLeft, isOpenRight: isOpenRight) else {
                return isPart(run, text) ? nil : evident(run, text, &hints)
            }
        }
        return number(run, text, &hints)
    }

    private static func isJoint(_ byte: UInt8) -> Bool {
        byte == 0x2D || byte == 0x2E || byte == 0x2F || byte == 0x5F || byte == 0x40
    }

    /// Whether more than a slash or an underscore ties a run to a word.
    private static func isPart(_ run: NumberRun, _ text: Text) -> Bool {
        func isTied(_ joint: Int, _ word: Int) -> Bool {
            let byte = text.at(joint)
            return text.isWord(joint) || byte != 0x2F && byte != 0x5F && isJoint(byte) && text.isWord(word)
        }
        return isTied(run.start - 1, run.start - 2) || isTied(run.end, run.end + 1)
    }

    /// What a run is by itself, as a part of a path or of a name: `/cards/4111111111111111/x`, `id_123-45-6789`.
    private static func evident(_ run: NumberRun, _ text: Text, _ hints: inout Hints) -> Entity? {
        if let card = card(run, text, &hints), card.score >= 0.9 { return card }
        return run.shape == NumberRun.Shape(3, 2, 4) ? social(run, text, &hints) : nil
    }

    /// Fewest digits of a number that is something: a telephone's.
    static let fewestDigits = 7
    /// Most: a card's.
    static let mostDigits = 19

    private static func number(_ run: NumberRun, _ text: Text, _ hints: inout Hints) -> Entity? {
        guard run.digitCount >= fewestDigits, run.digitCount <= mostDigits, !isDate(run, text) else { return nil }
        var best = social(run, text, &hints)
        func take(_ entity: Entity?) {
            if let entity, entity.score > best?.score ?? 0 { best = entity }
        }
        take(card(run, text, &hints))
        take(NationalNumber.entity(run, text, &hints))
        take(Phones.entity(run, text, &hints))
        return best
    }

    /// `\n` and `\t` as JSON writes them end a word, though their letters touch the number.
    private static func isEscaped(_ run: NumberRun, _ text: Text, isOpenLeft: Bool, isOpenRight: Bool) -> Bool {
        guard isOpenLeft, !isOpenRight, text.at(run.start - 2) == 0x5C else { return false }
        let letter = text.at(run.start - 1)
        return letter == 0x6E || letter == 0x74 || letter == 0x72
    }

    // MARK: Dates, which look like much else

    /// `2020-06-20`, `7/30/1964`, `20.06.2020`, each with a time behind it or not.
    static func isDate(_ run: NumberRun, _ text: Text) -> Bool {
        guard run.groups.count >= 3, !run.hasPlus, !run.hasBracket else { return false }
        let groups = run.groups
        let separator = groups[1].separator
        guard separator == 0x2D || separator == 0x2F || separator == 0x2E, groups[2].separator == separator else {
            return false
        }
        if groups.count > 3 {
            // What may follow is a time.
            guard groups.count == 4, groups[3].separator == 0x20, groups[3].count <= 2, text.at(groups[3].end) == 0x3A
            else { return false }
        }
        let values = (value(text, groups[0]), value(text, groups[1]), value(text, groups[2]))
        let counts = (groups[0].count, groups[1].count, groups[2].count)
        func isDay(_ day: Int) -> Bool { (1...31).contains(day) }
        func isMonth(_ month: Int) -> Bool { (1...12).contains(month) }
        if counts.0 == 4, counts.1 <= 2, counts.2 <= 2 {
            return (1000...2999).contains(values.0) && isMonth(values.1) && isDay(values.2)
        }
        guard counts.0 <= 2, counts.1 <= 2, counts.2 == 4 || counts.2 == 2 else { return false }
        return (isMonth(values.0) && isDay(values.1)) || (isDay(values.0) && isMonth(values.1))
    }

    private static func value(_ text: Text, _ group: NumberRun.Group) -> Int {
        var value = 0
        for place in group.start..<min(group.end, group.start + 9) { value = value * 10 + Int(text[place] - 0x30) }
        return value
    }

    // MARK: Social security

    private static func social(_ run: NumberRun, _ text: Text, _ hints: inout Hints) -> Entity? {
        guard !run.hasPlus, !run.hasBracket, run.extensionEnd == 0, run.digitCount == 9 else { return nil }
        let isGrouped = run.shape == NumberRun.Shape(3, 2, 4)
        guard isGrouped || run.shape == NumberRun.Shape(9) else { return nil }
        let digits = run.digits(text)
        let area = Int(digits[0]) * 100 + Int(digits[1]) * 10 + Int(digits[2])
        let group = Int(digits[3]) * 10 + Int(digits[4])
        guard group != 0, digits[5...].contains(where: { $0 != 0 }) else { return nil }
        let context = hints.context()
        let isNamed = context == .ssn
        guard isNamed || (isGrouped && run.separator == 0x2D && context != .phone) else {
            return nil
        }
        if area >= 900, context == .taxID {
            return Entity(type: .usITIN, start: run.start, end: run.end, score: 0.9, evidence: "form and word")
        }
        // Areas that are not given out are no reason to show a number of this form.
        let isIssued = area < 900 && area != 0 && area != 666
        return Entity(
            type: .usSSN, start: run.start, end: run.end, score: isNamed ? 0.95 : isIssued ? 0.85 : 0.6,
            evidence: isNamed ? "form and word" : isIssued ? "form" : "form, no such area")
    }

    // MARK: Cards

    private static func card(_ run: NumberRun, _ text: Text, _ hints: inout Hints) -> Entity? {
        guard !run.hasPlus, !run.hasBracket, run.extensionEnd == 0, (12...19).contains(run.digitCount) else {
            return nil
        }
        let shape = run.shape
        if shape.count > 1 {
            guard run.separator == 0x20 || run.separator == 0x2D else { return nil }
            guard isFours(shape) || shape == NumberRun.Shape(4, 6, 5) || shape == NumberRun.Shape(4, 6, 4) else {
                return nil
            }
        }
        let digits = run.digits(text)
        guard CheckDigits.luhn(digits), !digits.isOneDigit else { return nil }
        let isIssued = isIssued(digits)
        let context = hints.context()
        if isIssued {
            // Twelve or thirteen digits are a card one time in many; a word that says otherwise wins.
            if context == .phone || context == .other, shape.count == 1, digits.count <= 13 { return nil }
            return Entity(
                type: .creditCard, start: run.start, end: run.end, score: context == .card ? 0.99 : 0.9,
                evidence: "check digit and issuer")
        }
        guard context == .card else { return nil }
        return Entity(
            type: .creditCard, start: run.start, end: run.end, score: 0.7, evidence: "check digit and word")
    }

    /// Groups of four, but for the last, which may be shorter.
    private static func isFours(_ shape: NumberRun.Shape) -> Bool {
        for place in 0..<shape.count - 1 where shape[place] != 4 { return false }
        return shape[shape.count - 1] <= 4
    }

    /// Whether an issuer gives out numbers that begin so and are so long (ISO/IEC 7812 ranges as published by the
    /// schemes).
    private static func isIssued(_ digits: NumberRun.Digits) -> Bool {
        let four = ((Int(digits[0]) * 10 + Int(digits[1])) * 10 + Int(digits[2])) * 10 + Int(digits[3])
        let count = digits.count
        switch four {
        case 4000...4999: return count == 13 || count == 16 || count == 19
        case 5100...5599, 2221...2720: return count == 16
        case 3400...3499, 3700...3799: return count == 15
        case 6011, 6440...6599: return (16...19).contains(count)
        case 3528...3589: return (16...19).contains(count)
        case 1800, 2131: return count == 15
        case 3000...3059, 3095, 3600...3699, 3800...3999: return (14...19).contains(count)
        case 6200...6299: return (16...19).contains(count)
        case 2200...2204: return (16...19).contains(count)
        case 5000...5099, 5600...5899, 6000...6399, 6700...6799: return (12...19).contains(count)
        default: return false
        }
    }

    // MARK: Addresses of the Internet

    private static func ipAddress(_ run: NumberRun, _ text: Text) -> Entity? {
        guard run.groups.count >= 4, run.groups[1].separator == 0x2E, !run.hasPlus, !run.hasBracket else { return nil }
        let four = run.prefix(4)
        guard four.separator == 0x2E, text.at(four.start - 1) != 0x2E, !text.isWord(four.start - 1) else { return nil }
        // More of the same is a version or an object identifier.
        if run.groups.count > 4, run.groups[4].separator == 0x2E { return nil }
        guard !text.isWord(four.end), !(text.at(four.end) == 0x2E && text.isWord(four.end + 1)) else { return nil }
        for group in four.groups {
            let number = value(text, group)
            guard group.count <= 3, number <= 255, group.count == 1 || text[group.start] != 0x30 else { return nil }
        }
        let previous = text.at(four.start - 1) | 0x20
        if previous == 0x76 { return nil }  // v1.2.3.4
        return Entity(type: .ipAddress, start: four.start, end: four.end, score: 0.9, evidence: "four octets")
    }
}
