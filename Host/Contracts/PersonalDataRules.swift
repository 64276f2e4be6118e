internal import Foundations

/// What is done to values of a class of personal data before anybody but the host sees them.
///
/// The cases stand in the order of what they tell: each tells all that the one before it does, and more.
public enum PIIAction: String, Sendable, CaseIterable, Comparable {
    /// Nothing of it is handed over.
    case drop
    /// A keyed hash: equality alone survives.
    case hash
    /// A keyed pseudonym behind a word for the value's kind: equality survives, and in checks how like values are.
    case pseudonymise
    /// The class's masked form, such as `j***@e******.com`: beside all that a pseudonym tells, length and outline.
    case mask
    /// As it is.
    case allow

    /// Whether it hands values over as they are.
    public var opens: Bool { self == .allow }

    private var rank: Int { PIIAction.allCases.firstIndex(of: self) ?? 0 }
    /// From the strictest, which tells least, to the most open.
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

    /// Reads the member `pii`; every mistake goes to the reader's list.
    init(_ reader: JSONReader?) {
        guard let reader else {
            self.init()
            return
        }
        let standard = reader.choice("default", PIIAction.self) ?? .mask
        if standard.opens { reader.mistake("default", "may not be allow: name the classes that are open") }
        var classes: [DataClass: PIIAction] = [:]
        if let list = reader.object("classes") {
            for name in list.keys {
                guard let dataClass = DataClass(rawValue: name) else { continue }
                guard let entry = list.object(name) else { continue }
                let action = entry.choice("action", PIIAction.self)
                entry.finish()
                guard let action else { continue }
                if action.opens, !dataClass.mayBeAllowed {
                    entry.mistake("action", "may never be allow: use mask, pseudonymise, hash or drop")
                } else if dataClass == .notPersonal, !action.opens {
                    entry.mistake("action", "of what was decided not to be personal is always allow")
                }
                classes[dataClass] = action
            }
            list.finish()
        }
        reader.finish()
        self.init(standard: standard, classes: classes)
    }
}

/// A law's wish about where data of some classes may be sent; off unless it is switched on.
public struct Jurisdiction: Sendable, Equatable {
    public let name: String
    public let isEnabled: Bool
    public let classes: Set<DataClass>
    /// The regions that a destination may lie in, as `egress.regions` names them.
    public let regions: Set<String>

    /// Whether it says something about values of a class. What nobody decided about is covered.
    public func covers(_ dataClass: DataClass) -> Bool {
        isEnabled && (dataClass == .unknown || dataClass == .freeText || classes.contains(dataClass))
    }

    /// Reads the member `jurisdictions`, sorted by name; every mistake goes to the reader's list.
    static func list(_ reader: JSONReader?) -> [Jurisdiction] {
        guard let reader else { return [] }
        return reader.keys.compactMap { (name: String) -> Jurisdiction? in
            guard let entry = reader.object(name) else { return nil }
            if !isName(name) { reader.mistake(name, "lower-case letters, digits, '-' and '_' are expected") }
            let enabled = entry.bool("enabled") ?? true
            let classes = PolicyTables.list(entry, "classes", of: DataClass.allCases.map(\.rawValue))
            let regions = entry.strings("regions") ?? []
            if !regions.allSatisfy(isName) || Set(regions).count != regions.count {
                entry.mistake("regions", "names of regions such as eu are expected, each once")
            }
            entry.finish()
            return Jurisdiction(
                name: name, isEnabled: enabled, classes: Set(classes.compactMap(DataClass.init(rawValue:))),
                regions: Set(regions))
        }
    }

    /// Whether a text can name a jurisdiction or a region.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-_".utf8.contains($0) }
    }
}
