/// What is done to values of a class of personal data before anybody but the host sees them.
public enum PIIAction: String, Sendable, CaseIterable, Comparable {
    /// Nothing of it is handed over.
    case drop
    /// The class's masked form, such as `j***@e******.com`.
    case mask
    /// A keyed hash: equality alone survives.
    case hash
    /// A keyed pseudonym of the value's kind: equality and form survive.
    case pseudonymise
    /// As it is.
    case allow

    /// Whether it hands values over as they are.
    public var opens: Bool { self == .allow }

    private var rank: Int { PIIAction.allCases.firstIndex(of: self) ?? 0 }
    /// From the strictest to the most open.
    public static func < (a: PIIAction, b: PIIAction) -> Bool { a.rank < b.rank }
}

extension DataClass {
    /// Whether a manifest may open it: keys and passwords, free text and what nobody decided about never are.
    public var mayBeAllowed: Bool { ![.secret, .freeText, .unknown].contains(self) }
}

/// An action for each class of personal data (ROADMAP §6).
public struct PIIRules: Sendable, Equatable {
    /// For every class that is not listed; never `allow`.
    public let standard: PIIAction
    public let classes: [DataClass: PIIAction]

    public init(standard: PIIAction = .mask, classes: [DataClass: PIIAction] = [:]) {
        self.standard = standard
        self.classes = classes
    }

    /// `none` is always allowed.
    public func action(for dataClass: DataClass) -> PIIAction {
        dataClass == .notPersonal ? .allow : classes[dataClass] ?? standard
    }
}

extension PolicyManifest {
    /// Every class is masked: version 0 has no other action.
    public var pii: PIIRules { PIIRules() }
    /// Rows that must look alike before a preview shows them (k-anonymity).
    public var previewsK: Int { 5 }
}
