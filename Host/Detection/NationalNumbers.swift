/// Identity numbers of digits alone, with the check digits that their countries publish.
struct NationalNumber: Sendable {
    let type: EntityType
    /// Digits of each group as people write it; the first shape is one row of digits.
    let shapes: [[Int]]
    /// The separators between groups, as bytes.
    let separators: [UInt8]
    let isValid: @Sendable ([UInt8]) -> Bool
    /// Words that name it, in lower case.
    let words: Set<String>
    /// The score of one in groups that no word names; 0 when its form is too common to say anything.
    let alone: Double

    private init(
        _ type: EntityType, _ shapes: [[Int]], _ separators: String, alone: Double = 0, _ words: String,
        _ isValid: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.type = type
        self.shapes = shapes
        self.separators = Array(separators.utf8)
        self.alone = alone
        self.words = Set(words.split(separator: " ").map(String.init))
        self.isValid = isValid
    }

    /// The number that a run is: named by a word, or in groups that hardly anything else has.
    static func entity(_ run: NumberRun, _ text: Text, _ hints: inout Hints) -> Entity? {
        guard !run.hasPlus, !run.hasBracket, run.extensionEnd == 0, run.digitCount < byCount.count else { return nil }
        let candidates = byCount[run.digitCount]
        guard !candidates.isEmpty else { return nil }
        let shape = run.shape
        var best: Entity?
        var values: [UInt8] = []
        for candidate in candidates where candidate.shape == shape {
            let number = all[candidate.place]
            guard hasSeparators(run, number.separators) else { continue }
            let isNamed = hints.names().contains(WordTable.place(number: candidate.place))
            let score = isNamed ? 0.92 : shape.count > 1 ? number.alone : 0
            guard score > best?.score ?? 0 else { continue }
            if values.isEmpty {
                let digits = run.digits(text)
                if digits.isOneDigit { return nil }
                values = Array(digits)
            }
            guard number.isValid(values) else { continue }
            best = Entity(
                type: number.type, start: run.start, end: run.end, score: score,
                evidence: isNamed ? "check digits and word" : "check digits and form")
        }
        return best
    }

    private static func hasSeparators(_ run: NumberRun, _ separators: [UInt8]) -> Bool {
        for place in 1..<max(1, run.groups.count) where !separators.contains(run.groups[place].separator) {
            return false
        }
        return true
    }

    /// For each number of digits: the shapes that have so many, with the number's place in `all`, in its order.
    private static let byCount: [[(shape: NumberRun.Shape, place: Int)]] = {
        var byCount: [[(shape: NumberRun.Shape, place: Int)]] = []
        for (place, number) in all.enumerated() {
            let count = number.shapes[0].reduce(0, +)
            while byCount.count <= count { byCount.append([]) }
            for shape in number.shapes { byCount[count].append((NumberRun.Shape(shape), place)) }
        }
        return byCount
    }()

    // MARK: The table

    static let all: [NationalNumber] = [
        NationalNumber(.caSIN, [[9], [3, 3, 3]], " -", alone: 0.5, "sin social insurance nas") {
            $0[0] != 0 && $0[0] != 8 && CheckDigits.luhn($0)
        },
        NationalNumber(.gbNHS, [[10], [3, 3, 4]], " -", "nhs health patient") {
            CheckDigits.elevenMinus($0, [10, 9, 8, 7, 6, 5, 4, 3, 2], ten: nil)
        },
        NationalNumber(
            .deTaxID, [[11], [2, 3, 3, 3]], " ", alone: 0.7, "steuer steueridentifikationsnummer idnr steuernummer tin"
        ) {
            digits in
            // Of the first ten digits one stands there twice or three times, the others once at most (BZSt).
            let counts = Dictionary(grouping: digits.prefix(10), by: { $0 }).values.map(\.count).filter { $0 > 1 }
            return digits[0] != 0 && counts.count == 1 && counts[0] <= 3 && CheckDigits.mod11Dash10(digits)
        },
        NationalNumber(
            .frNIR, [[15], [1, 2, 2, 2, 3, 3, 2]], " ", alone: 0.9, "nir sécurité securite sociale insee ssn"
        ) { digits in
            let body = digits.prefix(13).reduce(0) { $0 * 10 + Int($1) }
            return (1...2).contains(digits[0]) && 97 - body % 97 == Int(digits[13]) * 10 + Int(digits[14])
        },
        NationalNumber(.nlBSN, [[9], [4, 2, 3]], " .", "bsn burgerservicenummer sofinummer") {
            CheckDigits.weighted($0, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0
        },
        NationalNumber(
            .beNationalNumber, [[11], [2, 2, 2, 3, 2]], ".-", alone: 0.9,
            "rijksregisternummer registre niss insz national"
        ) {
            digits in
            let body = digits.prefix(9).reduce(0) { $0 * 10 + Int($1) }
            let check = Int(digits[9]) * 10 + Int(digits[10])
            return 97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check
        },
        NationalNumber(.ptNIF, [[9], [3, 3, 3]], " ", "nif contribuinte fiscal") {
            [1, 2, 3].contains($0[0]) && CheckDigits.elevenMinus($0, [9, 8, 7, 6, 5, 4, 3, 2], ten: 0)
        },
        NationalNumber(.plPESEL, [[11]], "", "pesel") {
            CheckDigits.weighted($0, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
                && isDate($0, month: 2, day: 4, months: 1...92)
        },
        NationalNumber(.sePersonnummer, [[10], [6, 4]], "-", alone: 0.7, "personnummer samordningsnummer pnr") {
            CheckDigits.luhn($0) && isDate($0, month: 2, day: 4)
        },
        // With the century, as databases hold it.
        NationalNumber(
            .sePersonnummer, [[12], [8, 4]], "-", alone: 0.85, "personnummer samordningsnummer pnr"
        ) {
            (18...20).contains($0[0] * 10 + $0[1]) && CheckDigits.luhn(Array($0[2...])) && isDate($0, month: 4, day: 6)
        },
        NationalNumber(
            .noFodselsnummer, [[11], [6, 5]], " ", alone: 0.8, "fødselsnummer fodselsnummer personnummer fnr"
        ) {
            CheckDigits.weighted($0, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 == 0
                && CheckDigits.weighted($0, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
        },
        NationalNumber(.eeIsikukood, [[11]], "", "isikukood asmens kodas") { digits in
            let first = CheckDigits.weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
            let second = CheckDigits.weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11
            return Int(digits[10]) == (first < 10 ? first : second < 10 ? second : 0)
                && isDate(digits, month: 3, day: 5)
        },
        NationalNumber(.czRodneCislo, [[10], [6, 4]], "/", alone: 0.85, "rodné rodne číslo cislo rč rc") { digits in
            // A rest of ten was written as 0 until 1985.
            let body = digits.prefix(9).reduce(0) { $0 * 10 + Int($1) }
            // Women's months have 50 more; since 2004 either may have 20 more (act 53/2004).
            let month = Int(digits[2]) * 10 + Int(digits[3])
            let day = Int(digits[4]) * 10 + Int(digits[5])
            return body % 11 % 10 == Int(digits[9]) && (1...31).contains(day)
                && [0, 20, 50, 70].contains { (1...12).contains(month - $0) }
        },
        NationalNumber(.roCNP, [[13]], "", "cnp personal cod") {
            let rest = CheckDigits.weighted($0, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
            let county = $0[7] * 10 + $0[8]
            return $0[0] != 0 && (1...52).contains(county) && Int($0[12]) == (rest == 10 ? 1 : rest)
                && isDate($0, month: 3, day: 5)
        },
        NationalNumber(.bgEGN, [[10]], "", "egn егн") {
            Int($0[9]) == CheckDigits.weighted($0, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10
                && isDate($0, month: 2, day: 4, months: 1...52)
        },
        NationalNumber(.hrOIB, [[11]], "", "oib") { CheckDigits.mod11Dash10($0) },
        NationalNumber(.siEMSO, [[13]], "", "emšo emso jmbg") {
            CheckDigits.elevenMinus($0, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], ten: 0) && isDate($0, month: 2, day: 0)
        },
        NationalNumber(.chAHV, [[13], [3, 4, 4, 2]], ".", alone: 0.95, "ahv avs ahvn") {
            $0.starts(with: [7, 5, 6]) && CheckDigits.weighted($0, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0
        },
        NationalNumber(.atSVNR, [[10], [4, 6]], " ", alone: 0.6, "svnr sozialversicherungsnummer versicherungsnummer") {
            Int($0[3]) == CheckDigits.weighted($0, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 && isDate($0, month: 6, day: 4)
        },
        NationalNumber(.grAMKA, [[11]], "", "amka αμκα") { CheckDigits.luhn($0) && isDate($0, month: 2, day: 0) },
        NationalNumber(.trTCKN, [[11]], "", "tckn kimlik tc") { digits in
            let odd = stride(from: 0, to: 9, by: 2).reduce(0) { $0 + Int(digits[$1]) }
            let even = stride(from: 1, to: 8, by: 2).reduce(0) { $0 + Int(digits[$1]) }
            return digits[0] != 0 && ((odd * 7 - even) % 10 + 10) % 10 == Int(digits[9])
                && digits.prefix(10).reduce(0) { $0 + Int($1) } % 10 == Int(digits[10])
        },
        NationalNumber(.ilID, [[9]], "", "teudat zehut תז") { CheckDigits.luhn($0) },
        NationalNumber(.zaID, [[13]], "", "id identity identiteit rsa") {
            CheckDigits.luhn($0) && $0[10] <= 1 && isDate($0, month: 2, day: 4)
        },
        NationalNumber(.inAadhaar, [[12], [4, 4, 4]], " -", alone: 0.8, "aadhaar aadhar uid uidai") {
            $0[0] >= 2 && CheckDigits.verhoeff($0)
        },
        NationalNumber(.brCPF, [[11], [3, 3, 3, 2]], ".-", alone: 0.95, "cpf") {
            CheckDigits.elevenMinus($0.prefix(10), [10, 9, 8, 7, 6, 5, 4, 3, 2], ten: 0)
                && CheckDigits.elevenMinus($0, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2], ten: 0)
        },
        NationalNumber(.brCNPJ, [[14], [2, 3, 3, 4, 2]], "./-", alone: 0.95, "cnpj") {
            CheckDigits.elevenMinus($0.prefix(13), [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], ten: 0)
                && CheckDigits.elevenMinus($0, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], ten: 0)
        },
        NationalNumber(.arCUIT, [[11], [2, 8, 1]], "-", alone: 0.9, "cuit cuil") {
            CheckDigits.elevenMinus($0, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], ten: 9)
        },
        NationalNumber(.krRRN, [[13], [6, 7]], "-", alone: 0.9, "rrn 주민등록번호 주민번호") {
            (11 - CheckDigits.weighted($0, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == Int($0[12])
                && isDate($0, month: 2, day: 4)
        },
        NationalNumber(.auTFN, [[9], [3, 3, 3]], " ", "tfn file") {
            CheckDigits.weighted($0, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0
        },
        NationalNumber(.auMedicare, [[10], [4, 5, 1]], " ", alone: 0.8, "medicare") {
            (2...6).contains($0[0]) && Int($0[8]) == CheckDigits.weighted($0, [1, 3, 7, 9, 1, 3, 7, 9]) % 10
        },
    ]

    /// Whether two places hold a month and a day; some countries add tens to the month.
    private static func isDate(_ digits: [UInt8], month: Int, day: Int, months: ClosedRange<Int> = 1...12) -> Bool {
        let monthValue = Int(digits[month]) * 10 + Int(digits[month + 1])
        let dayValue = Int(digits[day]) * 10 + Int(digits[day + 1])
        let inYear = months.upperBound > 12 ? monthValue % 20 : monthValue
        let isMonth = (1...12).contains(inYear) || (months.upperBound > 12 && (1...12).contains(monthValue % 50))
        // Coordination numbers add sixty to the day (Skatteverket).
        return months.contains(monthValue) && isMonth && ((1...31).contains(dayValue) || (61...91).contains(dayValue))
    }
}
