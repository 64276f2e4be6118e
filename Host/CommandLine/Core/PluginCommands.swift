internal import Foundations

/// `sluice plugin list`, `sluice plugin show` and `sluice plugin retry`.
extension Spec {
    static let pluginList = Spec(
        verb: .pluginList, summary: "list the plugins that are installed", usage: ["plugin list"],
        about: "Connectors read sources, checks judge masked batches, providers embed and infer.",
        examples: [
            Example(purpose: "All of them", line: "sluice plugin list"),
            Example(
                purpose: "Those that cannot be used, and why",
                line: "sluice plugin list --json | jq '.plugins[] | select(.error)'"),
        ])

    static let pluginShow = Spec(
        verb: .pluginShow, summary: "show a plugin's manifest and what it may do", usage: ["plugin show ID"],
        about: "Shows hashes, limits, data access and egress as the host enforces them, and what counts against it.",
        operands: [Operand(name: "ID", value: .plugin, required: true, help: "as `sluice plugin list` names it")],
        examples: [
            Example(purpose: "Look at a connector", line: "sluice plugin show sluice.connector.csv"),
            Example(purpose: "Its limits", line: "sluice plugin show sluice.connector.csv --json | jq .limits"),
        ])

    static let pluginRetry = Spec(
        verb: .pluginRetry, summary: "let a plugin in quarantine be started again", usage: ["plugin retry ID"],
        about: """
            A plugin that crashes, passes a deadline or breaks the protocol more than 3 times within 24 hours is not started
            any more. This takes it out of quarantine, forgets what it did, and records who said so. Other bytes of it are
            another plugin and need no retry.
            """,
        operands: [Operand(name: "ID", value: .plugin, required: true, help: "as `sluice plugin list` names it")],
        examples: [
            Example(purpose: "After the machine was the reason", line: "sluice plugin retry sluice.check.duplicates"),
            Example(
                purpose: "What it had done",
                line: "sluice plugin retry sluice.check.duplicates --json | jq .quarantine.reasons"),
        ], exits: "4 when your role may not manage plugins (Maintainer or above).")
}

extension Reports {
    func retry(_ json: JSON) -> [Text] {
        let plugin = text(json["plugin"])
        guard json["status"]?.stringValue == "released" else {
            return ["The plugin \(plugin) is not in quarantine; nothing was changed."]
        }
        let quarantine = json["quarantine"]
        return [
            """
            The plugin \(plugin) may be started again, on the word of \(text(json["actor"])) as \(text(json["role"])). \
            It had failed \(count(quarantine?["crashes"])) times and was in quarantine since \(text(quarantine?["since"])).
            """,
            "Next: sluice resume RUN\(homeOption)",
        ]
    }
}
