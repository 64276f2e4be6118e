/// What the words around a number call it.
enum ContextWord: Sendable {
    case phone, card, iban, ssn, taxID, date, other

    /// Words in lower case, as they stand between anything that is no letter.
    private static let words: [[UInt8]: ContextWord] = {
        var words: [[UInt8]: ContextWord] = [:]
        func add(_ kind: ContextWord, _ list: String) {
            for word in list.split(separator: " ") { words[Array(word.utf8)] = kind }
        }
        add(
            .phone,
            """
            phone phones telephone telephones tel telefon telefono téléphone mobile cell cellphone fax call calls called \
            calling dial dialled desk office whatsapp sms landline hotline voicemail callback ring ph contact reach \
            answering answered answer pick text texts message messages registered handy mobil móvil celular portable
            """)
        add(.card, "card cards credit debit visa mastercard maestro amex discover cc pan creditcard")
        add(.iban, "iban bank account konto compte transfer wire")
        add(.ssn, "ssn social sozialversicherung")
        add(.taxID, "ein itin tin tax")
        add(.date, "date born dob birth birthday birthdate")
        add(
            .other,
            """
            order orders invoice id zip postal code amount price total ref reference ticket serial sku isbn version \
            box room suite apt street ave avenue page flight
            """)
        return words
    }()

    /// The nearest word of the list in front of a place, at most seven words and 64 bytes away; line ends do not matter.
    static func before(_ text: Text, _ place: Int) -> ContextWord? {
        var at = place
        let limit = max(0, place - 64)
        var seen = 0
        var found: ContextWord?
        while at > limit, seen < 7, found == nil {
            while at > limit, !text.isLetter(at - 1) { at -= 1 }
            let end = at
            while at > limit, text.isLetter(at - 1) { at -= 1 }
            guard end > at else { break }
            found = word(text, at, end)
            seen += 1
        }
        return found
    }

    /// A word of the list directly behind a place: the second column of "Tel … fax".
    static func after(_ text: Text, _ place: Int) -> ContextWord? {
        var at = place
        while at < text.count, at < place + 3, text[at] == 0x20 || text[at] == 0x28 || text[at] == 0x2D { at += 1 }
        let start = at
        while at < text.count, at < place + 24, text.isLetter(at) { at += 1 }
        return at > start ? word(text, start, at) : nil
    }

    /// Whether one of the last seven words in front of a place, at most 64 bytes away, is of a list.
    static func isNamed(_ words: Set<String>, _ text: Text, before place: Int) -> Bool {
        var at = place
        let limit = max(0, place - 64)
        for _ in 0..<7 {
            while at > limit, !text.isLetter(at - 1) { at -= 1 }
            let end = at
            while at > limit, text.isLetter(at - 1) { at -= 1 }
            guard end > at else { return false }
            guard end - at <= 32 else { continue }
            if words.contains(String(decoding: (at..<end).map { text[$0] }, as: UTF8.self).lowercased()) { return true }
        }
        return false
    }

    private static func word(_ text: Text, _ start: Int, _ end: Int) -> ContextWord? {
        guard end - start <= 24 else { return nil }
        var word: [UInt8] = []
        word.reserveCapacity(end - start)
        for place in start..<end {
            let byte = text[place]
            word.append((0x41...0x5A).contains(byte) ? byte + 32 : byte)
        }
        return words[word]
    }
}
