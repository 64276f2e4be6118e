import Contracts
import Foundations
import Policy
import Testing

/// The tables of ROADMAP §§3 and 32 as ROADMAP.md prints them: what no policy may exceed, from outside of the program.
struct RoadmapTables {
    /// Right → role → whether there is a tick.
    let rights: [String: [String: Bool]]
    /// Row of §3 → mode → words of the cell.
    private let cells: [String: [String: String]]

    init() throws {
        let text = String(decoding: try Files.read("\(root)/ROADMAP.md"), as: UTF8.self)
        let names = [
            "view artifacts (masked)": "view_artifacts_masked", "view PII (unmasked)": "view_pii_unmasked",
            "create run": "create_run", "approve destructive ops": "approve_destructive",
            "toggle `local_only_override`": "toggle_local_only_override",
            "edit Policy Manifest": "edit_policy_manifest",
            "domain promotion (staged → live)": "promote_domain", "release quarantine rows": "release_quarantine",
            "manage provider registry": "manage_provider_registry",
        ]
        var rights: [String: [String: Bool]] = [:]
        for row in try Self.table(of: text, section: "## 32) ") {
            let name = try #require(names[row["action"] ?? ""], "\(row)")
            rights[name] = row.filter { $0.key != "action" }.mapValues { $0 == "✓" }
        }
        self.rights = rights
        var cells: [String: [String: String]] = [:]
        for row in try Self.table(of: text, section: "## 3) ") {
            cells[try #require(row["capability"])] = [
                "metadata_only": try #require(row["`metadata_only`"]), "data_mode": try #require(row["`data_mode`"]),
            ]
        }
        self.cells = cells
        try #require(rights.count == 9 && cells.count == 7)
        try #require(rights.values.allSatisfy { $0.count == 5 })
    }

    /// The rows of the first table of a section, by the names of its columns.
    private static func table(of text: String, section: String) throws -> [[String: String]] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(section) })
        let body = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
        let rows = body.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map(Self.trimmed)
        }
        let head = try #require(rows.first)
        return rows.dropFirst(2).map { Dictionary(uniqueKeysWithValues: zip(head, $0)) }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// Which words of which row must stand in the cell for an action, with a resource.
    private static let words: [String: [String: (row: String, word: String)]] = [
        "read_source_metadata": ["": ("infer the catalog", "yes")],
        "sample_rows": ["": ("row samples", "yes")],
        "gather_evidence": [
            "headers": ("evidence for domains", "headers"), "regex": ("evidence for domains", "regex"),
            "units": ("evidence for domains", "units"), "value_sketches": ("evidence for domains", "value sketches"),
        ],
        "preview_transform": [
            "symbolic": ("transform preview", "symbolic"),
            "sample_execution": ("transform preview", "carried out on the sample"),
        ],
        "analyse": [
            "logical": ("analysis checks", "logic"), "feasibility": ("analysis checks", "feasibility"),
            "coverage": ("analysis checks", "coverage"), "nulls": ("analysis checks", "nulls"),
            "duplicates": ("analysis checks", "duplicates"), "statistics": ("analysis checks", "statistics"),
        ],
        "call_check": [
            "": ("analysis checks", "nulls"), "coverage": ("analysis checks", "coverage"),
            "nulls": ("analysis checks", "nulls"), "duplicates": ("analysis checks", "duplicates"),
            "statistics": ("analysis checks", "statistics"),
        ],
        "show_preview": [
            "masked_schema": ("previews for people", "schema"), "masked_slices": ("previews for people", "slices"),
        ],
        "plan_migration": ["": ("migration", "a plan")], "migrate": ["": ("migration", "carried out")],
        "write_target": ["": ("migration", "carried out")],
    ]

    /// Whether an action is a step of a run that §3 decides.
    func isStep(_ action: String) -> Bool { Self.words[action] != nil }

    func resources(of action: String) -> [String] { (Self.words[action] ?? [:]).keys.filter { !$0.isEmpty }.sorted() }

    /// Whether §3 has it in the mode's cell. What needs no row of the source, metadata_only, is also in data_mode.
    func has(_ action: String, resource: String?, mode: String) -> Bool {
        guard let (row, word) = Self.words[action]?[resource ?? ""], let cells = cells[row] else { return false }
        return cells[mode]?.contains(word) == true
            || (mode == "data_mode" && cells["metadata_only"]?.contains(word) == true)
    }

    func ticks(_ right: String, _ role: String) -> Bool { rights[right]?[role] == true }

    /// The right of §32 behind an action; nil for steps of runs.
    static func right(of action: String) -> String? {
        switch action {
        case "read_ledger", "read_quarantine": "view_artifacts_masked"
        case "erase_ledger": "approve_destructive"
        default: isRight(action) ? action : nil
        }
    }

    private static func isRight(_ action: String) -> Bool { words[action] == nil && action != "call_provider" }

    /// Whether the tables allow a request at all; of providers only who may, not which.
    func allow(_ request: PolicyEngine.Request) -> Bool {
        let (role, action) = (request.actor.role.rawValue, request.action.rawValue)
        if let right = Self.right(of: action) {
            let reason = request.flags.reason.map { $0.contains { $0 != " " } } ?? false
            return ticks(right, role) && (action != "view_pii_unmasked" || reason)
        }
        guard ticks("create_run", role) else { return false }
        if action == "call_provider" { return true }
        guard let mode = request.mode, has(action, resource: Self.resource(of: request), mode: mode.rawValue) else {
            return false
        }
        return action != "write_target" || request.flags.humanConfirmed || ticks("approve_destructive", role)
    }

    /// Whoever asks for no particular thing may still name one.
    private static func resource(of request: PolicyEngine.Request) -> String? {
        if words[request.action.rawValue]?.keys.sorted() == [""] { return nil }
        return request.resource == "" ? "nothing" : request.resource
    }
}
