public import Columnar
internal import Contracts
public import Foundations

/// What the masker knows about a column when it decides whether the column may be open. No value is in it.
public struct ColumnFacts: Sendable, Equatable {
    public var type: ColumnType
    public var distinct: Int
    public var rows: Int
    /// Most digits before the point of any number in it; 0 when it has none.
    public var maximumDigits: Int
    /// Whether the best domain that is not unknown (score at or above τ_low) is personal data.
    public var looksPersonal: Bool
    /// Whether every value is in the code list of its domain, which is not personal data.
    public var isListedCodes: Bool
    /// That list, lower case; a value outside it is masked all the same.
    public var codes: Set<String>

    public init(
        type: ColumnType, distinct: Int, rows: Int, maximumDigits: Int, looksPersonal: Bool, isListedCodes: Bool,
        codes: Set<String> = []
    ) {
        self.type = type
        self.distinct = distinct
        self.rows = rows
        self.maximumDigits = maximumDigits
        self.looksPersonal = looksPersonal
        self.isListedCodes = isListedCodes
        self.codes = codes
    }
}

/// Whether a column's values pass as they are. Every column starts masked (docs/masking.md).
public enum Exposure: Sendable, Equatable {
    /// Every value passes.
    case open(reason: String)
    /// The values of this list pass, lower or upper case; any other value is masked.
    case codes(Set<String>, reason: String)
    case masked(reason: String)

    /// Whether the column keeps its type: only then does every value of it pass.
    public var isOpen: Bool { if case .open = self { true } else { false } }

    /// Whether any value can pass; saves the look at each.
    var mayPass: Bool { if case .masked = self { false } else { true } }

    /// Whether one value, given as text, passes.
    func passes(_ text: [UInt8]) -> Bool {
        switch self {
        case .open: true
        case .codes(let codes, _):
            text.count <= 64 && codes.contains(String(decoding: text, as: UTF8.self).lowercased())
        case .masked: false
        }
    }

    public var json: JSON {
        switch self {
        case .open(let reason): ["exposure": "open", "reason": .string(reason)]
        case .codes(_, let reason): ["exposure": "codes", "reason": .string(reason)]
        case .masked(let reason): ["exposure": "masked", "reason": .string(reason)]
        }
    }
}

extension PolicyEngine {
    /// Fail-closed: only a positive reason opens a column, and anything that speaks for personal data closes it.
    public func exposure(of facts: ColumnFacts) -> Exposure {
        if facts.looksPersonal { return .masked(reason: "its domain is personal data") }
        if facts.isListedCodes, facts.distinct <= manifest.listedCodesMaxDistinct {
            return .codes(facts.codes, reason: "values of its domain's code list pass")
        }
        guard manifest.openTypes.contains(facts.type.name) else {
            return .masked(reason: "\(facts.type.name) columns start masked")
        }
        if facts.type == .int64 || facts.type == .float64, facts.maximumDigits > manifest.integerDigitsMax {
            return .masked(reason: "numbers of \(facts.maximumDigits) digits may identify")
        }
        return .open(reason: "a \(facts.type.name) column that nothing marks as personal")
    }
}
