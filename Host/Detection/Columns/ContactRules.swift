/// Electronic mail, telephone numbers and street addresses.
enum ContactRules {
    static func candidates(_ column: ColumnEvidence) -> [ColumnCandidate] {
        guard !column.values.isEmpty else { return [] }
        return [email(column), phone(column), address(column)].compactMap { $0 }
    }

    private static func email(_ column: ColumnEvidence) -> ColumnCandidate? {
        let share = column.values.email
        guard share > 0.01 else { return nil }
        let isNamed = column.header.has(HeaderVocabulary.email)
        if share > 0.5 { return ColumnCandidate(.email, 0.7 + 0.29 * share, share: share, "form") }
        return ColumnCandidate(.email, isNamed ? 0.45 : 0.4 * share * 2, share: share, "form in a part")
    }

    // MARK: Telephone

    private static func phone(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        // A zero under such a header stands for no number.
        let any = (values.phoneForm + values.phoneDigits) / max(0.05, 1 - values.zero)
        guard any > 0.05 else { return nil }
        let isNamed = isPhoneHeader(header)
        if isNamed {
            if any > 0.5 { return ColumnCandidate(.phone, 0.7 + 0.28 * any, share: any, "header", "form") }
            return ColumnCandidate(.phone, 0.45, share: any, "header", "form in a part")
        }
        if values.phoneForm > 0.5,
            !header.has(
                "date", "parcel", "apn", "pin", "docket", "case", "code", "isbn", "id", "ids", "gisid", "gis", "key",
                "permit", "file", "license", "account", "sku")
        {
            return ColumnCandidate(.phone, 0.5 + 0.3 * values.phoneForm, share: values.phoneForm, "form")
        }
        let hasNeighbour = column.table.around(column.place).contains(where: isPhoneHeader)
        let isContact = header.has("contact", "contacto", "number", "numero", "no")
        if isContact || header.isGeneric, values.northAmerican > (header.isGeneric ? 0.97 : 0.9), values.distinct >= 3 {
            let isLikely = hasNeighbour || header.has("contact", "contacto") || header.isGeneric
            return ColumnCandidate(.phone, isLikely ? 0.6 : 0.45, share: values.northAmerican, "ten digits of the plan")
        }
        if header.has("contact", "contacto"), any > 0.6, values.maximumDigits >= 7 || values.number < 0.5 {
            return ColumnCandidate(.phone, 0.6, share: any, "header", "digits")
        }
        return nil
    }

    static func isPhoneHeader(_ header: ColumnHeader) -> Bool {
        guard !header.has("type", "tipo", "ext", "extension", "provider", "carrier", "service", "code", "area", "count")
        else {
            return header.has(HeaderVocabulary.phone) && header.has("service", "code") && !header.has("area", "type")
        }
        if header.has("tel") { return header.words.count <= 3 }
        if header.has("ph") { return header.words.count <= 2 || header.has("number", "no", "num") }
        if header.has("mobile", "mobil", "cell") {
            return !header.has("home", "app", "size", "site", "unit", "line", "carrier")
        }
        return header.has(HeaderVocabulary.phone)
    }

    // MARK: Street address

    private static func address(_ column: ColumnEvidence) -> ColumnCandidate? {
        let (values, header) = (column.values, column.header)
        let sure = values.house
        let any = values.house + values.bareHouse
        if isSecondLine(header) {
            let fits = any + values.unit + values.street + values.number + values.shortCode * 0.5
            guard values.date < 0.5, values.url < 0.5, values.email < 0.5 else { return nil }
            return ColumnCandidate(
                .streetAddress, min(0.9, 0.62 + 0.3 * fits), share: max(0.5, min(1, fits)), "header: second line")
        }
        if isAddressHeader(header) {
            let fits = any + values.unit * 0.5
            if values.number > 0.5 { return nil }
            if fits > 0.5 { return ColumnCandidate(.streetAddress, 0.7 + 0.28 * fits, share: any, "header", "form") }
            if fits > 0.05 {
                return ColumnCandidate(.streetAddress, 0.3 + 0.4 * fits, share: any, "header", "form in a part")
            }
            return nil
        }
        if values.unit > 0.5, header.has("suite", "floor", "room", "unit", "apt", "apartment", "building", "piso") {
            return ColumnCandidate(.streetAddress, 0.6, share: values.unit, "header", "form")
        }
        guard
            !header.has(
                HeaderVocabulary.addressParts.subtracting(["no", "city", "state", "county", "county", "district"]))
                || sure > 0.9
        else { return nil }
        if header.has("type", "tipo", "class", "category", "description", "frequency") { return nil }
        let isWeak = header.has(HeaderVocabulary.weakAddress) || header.has("block", "domicile", "residence", "mailing")
        let isText = values.sentence > 0.4 || values.long > 0.8
        if isWeak {
            if any > 0.5 {
                return ColumnCandidate(.streetAddress, 0.5 + 0.4 * (0.6 * sure + 0.4 * any), share: any, "form")
            }
            return sure > 0.1 ? ColumnCandidate(.streetAddress, 0.4 * sure + 0.2, share: sure, "form in a part") : nil
        }
        if sure > 0.6, !isText || sure > 0.85 {
            return ColumnCandidate(.streetAddress, 0.4 + 0.4 * sure, share: sure, "form")
        }
        return sure > 0.1 ? ColumnCandidate(.streetAddress, 0.4 * sure, share: sure, "form in a part") : nil
    }

    /// A header that names an address whole, not one of its parts or what is known of it.
    static func isAddressHeader(_ header: ColumnHeader) -> Bool {
        guard header.has(HeaderVocabulary.address) else { return false }
        if header.has("calle", "dir"), header.words.count > 2 { return false }
        var parts = HeaderVocabulary.addressParts
        // `direccion` is both the address and the direction; `domicilio` tells where somebody lives.
        parts.subtract(["direccion", "direccin", "dir"])
        if header.has("full", "street", "calle") { parts.subtract(["city", "state", "zip"]) }
        if header.has(parts) {
            // `number_and_address`, `county jail address` are addresses; `address_city`, `municipio_domicilio` are none.
            let places = [
                "city", "county", "state", "province", "district", "no", "ward", "council", "precinct", "source",
            ]
            guard let last = header.words.last, HeaderVocabulary.address.contains(last),
                parts.intersection(header.set).isSubset(of: Set(places))
            else { return false }
        }
        return true
    }

    private static func isSecondLine(_ header: ColumnHeader) -> Bool {
        guard isAddressHeader(header) || header.has("street", "line") && header.has("2", "3", "two") else {
            return false
        }
        if header.has("cross", "intersecting", "intersection", "crossing") { return false }
        if header.hasAll("street", "2") || header.hasAll("line", "2") || header.hasAll("line", "3") {
            return header.words.count <= 5
        }
        guard let last = header.words.last else { return false }
        return ["2", "two", "ii"].contains(last) && !header.has("rental", "property")
            || header.has("second", "additional", "secondary", "complemento", "complement")
    }
}
