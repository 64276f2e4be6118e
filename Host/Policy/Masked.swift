public import Columnar
public import Contracts

/// Proof that the policy engine allowed one action. Only the engine makes one.
///
/// A call that needs a decision takes a `Permit`: code that holds none cannot make the call. The initialiser is internal:
/// outside this module there is none.
public struct Permit: Sendable, Equatable {
    /// The action that was allowed.
    public let action: Action
    /// The actor's id.
    public let actor: String
    /// The rule that decided, in words.
    public let rule: String
    /// The same as a stable name, such as `rbac.create_run.Analyst`.
    public let ruleID: String
    /// Allow, or allow with masking; `allow` of a `callProvider` is the local-only override, which its caller records.
    public let verdict: PolicyEngine.Verdict
    public let policyVersion: String
    /// The classes of what goes along; `unknown` when none was named.
    public let dataClasses: Set<DataClass>

    init(
        action: Action, actor: String, rule: String, ruleID: String = "",
        verdict: PolicyEngine.Verdict = .allowWithMasking, policyVersion: String,
        dataClasses: Set<DataClass> = [.unknown]
    ) {
        self.action = action
        self.actor = actor
        self.rule = rule
        self.ruleID = ruleID
        self.verdict = verdict
        self.policyVersion = policyVersion
        self.dataClasses = dataClasses
    }
}

/// A batch that went through the masker; the one kind of batch that a check can be given.
///
/// Its first column is `sluice.ordinal`; then `c0`, `c1`, … in the order of the columns masked, each followed by the
/// companions that the check asked for.
public struct MaskedBatch: Sendable {
    public let batch: Batch

    init(masked batch: Batch) { self.batch = batch }
}

/// Text that went through the masker; the one kind of text that a provider can be given.
public struct MaskedPrompt: Sendable, Equatable {
    public let text: String
    /// Whether the masker replaced anything in it.
    public let hidesText: Bool
    /// Names and texts that stand in it, and how many of them something was hidden in.
    let values: (all: Int, hidden: Int)

    init(masked text: String, hidesText: Bool = false) {
        self.text = text
        self.hidesText = hidesText
        values = (1, hidesText ? 1 : 0)
    }

    /// A text that was composed of several values.
    init(masked text: String, values: (all: Int, hidden: Int)) {
        self.text = text
        hidesText = values.hidden > 0
        self.values = values
    }

    public static func == (a: MaskedPrompt, b: MaskedPrompt) -> Bool {
        a.text == b.text && a.hidesText == b.hidesText && a.values == b.values
    }
}
