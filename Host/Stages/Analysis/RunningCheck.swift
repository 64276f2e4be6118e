internal import Columnar
internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy

/// A check at work: begun with the first batch, whose schema it needs.
struct RunningCheck {
    let plugin: RunPlugin
    let session: CheckSession
    /// The plans whose columns it is handed, in the order of `c0`, `c1`, ….
    let places: [Int]
    let params: JSON
    private let companions: Set<Masker.Companion>
    private(set) var hasBegun = false

    var isStandard: Bool { PluginUse.standardChecks.contains(plugin.id) }

    init(
        _ plugin: InstalledPlugin, _ session: CheckSession, places: [Int], params: JSON
    ) throws(SluiceError) {
        self.plugin = try RunPlugin(plugin)
        self.session = session
        self.places = places
        self.params = params
        companions = Set(session.declaration.companions.compactMap(Masker.Companion.init(rawValue:)))
    }

    /// Hands over its part of a batch.
    mutating func update(_ sheet: MaskedSheet) throws(SluiceError) {
        let masked = sheet.masked(places, companions: companions, withText: session.declaration.readsText)
        if !hasBegun {
            try session.begin(schema: masked.batch.schema, params: params)
            hasBegun = true
        }
        try session.update(masked)
    }
}

/// A finding with the target's column names in the place of `c0`, `c1`, ….
struct Finding {
    /// The id of the check that found it.
    let check: String
    let columns: [String]
    let metric: String
    let value: Double
    /// 0 when it counts nothing.
    let count: Int64
    private let countsSomething: Bool
    let reasonCode: String?
    let ordinals: [Int64]

    init(_ finding: CheckVerdict.Finding, check: String, columns: [String]) {
        self.check = check
        self.columns = finding.columns.map { id in
            Int(id.dropFirst()).flatMap { columns.indices.contains($0) ? columns[$0] : nil } ?? id
        }
        metric = finding.metric
        value = finding.value
        count = finding.count ?? 0
        countsSomething = finding.count != nil
        reasonCode = finding.reasonCode
        ordinals = finding.ordinals
    }

    /// Whether it complains of anything: a reason, and rows to which it applies. One that counts no rows does so by its
    /// value.
    var isComplaint: Bool { reasonCode != nil && (countsSomething ? count > 0 : value != 0) }

    /// The value as reports and gates show it.
    var shownValue: Double { Self.shown(value) }

    /// A value to six places; one so large that it has none is left as it is, because the product could be infinite.
    static func shown(_ value: Double) -> Double { abs(value) < 1e15 ? (value * 1e6).rounded() / 1e6 : value }

    var json: JSON {
        [
            "columns": JSON(columns), "metric": .string(metric), "value": .double(shownValue),
            "count": .int(count), "reason_code": JSON(reasonCode), "ordinals": .array(ordinals.map(JSON.int)),
        ]
    }
}

extension PluginUse {
    /// What of `analysis_checks` a check needs. What somebody else's counts is not known: it is statistics.
    static func kind(ofCheck id: String) -> String {
        switch id {
        case "sluice.check.completeness": "nulls"
        case "sluice.check.duplicates": "duplicates"
        default: "statistics"
        }
    }
}

extension StageContext {
    /// The checks of Analysis that policy grants, each with its permit, and those that it does not.
    func grantedChecks() throws(SluiceError) -> (
        checks: [(plugin: InstalledPlugin, permit: Permit)], leftOut: [(id: String, kind: String)]
    ) {
        var granted: [(plugin: InstalledPlugin, permit: Permit)] = []
        var leftOut: [(id: String, kind: String)] = []
        for plugin in try checks() {
            let kind = PluginUse.kind(ofCheck: plugin.manifest.id)
            if let permit = try self.granted(.callCheck, resource: kind) {
                granted.append((plugin, permit))
            } else {
                leftOut.append((plugin.manifest.id, kind))
            }
        }
        return (granted, leftOut)
    }
}
