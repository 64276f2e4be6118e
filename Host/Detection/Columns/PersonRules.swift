/// Names of persons.
enum PersonRules {
    private enum Named {
        /// A part of a name, by its own word.
        case part
        /// `first`, `last`, `middle` beside each other.
        case halfPart
        /// A whole name of a person.
        case whole
        /// What somebody does: `owner`, `inspector`.
        case role
        /// A name of something or somebody.
        case bare
        /// A thing's name, or no name at all.
        case thing, nothing
    }

    static func candidates(_ column: ColumnEvidence) -> [ColumnCandidate] {
        let (values, header) = (column.values, column.header)
        guard !values.isEmpty, values.number < 0.5, values.date < 0.5, values.email < 0.5, values.url < 0.5 else {
            return []
        }
        let named = named(column)
        let names = max(values.likelyPerson, 0.7 * values.namePart)
        func found(_ score: Double, _ share: Double, _ words: String...) -> [ColumnCandidate] {
            [ColumnCandidate(.person, score, share: share, words.joined(separator: ", "))]
        }
        switch named {
        case .part, .halfPart:
            if values.organization > 0.5 || values.house > 0.5 || values.sentence > 0.3 {
                return found(0.3, names, "header")
            }
            let isInitials = values.initial + values.shortCode > 0.5
            if named == .halfPart, values.namePart < 0.3, !isInitials { return found(0.35, values.namePart, "header") }
            if values.alphabetic < 0.5, !isInitials { return found(0.35, names, "header") }
            if values.flag > 0.9, values.distinct <= 2 { return found(0.3, 0, "header") }
            return found(0.75 + 0.22 * min(1, values.namePart), max(0.5, values.namePart), "header", "dictionary")
        case .whole:
            if values.organization > 0.5 { return found(0.35, names, "header") }
            if values.likelyPerson > 0.4 || (values.person > 0.3 && values.organization < 0.3) {
                return found(0.65 + 0.3 * values.likelyPerson, values.likelyPerson, "header", "dictionary")
            }
            return found(0.3 + 0.3 * names, names, "header")
        case .role:
            if values.likelyPerson > 0.5 {
                return found(0.55 + 0.4 * values.likelyPerson, values.likelyPerson, "header: a role", "dictionary")
            }
            // One word of a name under a header that no organisation bears.
            if !header.has(HeaderVocabulary.organizationRoles), values.namePart > 0.6, values.organization < 0.15,
                values.place < 0.4, values.flag < 0.1
            {
                return found(0.3 + 0.35 * values.namePart, values.namePart, "header: a role", "dictionary in a part")
            }
            return found(0.25 + 0.4 * values.likelyPerson, values.likelyPerson, "header: a role")
        case .bare:
            if values.likelyPerson > 0.55, values.person > 0.4 {
                return found(0.5 + 0.4 * values.likelyPerson, values.likelyPerson, "header", "dictionary")
            }
            if column.hasFamilyBeside, values.givenName > 0.5, header.has(HeaderVocabulary.name) {
                return found(0.85, values.givenName, "dictionary", "family name beside")
            }
            if values.givenName > 0.8, values.place < 0.5, values.distinct >= 5, values.organization < 0.1 {
                return found(0.6, values.givenName, "header", "dictionary of given names")
            }
            return found(0.45 * values.likelyPerson, values.likelyPerson, "dictionary in a part")
        case .nothing:
            if values.person > 0.75, values.likelyPerson > 0.8, values.distinct >= 3, values.place < 0.3 {
                return found(0.5 + 0.3 * values.person, values.person, "dictionary")
            }
            if header.isGeneric, values.givenName > 0.6, values.place < 0.5, values.distinct >= 5,
                values.organization < 0.1
            {
                return found(0.6, values.givenName, "dictionary of given names")
            }
            if header.isGeneric, values.familyName > 0.6, values.place < 0.5, values.distinct >= 20,
                values.organization < 0.1
            {
                return found(0.55, values.familyName, "dictionary of family names")
            }
            return found(0.4 * values.likelyPerson, values.likelyPerson, "dictionary in a part")
        case .thing:
            // Portals put names under a header that was meant for a code.
            if header.has(HeaderVocabulary.metadata),
                !header.has(HeaderVocabulary.things.subtracting(HeaderVocabulary.metadata)),
                values.person > 0.8, values.likelyPerson > 0.9, values.distinct >= 10, values.place < 0.3
            {
                return found(0.6, values.person, "dictionary, against the header")
            }
            return found(0.35 * values.likelyPerson, values.likelyPerson, "dictionary in a part")
        }
    }

    private static func named(_ column: ColumnEvidence) -> Named {
        let header = column.header
        typealias Words = HeaderVocabulary
        if header.isGeneric { return .nothing }
        let metadata = Words.metadata.subtracting(["rector", "no"])
        if header.has(
            "suffix", "prefix", "title", "salutation", "type", "tipo", "count", "number", "code", "id", "flag", "ind"),
            !header.hasAll("name", "id")
        {
            return .thing
        }
        if header.has(Words.given) || header.has(Words.family) {
            // `nombres` in Spanish heads names of things as well.
            if header.set.isSubset(of: ["nombres", "no"]) || header.has("nombres"), !header.has(Words.family) {
                return header.has(Words.things) ? .thing : .whole
            }
            return header.has(metadata) && !header.has("name") ? .thing : .part
        }
        let isName = header.has(Words.name) || header.has("initial", "initials", "init", "nm")
        if isName, header.has("first", "last", "middle", "given", "family", "maiden", "primer", "segundo", "mid"),
            !header.has("file", "business")
        {
            return header.has("primer", "segundo") && header.has(Words.things) ? .thing : .part
        }
        if header.has(Words.middle), header.words.count <= 3, !header.has("school", "class", "point") {
            return header.has("mi") && !column.hasFamilyBeside && header.words.count > 1 ? .thing : .halfPart
        }
        if header.has("first", "last", "given"), column.hasParts, header.words.count <= 2 { return .halfPart }
        if header.has(Words.fullName) { return .whole }
        if header.has(metadata), !header.hasAll("name", "id") { return .thing }
        let isRole = header.has(Words.roles)
        // `district_manager` is a person, `principal_country` a country.
        let endsWithRole =
            header.words.last { $0.utf8.first.map { $0 &- 0x30 >= 10 } ?? false }.map(Words.roles.contains) == true
        let things = header.set.intersection(Words.things).subtracting(["legal", "short", "long", "alternate"])
        if isName {
            if header.has("of"), isRole { return .role }
            if isRole { return things.isEmpty || header.has("employee", "contact", "owner") ? .whole : .role }
            if header.has("entity", "trade", "global", "customer", "account", "legal", "establecimiento", "razon") {
                return .role
            }
            return things.isEmpty && !header.has(Words.organization) && !header.has(Words.place) ? .bare : .thing
        }
        if isRole {
            if header.has(
                "score", "rate", "rating", "hit", "tenure", "age", "race", "gender", "sex", "city", "state", "zip",
                "address", "phone")
            {
                return .thing
            }
            return header.has(Words.place) && !endsWithRole ? .thing : .role
        }
        return header.has(Words.place) || header.has(Words.organization) || !things.isEmpty ? .thing : .nothing
    }
}

extension ColumnEvidence {
    /// Whether a family name stands at most two columns away.
    var hasFamilyBeside: Bool {
        table.around(place).contains { $0.has(HeaderVocabulary.family) || $0.hasAll("last", "name") || $0.has("last") }
    }

    /// Whether the table has both halves of a name, each in a column.
    var hasParts: Bool {
        let first = table.headers.contains { $0.has("first", "given") && $0.words.count <= 3 }
        let last = table.headers.contains { $0.has("last") && $0.words.count <= 3 }
        return first && last
    }
}
