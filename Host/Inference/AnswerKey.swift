public import Contracts
public import Foundations
internal import PluginHost
internal import Policy
public import Store

/// What all questions of one stage of a run have in common for the cache (ROADMAP §§19, 36).
public struct AnswerScope: Sendable {
    public var run: ULID
    /// nil before the run has one: nothing is cached then.
    public var lane: Lane?
    public var mode: Mode
    public var maskBeforeSend: Bool
    public var localOnlyOverride: Bool
    public var cacheScope: RunContract.CacheScope
    /// Without the template, which each question names.
    public var versions: ResponseKey.Versions
    public var locale: String
    /// Whether providers are asked even where their answer is known; it is then kept anew.
    public var fresh: Bool

    public init(
        run: ULID, lane: Lane?, mode: Mode, maskBeforeSend: Bool, localOnlyOverride: Bool,
        cacheScope: RunContract.CacheScope, versions: ResponseKey.Versions, locale: String, fresh: Bool
    ) {
        self.run = run
        self.lane = lane
        self.mode = mode
        self.maskBeforeSend = maskBeforeSend
        self.localOnlyOverride = localOnlyOverride
        self.cacheScope = cacheScope
        self.versions = versions
        self.locale = locale
        self.fresh = fresh
    }

    /// - Parameters:
    ///   - catalog: the run's catalog artifact.
    ///   - mapping: the plan that the questions build on; nil when they build on none.
    public init(
        _ contract: RunContract, lane: Lane?, versions: PinnedVersions, catalog: SHA256.Digest?,
        mapping: SHA256.Digest? = nil, locale: String, fresh: Bool
    ) {
        self.init(
            run: contract.runID, lane: lane, mode: contract.mode, maskBeforeSend: contract.maskBeforeSend,
            localOnlyOverride: contract.localOnlyOverride, cacheScope: contract.cacheScope,
            versions: ResponseKey.Versions(
                catalog: catalog, mapping: mapping, domains: versions.catalog,
                thresholds: "\(versions.thresholdProfile)+\(versions.thresholdProfileHash)", policy: versions.policy),
            locale: locale, fresh: fresh)
    }

    /// Names the question; nil when its answer may not be cached: the run has no lane, or its prompts are heavy in
    /// personal data.
    public func key(_ question: AnswerQuestion) -> ResponseKey? {
        let request = question.request
        guard let lane, !PolicyEngine.isPIIHeavy(request.messages.map(\.prompt)) else { return nil }
        var versions = versions
        versions.template = "\(question.template)+\(question.templateHash.hex)"
        return ResponseKey(
            operation: "infer", provider: question.provider.id, providerVersion: question.provider.version,
            providerBinary: question.provider.binary, model: request.model, parameters: Self.parameters(request),
            systemPromptHash: Self.hash(request.messages) { $0 == .system },
            userPromptHash: Self.hash(request.messages) { $0 != .system }, lane: lane, mode: mode,
            maskBeforeSend: maskBeforeSend, localOnlyOverride: localOnlyOverride, scope: cacheScope,
            versions: versions, locale: locale)
    }

    /// What of a request, besides its prompts, can change the answer. Not how it travels: streaming and deadlines.
    private static func parameters(_ request: ModelRequest) -> JSON {
        .members([
            "temperature": request.parameters.temperature.map(JSON.double),
            "top_p": request.parameters.topP.map(JSON.double), "stop": JSON(request.parameters.stop),
            "max_tokens": request.parameters.maxTokens.map { JSON($0) }, "seed": request.parameters.seed.map(JSON.int),
            "schema": request.schema.map { ["name": .string($0.name), "schema": $0.schema] },
            "tier": .string(request.tier.rawValue), "context_tokens": request.contextTokens.map { JSON($0) },
        ])
    }

    /// Of the messages with such a role, each with its place among all.
    private static func hash(
        _ messages: [ModelRequest.Message], of roles: (ModelRequest.Role) -> Bool
    ) -> SHA256.Digest {
        JSON.array(
            messages.enumerated().filter { roles($0.element.role) }.map { place, message in
                [
                    "at": JSON(place), "role": .string(message.role.rawValue), "text": .string(message.prompt.text),
                ]
            }
        ).canonicalHash
    }
}
