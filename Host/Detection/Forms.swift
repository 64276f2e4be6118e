/// What is asked at the signs that the scanner stops at, the surest first.
///
/// Each recogniser refuses by a look at a few bytes; those that need words share one reading of them.
enum Forms {
    /// The entity whose first digit is at `place`, or that holds the digit.
    static func digit(_ text: Text, at place: Int) -> Entity? {
        let previous = text.at(place - 1)
        let next = text.at(place + 1)
        let isInLetters = text.isASCIILetter(place - 1) || text.isASCIILetter(place + 1)
        // Secrets and addresses of blockchains are long rows of letters and digits.
        if isRow(text, place) {
            if let entity = Secrets.key(text, at: place) ?? CryptoAddresses.entity(text, at: place)
                ?? Secrets.block(text, at: place) ?? Documents.zone(text, at: place)
                ?? Credentials.token(text, at: place)
            {
                return entity
            }
        }
        if previous != 0x20 || next > 0x20, let entity = Credentials.spoken(text, at: place) { return entity }
        if !text.isDigit(place - 1), let entity = Coordinates.entity(text, at: place) { return entity }
        if let entity = BirthDates.entity(text, at: place) { return entity }
        guard let identifier = Identifier(text, at: place) else {
            return isInLetters ? Accounts.code(text, digitAt: place) : nil
        }
        if isInLetters, let entity = Accounts.code(text, digitAt: place) { return entity }
        let found = Documents.entity(identifier) ?? OfficeNumbers.entity(identifier) ?? Accounts.entity(identifier)
        guard let found, found.type == .nationalID || found.type == .insuranceNumber, identifier.prefix == [] else {
            return found
        }
        // A country's own form says more than the word.
        return NationalToken.entity(text, at: place) ?? NationalNumber.entity(NumberRun(text, at: place), text) ?? found
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

    /// Whether at least sixteen signs without a blank stand around a place.
    private static func isRow(_ text: Text, _ place: Int) -> Bool {
        var start = place
        while start > 0, place - start < 16, text[start - 1] > 0x20 { start -= 1 }
        var end = place
        while end < text.count, end - start < 16, text[end] > 0x20 { end += 1 }
        return end - start >= 16
    }
}
