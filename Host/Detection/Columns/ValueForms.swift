/// Forms of whole values: what stands for nothing, numbers, telephone numbers, dates, pairs of coordinates.
enum ValueForms {
    // MARK: Nothing

    private static let nothing: Set<String> = [
        "", "na", "n a", "none", "null", "nil", "unknown", "unk", "not available", "not applicable", "not provided",
        "tbd",
        "no data", "sin dato", "sin datos", "no aplica", "no tiene", "no registra", "no reporta", "no disponible",
        "no reportado", "no informa", "ninguno", "ninguna", "desconocido", "sin informacion", "sin correo electronico",
        "sin correo", "sin telefono", "sin direccion", "no hay", "nd", "s d", "s n", "sd", "nr", "n r", "nt",
        "not reported",
        "not specified", "unspecified", "missing", "no email", "no phone", "no address", "keine", "keine angabe",
        "aucun",
        "inconnu", "nao informado", "redacted", "withheld", "blank", "empty", "undefined", "x", "xx", "xxx", "test",
        "void",
        "marsys law exempt", "exempt", "confidential", "suppressed", "not stated", "unanswered", "not answered",
        "refused", "not known", "see notes",
    ]

    /// Whether a value stands for none: signs alone, zeros alone, `N/A`, `unknown` and the like.
    static func isNothing(_ text: ColumnText) -> Bool {
        guard text.tokens.count <= 4 else { return false }
        if text.tokens.allSatisfy({ $0.isNumber && $0.text.utf8.allSatisfy { $0 == 0x30 } }) {
            return text.tokens.isEmpty || text.digits > 1
        }
        return nothing.contains(text.tokens.map(\.text).joined(separator: " "))
    }

    // MARK: Numbers

    /// A decimal number, with groups of thousands or without; nil for anything else.
    static func number(_ text: ColumnText) -> Double? {
        guard text.bytes.count <= 24 else { return nil }
        var digits: [UInt8] = []
        var hasPoint = false
        for (place, byte) in text.bytes.enumerated() {
            switch byte {
            case 0x30...0x39: digits.append(byte)
            case 0x2D where place == 0, 0x2B where place == 0: digits.append(byte)
            case 0x2E where !hasPoint:
                hasPoint = true
                digits.append(byte)
            case 0x2C where !hasPoint && place > 0: continue
            default: return nil
            }
        }
        return Double(String(decoding: digits, as: UTF8.self))
    }

    // MARK: Telephone

    enum Phone { case none, digits, form }

    /// A telephone number, or several: `form` where its signs say so, `digits` where only their number does.
    static func phone(_ text: ColumnText) -> Phone {
        var digits = 0
        var isBare = true
        var words = 0
        for token in text.tokens {
            switch token.kind {
            case .number: digits += token.text.utf8.count
            case .word:
                guard phoneWords.contains(token.text) else { return .none }
                words += 1
            case .mixed:
                guard token.text.hasPrefix("x") || token.text.hasPrefix("ext") else { return .none }
                words += 1
            }
        }
        guard (7...60).contains(digits), text.tokens.first?.kind != .mixed else { return .none }
        for byte in text.bytes where byte &- 0x30 >= 10 {
            isBare = false
            // A fraction, a date or a time is no telephone number.
            if byte == 0x3A, words == 0 { return .none }
        }
        let numbers = text.tokens.filter(\.isNumber).map(\.text.utf8.count)
        if isBare { return (7...15).contains(digits) ? .digits : .none }
        if text.bytes.first == 0x2D { return .none }
        if number(text) != nil, !text.contains(0x2B) {
            // `3925215.0` is a telephone number that went through a spreadsheet.
            return digits <= 12 && text.bytes.suffix(2) == [0x2E, 0x30] ? .digits : .none
        }
        if date(text) { return .none }
        let isPlus = text.bytes.first == 0x2B
        if isPlus { return (8...15).contains(digits) || numbers.count > 3 ? .form : .none }
        // `(902) 667-7484`, `902-667-7484`, `1-800-565-0397`, with more behind it.
        let head = numbers.first == 1 ? Array(numbers.dropFirst()) : numbers
        if head.count >= 3, head[0] == 3, head[1] == 3, head[2] == 4 { return .form }
        if head.count >= 2, head[0] == 3, head[1] == 7, text.contains(0x28) { return .form }
        if digits >= 7, numbers.allSatisfy({ $0 <= 11 }), numbers.contains(where: { $0 >= 3 }) { return .digits }
        return .none
    }

    private static let phoneWords: Set<String> = [
        "x", "ext", "extension", "exts", "or", "o", "y", "and", "tel", "fax", "cel", "cell", "phone", "ph", "office",
        "home",
        "mobile", "toll", "free", "e", "opcion", "option", "telefono", "celular", "movil", "pbx", "fijo", "work", "tty",
        "a",
    ]

    /// Whether digits follow the North American plan: ten of them, area and exchange from 2 on.
    static func isNorthAmerican(_ text: ColumnText) -> Bool {
        guard text.bytes.count == 10, text.bytes.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
        return text.bytes[0] >= 0x32 && text.bytes[3] >= 0x32
    }

    // MARK: Dates

    private static let months: Set<String> = HeaderVocabulary.list(
        """
        jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october
        november december enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
        """)

    /// A date, with a time behind it or not.
    static func date(_ text: ColumnText) -> Bool {
        let tokens = text.tokens
        guard tokens.count >= 3, text.bytes.count <= 40 else { return false }
        func value(_ place: Int) -> Int { Int(tokens[place].text.prefix(9)) ?? -1 }
        if months.contains(tokens[0].text) || months.contains(tokens[1].text) {
            return value(2) >= 0 && (value(0) >= 1 || value(1) >= 1)
        }
        // `2022-04-18T00:00:00.000` is read as 2022, 04, 18t00, …
        let third = tokens[2].kind == .mixed ? Int(tokens[2].text.prefix { $0.isNumber }) ?? -1 : value(2)
        guard tokens[0].isNumber, tokens[1].isNumber, tokens[0].next == tokens[1].next || tokens.count == 3,
            [0x2D, 0x2F, 0x2E].contains(tokens[0].next)
        else { return false }
        let counts = (tokens[0].text.utf8.count, tokens[1].text.utf8.count)
        if counts.0 == 4 {
            return (1000...2999).contains(value(0)) && (0...12).contains(value(1)) && (0...31).contains(third)
        }
        guard counts.0 <= 2, counts.1 <= 2, (1...31).contains(value(0)), (1...31).contains(value(1)) else {
            return false
        }
        return value(0) <= 12 || value(1) <= 12
    }

    /// `20220418`.
    static func isCompactDate(_ number: Double) -> Bool {
        guard number >= 18_000_101, number <= 21_001_231, number == number.rounded() else { return false }
        let value = Int(number)
        return (1...12).contains(value / 100 % 100) && (1...31).contains(value % 100)
    }

    // MARK: Coordinates

    /// Latitude and longitude in one value: `(41.7, -72.6)`, `POINT (-72.6 41.7)`.
    static func isCoordinatePair(_ text: ColumnText) -> Bool {
        guard text.bytes.count <= 80, text.bytes.contains(0x2E) else { return false }
        let rest = text.words.filter { !["point", "latitude", "longitude", "coordinates", "type"].contains($0) }
        guard rest.isEmpty else { return false }
        var numbers: [Double] = []
        var current: [UInt8] = []
        for byte in text.bytes + [0x20] {
            if byte &- 0x30 < 10 || byte == 0x2E || byte == 0x2D {
                current.append(byte)
            } else if !current.isEmpty {
                guard let number = Double(String(decoding: current, as: UTF8.self)) else { return false }
                numbers.append(number)
                current = []
            }
        }
        return numbers.count == 2 && abs(numbers[0]) <= 180 && abs(numbers[1]) <= 180
            && (abs(numbers[0]) <= 90 || abs(numbers[1]) <= 90)
    }
}
