internal import Foundations

/// The rows of ROADMAP §3, as a Policy Manifest names them.
public enum Capability: String, Sendable, CaseIterable {
    case catalogInference = "catalog_inference"
    case rowSamples = "row_samples"
    case domainingEvidence = "domaining_evidence"
    case transformPreviews = "transform_previews"
    case analysisChecks = "analysis_checks"
    case migration = "migration"
    case guiPreviews = "gui_previews"

    /// How a manifest writes what it grants.
    enum Form: Equatable {
        /// true or false; what is granted is called `yes`.
        case flag
        /// One word; it grants itself and every word in front of it.
        case ladder
        /// A list of words.
        case set
    }

    var form: Form {
        switch self {
        case .catalogInference, .rowSamples: .flag
        case .transformPreviews, .migration, .guiPreviews: .ladder
        case .domainingEvidence, .analysisChecks: .set
        }
    }

    /// Everything that it can grant; of a ladder, the least first.
    public var values: [String] {
        switch self {
        case .catalogInference, .rowSamples: ["yes"]
        case .domainingEvidence: ["headers", "regex", "units", "value_sketches"]
        case .transformPreviews: ["symbolic", "sample_execution"]
        case .analysisChecks: ["logical", "feasibility", "coverage", "nulls", "duplicates", "statistics"]
        case .migration: ["dry_run", "full"]
        case .guiPreviews: ["masked_schema", "masked_slices"]
        }
    }
}

/// The most that any Policy Manifest may grant: the matrices of ROADMAP §§3 and 32.
///
/// A manifest narrows them; one that grants more is refused when it is loaded.
public enum PolicyTables {
    /// The rows of ROADMAP §32, in its order.
    public static let rights = [
        "view_artifacts_masked", "view_pii_unmasked", "create_run", "approve_destructive",
        "toggle_local_only_override", "edit_policy_manifest", "promote_domain", "release_quarantine",
        "manage_provider_registry",
    ]

    /// The least role that §32 gives a right to; every role above has it too. Nil for what is no right.
    public static func leastRole(for right: String) -> Role? {
        switch right {
        case "view_artifacts_masked": .viewer
        case "view_pii_unmasked", "create_run", "promote_domain": .analyst
        case "approve_destructive", "release_quarantine": .operator
        case "toggle_local_only_override", "edit_policy_manifest", "manage_provider_registry": .maintainer
        default: nil
        }
    }

    /// Whether §32 has a tick in a cell.
    public static func mayHold(_ role: Role, _ right: String) -> Bool {
        leastRole(for: right).map { role >= $0 } ?? false
    }

    /// What §3 has in a cell. Whatever needs no value of a cell is also there in data_mode.
    public static func most(_ capability: Capability, _ mode: Mode) -> Set<String> {
        switch (capability, mode) {
        case (_, .dataMode), (.catalogInference, .metadataOnly): Set(capability.values)
        case (.rowSamples, .metadataOnly): []
        case (.domainingEvidence, .metadataOnly): ["headers", "regex", "units"]
        case (.transformPreviews, .metadataOnly): ["symbolic"]
        case (.analysisChecks, .metadataOnly): ["logical", "feasibility"]
        case (.migration, .metadataOnly): ["dry_run"]
        case (.guiPreviews, .metadataOnly): ["masked_schema"]
        }
    }
}

extension PolicyTables {
    /// The members of one mode of `capabilities`; every mistake goes to the reader's list. One that is absent grants
    /// nothing.
    static func grants(_ reader: JSONReader?, _ mode: Mode) -> [Capability: Set<String>] {
        guard let reader else { return [:] }
        var grants: [Capability: Set<String>] = [:]
        for capability in Capability.allCases where reader.keys.contains(capability.rawValue) {
            let name = capability.rawValue
            let granted: [String]
            switch capability.form {
            case .flag: granted = reader.bool(name) == true ? ["yes"] : []
            case .ladder: granted = ladder(reader, capability)
            case .set: granted = list(reader, name, of: capability.values)
            }
            for value in granted where !most(capability, mode).contains(value) {
                let what = capability.form == .flag ? "true" : value
                reader.mistake(
                    name,
                    "\(what) is more than ROADMAP §3 has in the cell \(name) × \(mode.rawValue): a manifest narrows"
                        + " the table, and never exceeds it")
            }
            grants[capability] = Set(granted)
        }
        reader.finish()
        return grants
    }

    private static func ladder(_ reader: JSONReader, _ capability: Capability) -> [String] {
        let name = capability.rawValue
        guard let word = reader.string(name) else { return [] }
        guard let place = capability.values.firstIndex(of: word) else {
            reader.mistake(name, "one of \(capability.values.joined(separator: ", ")) is expected")
            return []
        }
        return Array(capability.values[...place])
    }

    /// A list of words, each known and there once; what is known is given back.
    static func list(_ reader: JSONReader, _ key: String, of known: [String]) -> [String] {
        let words = reader.strings(key) ?? []
        for word in Set(words).sorted() where !known.contains(word) {
            reader.mistake(key, "\(word.debugDescription) is not one of \(known.joined(separator: ", "))")
        }
        if Set(words).count != words.count { reader.mistake(key, "each name is expected once") }
        return words.filter { known.contains($0) }
    }

    /// The rights of one role; every mistake goes to the reader's list.
    static func granted(_ reader: JSONReader?, _ role: Role) -> Set<String> {
        guard let reader else { return [] }
        let listed = list(reader, role.rawValue, of: rights)
        for right in listed where !mayHold(role, right) {
            reader.mistake(
                role.rawValue,
                "\(right) is more than ROADMAP §32 has in the cell \(right) × \(role.rawValue): a manifest narrows the"
                    + " table, and never exceeds it")
        }
        return Set(listed)
    }
}
