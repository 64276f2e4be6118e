public import Columnar
internal import Contracts
public import Foundations

/// What the masker knows about a column when it decides whether the column may be open. No value is in it.
public struct ColumnFacts: Sendable, Equatable {
    public var type: ColumnType
    public var distinct: Int
    public var rows: Int
    /// Most digits of any integer in it; 0 when it has none.
    public var maximumDigits: Int
    /// Whether the best domain that is not unknown (score at or above τ_low) is personal data.
    public var looksPersonal: Bool
    /// Whether every value is in the code list of its domain, which is not personal data.
    public var isListedCodes: Bool

    public init(
        type: ColumnType, distinct: Int, rows: Int, maximumDigits: Int, looksPersonal: Bool, isListedCodes: Bool
    ) {
        self.type = type
        self.distinct = distinct
        self.rows = rows
        self.maximumDigits = maximumDigits
        self.looksPersonal = looksPersonal
        self.isListedCodes = isListedCodes
    }
}

/// Whether a column's values pass as they are. Every column starts masked (docs/masking.md).
public enum Exposure: Sendable, Equatable {
    case open(reason: String)
    case masked(reason: String)

    public var isOpen: Bool { if case .open = self { true } else { false } }

    public var json: JSON {
        switch self {
        case .open(let reason): ["exposure": "open", "reason": .string(reason)]
        case .masked(let reason): ["exposure": "masked", "reason": .string(reason)]
        }
    }
}

extension PolicyEngine {
    /// Fail-closed: only a positive reason opens a column, and anything that speaks for personal data closes it.
    public func exposure(of facts: ColumnFacts) -> Exposure {
        if facts.looksPersonal { return .masked(reason: "its domain is personal data") }
        if facts.isListedCodes, facts.distinct <= manifest.listedCodesMaxDistinct {
            return .open(reason: "every value is a listed code")
        }
        guard manifest.openTypes.contains(facts.type.name) else {
            return .masked(reason: "\(facts.type.name) columns start masked")
        }
        if facts.type == .int64, facts.maximumDigits > manifest.integerDigitsMax {
            return .masked(reason: "integers of \(facts.maximumDigits) digits may identify")
        }
        return .open(reason: "a \(facts.type.name) column that nothing marks as personal")
    }
}
