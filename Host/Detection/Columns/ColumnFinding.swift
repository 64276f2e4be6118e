/// What a column holds, and what spoke for it. No value of the column is in it, nor any part of one.
public struct ColumnFinding: Sendable, Equatable {
    /// Nil when nothing reaches `ColumnClassifier.threshold`.
    public let type: EntityType?
    /// 0 to 1: how sure `type` is; without one, that of the best type that was refused.
    public let score: Double
    /// What spoke for it, in words: `header`, `form`, `dictionary`, `neighbours`, with shares in per cent.
    public let evidence: [String]
    /// 0 to 1: the share of the non-empty cells whose values fit the type.
    public let share: Double
    /// Whether the column may tell one person from another though no type is seen: numbers of five digits and more that
    /// are nearly all different, under a name that calls them no measure.
    public let mayIdentify: Bool

    public init(type: EntityType?, score: Double, evidence: [String], share: Double, mayIdentify: Bool = false) {
        self.type = type
        self.score = score
        self.evidence = evidence
        self.share = share
        self.mayIdentify = mayIdentify
    }
}

extension EntityType {
    /// Whether a column of this type says something about people, or how to reach them: the question that column
    /// evaluations ask. Masking goes by class instead, and masks more.
    public var isPersonalColumn: Bool {
        switch self {
        case .person, .dateOfBirth, .age, .gender, .race, .group, .email, .phone, .streetAddress, .username, .passport,
            .usDriverLicense, .driverLicense, .medicalRecord:
            true
        case .title, .organization, .place, .postalCode, .dateTime, .jobTitle, .freeText, .creditCard, .iban,
            .ipAddress, .macAddress, .domainName, .url, .credentialURL, .coordinates, .bankAccount, .swiftBIC,
            .cryptoAddress, .apiKey, .password, .brCNPJ, .arCUIT:
            false
        default: isNationalID
        }
    }

    /// Numbers that a state gives to one person.
    public var isNationalID: Bool {
        switch self {
        case .usSSN, .usITIN, .arCUIT, .atSVNR, .auMedicare, .auTFN, .beNationalNumber, .bgEGN, .brCPF, .caSIN,
            .chAHV, .clRUT, .cnResidentID, .czRodneCislo, .deTaxID, .eeIsikukood, .esDNI, .esNIE, .fiHETU, .frNIR,
            .gbNHS, .gbNINO, .grAMKA, .hrOIB, .iePPS, .ilID, .inAadhaar, .inPAN, .itCodiceFiscale, .krRRN, .mxCURP,
            .nlBSN, .noFodselsnummer, .plPESEL, .ptNIF, .roCNP, .sePersonnummer, .sgNRIC, .siEMSO, .trTCKN, .twID,
            .zaID, .nationalID:
            true
        default: false
        }
    }
}
