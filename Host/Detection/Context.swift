/// What the words around a number call it.
enum ContextWord: UInt8, Sendable {
    case phone, card, iban, ssn, taxID, date, other

    /// Words in lower case, as they stand between anything that is no letter.
    static let lists: [(ContextWord, String)] = [
        (
            .phone,
            """
            phone phones telephone telephones tel telefon telefono téléphone mobile cell cellphone fax call calls called \
            calling dial dialled desk office whatsapp sms landline hotline voicemail callback ring ph contact reach \
            answering answered answer pick text texts message messages registered handy mobil móvil celular portable
            """
        ),
        (.card, "card cards credit debit visa mastercard maestro amex discover cc pan creditcard"),
        (.iban, "iban bank account konto compte transfer wire"),
        (.ssn, "ssn social sozialversicherung"),
        (.taxID, "ein itin tin tax"),
        (.date, "date born dob birth birthday birthdate"),
        (
            .other,
            """
            order orders invoice id zip postal code amount price total ref reference ticket serial sku isbn version \
            box room suite apt street ave avenue page flight
            """
        ),
    ]

    /// The nearest word of the lists in front of a place, at most seven words and 64 bytes away; line ends do not matter.
    static func before(_ text: Text, _ place: Int) -> ContextWord? {
        var words = WordsBefore(text, place)
        while let word = words.next() {
            if let found = WordTable.shared.context(text, word) { return found }
        }
        return nil
    }

    /// A word of the lists directly behind a place: the second column of "Tel … fax".
    static func after(_ text: Text, _ place: Int) -> ContextWord? {
        var at = place
        while at < text.count, at < place + 3, text[at] == 0x20 || text[at] == 0x28 || text[at] == 0x2D { at += 1 }
        let start = at
        while at < text.count, at < place + 24, text.isLetter(at) { at += 1 }
        return at > start ? WordTable.shared.context(text, start..<at) : nil
    }

    /// Whether one of the last seven words in front of a place, at most 64 bytes away, is of a list.
    static func isNamed(_ words: Set<String>, _ text: Text, before place: Int) -> Bool {
        var before = WordsBefore(text, place)
        while let word = before.next() {
            guard word.count <= WordTable.longest else { continue }
            if words.contains(WordTable.lowercased(text, word)) { return true }
        }
        return false
    }
}

/// The last seven words in front of a place, the nearest first, at most 64 bytes away.
struct WordsBefore {
    private let text: Text
    private let limit: Int
    private var at: Int
    private var left = 7

    init(_ text: Text, _ place: Int) {
        self.text = text
        at = place
        limit = max(0, place - 64)
    }

    /// Where the next word stands. One that begins farther away is cut.
    mutating func next() -> Range<Int>? {
        guard left > 0 else { return nil }
        left -= 1
        while at > limit, !text.isLetter(at - 1) { at -= 1 }
        let end = at
        while at > limit, text.isLetter(at - 1) { at -= 1 }
        return end > at ? at..<end : nil
    }
}

/// What the words in front of a number say of it, read when first asked.
struct Hints {
    private let text: Text
    private let place: Int
    private var read: (context: ContextWord?, names: Names)?

    init(_ text: Text, before place: Int) {
        self.text = text
        self.place = place
    }

    /// As `ContextWord.before`.
    mutating func context() -> ContextWord? { both().context }

    /// The identity numbers that the words name.
    mutating func names() -> Names { both().names }

    private mutating func both() -> (context: ContextWord?, names: Names) {
        if let read { return read }
        var context: ContextWord?
        var names = Names()
        var words = WordsBefore(text, place)
        while let word = words.next() {
            let found = WordTable.shared.lookUp(text, word)
            if context == nil { context = found.context }
            names.formUnion(found.names)
        }
        read = (context, names)
        return (context, names)
    }
}
