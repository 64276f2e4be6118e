public import Columnar
public import Contracts
public import Detection
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
    /// What its values are, when that is known; its class has the action that decides.
    public var entity: EntityType?
    /// Whether its numbers may tell one person from another though nothing says what they are.
    public var mayIdentify: Bool
    /// Whether every value is in the code list of its domain, which is not personal data.
    public var isListedCodes: Bool
    /// That list, lower case; a value outside it is masked all the same.
    public var codes: Set<String>

    public init(
        type: ColumnType, distinct: Int, rows: Int, maximumDigits: Int, looksPersonal: Bool, isListedCodes: Bool,
        codes: Set<String> = [], entity: EntityType? = nil, mayIdentify: Bool = false
    ) {
        self.type = type
        self.distinct = distinct
        self.rows = rows
        self.maximumDigits = maximumDigits
        self.looksPersonal = looksPersonal
        self.entity = entity
        self.mayIdentify = mayIdentify
        self.isListedCodes = isListedCodes
        self.codes = codes
    }
}

/// Whether a column's values pass as they are, and if not, what is shown of them. Every column starts masked
/// (docs/masking.md).
public enum Exposure: Sendable, Equatable {
    /// Every value passes.
    ///
    /// - Parameter type: what the values are, for the companion `valid`; nil when that is not known.
    case open(reason: String, type: EntityType? = nil)
    /// The values of this list pass, lower or upper case; any other value is masked.
    case codes(Set<String>, reason: String)
    /// No value passes.
    ///
    /// - Parameters:
    ///   - type: what the values are; their form is the kind's then, else their shape.
    ///   - action: what is shown in their place; `allow` shows the form, as `mask` does.
    case masked(reason: String, type: EntityType? = nil, action: PIIAction = .mask)

    /// Whether the column keeps its type: only then does every value of it pass.
    public var isOpen: Bool { if case .open = self { true } else { false } }

    /// Whether no value passes.
    public var isMasked: Bool { if case .masked = self { true } else { false } }

    /// What the values are, when that is known.
    public var type: EntityType? {
        switch self {
        case .open(_, let type): type
        case .codes: nil
        case .masked(_, let type, _): type
        }
    }

    /// What is done to values that do not pass.
    public var action: PIIAction {
        switch self {
        case .open: .allow
        case .codes: .mask
        case .masked(_, _, let action): action == .allow ? .mask : action
        }
    }

    /// Whether one value, given as text, passes.
    func passes(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .open: true
        case .codes(let codes, _):
            text.count <= 64 && codes.contains(String(decoding: text, as: UTF8.self).lowercased())
        case .masked: false
        }
    }

    /// As the catalog has it. Class and action stand there once the class is known.
    public var json: JSON {
        switch self {
        case .open(let reason, let type): Self.json("open", reason, type, nil)
        case .codes(_, let reason): Self.json("codes", reason, nil, nil)
        case .masked(let reason, let type, _): Self.json("masked", reason, type, action)
        }
    }

    private static func json(_ exposure: String, _ reason: String, _ type: EntityType?, _ action: PIIAction?) -> JSON {
        .members([
            "exposure": .string(exposure), "reason": .string(reason),
            "class": type.map { .string($0.dataClass.rawValue) },
            "action": type == nil && action == .mask ? nil : action.map { .string($0.rawValue) },
        ])
    }
}

extension PolicyEngine {
    /// Fail-closed: only a positive reason opens a column, and anything that speaks for personal data closes it.
    public func exposure(of facts: ColumnFacts) -> Exposure {
        if let entity = facts.entity {
            let dataClass = entity.dataClass
            let action = manifest.pii.action(for: dataClass)
            if action.opens, dataClass.mayBeAllowed {
                return .open(reason: "the manifest allows \(dataClass.rawValue)", type: entity)
            }
            return .masked(reason: "it is \(dataClass.rawValue)", type: entity, action: action)
        }
        if facts.looksPersonal {
            return .masked(reason: "its domain is personal data", action: manifest.pii.action(for: .unknown))
        }
        if facts.isListedCodes, facts.distinct <= manifest.listedCodesMaxDistinct {
            return .codes(facts.codes, reason: "values of its domain's code list pass")
        }
        let action = manifest.pii.action(for: .unknown)
        guard manifest.openTypes.contains(facts.type.name) else {
            return .masked(reason: "\(facts.type.name) columns start masked", action: action)
        }
        if facts.type == .int64 || facts.type == .float64, facts.maximumDigits > manifest.integerDigitsMax {
            return .masked(reason: "numbers of \(facts.maximumDigits) digits may identify", action: action)
        }
        if facts.mayIdentify {
            return .masked(reason: "numbers that a register may have given out", action: action)
        }
        return .open(reason: "a \(facts.type.name) column that nothing marks as personal")
    }
}
