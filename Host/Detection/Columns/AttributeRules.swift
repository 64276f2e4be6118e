/// What somebody is: age, gender, race, date of birth, marital status.
enum AttributeRules {
    static func candidates(_ column: ColumnEvidence) -> [ColumnCandidate] {
        guard !column.values.isEmpty, !column.table.isOfAnimals else { return [] }
        return [age(column), gender(column), race(column), birth(column), marital(column)].compactMap { $0 }
    }

    private static func age(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        guard header.has(HeaderVocabulary.age), !header.has(HeaderVocabulary.ageGroups) else { return nil }
        let fits = values.smallAge + values.ageText
        guard fits > 0.5 else { return nil }
        // Counts of something go beyond any age.
        if values.maximum > 1000 { return ColumnCandidate(.age, 0.4, share: fits, "header", "numbers beyond an age") }
        return ColumnCandidate(.age, 0.65 + 0.3 * fits, share: fits, "header", "numbers of an age")
    }

    private static func gender(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        let isNamed =
            header.has(HeaderVocabulary.gender) || header.words.contains { $0.hasSuffix("sex") && $0.utf8.count <= 6 }
        let isCounted = header.has("count", "total", "percent", "pct", "rate", "number", "offender", "offense")
        if isNamed, !isCounted {
            let fits = values.genderWord + values.genderLetter
            if fits > 0.5 { return ColumnCandidate(.gender, 0.7 + 0.28 * fits, share: fits, "header", "words") }
            if values.shortCode > 0.8, values.distinct <= 6, values.maximum <= 9 {
                return ColumnCandidate(.gender, 0.6, share: values.shortCode, "header", "codes")
            }
            return nil
        }
        guard values.distinct <= 6, values.distinct >= 2 else { return nil }
        if header.isGeneric, values.male > 0.1, values.female > 0.1, values.male + values.female > 0.9 {
            return ColumnCandidate(.gender, 0.55, share: values.male + values.female, "letters")
        }
        if values.genderWord > 0.9, !header.has("type", "status") {
            return ColumnCandidate(.gender, 0.5 + 0.2 * values.genderWord, share: values.genderWord, "words")
        }
        return nil
    }

    private static func race(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        let isNamed = header.has(HeaderVocabulary.race)
        guard values.number < 0.5 || isNamed else { return nil }
        if isNamed,
            !header.has(
                "count", "total", "percent", "pct", "rate", "number", "date", "horse", "contest", "election", "distance"
            )
        {
            let words = values.raceWord + values.racePhrase
            if words > 0.1 {
                return ColumnCandidate(.race, 0.75 + 0.2 * min(1, words), share: max(0.5, words), "header", "words")
            }
            if values.shortCode > 0.8, values.distinct <= 20, values.number == 0 || values.maximum <= 9 {
                return ColumnCandidate(.race, 0.6, share: values.shortCode, "header", "codes")
            }
            return nil
        }
        if values.raceWord > 0.75, values.distinct <= 20, values.distinct >= 2, values.sentence < 0.1,
            !header.has(HeaderVocabulary.place),
            !header.has(
                "language", "cuisine", "food", "colour", "color", "name", "species", "description", "conditions")
        {
            return ColumnCandidate(.race, 0.35 + 0.25 * values.raceWord, share: values.raceWord, "words")
        }
        return nil
    }

    private static func birth(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        guard header.has(HeaderVocabulary.birth), !header.has(HeaderVocabulary.birthNot) else { return nil }
        let fits = values.date + values.year
        guard fits > 0.5 else { return nil }
        return ColumnCandidate(.dateOfBirth, 0.65 + 0.3 * fits, share: fits, "header", "dates")
    }

    /// Counted to the groups that people belong to.
    private static func marital(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        let isNamed =
            header.has("marital", "maritalstatus", "estadocivil", "familienstand", "conyugal")
            || header.pair("estado", "civil") || header.pair("civil", "status")
        guard isNamed, !header.has("count", "total", "percent", "rate") else { return nil }
        if values.maritalWord > 0.3 {
            return ColumnCandidate(.group, 0.8, share: max(0.5, values.maritalWord), "header: marital status", "words")
        }
        return values.shortCode > 0.8 && values.distinct <= 10
            ? ColumnCandidate(.group, 0.6, share: values.shortCode, "header: marital status", "codes") : nil
    }
}
