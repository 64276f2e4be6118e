public import Foundations
internal import Glibc
internal import PluginHost

/// Makes the checks of the suite, each in a process of its own.
public enum ConformanceSuite {
    /// The seed without `--seed`: every run of the suite makes the same choices.
    public static let defaultSeed: UInt64 = 1
    /// Seeds are integers that every reader of JSON keeps whole.
    public static let seeds: ClosedRange<UInt64> = 0...9_007_199_254_740_991
    /// Processes of checks at a time.
    static let atOnce = 2

    /// Makes checks of one plugin and waits for them.
    ///
    /// Blocks the calling thread, which must live until it returns: the processes die with it.
    /// - Parameters:
    ///   - seed: of the choices; one of `seeds`.
    ///   - checks: ids of those to make; every one for this kind of plugin when nil.
    ///   - program: a `sluice` of this build, which is started once for each check.
    ///   - onOutcome: told of each check as it ends, in the order in which they end.
    /// - Throws: `usage` for an id that no check has; `file.failed` when no process can be started. What a plugin does
    ///   wrong is in the report.
    public static func run(
        _ subject: Subject, seed: UInt64 = defaultSeed, checks ids: [String]? = nil, program: String,
        onOutcome: (ConformanceReport.Entry) -> Void = { _ in }
    ) throws(SluiceError) -> ConformanceReport {
        let kind = subject.plugin.manifest.kind
        let checks: [ConformanceCheck]
        if let ids {
            let named = try ids.map { id throws(SluiceError) in try ConformanceCheck.named(id).id }
            checks = ConformanceCheck.all.filter { named.contains($0.id) }
        } else {
            checks = ConformanceCheck.all.filter { $0.group.kind == nil || $0.group.kind == kind }
        }
        var entries: [String: ConformanceReport.Entry] = [:]
        func end(_ check: ConformanceCheck, _ outcome: Outcome, seconds: Double) {
            let entry = ConformanceReport.Entry(check: check, outcome: outcome, seconds: seconds)
            entries[check.id] = entry
            onOutcome(entry)
        }
        var waiting: [ConformanceCheck] = []
        for check in checks {
            if let reason = skipped(check, subject) {
                end(check, .skipped(reason), seconds: 0)
            } else {
                waiting.append(check)
            }
        }
        let request = subject.json
        // What a check that is killed leaves there goes with it.
        let folder = try TrialFolder()
        var running: [CheckProcess] = []
        waiting.reverse()
        while !waiting.isEmpty || !running.isEmpty {
            while running.count < atOnce, let check = waiting.popLast() {
                running.append(
                    try CheckProcess(
                        check, seed: check.seed(of: seed), subject: request, program: program,
                        temporary: folder.path, clock: subject.settings.context.monotonic))
            }
            CheckProcess.wait(for: running)
            for process in running where process.look() {
                end(process.check, process.outcome, seconds: process.seconds)
            }
            running.removeAll { $0.hasEnded }
        }
        return ConformanceReport(
            plugin: subject.plugin.manifest, artifact: try subject.plugin.manifest.artifact().sha256, seed: seed,
            quirks: subject.quirks.hash, entries: checks.compactMap { entries[$0.id] })
    }

    /// Why a check is not made at all; nil when it is.
    private static func skipped(_ check: ConformanceCheck, _ subject: Subject) -> String? {
        let kind = subject.plugin.manifest.kind
        if let about = check.group.kind, about != kind {
            return "it is about a \(about.rawValue), not a \(kind.rawValue)"
        }
        return subject.quirks.declined[check.id].map { "declined: \($0)" }
    }
}

extension ConformanceCheck {
    /// A check by its id.
    ///
    /// - Throws: `usage` with the nearest id.
    public static func named(_ id: String) throws(SluiceError) -> ConformanceCheck {
        if let check = all.first(where: { $0.id == id }) { return check }
        let shown = id.utf8.count <= 64 ? " \(id)" : " of that name"
        throw SluiceError(
            .usage, "The suite has no check\(shown).",
            hint: nearest(id).map { "Did you mean \($0)?" } ?? "docs/conformance.md lists them.")
    }

    /// The id that is nearest to a word, if any is near.
    static func nearest(_ id: String) -> String? {
        guard (1...64).contains(id.utf8.count) else { return nil }
        let near = all.map { (distance: JSONReader.distance($0.id, id), id: $0.id) }.min { $0 < $1 }
        if let near, near.distance <= max(2, id.utf8.count / 4) { return near.id }
        return all.first { $0.id.hasSuffix("." + id) || $0.id.hasPrefix(id) }?.id
    }
}
