/// Street addresses, from the house number to the country, and postal codes.
extension Reading {
    static let within: Gap = [.space, .hyphen, .apostrophe, .period]
    /// What may stand between the parts of an address.
    static let between: Gap = [
        .space, .newline, .comma, .period, .cell, .other, .slash, .stop, .close,
    ]

    /// What a street is made of, and how sure it is.
    struct Street {
        var first: Int
        var last: Int
        var score: Double
        var hasNumber: Bool
    }

    mutating func readAddresses() {
        var index = 0
        while index < count {
            if let (first, last, score) = corner(index) ?? military(index) {
                add(.streetAddress, first, last, score, "street")
                index = last + 1
            } else if let address = address(index) {
                give(address)
                index = address.last + 1
            } else {
                index += 1
            }
        }
        readPostalCodes()
    }

    // MARK: The whole

    /// A street and what follows it.
    struct Address {
        var street: Street
        var parts: [Part]
        var score: Double
        var last: Int { parts.last?.last ?? street.last }
    }

    struct Part {
        enum Kind { case unit, town, country, code }
        var kind: Kind
        var first: Int
        var last: Int
    }

    /// Reports an address: whole where it stands in a sentence or behind a label, by its parts where it is set line by
    /// line as on an envelope, since each of the lines then names a thing of its own (unless commas go on from line to line). A town that alone follows a street
    /// is a place.
    mutating func give(_ address: Address) {
        let first = address.street.first
        let isBlock =
            isLineStart(first) && !isLabelled(first)
            && (first...address.last).contains { $0 > first && self[$0].gap.contains(.newline) }
            && !address.parts.contains { self[$0.first].gap.contains(.comma) }
        let isPlain = address.parts.allSatisfy { $0.kind == .town }
        guard isBlock || isPlain else {
            add(.streetAddress, first, address.last, address.score, "street")
            return
        }
        giveStreet(address)
        for part in address.parts {
            switch part.kind {
            case .town: add(.place, part.first, part.last, address.score, "address", end: closed(part.last))
            case .country: add(.place, part.first, part.last, 0.9, "address", end: closed(part.last))
            case .unit, .code: add(.streetAddress, part.first, part.last, address.score, "address")
            }
        }
    }

    /// A street with numbers on both sides, or two in front, has the number of a building apart from its own.
    mutating func giveStreet(_ address: Address) {
        var first = address.street.first
        let hasTwo =
            self[first + 1].isNumber
            || self[address.street.last].isNumber && address.street.last > first + 1
        if self[first].isNumber, hasTwo {
            add(.streetAddress, first, first, address.score, "number")
            first += 1
        }
        add(.streetAddress, first, address.street.last, address.score, "street")
    }

    /// The address that begins at a token.
    func address(_ index: Int) -> Address? {
        guard !self[index].isTaken, !has(index - 1, .unit) || isLineStart(index), var street = street(index) else {
            return nil
        }
        street.last = crossed(street.last)
        let tail = tail(from: street.last)
        var score = street.score
        if tail.parts.contains(where: { $0.kind != .town }) { score += 0.15 }
        if isLabelled(street.first) { score += 0.3 }
        if has(street.first - 1, [.placeVerb]) || has(street.first - 2, [.placeVerb]) { score += 0.1 }
        guard score >= 0.5 else { return nil }
        return Address(street: street, parts: tail.parts, score: min(score, 0.97))
    }

    func isLabelled(_ index: Int) -> Bool {
        for near in 1...4 {
            if self[index - near].isTaken { return false }
            if has(index - near, .addressLabel) { return true }
        }
        return false
    }

    /// A number of a house: `12`, `12a`, `123-5`.
    func isHouseNumber(_ index: Int) -> Bool {
        let token = self[index]
        guard !token.isTaken, token.length <= 6 else { return false }
        if token.isNumber { return true }
        return token.shape == .alphanumeric && text.isDigit(token.start) && token.length <= 5
            && !text.isDigit(token.end - 1) && !isOrdinal(index)
    }

    func isOrdinal(_ index: Int) -> Bool {
        let token = self[index]
        guard token.shape == .alphanumeric, token.length >= 3, text.isDigit(token.start) else {
            return false
        }
        let tail = (text.at(token.end - 2) | 0x20, text.at(token.end - 1) | 0x20)
        return tail == (0x73, 0x74) || tail == (0x6E, 0x64) || tail == (0x72, 0x64)
            || tail == (0x74, 0x68)
    }

    func isNamePart(_ index: Int, lower: Bool = false) -> Bool {
        let token = self[index]
        guard !token.isTaken else { return false }
        if token.isCapital || token.shape == .caseless { return true }
        if isOrdinal(index) { return true }
        if token.shape == .lower, has(index, .street), token.classes.word < 2 || isUsualStreet(index) {
            return true
        }
        return token.shape == .lower
            && (lower ? !has(index, .stop) || has(index, .particle) : has(index, .particle))
    }

    /// A word of English that names a street and little else.
    func isUsualStreet(_ index: Int) -> Bool {
        isWord(
            index, "street", "road", "avenue", "lane", "drive", "boulevard", "st", "rd", "ave", "str")
    }

    /// A street with its number: `6750 Koskikatu 25`, `12 Crown St`, `Rua Diadema 1903`, `rue La Boétie`.
    func street(_ index: Int) -> Street? {
        var at = index
        var numbers = 0
        // House and building in front: `704 1436 Redbud Drive`.
        while numbers < 2, isHouseNumber(at),
            numbers == 0 || isSpaced(at) || self[at].gap == [.comma, .space]
        {
            numbers += 1
            at += 1
        }
        guard numbers == 0 || self[at].gap.isSubset(of: [.space, .comma]) else { return nil }
        guard at < count, !self[at].isTaken else { return nil }
        let isUncased = self[at].shape == .lower && self.isUncased(at)
        guard
            numbers > 0 || self[at].isCapital || has(at, .streetFront) || isUncased
                || self[at].shape == .caseless
        else {
            return nil
        }
        let begin = at
        var streetWord: Int?
        var hasFront = false
        var isSure = false
        // A word that streets begin with.
        if has(at, .streetFront),
            self[at].isCapital || self[at].length > 2
                || self[at + 1].gap.isSubset(of: [.period, .slash, .space]) && self[at + 1].gap != .space
        {
            var name = at + 1
            while name < at + 4, has(name, .particle), isSpaced(name) { name += 1 }
            // `rue du centre`: behind a particle names may be small.
            let isNamed = name > at + 1 && self[name].shape == .lower && self[name].length > 2 && !has(name, .stop)
            if isNamed || isNamePart(name, lower: isUncased),
                self[name].gap.isSubset(of: [.space, .hyphen, .apostrophe, .period, .slash])
            {
                hasFront = true
                isSure = (self[at].length > 2 || self[at + 1].gap != .space) && !has(at, .particle)
                at = name
            }
        }
        guard hasFront || isNamePart(at, lower: isUncased) else { return nil }
        if self[at].isCapital || hasFront || numbers > 0 || isUncased {
        } else {
            return nil
        }
        // The name, up to six words; the last street word in it ends it when no number does.
        var last = at
        var steps = 0
        while steps < 6 {
            if has(last, .street), last > begin || hasFront { streetWord = last }
            let next = last + 1
            guard next < count, self[next].gap.isSubset(of: Self.within),
                !has(next, .unit) || has(next, .street),
                isNamePart(next, lower: isUncased), !has(next, .stop) || has(next, .particle)
            else { break }
            if self[next].gap.contains(.period) {
                // Behind a full stop a sentence may begin, but not behind `St.` or an initial.
                guard self[last].length <= 5,
                    has(last, [.street, .streetFront, .title, .unit]) || self[last].length == 1
                else {
                    break
                }
            }
            if has(next, .particle), self[next].shape == .lower, !isNamePart(next + 1, lower: isUncased) {
                break
            }
            last = next
            steps += 1
        }
        let isEnding = (at...last).contains { endings($0).contains(.streetEnding) }
        // A number behind it.
        var trailing: Int?
        if isHouseNumber(last + 1),
            self[last + 1].gap == .space || self[last + 1].gap == [.comma, .space]
                || self[last + 1].gap == [.period, .space]
        {
            var isNumber = self[last + 1].gap == .space || self[last + 1].gap == [.period, .space]
            if !isNumber {
                isNumber =
                    numbers == 0 && (hasFront || isEnding || streetWord != nil) && self[last + 1].length <= 4
            }
            if isNumber { trailing = last + 1 }
        }
        var end = last
        var score: Double
        if let trailing {
            end = trailing
            // `12-14`, `25 22`, `65 22`
            if self[end + 1].gap == .hyphen || self[end + 1].gap == .slash, isHouseNumber(end + 1),
                self[end + 1].length <= 4
            {
                end += 1
            }
            if isSpaced(end + 1), isHouseNumber(end + 1), self[end + 1].length <= 4, numbers > 0,
                !has(end + 2, .street)
            {
                end += 1
            }
            score =
                numbers > 0
                ? (hasFront || isEnding || streetWord != nil ? 0.85 : 0.6)
                : (isSure || isEnding ? 0.75 : hasFront || streetWord != nil ? 0.55 : 0.3)
            if numbers == 0, !isSure, !isEnding, streetWord == nil || streetWord == begin {
                score = hasFront ? 0.5 : 0.25
            }
            // `is on Hoge Wei 32`
            if isWord(begin - 1, "on"), isWord(begin - 2, "is", "was", "lives", "lived", "located", "situated", "are"),
                last > at || isEnd(end)
            {
                score = max(score, 0.55)
            }
            // `on Hoge Wei 32 St.`: what it is stands behind it.
            if isUsualStreet(end + 1), isSpaced(end + 1) { score = max(score, 0.6) }
        } else if let streetWord {
            // With the number in front, what ends it is the street word.
            end = streetWord
            let isUsual =
                self[streetWord].classes.word < 2
                || has(streetWord, .street) && self[streetWord].length <= 4
            score = numbers > 0 ? 0.8 : 0.2
            if numbers == 0, isUsual || isUsualStreet(streetWord), isPlaced(begin) {
                score = 0.6
            }
            if numbers > 0, isUncased, self[streetWord].classes.word == 2, !isUsualStreet(streetWord) {
                score = 0.3
            }
        } else if hasFront && isSure {
            score = numbers > 0 ? 0.75 : isPlaced(begin) ? 0.55 : 0.3
        } else if isEnding {
            score = numbers > 0 ? 0.7 : isPlaced(begin) ? 0.55 : 0.25
        } else if numbers > 0, isUnit(end + 1) || numbers == 2 && last > at {
            score = 0.6
        } else {
            return nil
        }
        // Numbers of other things: `5 May`, `10 Downing`, `the 3 Musketeers`.
        if has(begin, [.month, .weekday]), numbers > 0 { return nil }
        if has(end, .orgSuffix), numbers > 0, trailing == nil, !has(end, .street) { return nil }
        return Street(first: index, last: end, score: score, hasNumber: numbers > 0 || trailing != nil)
    }

    /// Whether a word in front says that a place follows: `on Vesterskovvej`, `at the corner of`.
    func isPlaced(_ index: Int) -> Bool {
        isWord(index - 1, "on", "at", "along", "down") || isLabelled(index)
    }

    func isUnit(_ index: Int) -> Bool {
        has(index, .unit) && self[index].gap.isSubset(of: Self.between) && !self[index].isTaken
            && (self[index + 1].isNumber || self[index + 1].shape == .alphanumeric
                || self[index + 1].length == 1
                || self[index].length > 2 && isOrdinal(index - 1))
            && self[index + 1].gap.isSubset(of: [.space, .period, .other]) && !self[index + 1].isTaken
    }

    // MARK: Forms of their own

    /// `the corner of Crown St and Fourth Avenue`.
    func corner(_ index: Int) -> (Int, Int, Double)? {
        guard isWord(index, "corner"), isWord(index + 1, "of"), !self[index].isTaken else { return nil }
        let first = isWord(index - 1, "the") && !self[index - 1].isTaken ? index - 1 : index
        guard let one = crossing(index + 2),
            isWord(one + 1, "and", "amp") || self[one + 1].gap.contains(.ampersand)
        else { return nil }
        guard let other = crossing(isWord(one + 1, "and") ? one + 2 : one + 1) else { return nil }
        return (first, other, 0.85)
    }

    /// One of two streets that cross: words and numbers, up to seven.
    func crossing(_ index: Int) -> Int? {
        let isUncased = self.isUncased(index)
        var at = index
        var hasName = false
        while at < index + 7, at < count, !self[at].isTaken,
            at == index || self[at].gap.isSubset(of: Self.within)
        {
            if at > index, self[at].gap.contains(.period), self[at - 1].length > 5 || isWord(at, "and") {
                break
            }
            let isName = isNamePart(at, lower: isUncased) && !isWord(at, "and")
            guard isName || isHouseNumber(at) else { break }
            if isName { hasName = true }
            at += 1
        }
        return hasName ? at - 1 : nil
    }

    /// `PSC 6293, Box 8158 APO AP 04336`, `Unit 4719 Box 7394 DPO AP 70942`, `USS Smith FPO AE 12345`, `PO Box 12`.
    func military(_ index: Int) -> (Int, Int, Double)? {
        guard !self[index].isTaken else { return nil }
        var first = index
        var at = index
        if isWord(index, "uss", "usns", "uscgc", "usnv", "hms"), !self[index + 1].isNumber {
            // A ship with its post office.
            for name in 1...3
            where isWord(index + name + 1, "fpo", "apo", "dpo") && self[index + name + 2].length == 2 {
                return code(index + name + 3).map { (index, $0, 0.95) }
            }
            return nil
        } else if has(index, .unit), self[index + 1].isNumber, has(index + 2, .box),
            self[index + 3].isNumber
        {
            at = index + 3
        } else if has(index, .box), self[index + 1].isNumber, !self[index + 1].isTaken,
            self[index + 1].gap.isSubset(of: [.space, .other, .period]),
            self[index].isCapital, self[index].length > 2
        {
            at = index + 1
            if isWord(index - 1, "o"), isWord(index - 2, "p") {
                first = index - 2
            } else if isWord(index - 1, "po", "post", "office"), !self[index - 1].isTaken {
                first = index - 1
                if isWord(index - 1, "office") { first = index - 2 }
            } else if isWord(index, "box"), !isWord(index + 2, "apo", "fpo", "dpo") {
                return nil
            }
        } else {
            return nil
        }
        if isWord(at + 1, "apo", "fpo", "dpo"), self[at + 1].gap.isSubset(of: Self.between),
            self[at + 2].length == 2,
            code(at + 3) != nil
        {
            return (first, code(at + 3) ?? at + 3, 0.95)
        }
        return (first, tail(from: at).last, 0.8)
    }
}
