internal import Detection

/// What the values of a personal domain are, for their masked form and for the companion `valid`.
enum DomainEntity {
    /// Nil for a domain without a kind of its own; its values are shown as shapes.
    static func type(of domain: String) -> EntityType? { types[domain] }

    private static let types: [String: EntityType] = [
        "person.first_name": .person, "person.middle_name": .person, "person.last_name": .person,
        "person.full_name": .person, "person.birth_date": .dateOfBirth, "person.age": .age, "person.gender": .gender,
        "person.ethnicity": .race, "contact.email": .email, "contact.phone": .phone,
        "location.street_address": .streetAddress, "location.address_line_2": .streetAddress,
        "location.postal_code": .postalCode, "location.latitude": .coordinates, "location.longitude": .coordinates,
        "location.coordinate_pair": .coordinates, "identifier.card_number": .creditCard, "identifier.iban": .iban,
        "identifier.us_ssn": .usSSN, "network.ipv4": .ipAddress, "network.ipv6": .ipAddress, "network.mac": .macAddress,
        "text.free_text": .freeText, "account.username": .username, "account.password_hash": .password,
    ]
}
