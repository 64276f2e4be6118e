internal import Columnar
internal import Contracts
internal import Foundations
internal import Policy
internal import Transform

/// Asks models for pipelines where the rules have none, or none that is good enough (ROADMAP §12).
///
/// What a model answers is bound by a schema over the ops that this version executes, names source columns by ids, and
/// goes through the validator, the type check, the sample and the thresholds that our own pipelines go through. It enters
/// the plan when it is accepted, and leaves no trace in it otherwise.
struct ModelProposer {
    static let template = "mapping.propose"
    /// More target columns than this are left to the rules.
    static let mostTargets = 32
    /// The source columns that a question lists, the likeliest ones.
    static let mostSources = 60
    /// A model's word is not as good as equal names.
    static let modelFactor = 0.9

    let input: MappingInput
    let thresholds: ThresholdProfile
    /// What pipelines are tried on; nil where nothing is run.
    let sample: Batch?
    private let matcher: ColumnMatcher

    init(_ input: MappingInput, thresholds: ThresholdProfile, sample: Batch?) {
        self.input = input
        self.thresholds = thresholds
        self.sample = sample
        matcher = ColumnMatcher(input)
    }

    /// A pipeline that was refused, for the second question.
    private struct Refusal {
        let steps: String
        let why: String
    }

    /// The proposals with those of models among them, ascending by target.
    ///
    /// - Throws: `inference.template`; what the desk and the store throw.
    func proposals(
        beside own: [MappingProposal], interview: ModelInterview
    ) throws(SluiceError) -> [MappingProposal] {
        let targets = try self.targets(beside: own, tries: interview.isOpen)
        guard interview.isOpen, !targets.isEmpty else {
            interview.leave(targets.count)
            return own
        }
        let used = Set(own.flatMap(\.sources))
        var accepted: [Int: MappingProposal] = [:]
        var refused: [Int: Refusal] = [:]
        // Asked anew once, with what was wrong: a new question, which its own budget has to allow.
        for round in 1...2 {
            let asked = round == 1 ? targets : targets.filter { refused[$0] != nil }
            guard !asked.isEmpty else { break }
            let sources = asked.map(sources)
            let replies = try interview.ask(
                asked.indices.map { place in
                    question(asked[place], sources[place], used: used, round: round, refused: refused[asked[place]])
                })
            for (place, reply) in replies.enumerated() {
                let target = asked[place]
                refused[target] = nil
                guard let reply else { continue }
                switch try judge(reply, target, sources[place], interview) {
                case .success(let proposal?): accepted[target] = proposal
                case .success(nil): break
                case .failure(let refusal): refused[target] = Refusal(steps: refusal.steps, why: refusal.why)
                }
            }
        }
        interview.take(accepted.count)
        return (own.filter { accepted[$0.target] == nil } + accepted.values).sorted { $0.target < $1.target }
    }

    // MARK: What is asked

    /// Target columns without a pipeline, and those whose pipeline fails too often and leaves nothing else to decide.
    ///
    /// None where a source has nothing that a pipeline could read.
    ///
    /// - Parameter tries: whether pipelines are tried on the sample for it: not where nobody can be asked anyway.
    private func targets(beside own: [MappingProposal], tries: Bool) throws(SluiceError) -> [Int] {
        guard input.sources.contains(where: { $0.type != .binary }) else { return [] }
        let weak = tries ? try self.weak(own) : []
        let mapped = Set(own.map(\.target))
        let asked = input.targets.indices.filter { place in
            let target = input.targets[place]
            guard target.type != .binary else { return false }
            let fillsItself = target.name == input.table.rowIDAlias || target.column.hasDefault
            return weak.contains(place) || (!mapped.contains(place) && !fillsItself)
        }
        return Array(asked.prefix(Self.mostTargets))
    }

    private func weak(_ own: [MappingProposal]) throws(SluiceError) -> Set<Int> {
        var results: [SampleResult]?
        if let sample { results = try SampleResult.run(own, on: sample, input: input).results }
        var weak: Set<Int> = []
        for (place, proposal) in own.enumerated() where proposal.doubt == nil && proposal.obstacle == nil {
            let decision = MappingDecision.judge(
                proposal, name: input.targets[proposal.target].name, sample: results?[place], thresholds: thresholds)
            if decision.decision != .accept { weak.insert(proposal.target) }
        }
        return weak
    }

    /// Source columns that a question about a target lists, in the source's order.
    private func sources(for target: Int) -> [Int] {
        let usable = input.sources.indices.filter { input.sources[$0].type != .binary }
        guard usable.count > Self.mostSources else { return Array(usable) }
        let scores = usable.map { (place: $0, score: matcher.likeness($0, target).score) }
        return scores.sorted { $0.score != $1.score ? $0.score > $1.score : $0.place < $1.place }
            .prefix(Self.mostSources).map(\.place).sorted()
    }

    private func question(
        _ place: Int, _ sources: [Int], used: Set<Int>, round: Int, refused: Refusal?
    ) -> ModelQuestion {
        func domain(_ candidate: DomainCandidate?) -> PromptValue {
            candidate.map { .registry($0.domain) } ?? .absent
        }
        let target = input.targets[place]
        let listed: [PromptValue] = sources.map { source in
            let column = input.sources[source]
            return .record([
                "id": .registry(Self.id(source)), "name": .columnName(column.name), "type": .registry(column.type.name),
                "domain": domain(column.knownDomain), "unused": .registry(used.contains(source) ? "no" : "yes"),
            ])
        }
        return ModelQuestion(
            id: "mapping.t\(place + 1)" + (round == 1 ? "" : ".\(round)"),
            values: [
                "target": .record([
                    "name": .columnName(target.name), "type": .registry(target.type.name),
                    "domain": domain(target.knownDomain),
                    "needs_value": .registry(input.needsValue(place) ? "yes" : "no"),
                ]),
                "target_columns": .list(input.targets.prefix(Self.mostSources).map { .columnName($0.name) }),
                "sources": .list(listed), "inputs": .choices(sources.map(Self.id)),
                "refused": .list(
                    (refused.map { [$0] } ?? []).map {
                        .record(["steps": .text($0.steps), "why": .text($0.why)])
                    }),
            ])
    }

    private static func id(_ source: Int) -> String { "s\(source + 1)" }

    // MARK: What is answered

    private struct Rejected: Error {
        let steps: String
        let why: String
    }

    /// The proposal that an answer comes to; nil when it names no source, or the model is not sure enough.
    private func judge(
        _ reply: ModelReply, _ target: Int, _ sources: [Int], _ interview: ModelInterview
    ) throws(SluiceError) -> Result<MappingProposal?, Rejected> {
        guard !sources.isEmpty, reply.json["sources_fit"] == true,
            let confidence = reply.json["confidence"]?.doubleValue
        else { return .success(nil) }
        let steps = reply.json["steps"]?.arrayValue ?? []
        func rejected(_ why: String) -> Result<MappingProposal?, Rejected> {
            .failure(Rejected(steps: JSON.array(steps).canonicalText, why: why))
        }
        let plan: Plan
        do throws(SluiceError) { plan = try self.plan(steps, reply.json["result"], target, sources) } catch {
            guard error.code == .dslReject else { throw error }
            return rejected("\(error.message) \(error.hint)")
        }
        let reason = try interview.shown(reply.json["reason"]?.stringValue ?? "")
        let places = plan.inputs.compactMap { name in input.sources.firstIndex { $0.name == name } }
        let proposal = MappingProposal(
            target: target, sources: places, strategy: places.count > 1 ? .compose : .atomic, plan: plan,
            confidence: PipelineProposer.rounded(confidence * Self.modelFactor),
            rationale: "Proposed by \(reply.origin.name): \(reason)",
            doubt: ProposalDoubts(input: input).first(of: plan),
            obstacle: nil,
            origin: reply.origin)
        guard proposal.confidence >= MappingDecision.symbolicConfidence else { return .success(nil) }
        var result: SampleResult?
        if let sample { result = try SampleResult.run([proposal], on: sample, input: input).results.first }
        let decision = MappingDecision.judge(
            proposal, name: "it", sample: result, thresholds: thresholds)
        if decision.decision == .accept { return .success(proposal) }
        guard let result, result.failed > 0 else { return .success(nil) }
        let errors = result.errors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return rejected("\(result.failed) of \(result.rows) sample rows fail: \(errors).")
    }

    /// The plan over the real columns. It is first read over their ids, so that what is wrong is told in words that the
    /// model knows, and no name of a column is among them.
    ///
    /// - Throws: `dsl.rejected`.
    private func plan(
        _ steps: [JSON], _ result: JSON?, _ target: Int, _ sources: [Int]
    ) throws(SluiceError) -> Plan {
        let type = input.targets[target].type
        let needsValue = input.needsValue(target)
        let written = steps.enumerated().map { place, step -> JSON in
            var members = step.objectValue ?? [:]
            members["as"] = .string("t\(place + 1)")
            let makesText = members["op"] == "type_cast" && members["to"] == "text"
            if needsValue, !makesText, members["op"] == "type_cast" || members["op"] == "date_parse" {
                members["empty"] = "error"
            }
            return .object(members)
        }
        let draft = try Plan(json: ["target": "target", "steps": .array(written), "result": result ?? .null])
        let made = try draft.check(
            inputs: Schema(sources.map { Field(Self.id($0), input.sources[$0].type) }))
        guard made == type else {
            throw SluiceError(
                .dslRejected, "The result is \(made.name), and the target is \(type.name).",
                hint: "End with a step that makes \(type.name).")
        }
        var names = Dictionary(
            sources.map { (Self.id($0), input.sources[$0].name) }, uniquingKeysWith: { first, _ in first })
        var builder = PlanBuilder(target: input.targets[target].name, columns: input.sources.map(\.name))
        for (place, step) in written.enumerated() {
            var arguments = step.objectValue ?? [:]
            let inputs = (arguments["in"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { names[$0] } }
            let op = arguments["op"]?.stringValue ?? ""
            for key in ["op", "in", "as"] { arguments[key] = nil }
            names["t\(place + 1)"] = builder.add(op, inputs, arguments)
        }
        let plan = try builder.plan(result: result?.stringValue.flatMap { names[$0] } ?? "")
        _ = try plan.check(inputs: input.schema)
        return plan
    }
}
