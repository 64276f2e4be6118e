/// What a span of text is.
///
/// Raw values are the names that `sluice mask` prints and policy manifests use.
public enum EntityType: String, Sendable, CaseIterable {
    // What names no number: people, organisations, places, times.
    case person = "PERSON"
    case title = "TITLE"
    case organization = "ORGANIZATION"
    /// A country, state or city.
    case place = "GPE"
    /// A nationality, religion or political group.
    case group = "NRP"
    case streetAddress = "STREET_ADDRESS"
    case postalCode = "ZIP_CODE"
    case dateTime = "DATE_TIME"
    case dateOfBirth = "DATE_OF_BIRTH"
    case age = "AGE"
    case gender = "GENDER"
    case race = "RACE"
    case jobTitle = "JOB_TITLE"
    case username = "USERNAME"
    /// Text in sentences, which may name anything.
    case freeText = "FREE_TEXT"
    // Written signs and numbers.
    case email = "EMAIL_ADDRESS"
    case creditCard = "CREDIT_CARD"
    case iban = "IBAN_CODE"
    case ipAddress = "IP_ADDRESS"
    case macAddress = "MAC_ADDRESS"
    case domainName = "DOMAIN_NAME"
    case url = "URL"
    /// A URL with a user's name and password in it.
    case credentialURL = "CREDENTIAL_URL"
    case coordinates = "GPS_COORDINATES"
    case phone = "PHONE_NUMBER"
    case bankAccount = "BANK_ACCOUNT"
    case swiftBIC = "SWIFT_BIC"
    case cryptoAddress = "CRYPTO"
    case apiKey = "API_KEY"
    case password = "PASSWORD"
    /// A number that a hospital or a health service gives to a patient or a physician.
    case medicalRecord = "MEDICAL_RECORD_NUMBER"
    case insuranceNumber = "INSURANCE_NUMBER"
    case employeeID = "EMPLOYEE_ID"
    case passport = "PASSPORT"
    case usDriverLicense = "US_DRIVER_LICENSE"
    case driverLicense = "DRIVER_LICENSE"
    case usSSN = "US_SSN"
    case usITIN = "US_ITIN"
    case usEIN = "US_EIN"
    /// A number of identity that a word names, of a country that is not known.
    case nationalID = "NATIONAL_ID"
    case arCUIT = "AR_CUIT"
    case atSVNR = "AT_SVNR"
    case auMedicare = "AU_MEDICARE"
    case auTFN = "AU_TFN"
    case beNationalNumber = "BE_NATIONAL_NUMBER"
    case bgEGN = "BG_EGN"
    case brCNPJ = "BR_CNPJ"
    case brCPF = "BR_CPF"
    case caSIN = "CA_SIN"
    case chAHV = "CH_AHV"
    case clRUT = "CL_RUT"
    case cnResidentID = "CN_RESIDENT_ID"
    case czRodneCislo = "CZ_RODNE_CISLO"
    case deTaxID = "DE_TAX_ID"
    case eeIsikukood = "EE_ISIKUKOOD"
    case esDNI = "ES_DNI"
    case esNIE = "ES_NIE"
    case fiHETU = "FI_HETU"
    case frNIR = "FR_NIR"
    case gbNHS = "GB_NHS"
    case gbNINO = "GB_NINO"
    case grAMKA = "GR_AMKA"
    case hrOIB = "HR_OIB"
    case iePPS = "IE_PPS"
    case ilID = "IL_ID"
    case inAadhaar = "IN_AADHAAR"
    case inPAN = "IN_PAN"
    case itCodiceFiscale = "IT_CODICE_FISCALE"
    case krRRN = "KR_RRN"
    case mxCURP = "MX_CURP"
    case nlBSN = "NL_BSN"
    case noFodselsnummer = "NO_FODSELSNUMMER"
    case plPESEL = "PL_PESEL"
    case ptNIF = "PT_NIF"
    case roCNP = "RO_CNP"
    case sePersonnummer = "SE_PERSONNUMMER"
    case sgNRIC = "SG_NRIC"
    case siEMSO = "SI_EMSO"
    case trTCKN = "TR_TCKN"
    case twID = "TW_ID"
    case zaID = "ZA_ID"
}

/// A span of a text that identifies somebody, and how sure that is.
public struct Entity: Sendable, Equatable {
    public let type: EntityType
    /// Byte offsets in the UTF-8 text that was scanned: the first byte, and the one behind the last.
    public let start: Int
    public let end: Int
    /// 0 to 1; spans below `Scanner.threshold` are not reported.
    public let score: Double
    /// What spoke for it, in a word or two; never a part of the text.
    public let evidence: String

    public init(type: EntityType, start: Int, end: Int, score: Double, evidence: String) {
        self.type = type
        self.start = start
        self.end = end
        self.score = score
        self.evidence = evidence
    }

    public var count: Int { end - start }
}
