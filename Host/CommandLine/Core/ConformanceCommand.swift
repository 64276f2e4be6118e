internal import Conformance
internal import Foundations
internal import PluginHost
internal import Supervisor

/// `sluice plugin conformance`.
extension Spec {
    static let pluginConformance = Spec(
        verb: .pluginConformance, summary: "hold a plugin against the conformance suite",
        usage: ["plugin conformance ID|MANIFEST|FILE.so [--check ID]… [--seed N] [--json | --junit]"],
        about: """
            Makes every check for the plugin's kind, each in a process of its own: Passed, Failed, Crashed, Skipped or
            Warning. The same plugin and seed give the same report, whose hash is at its end. What a plugin declares
            about itself stands in conformance/ID.json beside its manifest; a rule that it declines is Skipped with its
            reason.
            """,
        operands: [
            Operand(
                name: "ID|MANIFEST|FILE.so", value: .plugin, required: true,
                help: "an installed plugin, the path of a manifest (.json), or a library alone")
        ],
        options: [
            .value("check", "ID", .text, repeats: true, "make this check alone; may be given several times"),
            .value(
                "seed", "N", .text,
                "of the choices that checks make; \(ConformanceSuite.defaultSeed) unless given; `random` chooses one"),
            .flag("junit", "print JUnit's XML on standard output, for CI systems"),
        ],
        examples: [
            Example(purpose: "An installed plugin", line: "sluice plugin conformance sluice.connector.csv"),
            Example(purpose: "A library that was just built", line: "sluice plugin conformance build/libmine.so"),
            Example(
                purpose: "One check again",
                line: "sluice plugin conformance mine.json --check connector.slices --seed 7"),
            Example(purpose: "In CI", line: "sluice plugin conformance mine.json --junit > conformance.xml"),
        ], exits: "1 when a check Failed or Crashed (plugin.conformance); the report is printed all the same.")
}

extension Session {
    func conformance() throws(SluiceError) -> Int32 {
        if invocation.json, invocation.has("junit") {
            throw usage("--json and --junit cannot stand together.")
        }
        let target = invocation.operand(0) ?? ""
        let checks = invocation.list("check")
        for id in checks { _ = try ConformanceCheck.named(id) }
        let seed = try seed()
        let service = try open(invocation.home, context)
        let report = try service.conformance(target, checks: checks.isEmpty ? nil : checks, seed: seed)
        // As a shell reads it back, also where a person copies it from a log.
        let quoted = Reports.quoted(target)
        if invocation.has("junit") {
            console.print([Text(verbatim: String(report.junit(target: quoted).dropLast()))])
        } else {
            emit(report.json, people: reports.conformance(report, target: quoted))
        }
        guard let failure = report.failure(target: quoted) else { return ExitStatus.done }
        // The report is the one document on standard output.
        console.report(failure)
        return ExitStatus.of(failure)
    }

    private func seed() throws(SluiceError) -> UInt64 {
        guard let text = invocation.text("seed") else { return ConformanceSuite.defaultSeed }
        if text == "random" {
            // Short enough to be typed again.
            return context.random(4).reduce(0) { $0 << 8 | UInt64($1) }
        }
        let isNumber = text.utf8.allSatisfy { (48...57).contains($0) }
        guard isNumber, let seed = UInt64(text), ConformanceSuite.seeds.contains(seed) else {
            throw usage("--seed takes an integer from 0 to \(ConformanceSuite.seeds.upperBound), or `random`.")
        }
        return seed
    }
}

extension Reports {
    func conformance(_ report: ConformanceReport, target: String) -> [Text] {
        let plugin = report.plugin
        var lines: [Text] = [
            "\(plugin.id) \(plugin.version), a \(plugin.kind.rawValue) in \(plugin.language.rawValue), ABI \(plugin.abiMajor).\(plugin.abiMinor)",
            "seed \(report.seed), artifact \(report.artifact.hex)",
        ]
        for group in ConformanceCheck.Group.allCases {
            let entries = report.entries.filter { $0.check.group == group }
            guard !entries.isEmpty else { continue }
            lines += [""] + table(entries, of: group).lines(style)
        }
        for entry in report.bad {
            lines += [
                "", "\(painted(entry.outcome.status)) \(entry.check.id): \(entry.check.rule)",
                "  \(entry.outcome.detail ?? "")",
                "  Again: \(report.replay(entry.check, target: target))\(homeOption)",
            ]
        }
        let counts = Outcome.Status.allCases.filter { report.count($0) > 0 }.map { status -> Text in
            "\(report.count(status)) \(status.rawValue)"
        }
        return lines + ["", Text.joined(counts), "report \(report.hash.hex)"]
    }

    private func table(_ entries: [ConformanceReport.Entry], of group: ConformanceCheck.Group) -> Table {
        var table = Table([Text(group.rawValue.uppercased()), "STATUS", "TIME", "RULE"], right: [2])
        for entry in entries {
            let rule: Text =
                switch entry.outcome {
                case .skipped(let why), .warning(let why): Text(why)
                default: Text(entry.check.rule)
                }
            table.add([
                Text(entry.check.id), painted(entry.outcome.status), Text(Numbers.fixed(entry.seconds, 2) + " s"),
                rule,
            ])
        }
        return table
    }

    private func painted(_ status: Outcome.Status) -> Text {
        let tone: Style.Tone =
            switch status {
            case .passed: .good
            case .failed, .crashed: .bad
            case .skipped: .faint
            case .warning: .warn
            }
        return Text(status.rawValue).painted(tone, style)
    }
}
