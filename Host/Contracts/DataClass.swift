/// The classes of personal data that a Policy Manifest gives an action each (ROADMAP §6).
///
/// Raw values are the manifest's names. Detectors name entities; each entity belongs to one class.
public enum DataClass: String, Sendable, CaseIterable, Comparable {
    case personName = "person.name"
    case personBirthDate = "person.birth_date"
    /// Age, gender, title, job, nationality, religion, race.
    case personAttribute = "person.attribute"
    /// Numbers that a state gives to a person, with or without check digit.
    case personNationalID = "person.national_id"
    /// Passport and driver's licence.
    case personDocument = "person.document"
    /// Numbers that a health service gives to a person.
    case personHealthID = "person.health_id"
    case contactEmail = "contact.email"
    case contactPhone = "contact.phone"
    case financeCard = "finance.card"
    /// IBAN, account and routing numbers.
    case financeAccount = "finance.account"
    case financeCrypto = "finance.crypto"
    case locationAddress = "location.address"
    case locationPostalCode = "location.postal_code"
    case locationCoordinates = "location.coordinates"
    /// Country, state, city.
    case locationPlace = "location.place"
    /// IP and hardware addresses.
    case networkAddress = "network.address"
    /// URLs and domain names.
    case networkName = "network.name"
    /// Keys, tokens, passwords, URLs with credentials.
    case secret = "secret"
    case organizationName = "organization.name"
    /// A date or time that is nobody's birth.
    case dateTime = "date_time"
    case freeText = "text.free"
    /// Not decided: treated as personal.
    case unknown = "unknown"
    /// Decided not to be personal.
    case notPersonal = "none"

    public static func < (a: DataClass, b: DataClass) -> Bool { a.rawValue < b.rawValue }
}
