/// A value of a column and in how many cells it stands.
public struct CountedValue: Sendable {
    /// UTF-8, without white space at its ends.
    public let bytes: [UInt8]
    public let count: Int

    public init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }
}

/// What the forms of a column's values are, as shares of its cells that hold something. Rates only: no value is kept.
struct ColumnValues {
    /// At most this many different values are looked at.
    static let maximumValues = 400

    /// Cells that hold something, and different values among them.
    private(set) var cells = 0.0
    private(set) var distinct = 0
    /// Values that were looked at in all, with those that say nothing.
    private(set) var looked = 0

    private(set) var email = 0.0, phoneForm = 0.0, phoneDigits = 0.0, northAmerican = 0.0
    private(set) var house = 0.0, bareHouse = 0.0, unit = 0.0, street = 0.0, crossing = 0.0
    /// Sure names of persons, likely ones, parts of names, given and family names.
    private(set) var person = 0.0, likelyPerson = 0.0, namePart = 0.0, givenName = 0.0, familyName = 0.0
    private(set) var organization = 0.0, place = 0.0
    private(set) var number = 0.0, integer = 0.0, smallAge = 0.0, year = 0.0, date = 0.0, coordinatePair = 0.0
    private(set) var latitude = 0.0, longitude = 0.0
    private(set) var genderWord = 0.0, genderLetter = 0.0, raceWord = 0.0, ageText = 0.0, maritalWord = 0.0
    private(set) var initial = 0.0, shortCode = 0.0, alphabetic = 0.0, long = 0.0, sentence = 0.0, idNumber = 0.0
    private(set) var flag = 0.0, url = 0.0, zero = 0.0, male = 0.0, female = 0.0, racePhrase = 0.0, companyNumber = 0.0
    private(set) var maximum = -Double.infinity, minimum = Double.infinity
    private(set) var maximumDigits = 0
    /// Different values for each cell looked at: 1 where no value comes twice.
    private(set) var variety = 0.0
    /// Entities of the text scanner that are a whole value, by type.
    private(set) var whole: [EntityType: Double] = [:]

    /// - Parameters:
    ///   - header: put in front of a value, for the scanner to read numbers by.
    init(_ values: [CountedValue], header: ColumnHeader, names: NameForms) {
        let scanner = Scanner()
        let prefix = Array((header.words.joined(separator: " ") + ": ").utf8)
        var types: [EntityType: Double] = [:]
        for value in values.prefix(Self.maximumValues) {
            looked += 1
            let text = ColumnText(value.bytes)
            guard !ValueForms.isNothing(text) else { continue }
            let weight = Double(max(1, value.count))
            cells += weight
            distinct += 1
            if let type = Self.whole(value.bytes, prefix, scanner) { types[type, default: 0] += weight }
            add(text, weight, names)
        }
        guard cells > 0 else { return }
        for type in types.keys { whole[type] = (types[type] ?? 0) / cells }
        variety = Double(distinct) / cells
        divide()
    }

    var isEmpty: Bool { cells == 0 }

    private mutating func add(_ text: ColumnText, _ weight: Double, _ names: NameForms) {
        if let number = ValueForms.number(text) {
            self.number += weight
            maximum = max(maximum, number)
            minimum = min(minimum, number)
            maximumDigits = max(maximumDigits, String(Int(exactly: abs(number).rounded(.down)) ?? 0).utf8.count)
            let isInteger = number == number.rounded()
            if isInteger {
                integer += weight
                if (0...120).contains(number) { smallAge += weight }
                if (1850...2030).contains(number) { year += weight }
                if ValueForms.isCompactDate(number) { date += weight }
                if (5...12).contains(text.digits) { idNumber += weight }
                if number >= 0, number <= 9 { shortCode += weight }
                if number == 0 { zero += weight }
                if number >= 800_000_000, number < 1_000_000_000 { companyNumber += weight }
            }
            if abs(number) <= 90, !isInteger { latitude += weight }
            if abs(number) <= 180, !isInteger { longitude += weight }
            addPhone(text, weight)
            return
        }
        if text.contains(0x40) {
            email += Self.isEmail(text) ? weight : 0
        } else if text.bytes.starts(with: Array("http".utf8)) || text.bytes.starts(with: Array("www.".utf8)) {
            url += weight
            return
        }
        if text.letters == text.bytes.count, text.bytes.count <= 4 { shortCode += weight }
        if text.tokens.count == 1, text.tokens[0].isInitial { initial += weight }
        if text.bytes.count > 60 { long += weight }
        if text.words.count > 12 { sentence += weight }
        if text.digits == 0 { alphabetic += weight }
        if ValueForms.date(text) {
            date += weight
            return
        }
        if ValueForms.isCoordinatePair(text) {
            coordinatePair += weight
            return
        }
        if isIDNumber(text) {
            idNumber += weight
            if text.tokens[0].isNumber, text.tokens[0].text.utf8.count == 9, text.bytes[0] >= 0x38 {
                companyNumber += weight
            }
        }
        addPhone(text, weight)
        addWords(text, weight)
        switch StreetForms.form(text) {
        case .house: house += weight
        case .bare: bareHouse += weight
        case .unit: unit += weight
        case .street: street += weight
        case .crossing: crossing += weight
        case .none: break
        }
        let person = names.person(text)
        if person >= 0.7 { self.person += weight }
        if person >= 0.4 { likelyPerson += weight }
        if names.isPart(text) { namePart += weight }
        if names.isGiven(text) { givenName += weight }
        if names.isFamily(text) { familyName += weight }
        if names.organization(text) > 0 { organization += weight }
        if text.digits == 0, names.lexicon.isPlace(text.words.joined(separator: " ")) { place += weight }
    }

    private mutating func addPhone(_ text: ColumnText, _ weight: Double) {
        switch ValueForms.phone(text) {
        case .form: phoneForm += weight
        case .digits: phoneDigits += weight
        case .none: break
        }
        if ValueForms.isNorthAmerican(text) { northAmerican += weight }
    }

    private mutating func addWords(_ text: ColumnText, _ weight: Double) {
        let words = text.words
        guard words.count <= 12 else { return }
        let joined = words.joined(separator: " ")
        if AttributeWords.gender.contains(joined) { genderWord += weight }
        if joined == "m" { male += weight }
        if joined == "f" { female += weight }
        if AttributeWords.genderLetters.contains(joined), text.digits == 0 { genderLetter += weight }
        if AttributeWords.racePhrases.contains(joined) {
            racePhrase += weight
        } else if words.contains(where: AttributeWords.race.contains) {
            raceWord += weight
        } else if words.contains(where: AttributeWords.raceColors.contains) {
            // White and black are colours too: they count half.
            raceWord += weight * 0.5
        }
        if AttributeWords.marital.contains(joined) || words.contains(where: AttributeWords.marital.contains) {
            maritalWord += weight
        }
        if AttributeWords.flags.contains(joined), text.digits == 0 { flag += weight }
        // `3 years`, `18 months`, `2 años`.
        if text.tokens.count == 2, text.tokens[0].isNumber, AttributeWords.ageUnits.contains(text.tokens[1].text) {
            ageText += weight
        }
    }

    private func isIDNumber(_ text: ColumnText) -> Bool {
        guard text.bytes.count <= 20, (5...14).contains(text.digits), text.letters <= 5 else { return false }
        return text.bytes.allSatisfy {
            $0 &- 0x30 < 10 || $0 &- 0x61 < 26 || [0x2D, 0x2E, 0x20, 0x2A, 0x2F].contains($0)
        }
    }

    /// An address stands first: what follows may be another one, or a remark.
    private static func isEmail(_ text: ColumnText) -> Bool {
        guard let at = text.bytes.firstIndex(of: 0x40), at > 0, at < 90, at + 3 < text.bytes.count else { return false }
        let head = text.bytes[..<at]
        // A blank or two by mistake, but no sentence in front.
        guard head.count(where: { $0 == 0x20 }) <= 2 else { return false }
        return text.bytes[(at + 1)...].contains(0x2E) && text.bytes[at + 1] != 0x20
            || text.bytes[(at + 1)...].contains(0x2E)
    }

    /// What the scanner takes the whole value for, read behind the header's words.
    private static func whole(_ value: [UInt8], _ prefix: [UInt8], _ scanner: Scanner) -> EntityType? {
        guard (4...120).contains(value.count) else { return nil }
        let found = scanner.entities(in: prefix + value).max { $0.count < $1.count }
        guard let found, found.start >= prefix.count, found.count * 10 >= value.count * 8 else { return nil }
        return found.type
    }

    private mutating func divide() {
        for path: WritableKeyPath<ColumnValues, Double> in [
            \.email, \.phoneForm, \.phoneDigits, \.northAmerican, \.house, \.bareHouse, \.unit, \.street, \.crossing,
            \.person, \.likelyPerson, \.namePart, \.givenName, \.familyName, \.organization, \.place, \.number,
            \.integer, \.smallAge, \.year, \.date, \.coordinatePair, \.latitude, \.longitude, \.genderWord,
            \.genderLetter, \.raceWord, \.ageText, \.maritalWord, \.initial, \.shortCode, \.alphabetic, \.long,
            \.sentence, \.idNumber, \.flag, \.url, \.zero, \.male, \.female, \.racePhrase, \.companyNumber,
        ] { self[keyPath: path] /= cells }
    }
}

/// Words that say what somebody is.
enum AttributeWords {
    static let gender: Set<String> = [
        "male", "female", "males", "females", "man", "woman", "men", "women", "masculino", "femenino", "hombre",
        "mujer",
        "hombres", "mujeres", "homme", "femme", "mannlich", "weiblich", "feminino", "maschio", "femmina", "boy", "girl",
        "transgender", "non binary", "nonbinary", "boys", "girls", "trans", "transgenero", "masculin", "feminin",
        "mixto",
        "transgender male", "transgender female", "gender non conforming", "prefer not to answer",
        "i prefer not to answer",
        "all genders", "both genders", "overall", "combined", "persons", "indeterminado", "mm", "both", "both sexes",
        "total", "all", "other", "otro", "missing",
    ]
    static let genderLetters: Set<String> = ["m", "f", "u", "i", "x", "h", "v", "w", "n", "o", "p"]
    static let race: Set<String> = HeaderVocabulary.list(
        """
        hispanic latino latina latinx asian caucasian african indian alaskan alaska pacific islander hawaiian multiracial biracial
        nonhispanic hisp afrocolombiano afrodescendiente indigena mestizo raizal palenquero palenquera rrom gitano mulato mulata afro
        afroamericano blanco negro blanca negra anglo etnia indigenas mestiza aapi aian nhpi interracial ethnicity arab multiethnic
        """)
    static let racePhrases: Set<String> = [
        "two or more races", "some other race", "all races", "other race", "multi racial", "mixed race",
        "native american",
        "middle eastern", "ninguna de las anteriores", "ninguno de los anteriores", "rom", "any race", "two or more",
        "allrace",
        "mixed", "multiple races", "white non hispanic", "black non hispanic",
    ]
    static let raceColors: Set<String> = ["white", "black", "native", "brown"]
    static let marital: Set<String> = HeaderVocabulary.list(
        """
        single married divorced widowed separated soltero soltera casado casada viudo viuda divorciado divorciada separado separada
        ledig verheiratet geschieden verwitwet celibataire marie mariee divorce veuf veuve solteiro solteira
        """)
    static let flags: Set<String> = [
        "yes", "no", "y", "n", "true", "false", "si", "t", "s", "oui", "non", "ja", "nein",
    ]
    static let ageUnits: Set<String> = HeaderVocabulary.list(
        "year years yr yrs month months mo mos week weeks wk wks day days ano anos meses dias jahre monate ans mois y m d"
    )
}
