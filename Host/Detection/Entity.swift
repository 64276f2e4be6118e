/// What a span of text is.
///
/// Raw values are the names that `sluice mask` prints and policy manifests use.
public enum EntityType: String, Sendable, CaseIterable {
    case email = "EMAIL_ADDRESS"
    case creditCard = "CREDIT_CARD"
    case iban = "IBAN_CODE"
    case ipAddress = "IP_ADDRESS"
    case macAddress = "MAC_ADDRESS"
    case phone = "PHONE_NUMBER"
    case usSSN = "US_SSN"
    case usITIN = "US_ITIN"
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
