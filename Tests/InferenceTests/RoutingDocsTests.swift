import Contracts
import Foundations
import Inference
import Testing

/// The tables of docs/routing.md are those of the code; `RECORD_GOLDEN=1` writes them anew and fails.
private enum RoutingTables {
    static func time(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds == 0 { return "0" }
        if milliseconds % 3_600_000 == 0 { return "\(milliseconds / 3_600_000) h" }
        if milliseconds % 60_000 == 0 { return "\(milliseconds / 60_000) min" }
        if milliseconds % 100 != 0 || milliseconds < 1000 { return "\(milliseconds) ms" }
        return milliseconds % 1000 == 0
            ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    static var profiles: String {
        var text = "| profile | quality | cost | latency | health |\n|---|---|---|---|---|\n"
        for profile in RoutingProfile.allCases {
            let weights = ScoreWeights.of(profile)
            let cells = [weights.quality, weights.cost, weights.latency, weights.health].map(JSON.ecmaScript)
            text += "| `\(profile.rawValue)` | \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }

    static var lanes: String {
        let lanes = Lane.allCases
        var text = "| | \(lanes.map { "`\($0.rawValue)`" }.joined(separator: " | ")) |\n|---|---|---|---|\n"
        func row(_ name: String, _ cell: (LanePlan) -> String) {
            text += "| \(name) | \(lanes.map { cell(LanePlan.of($0)) }.joined(separator: " | ")) |\n"
        }
        row("the whole call") { time($0.deadline) }
        row("one request") { time($0.attempt) }
        row("first byte") { time(UInt64($0.firstByteMilliseconds) * 1_000_000) }
        row("silence in an answer") { time(UInt64($0.stallMilliseconds) * 1_000_000) }
        row("sends beyond the first") { "\($0.retries)" }
        row("sends to one candidate") { "\($0.sendsPerCandidate)" }
        row("wait: base, cap") { "\(time($0.backoffBase)), \(time($0.backoffCap))" }
        row("hedge") { plan in
            plan.hedge.map { "after \(time($0)), or p95 within \(time(plan.hedgeLeast)) to \(time(plan.hedgeMost))" }
                ?? "–"
        }
        row("wait for a place") { time($0.placeWait) }
        return text
    }

    static var codes: String {
        var text = "| code | asked again | another candidate |\n|---|---|---|\n"
        for code in SluiceError.Code.all {
            let rule = RetryRule.of(code)
            text += "| `\(code)` | \(rule.retry.rawValue) | \(rule.fallback ? "yes" : "no") |\n"
        }
        return text
    }
}

@Test(arguments: ["profiles", "lanes", "codes"])
func `The tables of the routing page are those of the code`(name: String) throws {
    let path = "\(Scene.folder)/docs/routing.md"
    let tables = ["profiles": RoutingTables.profiles, "lanes": RoutingTables.lanes, "codes": RoutingTables.codes]
    let table = try #require(tables[name])
    let page = String(decoding: try Files.read(path), as: UTF8.self)
    let begin = "<!-- \(name) -->\n"
    let end = "<!-- /\(name) -->"
    let start = try #require(page.range(begin)?.end)
    let stop = try #require(page.range(end)?.start)
    guard Context.system.environment["RECORD_GOLDEN"] != nil else {
        #expect(String(page[start..<stop]) == table)
        return
    }
    try Files.writeAtomically(Array((page[..<start] + table + page[stop...]).utf8), to: path, mode: 0o644)
    Issue.record("\(name) was written anew")
}

extension String {
    /// Where a text stands first.
    fileprivate func range(_ text: String) -> (start: Index, end: Index)? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(text) { return (at, index(at, offsetBy: text.count)) }
            at = index(after: at)
        }
        return nil
    }
}
