/// Numbers of people, accounts and machines, and what is no personal data at all: places, organisations, measures.
enum OtherRules {
    static func candidates(_ column: ColumnEvidence) -> [ColumnCandidate] {
        guard !column.values.isEmpty else { return [] }
        return scanned(column) + identity(column) + spatial(column) + words(column)
    }

    // MARK: What the text scanner takes whole values for

    private static func scanned(_ column: ColumnEvidence) -> [ColumnCandidate] {
        let (values, header) = (column.values, column.header)
        return values.whole.compactMap { type, share in
            switch type {
            case .email, .phone, .person, .organization, .place, .age, .gender, .race, .group, .title, .jobTitle,
                .freeText,
                .dateTime, .dateOfBirth, .streetAddress:
                return nil
            case .postalCode, .username, .coordinates, .domainName, .url:
                return share > 0.8 ? ColumnCandidate(type, 0.3 + 0.3 * share, share: share, "form") : nil
            case .nationalID, .medicalRecord, .insuranceNumber, .employeeID, .bankAccount:
                // Words alone name these, and here they are the header's: of a person, or of a building?
                let isOfThing =
                    header.has(HeaderVocabulary.things) || header.has(HeaderVocabulary.organization)
                    || header.has("provider", "filer", "operation", "operator", "vendor", "contract", "network", "npi")
                return share > 0.5 && !isOfThing
                    ? ColumnCandidate(type, 0.5 + 0.3 * share, share: share, "header", "form") : nil
            case .usSSN:
                let isNamed = header.has("ssn", "social", "sin", "tin")
                guard share > 0.5 else {
                    return ColumnCandidate(type, 0.45 * share * 2, share: share, "form in a part")
                }
                return ColumnCandidate(type, isNamed ? 0.95 : 0.5 + 0.3 * share, share: share, "form")
            case let type where type.isNationalID:
                // Check digits of eleven or of ten hold by chance for some: nearly all must, and of many values.
                guard share > 0.9, values.distinct >= 5 else {
                    return ColumnCandidate(type, 0.4 * share, share: share, "check digit in a part")
                }
                return ColumnCandidate(type, 0.55 + 0.35 * share, share: share, "check digit")
            default:
                guard share > 0.5 else {
                    return ColumnCandidate(type, 0.45 * share * 2, share: share, "form in a part")
                }
                return ColumnCandidate(type, 0.6 + 0.35 * share, share: share, "form")
            }
        }
    }

    // MARK: Identity numbers by header

    private static func identity(_ column: ColumnEvidence) -> [ColumnCandidate] {
        let (values, header) = (column.values, column.header)
        guard values.idNumber > 0.5, !header.has("tipo", "type", "count", "date", "fecha", "class", "status") else {
            return []
        }
        func found(_ type: EntityType, _ score: Double) -> [ColumnCandidate] {
            [ColumnCandidate(type, score, share: values.idNumber, "header", "form")]
        }
        if header.has("ssn") || header.pair("social", "security") { return found(.usSSN, 0.9) }
        if header.has("passport", "pasaporte", "passeport", "reisepass", "passaporto") { return found(.passport, 0.85) }
        if header.hasAll("driver", "license") || header.hasAll("drivers", "license") || header.has("dln") {
            return found(.driverLicense, 0.8)
        }
        if header.has("mrn") || header.hasAll("medical", "record") { return found(.medicalRecord, 0.8) }
        let isFirm = header.has("nit", "empresa", "entidad", "institucion", "contrato", "proceso", "prestador")
        if header.has("cedula", "cdula", "dni", "curp", "nif", "cpf", "codicefiscale"), !isFirm {
            return found(.nationalID, 0.75)
        }
        if header.has("identificacion", "identificacin", "documento", "identidad"), !isFirm,
            header.has(
                "numero", "nmero", "num", "no", "nro", "persona", "paciente", "cliente", "beneficiario", "identidad")
                || header.words.count == 1
        {
            return found(.nationalID, values.companyNumber > 0.4 ? 0.4 : 0.6)
        }
        if header.has("national", "citizen", "identity"), header.has("id", "number", "no"), header.words.count <= 3 {
            return found(.nationalID, 0.7)
        }
        return []
    }

    // MARK: Where

    private static func spatial(_ column: ColumnEvidence) -> [ColumnCandidate] {
        let (values, header) = (column.values, column.header)
        var found: [ColumnCandidate] = []
        if values.coordinatePair > 0.5 {
            found.append(
                ColumnCandidate(.coordinates, 0.6 + 0.35 * values.coordinatePair, share: values.coordinatePair, "form"))
        }
        let isLatitude = header.has(HeaderVocabulary.latitude) && values.latitude > 0.5
        let isLongitude = header.has(HeaderVocabulary.longitude) && values.longitude > 0.5
        if isLatitude || isLongitude {
            found.append(
                ColumnCandidate(.coordinates, 0.9, share: max(values.latitude, values.longitude), "header", "range"))
        }
        if header.has(HeaderVocabulary.postal), values.url < 0.5 {
            found.append(ColumnCandidate(.postalCode, 0.8, share: 1 - values.long, "header"))
        }
        return found
    }

    // MARK: Words

    private static func words(_ column: ColumnEvidence) -> [ColumnCandidate] {
        let (values, header) = (column.values, column.header)
        var found: [ColumnCandidate] = []
        if values.url > 0.5 { found.append(ColumnCandidate(.url, 0.6 + 0.35 * values.url, share: values.url, "form")) }
        if values.sentence > 0.5 { found.append(ColumnCandidate(.freeText, 0.55, share: values.sentence, "length")) }
        guard values.number < 0.5, values.date < 0.5 else { return found }
        if header.has(HeaderVocabulary.place), !header.has("name") || header.words.count <= 3, values.house < 0.5 {
            found.append(ColumnCandidate(.place, 0.6 + 0.3 * values.place, share: values.place, "header", "dictionary"))
        } else if values.place > 0.7, values.distinct >= 2 {
            found.append(ColumnCandidate(.place, 0.4 + 0.25 * values.place, share: values.place, "dictionary"))
        }
        if values.organization > 0.4 {
            let isNamed = header.has(HeaderVocabulary.organization)
            found.append(
                ColumnCandidate(
                    .organization, (isNamed ? 0.6 : 0.4) + 0.35 * values.organization, share: values.organization,
                    isNamed ? "header and words" : "words"))
        }
        if header.has(HeaderVocabulary.jobTitle), values.alphabetic > 0.7, values.organization < 0.4,
            values.person < 0.3
        {
            found.append(ColumnCandidate(.jobTitle, 0.5, share: values.alphabetic, "header"))
        }
        if header.has("username", "login", "userid") || header.hasAll("user", "name") {
            found.append(ColumnCandidate(.username, 0.6, share: 1, "header"))
        }
        if header.has("password", "passwd", "pwd", "secret", "passphrase") {
            found.append(ColumnCandidate(.password, 0.9, share: 1, "header"))
        }
        return found
    }
}
