public import Foundations
public import PluginHost
internal import Synchronization

/// One question to one model, as the cache knows it.
public struct AnswerQuestion: Sendable {
    /// The plugin that would be asked.
    public struct Provider: Sendable, Equatable {
        public var id: String
        public var version: String
        /// SHA-256 of its library.
        public var binary: SHA256.Digest

        public init(id: String, version: String, binary: SHA256.Digest) {
            self.id = id
            self.version = version
            self.binary = binary
        }
    }

    public var provider: Provider
    /// As it would be sent: model, prompts, parameters, schema and tier are part of the key; deadlines and whether the
    /// answer is streamed are not.
    public var request: ModelRequest
    /// `id@version`, and the SHA-256 of its file.
    public var template: String
    public var templateHash: SHA256.Digest

    public init(provider: Provider, request: ModelRequest, template: String, templateHash: SHA256.Digest) {
        self.provider = provider
        self.request = request
        self.template = template
        self.templateHash = templateHash
    }
}

/// What is known of a question before it is sent.
public enum AnswerLookup: Sendable {
    /// Somebody asked it before, or while this thread waited. `usage` of the answer is what it cost then.
    case hit(ModelAnswer, question: SHA256.Digest)
    /// The provider refused it for good a short time ago; not asked again.
    case refusal(ProviderFailure)
    /// Nobody knows: ask, and tell the lead what became of it. Others who ask the same wait for it meanwhile.
    case lead(AnswerLead)
    /// Ask, and tell nobody: it may not be cached.
    case bypass
    /// Somebody else is asking, and the deadline passed.
    case timedOut
    /// Somebody else is asking, and the stop was raised.
    case stopped
}

/// What is known of a question by those who ask many at once, and wait for nobody.
public enum AnswerPeek: Sendable {
    case hit(ModelAnswer, question: SHA256.Digest)
    case refusal(ProviderFailure)
    /// nil: it may not be cached.
    case unknown(question: SHA256.Digest?)
}

/// Answers that need not be asked for, and who asks what is not known. Any thread may call it.
public protocol AnswerSource: Sendable {
    /// Blocks while another thread asks the same question, or another process of the home does.
    ///
    /// A thread that leads a question must end that lead before it looks the same one up again: it would wait for itself.
    ///
    /// - Parameters:
    ///   - deadline: monotonic nanoseconds of the context's clock.
    ///   - stop: raised when nobody waits for the answer any more.
    func lookup(_ question: AnswerQuestion, deadline: UInt64, stop: StopSignal?) -> AnswerLookup

    /// What is known now; waits for nobody.
    func peek(_ question: AnswerQuestion) -> AnswerPeek

    /// Keeps an answer that was asked for without a lead, and was validated; nothing where it may not be cached.
    func keep(_ answer: ModelAnswer, to question: AnswerQuestion)
}

/// The duty to ask one question, on behalf of everybody who asks it at once.
///
/// One of `succeed`, `fail` and `abandon` ends it; later ones change nothing. One that is dropped is abandoned.
public final class AnswerLead: Sendable {
    /// What becomes of the lead.
    public enum End: Sendable {
        case success(ModelAnswer)
        case failure(ProviderFailure)
        case abandoned
    }

    /// The SHA-256 that names the question: for `SpendEstimate.question`.
    public let question: SHA256.Digest
    private let end: Mutex<(@Sendable (End) -> Void)?>

    /// - Parameter end: called exactly once, by whichever thread ends the lead.
    public init(question: SHA256.Digest, end: @escaping @Sendable (End) -> Void) {
        self.question = question
        self.end = Mutex(end)
    }

    deinit { finish(.abandoned) }

    /// Keeps the answer and gives it to those who wait. Only for one that was validated: others will take it as it is.
    public func succeed(_ answer: ModelAnswer) { finish(.success(answer)) }

    /// One of those who wait asks next, unless the failure is for good: then they are told of it as well.
    public func fail(_ failure: ProviderFailure) { finish(.failure(failure)) }

    /// Not asked after all, or the answer is worth nothing to others: one of those who wait asks next.
    public func abandon() { finish(.abandoned) }

    private func finish(_ outcome: End) {
        let end = end.withLock { held in
            defer { held = nil }
            return held
        }
        end?(outcome)
    }
}
