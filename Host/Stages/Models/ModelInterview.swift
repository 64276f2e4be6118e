internal import Contracts
internal import Detection
internal import Foundations
internal import Inference
internal import PluginHost
internal import Policy

/// A question of a stage: which template, and what fills it in.
struct ModelQuestion {
    /// Stable within the run, such as `domains.c3`.
    let id: String
    let values: [String: PromptValue]
}

/// An answer that satisfies the schema, and who gave it.
struct ModelReply {
    let json: JSON
    let origin: ModelOrigin
}

/// Asks the questions of one stage, and keeps count. A question without an answer is left to the rules.
final class ModelInterview {
    private let engine: PolicyEngine
    private let access: ModelAccess
    private let stage: Stage
    private let template: () throws(SluiceError) -> PromptTemplate
    private let scanner: () throws(SluiceError) -> Scanner
    private(set) var use = ModelUse()
    private var composed: (template: PromptTemplate, scanner: Scanner)?

    /// - Parameters:
    ///   - template: read when there is something to ask and somebody to ask it.
    ///   - scanner: what finds people in names of columns; likewise.
    init(
        engine: PolicyEngine, access: ModelAccess, stage: Stage,
        template: @escaping () throws(SluiceError) -> PromptTemplate,
        scanner: @escaping () throws(SluiceError) -> Scanner
    ) {
        self.engine = engine
        self.access = access
        self.stage = stage
        self.template = template
        self.scanner = scanner
    }

    /// One reply a question, in their order; nil for what is left to the rules.
    ///
    /// - Throws: `inference.template`; what the desk throws.
    func ask(_ questions: [ModelQuestion]) throws(SluiceError) -> [ModelReply?] {
        guard !questions.isEmpty else { return [] }
        guard case .desk(let desk) = access else {
            leave(questions.count)
            return questions.map { _ in nil }
        }
        use.questions += questions.count
        let (template, scanner) = try means()
        var jobs: [InferenceJob] = []
        for question in questions {
            jobs.append(try job(question, template, scanner, permit: desk.permit()))
        }
        let outcomes = try desk.complete(jobs)
        guard outcomes.count == jobs.count else {
            throw SluiceError(.stageInput, "\(jobs.count) questions have \(outcomes.count) outcomes.")
        }
        use.asked += jobs.count
        var replies: [ModelReply?] = []
        for (job, outcome) in zip(jobs, outcomes) { replies.append(try note(job, outcome)) }
        return replies
    }

    /// Whether there is somebody to ask.
    var isOpen: Bool { if case .desk = access { true } else { false } }

    /// Counts questions that nobody is there to be asked.
    func leave(_ count: Int) {
        use.questions += count
        if case .none(let why) = access, count > 0 { use.absence = why }
    }

    /// How many answers changed something.
    func take(_ count: Int) { use.taken += count }

    /// Text of an answer as it may be shown and stored.
    func shown(_ text: String) throws(SluiceError) -> String {
        PolicyEngine.shown(modelText: text, scanner: try means().scanner)
    }

    private func means() throws(SluiceError) -> (template: PromptTemplate, scanner: Scanner) {
        if let composed { return composed }
        let made = (template: try template(), scanner: try scanner())
        composed = made
        return made
    }

    private func job(
        _ question: ModelQuestion, _ template: PromptTemplate, _ scanner: Scanner, permit: Permit
    ) throws(SluiceError) -> InferenceJob {
        let prompt = try engine.compose(template, question.values, scanner: scanner, permit: permit)
        let parameters = template.parameters
        return InferenceJob(
            id: question.id, stage: stage, template: template.reference, templateHash: template.hash,
            messages: [.init(.system, prompt.system), .init(.user, prompt.user)],
            parameters: ModelRequest.Parameters(
                temperature: parameters.temperature, topP: parameters.topP, maxTokens: parameters.maxTokens,
                seed: parameters.seed),
            schema: ModelRequest.Schema(name: Self.name(template.id), schema: prompt.schema),
            vault: prompt.vault.names.isEmpty ? nil : prompt.vault, dataClasses: PluginUse.sent)
    }

    /// As providers take names of schemas: letters, digits and `_`.
    private static func name(_ id: String) -> String { String(id.map { $0 == "." ? "_" : $0 }) }

    private func note(_ job: InferenceJob, _ outcome: InferenceOutcome) throws(SluiceError) -> ModelReply? {
        use.tokenEstimate += outcome.tokenEstimate
        use.tokenActual += outcome.tokenActual
        switch outcome.result {
        case .failure(let error):
            use.failures[error.code.description, default: 0] += 1
            // It may be a provider's, or what a model said: words that nobody has looked at.
            use.absence = try shown(error.message)
            return nil
        case .success(let answer):
            let origin = ModelOrigin(
                provider: answer.provider, model: answer.model, template: job.template,
                templateHash: job.templateHash.hex,
                promptHash: ProviderSession.promptHash(job.messages.map(\.prompt)).hex)
            use.answered += 1
            use.promptHashes.append(origin.promptHash)
            if !use.models.contains(origin.name) { use.models = (use.models + [origin.name]).sorted() }
            return ModelReply(json: answer.json, origin: origin)
        }
    }
}

extension StageContext {
    /// What a stage asks models with.
    func interview(_ stage: Stage, template: String, access: ModelAccess) -> ModelInterview {
        let registry = registry
        return ModelInterview(
            engine: engine, access: access, stage: stage,
            template: { () throws(SluiceError) in try registry.prompt(template) },
            scanner: { () throws(SluiceError) in Scanner(.all, lexicon: try registry.lexicon()) })
    }

    /// Says once how a stage went on without some of the answers.
    ///
    /// - Parameter what: what was left, one and many of it.
    func tell(_ name: String, _ use: ModelUse, left what: (one: String, many: String)) {
        let count = use.questions - use.answered
        guard count > 0 else { return }
        let why = use.absence.map { ": " + ($0.hasSuffix(".") ? String($0.dropLast()) : $0) } ?? ""
        observer.notice(
            "\(name): \(count) \(count == 1 ? "\(what.one) is" : "\(what.many) are") left to the rules, no model "
                + "answered\(why).")
    }
}
