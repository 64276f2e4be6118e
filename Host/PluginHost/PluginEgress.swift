internal import Columnar
internal import Contracts
public import Egress
public import Foundations
internal import Policy

/// A provider's way out: the broker that decides, and who is told of every request.
public struct EgressAccess {
    let broker: EgressBroker
    let provider: String
    let onRequest: (EgressRecord) throws(SluiceError) -> Void

    /// - Parameters:
    ///   - provider: the tag under which policy knows the provider.
    ///   - onRequest: called on the driving thread before a request is made, and when it has ended or was refused, before
    ///     the plugin learns of its answer. When it throws, the plugin is stopped: what cannot be recorded is not begun,
    ///     and goes no further.
    public init(
        broker: EgressBroker, provider: String, onRequest: @escaping (EgressRecord) throws(SluiceError) -> Void
    ) {
        self.broker = broker
        self.provider = provider
        self.onRequest = onRequest
    }
}

/// One request of a provider as the ledger keeps it (ROADMAP §§6, 33); holds no header, no path and no body.
public struct EgressRecord: Sendable, Equatable {
    /// What a record tells of.
    public enum Phase: Sendable, Equatable {
        /// A request is about to be made, with a body of so many bytes.
        case begin(bodyBytes: Int)
        /// A request has ended, or was refused.
        case end
        /// So many more requests of the call were refused; the report is that of the last one.
        case refusals(Int)
    }

    public let phase: Phase
    /// The same for the beginning and the end of a request, and for no other of the plugin's process; nil for one that was
    /// refused at once.
    public let number: UInt64?
    /// The tag of the provider.
    public let provider: String
    /// `id@version`.
    public let plugin: String
    /// The call in which it was made, such as `embed`.
    public let call: String
    /// As the call named it.
    public let model: String?
    /// SHA-256 of what the call handed to the plugin; nil for a call without a prompt.
    public let promptHash: String?
    /// Whether the call handed over nothing but masked prompts. Such calls alone have a way out.
    public let maskApplied: Bool
    /// The rule by which the provider may be called.
    public let rule: String
    /// The same as a stable name.
    public let ruleID: String
    public let report: EgressBroker.Report

    /// For the note of a ledger event.
    public var json: JSON {
        var members: [String: JSON] = [
            "plugin": .string(plugin), "call": .string(call), "request": number.map { JSON($0) } ?? .null,
            "prompt_hash": JSON(promptHash), "masked_before_send": .bool(maskApplied), "rule": .string(rule),
            "rule_id": .string(ruleID),
            "endpoint": .string(report.endpoint), "host": JSON(report.origin?.host),
            "origin": JSON(report.origin?.description), "method": .string(report.method),
        ]
        switch phase {
        case .begin(let bytes):
            members["event"] = "egress_begin"
            members["body_bytes"] = JSON(bytes)
        case .refusals(let count):
            members["event"] = "egress_refused"
            members["count"] = JSON(count)
        case .end:
            members["event"] = "egress"
            members["status"] = report.status.map { JSON($0) } ?? .null
            members["bytes_sent"] = JSON(report.bytesSent)
            members["bytes_received"] = JSON(report.bytesReceived)
            members["redirects"] = JSON(report.redirects)
            members["duration"] = .string(report.durationClass)
            members["secret"] = JSON(report.secret)
            members["redactions"] = JSON(report.redactions)
            if report.redirects > 0 { members["hops"] = .array(report.hops.map(Self.json)) }
        }
        return .object(members)
    }

    private static func json(_ hop: EgressBroker.Report.Hop) -> JSON {
        [
            "endpoint": .string(hop.endpoint), "origin": .string(hop.origin.description), "method": .string(hop.method),
            "status": hop.status.map { JSON($0) } ?? .null, "secret": JSON(hop.secret),
        ]
    }
}

/// What a call lets the plugin do on the network, and what the call hands over: masked prompts, and nothing else.
struct EgressGrant {
    let call: String
    let model: String?
    /// Canonical JSON of all that `embed` hands to the plugin; nil for another call.
    let text: String?
    let promptHash: String?

    /// - Parameter prompts: what the plugin gets, as `{"model":…,"texts":[…]}`; empty when it gets nothing.
    init(_ method: Wire.Method, prompts: [MaskedPrompt], model: String? = nil) {
        call = method.name
        self.model = model
        let request: JSON = ["model": JSON(model), "texts": .array(prompts.map { .string($0.text) })]
        text = prompts.isEmpty ? nil : request.canonicalText
        promptHash = prompts.isEmpty ? nil : request.canonicalHash.hex
    }

    /// For a completion, or for many: their messages are masked by their type.
    init(_ method: Wire.Method, requests: [ModelRequest]) {
        call = method.name
        let first = requests.first?.model
        model = requests.allSatisfy { $0.model == first } ? first : nil
        text = nil
        promptHash = requests.isEmpty ? nil : ModelRequest.promptHash(requests).hex
    }
}

/// What left the host in one call, as the broker saw it.
struct Seen: Equatable {
    private(set) var isSent = false
    /// Of the request that is likeliest to have cost something (`ProviderFailure.observedStatus`).
    private(set) var status: Int?

    mutating func note(_ report: EgressBroker.Report) {
        guard report.bytesSent > 0 else { return }
        // A place that redirected did not do what it was asked; the last one says what came of the request.
        if !isSent || Self.weight(report.status) > Self.weight(status) { status = report.status }
        isSent = true
    }

    private static func weight(_ status: Int?) -> Int {
        guard let status else { return 2 }
        return status < 400 ? 1 : 0
    }
}

/// Takes the HTTP_REQUEST frames of one runner and makes HTTP_RESPONSE frames of what the broker says.
final class PluginEgress: Channel.RequestTaker {
    private let access: EgressAccess
    private let manifest: PluginManifest
    private let desk: EgressDesk
    let limit: Int

    /// Of the call that runs: what it may do, its number and its deadline.
    private var current: (grant: EgressGrant?, call: UInt32, deadline: UInt64, name: String)
    /// Refusals that wait to be sent; they need no thread.
    private var refused: [(id: UInt32, error: SluiceError)] = []
    /// Requests of the call that runs, and those of them that were refused at once.
    private var asked = 0
    private var refusals = 0
    /// The last error of the call that runs, for the message that a user gets when the plugin fails because of it.
    private(set) var lastError: SluiceError?
    private var lastRefusal: SluiceError?
    /// What left the host in the call that runs or ran last.
    private(set) var seen = Seen()
    /// What the recorder threw first: the call cannot go on.
    private(set) var recordFailure: SluiceError?

    init(_ access: EgressAccess, manifest: PluginManifest) throws(SluiceError) {
        self.access = access
        self.manifest = manifest
        desk = try EgressDesk(access.broker, endpoints: manifest.egress)
        let largest = manifest.egress.map(\.maximumBytes).max() ?? 0
        limit = min(largest + 128 * 1024, Wire.maximumFrame)
        current = (nil, 0, 0, "its start")
    }

    /// A call begins; without a grant every request in it is refused.
    func begin(_ grant: EgressGrant?, call: UInt32, deadline: UInt64, name: String) {
        current = (grant, call, deadline, name)
        (asked, refusals) = (0, 0)
        lastError = nil
        seen = Seen()
    }

    /// Nothing was seen of a call that has not begun, and may never begin.
    func forget() { seen = Seen() }

    /// The call is over: whatever still runs is cancelled and recorded.
    ///
    /// - Throws: the first error of the recorder; everything was offered to it before.
    func end() throws(SluiceError) {
        for done in desk.abandon() {
            seen.note(done.report)
            try? record(done.report, .end, done.number)
        }
        let more = refusals - access.broker.limits.refusalsRecorded
        if more > 0 {
            var report = EgressBroker.Report()
            report.error = lastRefusal
            try? record(report, .refusals(more), nil)
        }
        refused = []
        current.grant = nil
        if let recordFailure { throw recordFailure }
    }

    // MARK: Channel.RequestTaker

    var readiness: Int32 { desk.readiness }

    func take(_ payload: Bytes, isWhole: Bool) throws(Channel.Failure) {
        var reader = PayloadReader(payload)
        let id: UInt32
        var json: [UInt8] = []
        var body: [UInt8] = []
        do throws(Wire.Fault) {
            id = try reader.integer(UInt32.self)
            if isWhole {
                json = try reader.textBytes()
                body = try reader.textBytes()
            }
            try reader.finish()
        } catch { throw .fault(error.reason) }
        asked += 1
        var report = EgressBroker.Report()
        var begun: UInt64?
        do throws(SluiceError) {
            let most = access.broker.limits.requestsPerCall
            guard asked <= most else {
                throw SluiceError(
                    .egressCall, "The plugin \(manifest.id) asked for more than \(most) requests in a call.")
            }
            guard current.grant != nil else {
                throw SluiceError(
                    .egressCall,
                    "The plugin \(manifest.id) asked for a request during \(current.name), which has no way out.")
            }
            guard isWhole else {
                throw SluiceError(
                    .egressSize, "The request is larger than any endpoint of the plugin \(manifest.id) takes.")
            }
            let request = try EgressRequest(json: json, body: body)
            report = access.broker.consider(request, endpoints: manifest.egress)
            if let error = report.error { throw error }
            try desk.start(id, request, deadline: current.deadline, considered: report) {
                (number) throws(SluiceError) in
                try record(report, .begin(bodyBytes: body.count), number)
                begun = number
            }
        } catch {
            guard recordFailure == nil else { throw Self.unrecorded }
            report.error = error
            try refuse(id, report, error, begun: begun)
        }
    }

    /// - Parameter begun: its number, when its beginning is recorded already: then its end is, too, however many there are.
    private func refuse(
        _ id: UInt32, _ report: EgressBroker.Report, _ error: SluiceError, begun: UInt64?
    ) throws(Channel.Failure) {
        if begun == nil { refusals += 1 }
        (lastError, lastRefusal) = (error, error)
        if begun != nil || refusals <= access.broker.limits.refusalsRecorded {
            do throws(SluiceError) { try record(report, .end, begun) } catch { throw Self.unrecorded }
        }
        // A plugin that floods waits for nobody: its refusals must not pile up.
        guard refused.count < 64 else { throw .fault("too many requests came at once") }
        guard asked <= access.broker.limits.requestsPerCall else { throw .fault("too many requests came in one call") }
        refused.append((id, error))
    }

    private static var unrecorded: Channel.Failure { .fault("a request could not be recorded") }

    func answers() throws(Channel.Failure) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        for (id, error) in refused { frames.append(frame(id, error)) }
        refused = []
        for done in desk.take() {
            seen.note(done.report)
            try? record(done.report, .end, done.number)
            switch done.answer {
            case .failure(let error): frames.append(frame(done.id, error))
            case .success(let response):
                frames.append(frame(done.id, code: 0, text: response.json.canonicalText, body: response.body))
            }
        }
        guard recordFailure == nil else { throw Self.unrecorded }
        return frames
    }

    private func record(
        _ report: EgressBroker.Report, _ phase: EgressRecord.Phase, _ number: UInt64?
    ) throws(SluiceError) {
        if let error = report.error { lastError = error }
        do throws(SluiceError) {
            try access.onRequest(
                EgressRecord(
                    phase: phase, number: number, provider: access.provider,
                    plugin: "\(manifest.id)@\(manifest.version)", call: current.name, model: current.grant?.model,
                    promptHash: current.grant?.promptHash, maskApplied: current.grant != nil, rule: access.broker.rule,
                    ruleID: access.broker.ruleID,
                    report: report))
        } catch {
            if recordFailure == nil { recordFailure = error }
            throw error
        }
    }

    /// What a plugin is told of an error: its kind. Addresses, names and files of the host are for the user alone.
    private static func meaning(of error: SluiceError) -> String {
        ErrorKind.all.first { $0.id == error.detail }?.meaning ?? "The request was not made."
    }

    private func frame(_ id: UInt32, _ error: SluiceError) -> [UInt8] {
        frame(
            id, code: error.code.abiStatus, text: "\(error.detail): \(Self.meaning(of: error))", body: [],
            isRetryable: error.code.isTransient, retryAfter: error.retryAfterMilliseconds ?? 0)
    }

    private func frame(
        _ id: UInt32, code: Int32, text: String, body: [UInt8], isRetryable: Bool = false, retryAfter: UInt64 = 0
    ) -> [UInt8] {
        var writer = FrameWriter(.httpResponse, call: current.call)
        writer.integer(id)
        writer.integer(code)
        writer.integer(UInt32(isRetryable ? 1 : 0))
        writer.integer(retryAfter)
        writer.text(text)
        writer.text(bytes: body)
        // The manifest's limit and the cap of a head keep an answer below the limit of a frame.
        return writer.finish() ?? []
    }
}
