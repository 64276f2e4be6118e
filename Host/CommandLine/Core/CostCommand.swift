internal import Foundations

/// `sluice cost`: what models would be asked, and what that would cost.
extension Spec {
    static let cost = Spec(
        verb: .cost, summary: "say what models would be asked, and what that would cost, before anything is sent",
        usage: ["cost CONTRACT.json", "cost --lhs SRC --rhs DST [options]"],
        about: """
            Per stage: questions and calls, tokens, US dollars where prices are known, the candidates in the order in
            which they would be asked, why others are skipped, the caps and whether they would hold. The names of columns
            are read, as in metadata_only; values decide later, so a run may ask more or less, and never beyond its caps.
            The most has every question asked as often as it may be; requests that are repeated after a failure, and second
            ones that the lane interactive sends to a slow provider's rival, come on top. No run is made and nothing is sent.
            """,
        operands: [.contract], options: Option.shorthand,
        examples: [
            Example(purpose: "Before a run", line: "sluice cost contract.json"),
            Example(
                purpose: "The most that the questions of Mapping may take",
                line: "sluice cost contract.json --json | jq '.stages[] | select(.stage == \"MAPPING\") | .tokens.max'"),
        ], exits: "4 when policy does not admit the contract.")
}

extension Reports {
    /// Candidates and reasons that people are shown of each stage; `--json` has all.
    private static let shownCandidates = 8

    func cost(_ json: JSON) -> [Text] {
        let stages = json["stages"]?.arrayValue ?? []
        let asks = stages.contains { ($0["questions"]?.intValue ?? 0) > 0 }
        var lines: [Text] = ["Nothing was sent. Lane \(text(json["lane"])), \(text(json["routing_profile"]))."]
        if let absence = json["absence"], absence != .null {
            lines.append(
                asks
                    ? "No model would be asked, and the rules would decide: \(text(absence))."
                    : "There is nothing to ask a model, and none could be asked: \(text(absence)).")
        }
        var table = Table(["STAGE", "QUESTIONS", "CALLS", "TOKENS", "USD", "CAPS", "HOLD"], right: [1])
        for stage in stages {
            let calls = stage["calls"] ?? .null
            let caps = stage["caps"] ?? .null
            let dollars: Text = caps["usd"] == .null ? "no USD cap" : "\(text(caps["usd"])) USD"
            table.add([
                text(stage["stage"]), text(stage["questions"]), span(calls), span(stage["tokens"] ?? .null),
                span(stage["usd"] ?? .null), "\(text(caps["tokens"])) tokens, \(dollars)",
                stage["holds"] == true ? "yes" : Text("no").painted(.warn, style),
            ])
        }
        lines += [""] + table.lines(style)
        for stage in stages { lines += candidates(stage) }
        let refused = json["providers_refused"]?.arrayValue ?? []
        if !refused.isEmpty { lines += ["", "Providers that are not asked:"] }
        lines += refused.map { "  \(text($0["provider"])): \(text($0["reason"]))" }
        return lines
    }

    /// `min to max, expected n`, or the word that stands in its place.
    private func span(_ value: JSON) -> Text {
        guard case .object = value else { return value == .null ? "-" : text(value) }
        return "\(text(value["min"])) to \(text(value["max"])), expected \(text(value["expected"]))"
    }

    private func candidates(_ stage: JSON) -> [Text] {
        let ranked = stage["candidates"]?.arrayValue ?? []
        let skipped = stage["skipped"]?.arrayValue ?? []
        guard !ranked.isEmpty || !skipped.isEmpty, (stage["questions"]?.intValue ?? 0) > 0 else { return [] }
        var lines: [Text] = ["", "\(text(stage["stage"])) would ask, in this order:"]
        for (place, one) in ranked.prefix(Self.shownCandidates).enumerated() {
            let breaks: Text = one["breaks"].map { "; over the cap: \(text($0))" } ?? ""
            lines.append("  \(place + 1). \(text(one["candidate"])), score \(text(one["score"]))\(breaks)")
        }
        if ranked.count > Self.shownCandidates { lines.append("  and \(ranked.count - Self.shownCandidates) more") }
        for one in skipped.prefix(Self.shownCandidates) {
            lines.append("  skipped: \(text(one["candidate"])), \(text(one["words"]))")
        }
        if skipped.count > Self.shownCandidates {
            lines.append("  skipped: \(skipped.count - Self.shownCandidates) more (--json lists all)")
        }
        return lines
    }
}
