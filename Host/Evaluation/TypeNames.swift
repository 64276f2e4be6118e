internal import Contracts
public import Detection
internal import Foundations
internal import Policy

/// What a label of a data set means here: the name of its row in reports, and the types that answer it when found.
public struct LabelMeaning: Sendable, Equatable {
    /// The raw value of an `EntityType`, or a group's name, such as `NATIONAL_ID`.
    public let name: String
    public let types: Set<EntityType>
}

/// The one table from the names that data sets use for entities to ours; docs/evaluation.md shows it.
public enum TypeNames {
    /// The types with a form of their own by which detectors of texts are compared.
    public static let structured: Set<EntityType> = [.creditCard, .email, .iban, .ipAddress, .phone, .usSSN]

    /// nil when nothing that Sluice finds answers the label.
    ///
    /// - Parameter label: as the data set writes it; case, blanks, dots and hyphens make no difference.
    public static func meaning(of label: String) -> LabelMeaning? {
        let name = normalised(label)
        if let group = groups[name] { return group }
        guard let type = EntityType(rawValue: name) ?? synonyms[name] else { return nil }
        return LabelMeaning(name: type.rawValue, types: (kinds[type] ?? []).union([type]))
    }

    /// Every name that `meaning` knows, sorted.
    public static let all: [String] =
        (EntityType.allCases.map(\.rawValue) + Array(synonyms.keys) + Array(groups.keys)).sorted()

    /// The known name that is nearest to one that is not; nil when none is near.
    static func nearest(to label: String) -> String? {
        let name = normalised(label)
        guard (3...40).contains(name.utf8.count) else { return nil }
        let best = all.map { (name: $0, distance: JSONReader.distance($0, name)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= 2 ? $0.name : nil } ?? all.first { $0.hasPrefix(name) }
    }

    static func normalised(_ label: String) -> String {
        let signs = label.uppercased().utf8.map { byte in
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: ".")
                ? UInt8(ascii: "_") : byte
        }
        return String(decoding: signs, as: UTF8.self)
    }

    /// Other names for one type.
    static let synonyms: [String: EntityType] = [
        "PER": .person, "PERSON_NAME": .person, "NAME": .person, "FULL_NAME": .person, "FIRST_NAME": .person,
        "LAST_NAME": .person, "GIVENNAME": .person, "SURNAME": .person,
        "ORG": .organization, "ORGANIZATION_NAME": .organization, "COMPANY": .organization,
        "COMPANY_NAME": .organization,
        "CITY": .place, "STATE": .place, "COUNTRY": .place, "NORP": .group, "NATIONALITY": .group,
        "ADDRESS": .streetAddress, "STREET": .streetAddress,
        "ZIPCODE": .postalCode, "POSTAL_CODE": .postalCode, "POSTCODE": .postalCode,
        "DATE": .dateTime, "TIME": .dateTime, "TIMESTAMP": .dateTime,
        "DOB": .dateOfBirth, "BIRTH_DATE": .dateOfBirth, "BIRTHDATE": .dateOfBirth,
        "SEX": .gender, "ETHNICITY": .race, "OCCUPATION": .jobTitle, "USER_NAME": .username, "PREFIX": .title,
        "EMAIL": .email,
        "CREDITCARD": .creditCard, "CREDIT_CARD_NUMBER": .creditCard, "CARD_NUMBER": .creditCard,
        "IBAN": .iban, "IP": .ipAddress, "IPV4": .ipAddress, "IPV6": .ipAddress, "MAC": .macAddress,
        "DOMAIN": .domainName, "GPS": .coordinates, "COORDINATE": .coordinates,
        "PHONE": .phone, "TELEPHONE": .phone, "TELEPHONE_NUMBER": .phone, "MOBILE_NUMBER": .phone,
        "US_BANK_NUMBER": .bankAccount, "BANK_ACCOUNT_NUMBER": .bankAccount, "ACCOUNT_NUMBER": .bankAccount,
        "SWIFT_BIC_CODE": .swiftBIC, "BIC": .swiftBIC, "SWIFT": .swiftBIC, "SWIFT_CODE": .swiftBIC,
        "CRYPTO_ADDRESS": .cryptoAddress, "CRYPTO_WALLET": .cryptoAddress,
        "ACCESS_TOKEN": .apiKey, "TOKEN": .apiKey, "SECRET_KEY": .apiKey,
        "INSURANCE_POLICY_NUMBER": .insuranceNumber, "POLICY_NUMBER": .insuranceNumber,
        "HEALTH_INSURANCE_NUMBER": .insuranceNumber, "EMPLOYEE_NUMBER": .employeeID, "EIN": .usEIN,
        "MRN": .medicalRecord, "PASSPORT_NUMBER": .passport, "US_PASSPORT": .passport,
        "SSN": .usSSN, "SOCIAL_SECURITY_NUMBER": .usSSN, "US_SOCIAL_SECURITY_NUMBER": .usSSN,
        "US_INDIVIDUAL_TAXPAYER_NUMBER": .usITIN, "ITIN": .usITIN,
        "UK_NHS": .gbNHS, "UK_NINO": .gbNINO, "ES_NIF": .esDNI, "IT_FISCAL_CODE": .itCodiceFiscale,
        "SG_NRIC_FIN": .sgNRIC, "FI_PERSONAL_IDENTITY_CODE": .fiHETU, "DRIVING_LICENSE": .driverLicense,
        "DRIVERS_LICENSE": .driverLicense, "DRIVER_LICENSE_NUMBER": .driverLicense,
        "DRIVERS_LICENSE_NUMBER": .driverLicense,
    ]

    /// Types that are a kind of another: found, they answer a label of the wider one as well.
    private static let kinds: [EntityType: Set<EntityType>] = [
        .dateTime: [.dateOfBirth], .url: [.credentialURL, .domainName], .domainName: [.url, .credentialURL],
        .driverLicense: [.usDriverLicense], .usDriverLicense: [.driverLicense],
    ]

    /// Names for what we divide further.
    private static let groups: [String: LabelMeaning] = {
        let numbers = Set(EntityType.allCases.filter { $0.dataClass == .personNationalID })
        let places: Set<EntityType> = [.place, .streetAddress, .postalCode, .coordinates]
        var groups: [String: LabelMeaning] = [:]
        for name in ["NATIONAL_ID", "NATIONAL_ID_NUMBER", "ID_NUMBER"] {
            groups[name] = LabelMeaning(name: "NATIONAL_ID", types: numbers)
        }
        for name in ["TAX_ID", "TAX_NUMBER"] { groups[name] = LabelMeaning(name: "TAX_ID", types: numbers) }
        for name in ["LOCATION", "LOC"] { groups[name] = LabelMeaning(name: "LOCATION", types: places) }
        return groups
    }()
}
