internal import Contracts
public import Foundations
internal import Inference
internal import Policy

/// Where the stages of one run ask models. Lives on the driving thread.
protocol ModelDesk: AnyObject {
    /// For `callProvider`: under which prompts are composed.
    func permit() throws(SluiceError) -> Permit

    /// Asks all jobs of one stage, some of them at once, and waits; one outcome a job, in their order.
    ///
    /// - Throws: when the ledger cannot be written, or the run is to stop; a provider's failure is an outcome.
    func complete(_ jobs: [InferenceJob]) throws(SluiceError) -> [InferenceOutcome]

    /// Another stage asks from now on: its time is the one that counts.
    func enter(_ stage: StageContext)

    /// Ends what was started for it.
    func close()
}

extension ModelDesk {
    func enter(_ stage: StageContext) {}
    func close() {}
}

/// Whether models may be asked at all.
enum ModelAccess {
    case desk(any ModelDesk)
    /// Nobody may, or nobody is there: why, in words that follow "because".
    case none(String)
}

/// Who answered, and what: it stands in the artifact beside what came of the answer (ROADMAP §20).
struct ModelOrigin: Sendable, Equatable {
    /// As policy names it.
    let provider: String
    let model: String
    /// `id@version` of the template.
    let template: String
    let templateHash: String
    /// Of the masked texts.
    let promptHash: String

    /// `provider:model`.
    var name: String { "\(provider):\(model)" }

    var members: [String: JSON] {
        [
            "provider": .string(provider), "model": .string(model), "template": .string(template),
            "template_hash": .string(templateHash), "prompt_hash": .string(promptHash),
        ]
    }

    init(provider: String, model: String, template: String, templateHash: String, promptHash: String) {
        self.provider = provider
        self.model = model
        self.template = template
        self.templateHash = templateHash
        self.promptHash = promptHash
    }

    /// From members of an object; nil after a mistake.
    init?(_ reader: JSONReader) {
        let texts = ["provider", "model", "template", "template_hash", "prompt_hash"].map { reader.text($0) }
        let known = texts.compactMap { $0 }
        guard known.count == texts.count else { return nil }
        self.init(
            provider: known[0], model: known[1], template: known[2], templateHash: known[3], promptHash: known[4])
    }
}

/// What a stage asked of models and what came of it; for ledger and summary, no artifact holds it.
public struct ModelUse: Sendable, Equatable {
    /// What there was to ask.
    public var questions = 0
    public var asked = 0
    public var answered = 0
    /// Answers that changed what the rules had found.
    public var taken = 0
    /// Questions without an answer, by code of the taxonomy.
    public var failures: [String: Int] = [:]
    /// Why nobody was asked, or what failed last; nil when all answered.
    public var absence: String?
    /// `provider:model` of the answers, sorted.
    public var models: [String] = []
    public var tokenEstimate: Int64 = 0
    public var tokenActual: Int64 = 0
    public var promptHashes: [String] = []

    init() {}

    public var json: JSON {
        .members([
            "questions": JSON(questions), "asked": JSON(asked), "answered": JSON(answered), "taken": JSON(taken),
            "failures": failures.isEmpty ? nil : .object(failures.mapValues { JSON($0) }),
            "absence": absence.map(JSON.string), "models": models.isEmpty ? nil : JSON(models),
        ])
    }

    /// Whose models answered, sorted; nil when none did.
    var providers: String? {
        let names = Set(models.map { String($0.prefix { $0 != ":" }) })
        return names.isEmpty ? nil : names.sorted().joined(separator: ", ")
    }

    /// The models that answered, sorted; nil when none did.
    var allModels: String? { models.isEmpty ? nil : models.joined(separator: ", ") }

    /// One hash of all prompts that were answered; nil when none was.
    var promptHash: String? { promptHashes.isEmpty ? nil : JSON(promptHashes.sorted()).canonicalHash.hex }
}
