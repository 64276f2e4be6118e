public import Foundations
public import PluginHost

/// What the suite found out about one plugin.
///
/// The document is hashed: it holds no time, no path and nothing else that changes from run to run with the same seed.
public struct ConformanceReport: Sendable {
    public static let suiteVersion = "1.0.0"

    /// One check and how it ended.
    public struct Entry: Sendable {
        public let check: ConformanceCheck
        public let outcome: Outcome
        /// Wall time; for people and CI systems alone.
        public let seconds: Double
    }

    public let plugin: PluginManifest
    public let artifact: SHA256.Digest
    public let seed: UInt64
    public let quirks: SHA256.Digest?
    /// In the order of the suite.
    public let entries: [Entry]

    /// Checks that ended so.
    public func count(_ status: Outcome.Status) -> Int { entries.count { $0.outcome.status == status } }

    /// Whether nothing failed or crashed.
    public var isGood: Bool { bad.isEmpty }

    /// The checks that failed or crashed.
    public var bad: [Entry] { entries.filter { [.failed, .crashed].contains($0.outcome.status) } }

    private var body: JSON {
        let checks = entries.map { entry in
            JSON.members([
                "id": .string(entry.check.id), "rule": .string(entry.check.rule),
                "status": .string(entry.outcome.status.rawValue), "detail": entry.outcome.detail.map(JSON.string),
            ])
        }
        var counts: [String: JSON] = [:]
        for status in Outcome.Status.allCases { counts[status.rawValue] = JSON(count(status)) }
        return [
            "suite_version": .string(Self.suiteVersion),
            "plugin": [
                "id": .string(plugin.id), "version": .string(plugin.version), "kind": .string(plugin.kind.rawValue),
                "artifact_sha256": .string(artifact.hex), "language": .string(plugin.language.rawValue),
            ],
            "abi": .string("\(plugin.abiMajor).\(plugin.abiMinor)"), "seed": .int(Int64(seed)),
            "quirks_sha256": quirks.map { .string($0.hex) } ?? .null, "checks": .array(checks),
            "counts": .object(counts),
        ]
    }

    /// SHA-256 of the canonical document without this hash.
    public var hash: SHA256.Digest { body.canonicalHash }

    /// The document of `--json`, with its hash.
    public var json: JSON {
        var members = body.objectValue ?? [:]
        members["report_sha256"] = .string(hash.hex)
        return .object(members)
    }

    /// Nil when nothing failed or crashed; otherwise what did, and how one of them is made again.
    ///
    /// - Parameter target: as the person named the plugin.
    public func failure(target: String) -> SluiceError? {
        guard let first = bad.first else { return nil }
        let shown = bad.prefix(3).map(\.check.id).joined(separator: ", ")
        let more = bad.count > 3 ? " and \(bad.count - 3) more" : ""
        return SluiceError(
            .pluginConformance,
            "The plugin \(plugin.id) breaks \(bad.count) of \(entries.count) rules (\(count(.failed)) failed, "
                + "\(count(.crashed)) crashed): \(shown)\(more).",
            hint: "Make one again: \(replay(first.check, target: target))")
    }

    /// The command that makes one check again as it was made here.
    public func replay(_ check: ConformanceCheck, target: String) -> String {
        "sluice plugin conformance \(target) --check \(check.id) --seed \(seed)"
    }
}
