internal import Contracts
public import Foundations

/// What a policy is expected to decide, as text: one line a request.
///
///     ROLE ACTION [mode=…] [lane=…] [resource=…] [provider=…] [origin=…] [class=…]… [local] [override] [confirmed]
///         [reason=…] [tokens|usd|rows|bytes=ASKED/SPENT/CAP]… => allow|mask|deny [RULE]
///
/// All on one line; what stands behind `#` is a remark. Roles, actions, modes and classes that do not exist may be asked
/// about: the policy denies them.
public struct PolicyExpectations: Sendable, Equatable {
    /// One line that says something.
    public struct Line: Sendable, Equatable {
        /// From 1.
        public let number: Int
        public let text: String
        public let request: PolicyEngine.RawRequest
        public let verdict: PolicyEngine.Verdict
        /// The id of the rule that decides; any when nil.
        public let rule: String?
    }

    /// A line, and what the policy said.
    public struct Outcome: Sendable, Equatable {
        public let line: Line
        public let decision: PolicyEngine.Decision

        public var holds: Bool {
            decision.verdict == line.verdict && (line.rule.map { $0 == decision.rule.id } ?? true)
        }
    }

    public let lines: [Line]

    /// Reads expectations.
    ///
    /// - Throws: `policy.expectation`, with every line that is none.
    public init(_ text: String) throws(SluiceError) {
        var lines: [Line] = []
        var mistakes: [String] = []
        for (place, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = raw.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { continue }
            do throws(Mistake) {
                lines.append(try Self.line(words, number: place + 1))
            } catch { mistakes.append("line \(place + 1): \(error.words)") }
        }
        guard mistakes.isEmpty else {
            let more = mistakes.count > 20 ? "; and \(mistakes.count - 20) more" : ""
            throw SluiceError(.policyExpectation, mistakes.prefix(20).joined(separator: "; ") + more + ".")
        }
        guard !lines.isEmpty else { throw SluiceError(.policyExpectation, "The file expects nothing.") }
        self.lines = lines
    }

    /// What a policy says to each line, in order.
    public func outcomes(_ engine: PolicyEngine) -> [Outcome] {
        lines.map { Outcome(line: $0, decision: engine.decide($0.request)) }
    }

    private struct Mistake: Error { let words: String }

    private static func line(_ words: [String], number: Int) throws(Mistake) -> Line {
        guard let arrow = words.firstIndex(of: "=>") else { throw Mistake(words: "=> is missing") }
        guard arrow >= 2 else { throw Mistake(words: "a role and an action are expected in front of =>") }
        let expected = words[(arrow + 1)...]
        guard let verdict = expected.first.flatMap({ word in PolicyEngine.Verdict.allCases.first { $0.word == word } })
        else { throw Mistake(words: "allow, mask or deny is expected behind =>") }
        guard expected.count <= 2 else { throw Mistake(words: "nothing is expected behind the rule") }
        var request = PolicyEngine.RawRequest(role: words[0], action: words[1])
        var seen: Set<String> = []
        for word in words[2..<arrow] {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts[0] == "class" || seen.insert(parts[0]).inserted else {
                throw Mistake(words: "\(parts[0]) stands there twice")
            }
            try set(parts[0], parts.count == 2 ? parts[1] : nil, in: &request)
        }
        return Line(
            number: number, text: words.joined(separator: " "), request: request, verdict: verdict,
            rule: expected.dropFirst().first)
    }

    private static func set(
        _ key: String, _ value: String?, in request: inout PolicyEngine.RawRequest
    ) throws(Mistake) {
        switch (key, value) {
        case ("local", nil): request.isLocal = true
        case ("override", nil): request.flags.localOnlyOverride = true
        case ("confirmed", nil): request.flags.humanConfirmed = true
        case ("mode", let value?): request.mode = value
        case ("lane", let value?): request.lane = value
        case ("resource", let value?): request.resource = value
        case ("provider", let value?): request.provider = value
        case ("origin", let value?): request.origin = value
        case ("class", let value?): request.dataClasses.append(value)
        case ("reason", let value?): request.flags.reason = value
        default:
            guard let kind = PolicyEngine.Budget.Kind(rawValue: key), let value else {
                throw Mistake(words: "\(key.debugDescription) is not known, or lacks or has a value that it needs")
            }
            let figures = value.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
            guard figures.count == 3, let asked = figures[0], let spent = figures[1], let cap = figures[2] else {
                throw Mistake(words: "\(key) needs three numbers: ASKED/SPENT/CAP")
            }
            request.budgets.append(PolicyEngine.Budget(kind, asked: asked, spent: spent, cap: cap))
        }
    }
}
