/// Passports and driving licences.
enum Documents {
    /// The document whose number an identifier is, by the words that name it or by a structure of its own.
    static func entity(_ identifier: Identifier) -> Entity? {
        if isDVLA(identifier.compact) {
            return identifier.entity(.driverLicense, 0.9, "structure of the number")
        }
        let naming = identifier.naming
        guard !identifier.isDigits || !identifier.hasBlanks || naming.contains(.number) else { return nil }
        if naming.contains(.passport), identifier.fits(passports) {
            return identifier.entity(.passport, 0.88, "form and word")
        }
        let isAbbreviated = naming.contains([.abbreviatedLicence, .number]) || identifier.isBehindAbbreviation
        guard naming.contains([.driver, .licence]) || isAbbreviated else { return nil }
        if identifier.fits(states) { return identifier.entity(.usDriverLicense, 0.85, "form and word") }
        return identifier.fits(licences) ? identifier.entity(.driverLicense, 0.8, "form and word") : nil
    }

    /// Numbers of passports: up to nine letters and digits (ICAO 9303-3), as the states use them.
    private static let passports = Identifier.shapes(
        "9{8,9} A9{6,9} AA9{6,8} AAA9{6} 99AA9{5} A99A9{5} A9{7}A A*******9 A********9 AA9{5}A* AA9{6}A AA9{7} A9{8}A 9{10}"
    )

    /// Licences of the states and districts of the United States (AAMVA; the states' own descriptions).
    private static let states = Identifier.shapes(
        """
        9{7,12} A9{3,9} A9{11,14} A9{18} AA9{6,7} AA9{2,5} AA9{2}AAAA9{2}A AAAAAAA*****A AAA**AA999A9 999AA9999 99AAA9{5} \
        9{8}A 9{9}A 9{8}AA AA9{3}99A AAA9{6} AAA9{7} A9{5}A A9{4,6}AA 99A9{6,7} 9{13} 9{3}A9{6} AAAAA9{6}A99 A9A9A
        """)

    /// Licences elsewhere: Germany, France, Italy, Spain, Canada, Australia, India, Japan, Brazil, Poland.
    private static let licences = Identifier.shapes(
        """
        *99*****9** A999*****99 A99*****9** 9{12} AA9{7}A 9{8}A A9{7}A A9{14} A9{12} 9{5,11} AA9{13} AA9{11} AAAAA9{6}***AA \
        9{4}AA9{5} AAA9{7,12} A9{4,9} 9{5}AA9{4} 9{2}AA9{6}
        """)

    /// The number of a British licence: surname, decade, month (of a woman 50 more), day, year, initials, and five more.
    static func isDVLA(_ token: [UInt8]) -> Bool {
        guard token.count == 16 else { return false }
        func digit(_ place: Int) -> Int? { token[place] &- 0x30 < 10 ? Int(token[place] - 0x30) : nil }
        func isLetter(_ place: Int) -> Bool { token[place] &- 0x41 < 26 }
        // Nines fill a short surname.
        let letters = token.prefix(5).prefix { $0 &- 0x41 < 26 }.count
        guard letters >= 2, token[letters..<5].allSatisfy({ $0 == 0x39 }) else { return false }
        let numbers = (5...10).compactMap(digit)
        guard numbers.count == 6 else { return false }
        let month = (numbers[1] * 10 + numbers[2]) % 50
        let day = numbers[3] * 10 + numbers[4]
        guard (1...12).contains(month), numbers[1] != 2, numbers[1] != 3, (1...31).contains(day) else { return false }
        let hasInitials = isLetter(11) && (isLetter(12) || token[12] == 0x39)
        return hasInitials && digit(13) != nil && isLetter(14) && isLetter(15)
    }

    // MARK: Machine-readable zones

    /// The zone of a travel document (ICAO 9303-3 to -7) whose line with check digits holds the digit at `place`.
    static func zone(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 16, isZone(text[start - 1]) {
            start -= 1
            // A digit further left in the same line has asked already.
            if text.isDigit(start) { return nil }
        }
        var end = place
        while end < text.count, end - start <= 44, isZone(text[end]) { end += 1 }
        let count = end - start
        guard count == 44 || count == 36 || count == 30 else { return nil }
        let line = (start..<end).map { text[$0] }
        let isWhole =
            count == 30
            ? isChecked(line, 5..<14, 14) || (isChecked(line, 0..<6, 6) && isChecked(line, 8..<14, 14))
            : isChecked(line, 0..<9, 9) && isChecked(line, 13..<19, 19) && isChecked(line, 21..<27, 27)
        guard isWhole else { return nil }
        // The lines above and below belong to the same zone when they are as long.
        let from = neighbour(text, before: start, count) ?? start
        var to = end
        for _ in 0..<(count == 30 ? 2 : 0) {
            guard let next = neighbour(text, behind: to, count) else { break }
            to = next
        }
        return Entity(
            type: .passport, start: from, end: to, score: 0.97, evidence: "check digits of a machine-readable zone")
    }

    private static func isZone(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte &- 0x41 < 26 || byte == 0x3C }

    /// The check digit over weights 7, 3, 1 (ICAO 9303-3, §4.9); `<` counts nothing.
    private static func isChecked(_ line: [UInt8], _ places: Range<Int>, _ check: Int) -> Bool {
        let weights = [7, 3, 1]
        var sum = 0
        for (offset, place) in places.enumerated() { sum += value(line[place]) * weights[offset % 3] }
        return line[check] &- 0x30 < 10 && sum % 10 == Int(line[check] - 0x30)
            && places.contains { line[$0] != 0x3C }
    }

    private static func value(_ sign: UInt8) -> Int {
        sign == 0x3C ? 0 : sign >= 0x41 ? Int(sign - 0x41) + 10 : Int(sign - 0x30)
    }

    private static func neighbour(_ text: Text, before start: Int, _ count: Int) -> Int? {
        var end = start
        while end > 0, start - end < 3, !isZone(text[end - 1]) { end -= 1 }
        let from = end - count
        guard from >= 0, end < start, (from..<end).allSatisfy({ isZone(text[$0]) }), !isZone(text.at(from - 1)) else {
            return nil
        }
        return from
    }

    private static func neighbour(_ text: Text, behind end: Int, _ count: Int) -> Int? {
        var start = end
        while start < text.count, start - end < 3, !isZone(text[start]) { start += 1 }
        guard start > end, start + count <= text.count, (start..<start + count).allSatisfy({ isZone(text[$0]) }),
            !isZone(text.at(start + count))
        else { return nil }
        return start + count
    }
}
