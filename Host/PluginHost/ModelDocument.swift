internal import Foundations

/// Reads what a provider plugin answers to `infer`, `submit` and `poll` (docs/providers.md). It trusts nothing.
///
/// Members that it does not know are ignored: a later plugin may say more. What it knows and finds of another type, or
/// out of its bounds, makes the whole answer unreadable.
enum ModelDocument {
    /// What is wrong, by its place in the document; repeats nothing of it.
    struct Fault: Error, Equatable {
        let reason: String
    }

    typealias Outcome = Result<ModelAnswer, ProviderFailure>

    /// Bytes of UTF-8 of one answer's text.
    static let textLimit = 16 << 20
    /// Names of models, ids of requests, batches and their items.
    static let nameLimit = 4096
    /// No context holds so many tokens; a count above it is none.
    static let tokenLimit: Int64 = 1_000_000_000
    static let maximumTreatments = 64
    /// A wait longer than a day is no advice.
    static let longestWait: Int64 = 86_400_000

    /// `{"answer":…}` or `{"failure":…}`.
    static func outcome(_ document: JSON) throws(Fault) -> Outcome {
        let root = try Node(document, "")
        switch (root["answer"], root["failure"]) {
        case (let answer?, nil): return .success(try self.answer(Node(answer, "/answer")))
        case (nil, let failure?): return .failure(try self.failure(Node(failure, "/failure")))
        case (nil, nil): throw Fault(reason: "it has neither answer nor failure")
        default: throw Fault(reason: "it has both answer and failure")
        }
    }

    /// `{"batch":…}` or `{"failure":…}`.
    static func receipt(_ document: JSON) throws(Fault) -> Result<String, ProviderFailure> {
        let root = try Node(document, "")
        if let failure = root["failure"] {
            guard root["batch"] == nil else { throw Fault(reason: "it has both batch and failure") }
            return .failure(try self.failure(Node(failure, "/failure")))
        }
        let batch = try root.text("batch", limit: nameLimit)
        guard !batch.isEmpty else { throw Fault(reason: "/batch is empty") }
        return .success(batch)
    }

    /// `{"state":…,"results":[…],"failure"?}`, or `{"failure":…}` when the question itself failed.
    static func batch(_ document: JSON) throws(Fault) -> Result<ModelBatch, ProviderFailure> {
        let root = try Node(document, "")
        let failed = try root["failure"].map { (json) throws(Fault) in try failure(Node(json, "/failure")) }
        if root["state"] == nil, let failed { return .failure(failed) }
        guard let phase = ModelBatch.Phase(rawValue: try root.text("state", limit: 64)) else {
            throw Fault(reason: "/state is none of the states")
        }
        var results: [String: Outcome] = [:]
        for (place, json) in try root.list("results").enumerated() {
            let item = try Node(json, "/results/\(place)")
            let id = try item.text("id", limit: nameLimit)
            let outcome: Outcome
            do throws(Fault) { outcome = try self.outcome(json) } catch {
                // The others are not to blame.
                outcome = .failure(ProviderFailure(malformed: "item \(place) of a batch: \(error.reason)"))
            }
            guard results.updateValue(outcome, forKey: id) == nil else {
                throw Fault(reason: "\(item.path)/id stands there twice")
            }
        }
        return .success(ModelBatch(phase, results: results, failure: failed))
    }

    // MARK: Parts

    private static func answer(_ node: Node) throws(Fault) -> ModelAnswer {
        guard let finish = ModelAnswer.Finish(rawValue: try node.text("finish", limit: 64)) else {
            throw Fault(reason: "\(node.path)/finish is neither stop nor length")
        }
        return ModelAnswer(
            model: try node.text("model", limit: nameLimit), text: try node.text("text", limit: textLimit),
            finish: finish, usage: try usage(node), treatments: try treatments(node), tier: try tier(node),
            requestID: try node.optionalText("request_id", limit: nameLimit).map { Redaction.line($0, limit: 256) })
    }

    private static func usage(_ node: Node) throws(Fault) -> TokenUsage? {
        guard let json = node["usage"] else { return nil }
        let usage = try Node(json, node.path + "/usage")
        let (input, output) = (try usage.count("input"), try usage.count("output"))
        guard let input, let output else { throw Fault(reason: "\(usage.path) has not both input and output") }
        let found = TokenUsage(
            input: input, cachedInput: try usage.count("cached_input") ?? 0,
            cacheWrites: try usage.count("cache_writes") ?? 0, output: output,
            reasoning: try usage.count("reasoning") ?? 0)
        guard found.cachedInput + found.cacheWrites <= found.input, found.reasoning <= found.output else {
            throw Fault(reason: "\(usage.path) has a part that is more than its whole")
        }
        return found
    }

    private static func treatments(_ node: Node) throws(Fault) -> [String: String] {
        guard let json = node["treatments"] else { return [:] }
        let list = try Node(json, node.path + "/treatments")
        guard list.members.count <= maximumTreatments else { throw Fault(reason: "\(list.path) has too many members") }
        var treatments: [String: String] = [:]
        for (name, value) in list.members {
            guard name.utf8.count <= 64, let word = value.stringValue, ["passed", "mapped", "dropped"].contains(word)
            else { throw Fault(reason: "\(list.path) holds more than passed, mapped and dropped") }
            treatments[name] = word
        }
        return treatments
    }

    private static func tier(_ node: Node) throws(Fault) -> ModelRequest.Tier? {
        guard let word = try node.optionalText("tier", limit: 64) else { return nil }
        guard let tier = ModelRequest.Tier(rawValue: word) else {
            throw Fault(reason: "\(node.path)/tier is neither standard nor flex")
        }
        return tier
    }

    private static func failure(_ node: Node) throws(Fault) -> ProviderFailure {
        guard let code = SluiceError.Code(name: try node.text("code", limit: 64)) else {
            throw Fault(reason: "\(node.path)/code is none of the taxonomy")
        }
        guard let scope = ProviderFailure.Scope(rawValue: try node.optionalText("scope", limit: 64) ?? "request") else {
            throw Fault(reason: "\(node.path)/scope is none of the scopes")
        }
        let reason = try node.text("reason", limit: 64)
        guard PluginManifest.only(reason, 1...64, "abcdefghijklmnopqrstuvwxyz0123456789_") else {
            throw Fault(reason: "\(node.path)/reason is no word of a-z, 0-9 and '_'")
        }
        guard !ProviderFailure.hostWords.contains(reason) else {
            throw Fault(reason: "\(node.path)/reason is a word that the host alone may say")
        }
        let status = try node.number("status")
        if let status, !(100...999).contains(status) { throw Fault(reason: "\(node.path)/status is no HTTP status") }
        let wait = try node.number("retry_after_ms")
        if let wait, wait < 0 { throw Fault(reason: "\(node.path)/retry_after_ms is negative") }
        return ProviderFailure(
            code, scope: scope, reason: reason,
            message: Redaction.line(try node.optionalText("message", limit: 1 << 20) ?? ""),
            status: status.map { Int($0) }, retryAfterMilliseconds: wait.map { UInt64(min($0, longestWait)) },
            usage: try usage(node))
    }
}

extension ModelDocument {
    /// An object of the document and where it stands. A member that is null is absent.
    private struct Node {
        let members: [String: JSON]
        let path: String

        init(_ json: JSON, _ path: String) throws(Fault) {
            guard let members = json.objectValue else {
                throw Fault(reason: path.isEmpty ? "it is no object" : "\(path) is no object")
            }
            self.members = members
            self.path = path
        }

        subscript(key: String) -> JSON? {
            guard let value = members[key], value != .null else { return nil }
            return value
        }

        func text(_ key: String, limit: Int) throws(Fault) -> String {
            guard let text = try optionalText(key, limit: limit) else {
                throw Fault(reason: "\(path)/\(key) is missing")
            }
            return text
        }

        func optionalText(_ key: String, limit: Int) throws(Fault) -> String? {
            guard let value = self[key] else { return nil }
            guard let text = value.stringValue else { throw Fault(reason: "\(path)/\(key) is no text") }
            guard text.utf8.count <= limit else { throw Fault(reason: "\(path)/\(key) is longer than \(limit) bytes") }
            return text
        }

        func number(_ key: String) throws(Fault) -> Int64? {
            guard let value = self[key] else { return nil }
            guard let number = value.intValue else { throw Fault(reason: "\(path)/\(key) is no whole number") }
            return number
        }

        func count(_ key: String) throws(Fault) -> Int? {
            guard let number = try number(key) else { return nil }
            guard (0...tokenLimit).contains(number) else { throw Fault(reason: "\(path)/\(key) is no count of tokens") }
            return Int(number)
        }

        /// Absent: empty.
        func list(_ key: String) throws(Fault) -> [JSON] {
            guard let value = self[key] else { return [] }
            guard let elements = value.arrayValue else { throw Fault(reason: "\(path)/\(key) is no array") }
            return elements
        }
    }
}

extension ProviderFailure {
    /// Of an answer that cannot be read: nobody else is asked in silence.
    init(malformed reason: String) {
        self.init(.quarantineRequired, reason: "answer_malformed", message: "The answer cannot be used: \(reason).")
    }

    /// The host has no key for the provider, as adapters say it.
    static let credentialMissing = "credential_missing"
    /// The provider has no such call, and nothing was sent for it.
    static let notOffered = "not_offered"
    /// What a plugin cannot know: how the host's own call of it went.
    static let hostWords: Set<String> = [
        "plugin_crashed", "plugin_protocol", "plugin_timeout", "plugin_failed", "deadline", "cancelled",
        "answer_malformed", "duplicate_id",
    ]

    /// How far an error of a call reaches, and its stable word.
    private static let known: [String: (scope: Scope, reason: String)] = [
        ErrorKind.egressUnreachable.id: (.provider, "unreachable"), ErrorKind.egressTLS.id: (.provider, "tls"),
        ErrorKind.egressSecret.id: (.credential, credentialMissing),
        ErrorKind.egressTimeout.id: (.request, "timeout"), ErrorKind.egressReset.id: (.request, "reset"),
        ErrorKind.egressAnswer.id: (.request, "answer_size"), ErrorKind.egressSize.id: (.request, "too_large"),
        ErrorKind.egressLibrary.id: (.provider, "call"),
        ErrorKind.pluginCrashed.id: (.provider, "plugin_crashed"),
        ErrorKind.pluginProtocol.id: (.provider, "plugin_protocol"),
        ErrorKind.pluginTimeout.id: (.provider, "plugin_timeout"),
        ErrorKind.providerTimeout.id: (.request, "deadline"), ErrorKind.interrupted.id: (.request, "cancelled"),
        ErrorKind.pluginFailed.id: (.request, "plugin_failed"),
    ]
    /// A plugin that died or lied is one that cannot serve: another may.
    private static let broken: Set<String> = [ErrorKind.pluginCrashed.id, ErrorKind.pluginProtocol.id]

    /// Of an error that a call, or the start of the plugin, ended with.
    ///
    /// - Parameter isStart: the plugin could not even be started; what policy does not block is then unhealthy.
    init(_ error: SluiceError, isStart: Bool = false) {
        let known = Self.known[error.detail]
        var code = error.code
        if Self.broken.contains(error.detail) { code = .providerUnhealthy }
        if error.detail == ErrorKind.interrupted.id { code = .timeout }
        // A plugin is kept from sending it; to the call it is what a server's 413 is.
        if error.detail == ErrorKind.egressSize.id { code = .deterministicFailure }
        if isStart, known == nil || error.detail == ErrorKind.pluginFailed.id, code != .policyBlock {
            code = .providerUnhealthy
        }
        let other =
            error.detail.hasPrefix("egress.") ? "egress_denied" : String(error.detail.map { $0 == "." ? "_" : $0 })
        var reason = known?.reason ?? other
        if ProviderSession.isNotOffered(error) { reason = Self.notOffered }
        // Nobody waited long enough: that says nothing of the provider.
        let isCallers = [ErrorKind.interrupted.id, ErrorKind.providerTimeout.id].contains(error.detail)
        self.init(
            code, scope: isStart && !isCallers ? .provider : known?.scope ?? .request, reason: reason,
            message: error.message, retryAfterMilliseconds: error.retryAfterMilliseconds, wasCalled: !isStart)
    }
}
