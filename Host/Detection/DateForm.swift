/// Dates as people write them, held against the calendar.
enum DateForm {
    /// The span of the date whose day, month or year in digits is at `place`; nil for what is none.
    ///
    /// - Parameter isNamed: whether eight digits in a row, or three groups with blanks between them, count as one.
    static func span(_ text: Text, at place: Int, isNamed: Bool) -> Range<Int>? {
        let previous = text.at(place - 1)
        guard !text.isDigit(place - 1),
            !((previous == 0x2F || previous == 0x2E || previous == 0x2D) && text.isDigit(place - 2))
        else {
            return nil
        }
        let (first, firstEnd) = number(text, place, most: 8)
        let count = firstEnd - place
        guard count > 0 else { return nil }
        if let end = numeric(text, place, first, firstEnd, isNamed: isNamed) { return place..<end }
        if let end = eastern(text, first, firstEnd, count) { return place..<end }
        guard count <= 2 else { return nil }
        return dayFirst(text, place, first, firstEnd) ?? monthFirst(text, place, first, firstEnd)
    }

    // MARK: Digits alone

    private static func numeric(_ text: Text, _ place: Int, _ first: Int, _ firstEnd: Int, isNamed: Bool) -> Int? {
        guard !text.isWord(place - 1) || text.at(place - 2) == 0x5C else { return nil }
        let count = firstEnd - place
        if count == 8 {
            guard isNamed, !text.isWord(firstEnd) else { return nil }
            let isYearFirst = isDate(first / 10_000, first / 100 % 100, first % 100)
            let day = first / 1_000_000
            let month = first / 10_000 % 100
            let isYearLast = isDate(first % 10_000, month, day) || isDate(first % 10_000, day, month)
            return isYearFirst || isYearLast ? firstEnd : nil
        }
        guard count == 4 || count <= 2 else { return nil }
        guard let (sign, secondStart) = separator(text, firstEnd, isNamed: isNamed) else { return nil }
        let (second, secondEnd) = number(text, secondStart, most: 2)
        guard secondEnd > secondStart, let (other, thirdStart) = separator(text, secondEnd, isNamed: isNamed),
            other == sign
        else { return nil }
        let (third, thirdEnd) = number(text, thirdStart, most: 4)
        let thirdCount = thirdEnd - thirdStart
        let isTimed = text.at(thirdEnd) == 0x54 && text.isDigit(thirdEnd + 1)
        let isEscaped = text.at(thirdEnd) == 0x5C
        guard !text.isWord(thirdEnd) || isTimed || isEscaped else { return nil }
        // One more group of the same kind, and it is a version or an address.
        let behind = text.at(thirdEnd)
        guard !((behind == 0x2F || behind == 0x2D || behind == 0x2E) && text.isDigit(thirdEnd + 1)) else { return nil }
        if count == 4 { return thirdCount <= 2 && thirdCount > 0 && isDate(first, second, third) ? thirdEnd : nil }
        guard thirdCount == 4 || (thirdCount == 2 && sign != 0x20) else { return nil }
        let year = thirdCount == 4 ? third : 2000 + third
        return isDate(year, second, first) || isDate(year, first, second) ? thirdEnd : nil
    }

    private static func separator(_ text: Text, _ place: Int, isNamed: Bool) -> (UInt8, Int)? {
        let byte = text.at(place)
        switch byte {
        case 0x2D, 0x2F, 0x2E:
            if text.isDigit(place + 1) { return (byte, place + 1) }
            // `02. 01. 1990` and `02 / 01 / 1990`.
            return isNamed && text.at(place + 1) == 0x20 && text.isDigit(place + 2) ? (byte, place + 2) : nil
        case 0x20:
            guard isNamed else { return nil }
            if text.isDigit(place + 1) { return (byte, place + 1) }
            let next = text.at(place + 1)
            guard next == 0x2F || next == 0x2D, text.at(place + 2) == 0x20, text.isDigit(place + 3) else { return nil }
            return (next, place + 3)
        default: return nil
        }
    }

    // MARK: Names of months

    /// `2nd of January 1990`, `2. Januar 1990`, `02-JAN-90`, `2 de enero de 1990`.
    private static func dayFirst(_ text: Text, _ place: Int, _ day: Int, _ end: Int) -> Range<Int>? {
        guard !text.isWord(place - 1) || text.at(place - 2) == 0x5C else { return nil }
        var at = ordinal(text, end)
        at = filler(text, at)
        let start = at
        while at < text.count, at - start < 24, text.isLetter(at) { at += 1 }
        let monthEnd = at
        at = filler(text, monthEnd)
        // Most words behind a number have no number behind them.
        guard monthEnd - start >= 3, text.isDigit(at), let month = months[Naming.hash(text, start, monthEnd)] else {
            return nil
        }
        return year(text, at, month, day).map { place..<$0 }
    }

    /// `January 2nd, 1990`, `Jan. 2 1990`.
    private static func monthFirst(_ text: Text, _ place: Int, _ day: Int, _ end: Int) -> Range<Int>? {
        let at = filler(text, ordinal(text, end))
        guard at > end, text.isDigit(at) else { return nil }
        var before = place
        while before > 0, place - before < 3, isFiller(text[before - 1]) { before -= 1 }
        let wordEnd = before
        while before > 0, wordEnd - before < 24, text.isLetter(before - 1) { before -= 1 }
        if text.at(before - 1) == 0x5C, wordEnd - before > 3 { before += 1 }
        guard wordEnd - before >= 3, let month = months[Naming.hash(text, before, wordEnd)] else { return nil }
        return year(text, at, month, day).map { before..<$0 }
    }

    /// `st`, `nd`, `rd`, `th`, `er`, `.`, `º`.
    private static func ordinal(_ text: Text, _ place: Int) -> Int {
        let pair = (text.at(place) | 0x20, text.at(place + 1) | 0x20)
        let isPair =
            pair == (0x73, 0x74) || pair == (0x6E, 0x64) || pair == (0x72, 0x64) || pair == (0x74, 0x68)
            || pair == (0x65, 0x72)
        if isPair, !text.isWord(place + 2) { return place + 2 }
        if text.at(place) == 0xC2, text.at(place + 1) == 0xBA { return place + 2 }
        return place
    }

    /// Blanks, a comma, a dot or a dash, and the words `of` and `de` among them.
    private static func filler(_ text: Text, _ place: Int) -> Int {
        var at = place
        for _ in 0..<2 {
            while at < place + 8, isFiller(text.at(at)) { at += 1 }
            let pair = (text.at(at) | 0x20, text.at(at + 1) | 0x20)
            guard pair == (0x6F, 0x66) || pair == (0x64, 0x65) || pair == (0x64, 0x69), text.at(at + 2) == 0x20 else {
                break
            }
            at += 3
        }
        return at
    }

    private static func isFiller(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x2C || byte == 0x2E || byte == 0x2D || byte == 0x2F || byte == 0x27
    }

    private static func year(_ text: Text, _ place: Int, _ month: Int, _ day: Int) -> Int? {
        let (value, end) = number(text, place, most: 4)
        guard !text.isWord(end) || text.at(end) == 0x54 else { return nil }
        switch end - place {
        case 4: return isDate(value, month, day) ? end : nil
        case 2: return isDate(2000 + value, month, day) ? end : nil
        default: return nil
        }
    }

    // MARK: China, Japan, Korea

    /// `1990年1月2日`, `1990년 1월 2일`.
    private static func eastern(_ text: Text, _ first: Int, _ firstEnd: Int, _ count: Int) -> Int? {
        guard count == 4, let afterYear = sign(text, firstEnd, [0xE5, 0xB9, 0xB4], [0xEB, 0x85, 0x84]) else {
            return nil
        }
        let (month, monthEnd) = number(text, afterYear, most: 2)
        guard let afterMonth = sign(text, monthEnd, [0xE6, 0x9C, 0x88], [0xEC, 0x9B, 0x94]) else { return nil }
        let (day, dayEnd) = number(text, afterMonth, most: 2)
        guard isDate(first, month, day) else { return nil }
        return sign(text, dayEnd, [0xE6, 0x97, 0xA5], [0xEC, 0x9D, 0xBC])
    }

    private static func sign(_ text: Text, _ place: Int, _ one: [UInt8], _ other: [UInt8]) -> Int? {
        for wanted in [one, other] where (0..<3).allSatisfy({ text.at(place + $0) == wanted[$0] }) {
            return text.at(place + 3) == 0x20 ? place + 4 : place + 3
        }
        return nil
    }

    // MARK: The calendar

    private static func number(_ text: Text, _ place: Int, most: Int) -> (Int, Int) {
        var at = place
        var value = 0
        while at < text.count, at - place <= most, text.isDigit(at) {
            value = value * 10 + Int(text[at] - 0x30)
            at += 1
        }
        return at - place > most ? (0, place) : (value, at)
    }

    /// A day of the Gregorian calendar between 1850 and 2100.
    static func isDate(_ year: Int, _ month: Int, _ day: Int) -> Bool {
        guard (1850...2100).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= days[month - 1]
    }

    private static let months: [UInt64: Int] = {
        let table = [
            """
            january jan januar jänner janvier janv enero ene gennaio gen janeiro januari januar tammikuu tammikuuta styczeń \
            stycznia leden ledna január ianuarie ian ocak ιανουαρίου января янв січня јануар јануара siječnja
            """,
            """
            february feb febr februar feber février févr fév febrero febbraio febbr fevereiro fev februari helmikuu helmikuuta \
            luty lutego únor února február februarie şubat φεβρουαρίου февраля фев лютого фебруар фебруара veljače
            """,
            """
            march mar märz mrz maerz mars marzo março maart mrt maaliskuu maaliskuuta marzec marca březen března március \
            martie mart μαρτίου марта мар березня март ožujka
            """,
            """
            april apr avril avr abril abr aprile huhtikuu huhtikuuta kwiecień kwietnia duben dubna április aprilie nisan \
            απριλίου апреля апр квітня април априла travnja
            """,
            """
            may mai mayo maggio mag maio mei maj toukokuu toukokuuta maja květen května május mayıs μαΐου мая травня мај \
            маја svibnja
            """,
            """
            june jun juni juin junio giugno giu junho kesäkuu kesäkuuta czerwiec czerwca červen června június iunie iun \
            haziran ιουνίου июня июн червня јун јуна lipnja
            """,
            """
            july jul juli juillet juil julio luglio lug julho heinäkuu heinäkuuta lipiec lipca červenec července július \
            iulie iul temmuz ιουλίου июля июл липня јул јула srpnja
            """,
            """
            august aug août aout agosto ago augustus augusti elokuu elokuuta sierpień sierpnia srpen srpna augusztus \
            ağustos αυγούστου августа авг серпня август kolovoza
            """,
            """
            september sep sept septembre septiembre settembre set setembro syyskuu syyskuuta wrzesień września září \
            szeptember septembrie eylül σεπτεμβρίου сентября сен вересня септембар rujna
            """,
            """
            october oct oktober okt octobre octubre ottobre ott outubro out oktober lokakuu lokakuuta październik \
            października říjen října október octombrie ekim οκτωβρίου октября окт жовтня октобар listopada
            """,
            """
            november nov novembre noviembre novembro marraskuu marraskuuta listopad listopada listopadu noiembrie kasım \
            νοεμβρίου ноября ноя листопада новембар studenoga
            """,
            """
            december dec dezember dez décembre déc diciembre dic dicembre dezembro desember joulukuu joulukuuta grudzień \
            grudnia prosinec prosince decembrie aralık δεκεμβρίου декабря дек грудня децембар prosinca
            """,
        ]
        var months: [UInt64: Int] = [:]
        for (month, words) in table.enumerated() {
            for word in words.split(separator: " ") { months[Naming.hash(word.utf8)] = month + 1 }
        }
        return months
    }()
}

/// Dates that a word calls somebody's birth.
enum BirthDates {
    /// The date of birth whose first digits are at `place`.
    static func entity(_ text: Text, at place: Int) -> Entity? {
        guard let span = DateForm.span(text, at: place, isNamed: true) else { return nil }
        let isBefore = Naming.before(text, span.lowerBound).contains(.birth)
        guard isBefore || Naming.after(text, span.upperBound).contains(.birth) else { return nil }
        return Entity(
            type: .dateOfBirth, start: span.lowerBound, end: span.upperBound, score: 0.92, evidence: "date and word")
    }
}
