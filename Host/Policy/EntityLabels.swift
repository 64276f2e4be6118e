internal import Detection

extension EntityType {
    /// The word that stands for it in pseudonyms and placeholders: `EMAIL` of `⟨EMAIL_1⟩`. Upper-case letters and `_`.
    var label: String {
        switch self {
        case .email: "EMAIL"
        case .phone: "PHONE"
        case .creditCard: "CARD"
        case .iban: "IBAN"
        case .bankAccount: "ACCOUNT"
        case .swiftBIC: "BIC"
        case .cryptoAddress: "WALLET"
        case .ipAddress: "IP"
        case .macAddress: "MAC"
        case .domainName: "DOMAIN"
        case .apiKey, .password, .credentialURL: "SECRET"
        case .streetAddress: "ADDRESS"
        case .postalCode: "POSTCODE"
        case .place: "PLACE"
        case .group: "GROUP"
        case .coordinates: "COORDINATES"
        case .dateTime: "DATE"
        case .dateOfBirth: "BIRTH_DATE"
        case .freeText: "TEXT"
        case .medicalRecord: "MEDICAL_RECORD"
        case .driverLicense, .usDriverLicense: "DRIVER_LICENSE"
        default: rawValue
        }
    }

    /// The word for values of which nobody knows what they are.
    static let unknownLabel = "VALUE"
}
