/// What is asked at the signs that the scanner stops at, the surest first.
///
/// Each recogniser refuses by a look at a few bytes; `digit` first keeps them from places where none can begin.
enum Forms {
    /// What nothing else in the scanner knows.
    static let types: Set<EntityType> = [
        .credentialURL, .password, .apiKey, .cryptoAddress, .swiftBIC, .bankAccount, .coordinates, .dateOfBirth,
        .passport, .driverLicense, .usDriverLicense, .medicalRecord, .insuranceNumber, .employeeID, .nationalID, .usEIN,
        .macAddress,
    ]

    /// Longest row of letters in front of a digit that is looked at.
    private static let longestWord = 96

    /// The entity whose first digit is at `place`, or that holds the digit.
    ///
    /// Nothing begins behind the first digit of a token of letters and digits, nor behind a number and a single separator
    /// unless letters follow: `Scanner` passes over these places.
    static func digit(_ text: Text, at place: Int) -> Entity? {
        let left = text.at(place - 1)
        guard left &- 0x30 >= 10 else { return nil }
        let end = text.endOfDigits(place)
        let right = text.at(end)
        let hasLetters = Scanner.isASCIILetter(left) || Scanner.isASCIILetter(right)
        if Scanner.isASCIILetter(left) {
            var start = place - 1
            while Scanner.isASCIILetter(text.at(start - 1)) {
                start -= 1
                if place - start > longestWord { return nil }
            }
            if text.isDigit(start - 1) { return nil }
        }
        if !Scanner.isASCIILetter(right), isSeparator(left), text.isDigit(place - 2) { return nil }
        let isHexadecimal = (right | 0x20) &- 0x61 < 6 || (left | 0x20) &- 0x61 < 6
        if right == 0x2D || right == 0x2E || left == 0x2D || left == 0x2E || isHexadecimal,
            let entity = Written.hardware(text, at: place)
        {
            return entity
        }
        let mayBeRow =
            hasLetters || (isInner(left) && Scanner.isASCIILetter(text.at(place - 2)))
            || (isInner(right) && Scanner.isASCIILetter(text.at(end + 1))) || (right == 0x3A && end - place >= 8)
        if mayBeRow, isRow(text, place), let entity = row(text, at: place) {
            return entity
        }
        if hasLetters || end - place >= 5, let entity = Credentials.spoken(text, at: place) { return entity }
        if mayBeAngle(text, place, end, left, right), let entity = Coordinates.entity(text, at: place) { return entity }
        if mayBeDate(text, end - place, end, right), let entity = BirthDates.entity(text, at: place) { return entity }
        return mayBeIdentifier(text, place, end, left, right) ? identifier(text, at: place) : nil
    }

    /// The entity that the colon or the sign of equality at `place` ties together.
    static func assignment(_ text: Text, at place: Int) -> Entity? {
        let next = text.at(place + 1)
        if text[place] == 0x3A {
            if next == 0x2F { return Credentials.url(text, at: place) }
            if next == 0x20, let entity = Secrets.header(text, at: place) { return entity }
        }
        return Credentials.password(text, at: place) ?? Accounts.code(text, behind: place)
    }

    // MARK: Long rows of letters and digits

    private static func row(_ text: Text, at place: Int) -> Entity? {
        Secrets.key(text, at: place) ?? CryptoAddresses.entity(text, at: place) ?? Secrets.block(text, at: place)
            ?? Documents.zone(text, at: place) ?? Credentials.token(text, at: place)
    }

    /// Whether sixteen signs of a token stand around a place, letters among them.
    private static func isRow(_ text: Text, _ place: Int) -> Bool {
        var start = place
        var letters = 0
        while start > 0, place - start < 16, isToken(text[start - 1]) {
            start -= 1
            if Scanner.isASCIILetter(text[start]) { letters += 1 }
        }
        var end = place
        while end < text.count, end - start < 48, isToken(text[end]) {
            if Scanner.isASCIILetter(text[end]) { letters += 1 }
            end += 1
            if end - start >= 16, letters >= 3 { return true }
        }
        return false
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || Scanner.isASCIILetter(byte) || isInner(byte) || byte == 0x3A || byte == 0x3D
    }

    /// What stands inside tokens besides letters and digits.
    private static func isInner(_ byte: UInt8) -> Bool {
        byte == 0x2D || byte == 0x5F || byte == 0x2B || byte == 0x2F || byte == 0x2E || byte == 0x7E || byte == 0x3C
    }

    // MARK: Numbers

    private static func identifier(_ text: Text, at place: Int) -> Entity? {
        if let code = Accounts.code(text, digitAt: place) { return code }
        guard let identifier = Identifier(text, at: place) else { return nil }
        let found = Documents.entity(identifier) ?? OfficeNumbers.entity(identifier) ?? Accounts.entity(identifier)
        guard let found, found.type == .nationalID || found.type == .insuranceNumber, identifier.prefix == [] else {
            return found
        }
        // A country's own form says more than the word.
        if let token = NationalToken.entity(text, at: place) { return token }
        guard let number = Scanner.whole(NumberRun(text, at: place), text), number.type != .phone, number.score >= 0.9
        else { return found }
        return number
    }

    /// Four digits, or fewer with letters or more groups.
    private static func mayBeIdentifier(_ text: Text, _ place: Int, _ end: Int, _ left: UInt8, _ right: UInt8) -> Bool {
        if right == 0x2E, text.isDigit(end + 1) { return false }
        // A date, year first.
        if right == 0x2D, end - place == 4, text.at(end + 3) == 0x2D, !text.isDigit(end + 6) { return false }
        // One of a row of values.
        if left == 0x2C || left == 0x3B || left == 0x3A, !text.isLetter(place - 2) { return false }
        return end - place >= 4 || Scanner.isASCIILetter(left) || Scanner.isASCIILetter(right)
            || ((right == 0x2D || right == 0x20) && text.isDigit(end + 1))
            || ((left == 0x2D || left == 0x5F) && text.isASCIILetter(place - 2))
    }

    /// Decimals, a degree sign, or digits behind a sign.
    private static func mayBeAngle(_ text: Text, _ place: Int, _ end: Int, _ left: UInt8, _ right: UInt8) -> Bool {
        let count = end - place
        let isSigned = left == 0x2B || left == 0x2D
        if right == 0x2E {
            // A price in a row of values.
            if left == 0x2C, !text.isDigit(end + 3), !text.isDigit(place - 2) { return false }
            return text.isDigit(end + 1) && (isSigned ? count <= 7 : count <= 3 && text.isDigit(end + 2))
        }
        if right == 0xC2 || right == 0x64 || (right == 0x20 && text.at(end + 1) == 0x64) { return count <= 3 }
        return isSigned && (4...6).contains(count) && (right == 0x2B || right == 0x2D)
    }

    /// A year, a day or a month, or eight digits.
    private static func mayBeDate(_ text: Text, _ count: Int, _ end: Int, _ right: UInt8) -> Bool {
        switch count {
        case 8: return true
        case 4: return (isSeparator(right) && text.isDigit(end + 1)) || right >= 0xE0
        case 1, 2: return mayBeDay(text, end - count, end, right)
        default: return false
        }
    }

    /// Behind a day or a month stand a sign and another number, or the name of a month; or one stands in front.
    private static func mayBeDay(_ text: Text, _ place: Int, _ end: Int, _ right: UInt8) -> Bool {
        let next = text.at(end + 1)
        switch right {
        case 0x2D, 0x2E, 0x2F:
            return next &- 0x30 < 10 ? text.at(end + 2) == right || text.at(end + 3) == right : next > 0x1F
        case 0x20:
            if next &- 0x30 < 10 {
                return text.isLetter(place - 2) || text.at(end + 2) == 0x20 || text.at(end + 3) == 0x20
            }
            return next == 0x2F || text.isLetter(end + 2)
        case 0x2C: return text.isLetter(place - 2) || text.isLetter(place - 3)
        default: return right == 0xC2 || (Scanner.isASCIILetter(right) && text.isLetter(end + 1))
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x28 || byte == 0x29 || byte == 0x2D || byte == 0x2E || byte == 0x2F
    }
}
