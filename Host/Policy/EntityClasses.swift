public import Contracts
public import Detection

extension EntityType {
    /// The class whose action applies to it.
    public var dataClass: DataClass {
        switch self {
        case .person, .username: .personName
        case .dateOfBirth: .personBirthDate
        case .title, .group, .age, .gender, .race, .jobTitle: .personAttribute
        case .passport, .usDriverLicense, .driverLicense, .employeeID: .personDocument
        case .medicalRecord, .insuranceNumber, .auMedicare, .gbNHS: .personHealthID
        case .email: .contactEmail
        case .phone: .contactPhone
        case .creditCard: .financeCard
        case .iban, .bankAccount, .swiftBIC: .financeAccount
        case .cryptoAddress: .financeCrypto
        case .streetAddress: .locationAddress
        case .postalCode: .locationPostalCode
        case .coordinates: .locationCoordinates
        case .place: .locationPlace
        case .ipAddress, .macAddress: .networkAddress
        case .domainName, .url: .networkName
        case .credentialURL, .apiKey, .password: .secret
        case .organization: .organizationName
        case .dateTime: .dateTime
        case .freeText: .freeText
        case .usSSN, .usITIN, .usEIN, .nationalID, .arCUIT, .atSVNR, .auTFN, .beNationalNumber, .bgEGN, .brCNPJ, .brCPF,
            .caSIN, .chAHV, .clRUT, .cnResidentID, .czRodneCislo, .deTaxID, .eeIsikukood, .esDNI, .esNIE, .fiHETU,
            .frNIR, .gbNINO,
            .grAMKA, .hrOIB, .iePPS, .ilID, .inAadhaar, .inPAN, .itCodiceFiscale, .krRRN, .mxCURP, .nlBSN,
            .noFodselsnummer, .plPESEL, .ptNIF, .roCNP, .sePersonnummer, .sgNRIC, .siEMSO, .trTCKN, .twID, .zaID:
            .personNationalID
        }
    }
}
