/// Places on the Earth: pairs of decimal degrees, degrees with minutes and seconds, `geo:` (RFC 5870), ISO 6709.
enum Coordinates {
    /// The coordinates whose first digit is at `place`.
    static func entity(_ text: Text, at place: Int) -> Entity? {
        // Digits, letters and points on the left make it a part of something else; a sign may stand there.
        var start = place
        let sign = text.at(place - 1)
        let isSigned = sign == 0x2D || sign == 0x2B
        if isSigned { start -= 1 } else if isMinus(text, before: place) { start -= 3 }
        let previous = text.at(start - 1)
        guard !text.isDigit(start - 1), !(previous == 0x2E && text.isDigit(start - 2)) else { return nil }
        if text.isASCIILetter(start - 1) {
            // `N48.85`, and `\n48.85` as JSON writes it.
            let isHalf = half(text, start - 1) != nil && !text.isWord(start - 2)
            guard isHalf || text.at(start - 2) == 0x5C else { return nil }
        }
        var end = place
        while text.isDigit(end), end - place <= 7 { end += 1 }
        let byte = text.at(end)
        if byte == 0x2E, text.isDigit(end + 1), end - place <= 3 {
            return decimal(text, start, place) ?? (isSigned ? packed(text, start) : degrees(text, start, place))
        }
        if isSigned, let entity = packed(text, start) { return entity }
        return end - place <= 3 ? degrees(text, start, place) : nil
    }

    /// U+2212, which `Folding` makes a hyphen where anything is folded.
    private static func isMinus(_ text: Text, before place: Int) -> Bool {
        text.at(place - 1) == 0x92 && text.at(place - 2) == 0x88 && text.at(place - 3) == 0xE2
    }

    // MARK: Decimal degrees

    /// A number with a point: its value in degrees, how many digits stand behind the point, where it ends.
    private struct Decimal {
        let magnitude: Double
        let places: Int
        let end: Int
    }

    private static func number(_ text: Text, _ place: Int) -> Decimal? {
        var at = place
        var value = 0.0
        while text.isDigit(at), at - place <= 3 {
            value = value * 10 + Double(text[at] - 0x30)
            at += 1
        }
        guard at > place, at - place <= 3 else { return nil }
        var places = 0
        if text.at(at) == 0x2E, text.isDigit(at + 1) {
            at += 1
            var unit = 0.1
            while text.isDigit(at), places < 17 {
                value += Double(text[at] - 0x30) * unit
                unit /= 10
                places += 1
                at += 1
            }
        }
        guard !text.isDigit(at), !(text.at(at) == 0x2E && text.isDigit(at + 1)) else { return nil }
        return Decimal(magnitude: value, places: places, end: at)
    }

    private static func decimal(_ text: Text, _ start: Int, _ place: Int) -> Entity? {
        guard let first = number(text, place) else { return nil }
        let (firstEnd, firstHalf) = suffix(text, first.end)
        let leading = half(text, start - 1)
        let from = leading != nil ? start - 1 : isHalfAndBlank(text, start) ? start - 2 : start
        return pair(text, from, start, first, firstEnd, firstHalf) ?? single(text, from, first, firstEnd)
    }

    private static func pair(
        _ text: Text, _ from: Int, _ start: Int, _ first: Decimal, _ firstEnd: Int, _ firstHalf: Half?
    ) -> Entity? {
        // Between the two: a comma, a semicolon, a blank, or both.
        var at = firstEnd
        while at < firstEnd + 3, isGap(text.at(at)) { at += 1 }
        guard at > firstEnd, first.magnitude <= 90 else { return nil }
        let secondStart = at
        if half(text, at) != nil { at += text.at(at + 1) == 0x20 ? 2 : 1 }
        let hasLetter = at > secondStart
        if text.at(at) == 0x2D || text.at(at) == 0x2B { at += 1 }
        guard let second = number(text, at), second.magnitude <= 180, second.places > 0 else { return nil }
        let (end, secondHalf) = suffix(text, second.end)
        let isOnMap = text.at(from - 1) == 0x40
        guard !text.isWord(end) || isOnMap else { return nil }
        func found(_ score: Double, _ evidence: String) -> Entity {
            Entity(type: .coordinates, start: from, end: end, score: score, evidence: evidence)
        }
        if (firstHalf == .latitude && secondHalf == .longitude) || (from < start && hasLetter) {
            return found(0.95, "halves of the globe")
        }
        if first.places >= 2, second.places >= 2 {
            let isNamed = !Naming.before(text, from, words: 4).isDisjoint(with: [.latitude, .longitude, .position])
            if isNamed || isScheme(text, from) { return found(0.95, "range and word") }
        }
        let isTied = text.at(firstEnd) != 0x20 && text.at(firstEnd) != 0x2F || isOnMap
        let isCall = text.at(from - 1) == 0x28 && text.isWord(from - 2)
        guard isTied, first.places >= 4, second.places >= 4, first.magnitude + second.magnitude > 2, !isCall,
            !isList(text, from, end)
        else { return nil }
        return found(0.75, "range and form")
    }

    private static func isGap(_ byte: UInt8) -> Bool { byte == 0x2C || byte == 0x3B || byte == 0x20 || byte == 0x2F }

    /// One number that its own word calls a latitude or a longitude.
    private static func single(_ text: Text, _ from: Int, _ first: Decimal, _ end: Int) -> Entity? {
        guard first.places >= 2, isAssigned(text, from) else { return nil }
        let nearest = Naming.before(text, from, words: 1)
        guard nearest.contains(.latitude) || nearest.contains(.longitude),
            first.magnitude <= (nearest.contains(.longitude) ? 180 : 90)
        else { return nil }
        return Entity(type: .coordinates, start: from, end: end, score: 0.9, evidence: "range and word")
    }

    /// A degree sign and a letter behind a number: `48.85° N`.
    private static func suffix(_ text: Text, _ place: Int) -> (Int, Half?) {
        var at = place
        let degree = isDegree(text, at)
        if degree > 0 { at += degree }
        let behind = text.at(at) == 0x20 ? at + 1 : at
        if let half = half(text, behind), !text.isWord(behind + 1) { return (behind + 1, half) }
        return (at, nil)
    }

    /// Whether more numbers stand in the row: a measurement among others.
    private static func isList(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        var at = end
        while at < end + 2, text.at(at) == 0x2C || text.at(at) == 0x3B || text.at(at) == 0x20 { at += 1 }
        if text.at(at) == 0x2D { at += 1 }
        if at > end, text.isDigit(at) {
            // A map's zoom, `17z`, is none of them.
            var digits = at
            while text.isDigit(digits), digits - at < 4 { digits += 1 }
            if text.at(digits) != 0x7A || text.at(start - 1) != 0x40 { return true }
        }
        var before = start
        while before > start - 2, text.at(before - 1) == 0x20 || text.at(before - 1) == 0x2C { before -= 1 }
        return before < start && text.isDigit(before - 1)
    }

    /// `geo:`, or a map's `@`.
    private static func isScheme(_ text: Text, _ place: Int) -> Bool {
        Secrets.matches(text, place - 4, "geo:") || Secrets.matches(text, place - 4, "?ll=")
            || Secrets.matches(text, place - 3, "?q=") || text.at(place - 1) == 0x40 && text.at(place - 2) == 0x2F
    }

    private static func isAssigned(_ text: Text, _ start: Int) -> Bool {
        var at = start
        while at > 0, start - at < 6, !text.isLetter(at - 1) {
            let byte = text[at - 1]
            if byte == 0x3A || byte == 0x3D || byte == 0x3E { return true }
            at -= 1
        }
        return start - at == 1
    }

    // MARK: Degrees, minutes, seconds

    private enum Half { case latitude, longitude }

    private static func half(_ text: Text, _ place: Int) -> Half? {
        switch text.at(place) {
        case 0x4E, 0x53: .latitude  // N, S
        case 0x45, 0x57, 0x4F: .longitude  // E, W, and O as in Ouest, Oeste
        default: nil
        }
    }

    private static func isHalfAndBlank(_ text: Text, _ start: Int) -> Bool {
        text.at(start - 1) == 0x20 && half(text, start - 2) != nil && !text.isWord(start - 3)
    }

    /// `48°51'29.6"N 2°17'40"E`, `48° 51.5' N`, or one of the two.
    private static func degrees(_ text: Text, _ start: Int, _ place: Int) -> Entity? {
        guard let first = angle(text, place) else { return nil }
        let isLeading = half(text, start - 1) != nil || isHalfAndBlank(text, start)
        let from = half(text, start - 1) != nil ? start - 1 : isLeading ? start - 2 : start
        guard first.half != nil || isLeading else { return nil }
        var at = first.end
        while at < first.end + 3, [0x2C, 0x3B, 0x20].contains(text.at(at)) { at += 1 }
        if isLeading, half(text, at) != nil { at += text.at(at + 1) == 0x20 ? 2 : 1 }
        var end = first.end
        if let second = angle(text, at), second.half != nil || isLeading { end = second.end }
        return Entity(type: .coordinates, start: from, end: end, score: 0.95, evidence: "degrees and minutes")
    }

    /// Degrees with at least minutes, and the letter of the half where there is one.
    private static func angle(_ text: Text, _ place: Int) -> (end: Int, half: Half?)? {
        guard let degrees = number(text, place), degrees.magnitude <= 180 else { return nil }
        var at = degrees.end
        let sign = isDegree(text, at)
        guard sign > 0 else { return nil }
        at += sign
        if text.at(at) == 0x20 { at += 1 }
        guard degrees.places == 0, let minutes = number(text, at), minutes.magnitude < 60 else { return nil }
        let prime = isPrime(text, minutes.end)
        guard prime > 0 else { return nil }
        at = minutes.end + prime
        let blank = text.at(at) == 0x20 ? at + 1 : at
        if text.isDigit(blank), let seconds = number(text, blank), seconds.magnitude < 60 {
            let second = isSecond(text, seconds.end)
            if second > 0 { at = seconds.end + second }
        }
        let letter = text.at(at) == 0x20 ? at + 1 : at
        if let half = half(text, letter), !text.isWord(letter + 1) { return (letter + 1, half) }
        return (at, nil)
    }

    /// The bytes of a degree sign: `°`, `º`, or `deg`.
    private static func isDegree(_ text: Text, _ place: Int) -> Int {
        if text.at(place) == 0xC2, text.at(place + 1) == 0xB0 || text.at(place + 1) == 0xBA { return 2 }
        if Secrets.matches(text, place, "deg") { return 3 }
        return Secrets.matches(text, place, " deg") ? 4 : 0
    }

    /// The bytes of a sign for minutes: `'`, `′`, `’`, `´`.
    private static func isPrime(_ text: Text, _ place: Int) -> Int {
        if text.at(place) == 0x27 { return 1 }
        if text.at(place) == 0xC2, text.at(place + 1) == 0xB4 { return 2 }
        return text.at(place) == 0xE2 && text.at(place + 1) == 0x80 && [0xB2, 0x99].contains(text.at(place + 2)) ? 3 : 0
    }

    /// The bytes of a sign for seconds: `"`, `\"`, `''`, `″`, `”`.
    private static func isSecond(_ text: Text, _ place: Int) -> Int {
        if text.at(place) == 0x22 { return 1 }
        if text.at(place) == 0x5C, text.at(place + 1) == 0x22 { return 2 }
        if text.at(place) == 0x27, text.at(place + 1) == 0x27 { return 2 }
        return text.at(place) == 0xE2 && text.at(place + 1) == 0x80 && [0xB3, 0x9D].contains(text.at(place + 2)) ? 3 : 0
    }

    // MARK: ISO 6709

    /// `+48.8577+002.295/`, `+1234.5-09854.1/`: two signed angles of fixed width and a solidus.
    private static func packed(_ text: Text, _ start: Int) -> Entity? {
        guard let latitude = packedAngle(text, start, widths: [2, 4, 6], most: 90),
            let longitude = packedAngle(text, latitude, widths: [3, 5, 7], most: 180)
        else { return nil }
        var at = longitude
        if text.at(at) == 0x2B || text.at(at) == 0x2D {
            at += 1
            while at < longitude + 12, text.isDigit(at) || text.at(at) == 0x2E { at += 1 }
        }
        if Secrets.matches(text, at, "CRS") {
            while at < longitude + 32, text.isWord(at) || text.at(at) == 0x5F { at += 1 }
        }
        guard text.at(at) == 0x2F else { return nil }
        return Entity(type: .coordinates, start: start, end: at + 1, score: 0.95, evidence: "ISO 6709")
    }

    private static func packedAngle(_ text: Text, _ start: Int, widths: [Int], most: Int) -> Int? {
        guard text.at(start) == 0x2B || text.at(start) == 0x2D else { return nil }
        var at = start + 1
        while text.isDigit(at), at - start <= 8 { at += 1 }
        let width = at - start - 1
        guard widths.contains(width) else { return nil }
        let whole = widths[0]
        let degrees = (1...whole).reduce(0) { $0 * 10 + Int(text[start + $1] - 0x30) }
        guard degrees <= most else { return nil }
        if text.at(at) == 0x2E, text.isDigit(at + 1) {
            at += 1
            while text.isDigit(at), at - start < 20 { at += 1 }
        }
        return at
    }
}
