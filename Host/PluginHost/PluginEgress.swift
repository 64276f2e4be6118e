internal import Columnar
internal import Contracts
public import Egress
public import Foundations

/// A provider's way out: the broker that decides, and who is told of every request.
public struct EgressAccess {
    let broker: EgressBroker
    let provider: String
    let onRequest: (EgressRecord) throws(SluiceError) -> Void

    /// - Parameters:
    ///   - provider: the tag under which policy knows the provider.
    ///   - onRequest: called on the driving thread for every request, refused ones included, before the plugin learns
    ///     of its answer. When it throws, the plugin is stopped: what cannot be recorded does not go on.
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
    /// Whether everything that the call handed over had gone through the masker.
    public let maskApplied: Bool
    public let report: EgressBroker.Report

    /// For the note of a ledger event.
    public var json: JSON {
        .members([
            "event": "egress", "plugin": .string(plugin), "call": .string(call), "prompt_hash": JSON(promptHash),
            "masked_before_send": .bool(maskApplied), "endpoint": .string(report.endpoint),
            "host": JSON(report.origin?.host), "origin": JSON(report.origin?.description),
            "method": .string(report.method), "status": report.status.map { JSON($0) } ?? .null,
            "bytes_sent": JSON(report.bytesSent), "bytes_received": JSON(report.bytesReceived),
            "redirects": JSON(report.redirects), "duration": .string(report.durationClass),
            "secret": JSON(report.secret), "redactions": JSON(report.redactions),
        ])
    }
}

/// What a call lets the plugin do on the network. Sessions make one from masked prompts alone.
struct EgressGrant {
    let call: String
    let model: String?
    let promptHash: String?

    /// - Parameter request: what the call hands to the plugin, made of masked prompts; nil when it hands over nothing.
    init(_ method: Wire.Method, request: JSON?, model: String? = nil) {
        call = method.name
        self.model = model
        promptHash = request.map { $0.canonicalHash.hex }
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
    /// The last error of the call that runs, for the message that a user gets when the plugin fails because of it.
    private(set) var lastError: SluiceError?
    /// What the recorder threw: the call cannot go on.
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
        lastError = nil
    }

    /// The call is over: whatever still runs is cancelled and recorded.
    func end() throws(SluiceError) {
        // Every one is recorded, though one before it could not be; the first failure is thrown below.
        for done in desk.abandon() { try? record(done.report) }
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
        do throws(SluiceError) {
            guard current.grant != nil else {
                throw SluiceError(
                    .egressCall,
                    "The plugin \(manifest.id) asked for a request during \(current.name), which has no way out.")
            }
            guard isWhole else {
                throw SluiceError(
                    .egressSize, "The request is larger than any endpoint of the plugin \(manifest.id) takes.")
            }
            try desk.start(id, EgressRequest(json: json, body: body), deadline: current.deadline)
        } catch {
            // A plugin that floods waits for nobody: its refusals must not pile up.
            guard refused.count < 64 else { throw .fault("too many requests came at once") }
            refused.append((id, error))
            var report = EgressBroker.Report()
            report.error = error
            try note(report)
        }
    }

    func answers() throws(Channel.Failure) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        for (id, error) in refused { frames.append(frame(id, error)) }
        refused = []
        for done in desk.take() {
            try note(done.report)
            switch done.answer {
            case .failure(let error): frames.append(frame(done.id, error))
            case .success(let response):
                frames.append(frame(done.id, code: 0, text: response.json.canonicalText, body: response.body))
            }
        }
        return frames
    }

    private func note(_ report: EgressBroker.Report) throws(Channel.Failure) {
        do throws(SluiceError) { try record(report) } catch { throw .fault("a request could not be recorded") }
    }

    private func record(_ report: EgressBroker.Report) throws(SluiceError) {
        if let error = report.error { lastError = error }
        do throws(SluiceError) {
            try access.onRequest(
                EgressRecord(
                    provider: access.provider, plugin: "\(manifest.id)@\(manifest.version)", call: current.name,
                    model: current.grant?.model, promptHash: current.grant?.promptHash, maskApplied: true,
                    report: report))
        } catch {
            if recordFailure == nil { recordFailure = error }
            throw error
        }
    }

    private func frame(_ id: UInt32, _ error: SluiceError) -> [UInt8] {
        frame(
            id, code: error.code.abiStatus, text: "\(error.detail): \(error.message)", body: [],
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
