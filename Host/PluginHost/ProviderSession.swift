internal import Columnar
public import Foundations
public import Policy

/// A provider: vectors and token counts of masked text.
///
/// Not Sendable: one thread at a time drives it, and every call waits.
public final class ProviderSession {
    /// The runner underneath, for its sandbox layers and its log.
    public let process: PluginProcess

    private var dimensions: UInt32?

    /// Texts that one request to a plugin may hold (SDK provider.h).
    static let maximumTexts = 10_000
    static let maximumDimensions: UInt32 = 65_536

    /// Starts a provider.
    ///
    /// - Parameters:
    ///   - egress: the way out, for a plugin whose manifest names endpoints; without it none can be reached.
    ///   - permit: for `call_provider`.
    ///   - care: what the run wants of its plugins; with a pool, a spare of this one is used when there is one.
    /// - Throws: what `PluginProcess` throws; `plugin.missing` when the plugin is not a provider.
    public convenience init(
        _ plugin: InstalledPlugin, config: JSON = [:], egress: EgressAccess? = nil, settings: RunnerSettings,
        permit: Permit, care: PluginCare? = nil, onLog: ((PluginLogLine) -> Void)? = nil
    ) throws(SluiceError) {
        try self.init(
            plugin, config: config, egress: egress, settings: settings, permit: permit, care: care, haste: nil,
            onLog: onLog)
    }

    /// - Parameter haste: how long the start may take, whatever the settings allow it.
    init(
        _ plugin: InstalledPlugin, config: JSON, egress: EgressAccess?, settings: RunnerSettings, permit: Permit,
        care: PluginCare?, haste: Haste?, onLog: ((PluginLogLine) -> Void)?
    ) throws(SluiceError) {
        try plugin.require(.provider)
        guard permit.action == .callProvider else {
            throw SluiceError(.policyDenied, "A provider is called with a permit for call_provider alone.")
        }
        process = try PluginProcess.open(
            plugin, config: config, egress: egress, settings: settings, care: care, haste: haste, onLog: onLog)
    }

    /// SHA-256 of what one call hands to a plugin: of `{"model":…,"texts":[…]}` in canonical JSON.
    public static func promptHash(_ prompts: [MaskedPrompt], model: String? = nil) -> SHA256.Digest {
        let request: JSON = ["model": JSON(model), "texts": .array(prompts.map { .string($0.text) })]
        return request.canonicalHash
    }

    /// One vector a prompt, in order; all vectors of a session have one dimension.
    ///
    /// - Throws: errors of the plugin; `plugin.protocol` for another number of vectors or a value that is not finite.
    public func embed(_ prompts: [MaskedPrompt], model: String? = nil) throws(SluiceError) -> [[Float]] {
        var vectors: [[Float]] = []
        vectors.reserveCapacity(prompts.count)
        for start in stride(from: 0, to: prompts.count, by: Self.maximumTexts) {
            let part = prompts[start..<min(start + Self.maximumTexts, prompts.count)]
            let grant = EgressGrant(.embed, prompts: Array(part), model: model)
            let limit = 12 + part.count * Int(Self.maximumDimensions) * 4
            let payload = try process.call(
                .embed, limit: min(limit, Wire.maximumFrame), grant: grant
            ) { $0.text(grant.text ?? "") }
            do throws(Wire.Fault) {
                let (found, rows) = try Self.vectors(payload, count: part.count)
                guard dimensions == nil || dimensions == found else {
                    throw Wire.Fault(reason: "the vectors changed their dimension")
                }
                dimensions = found
                vectors += rows
            } catch { throw process.breach(error, during: "embed") }
        }
        return vectors
    }

    static func vectors(_ payload: Bytes, count: Int) throws(Wire.Fault) -> (dimensions: UInt32, rows: [[Float]]) {
        var reader = PayloadReader(payload)
        let dimensions = try reader.integer(UInt32.self)
        let rows = try reader.integer(UInt64.self)
        guard rows == UInt64(count) else { throw Wire.Fault(reason: "there are \(rows) vectors for \(count) texts") }
        guard dimensions > 0, dimensions <= maximumDimensions else {
            throw Wire.Fault(reason: "the vectors have \(dimensions) dimensions")
        }
        let width = Int(dimensions)
        guard reader.remaining == count * width * 4 else { throw Wire.Fault(reason: "a payload has not its size") }
        let values = try reader.raw(count * width * 4)
        let vectors = values.withUnsafeBytes { bytes in
            (0..<count).map { row in
                (0..<width).map { column in
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: (row * width + column) * 4, as: UInt32.self)))
                }
            }
        }
        guard vectors.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw Wire.Fault(reason: "a vector holds a value that is not finite")
        }
        return (dimensions, vectors)
    }

    /// One completion, for the conformance suite.
    ///
    /// - Parameter request: of no run: the text `{prompt}` in it is replaced by the prompt.
    package func infer(_ prompt: MaskedPrompt, in request: JSON, model: String? = nil) throws(SluiceError) -> JSON {
        let text = Self.filled(request, prompt.text).canonicalText
        let payload = try process.call(
            .infer, limit: 64 << 20, grant: EgressGrant(.infer, prompts: [prompt], model: model)
        ) { $0.text(text) }
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            let answer = try reader.textBytes()
            try reader.finish()
            guard let json = try? JSONParser.parseBytes(answer) else {
                throw Wire.Fault(reason: "the answer is not JSON")
            }
            return json
        } catch { throw process.breach(error, during: "infer") }
    }

    private static func filled(_ request: JSON, _ prompt: String) -> JSON {
        switch request {
        case .string(let text): .string(text.replacing("{prompt}", with: prompt))
        case .array(let elements): .array(elements.map { filled($0, prompt) })
        case .object(let members): .object(members.mapValues { filled($0, prompt) })
        default: request
        }
    }

    /// Tokens that a prompt costs as input.
    public func tokenEstimate(_ prompt: MaskedPrompt, model: String = "") throws(SluiceError) -> Int {
        let payload = try process.call(.tokenEstimate, limit: 8) {
            $0.text(model)
            $0.text(prompt.text)
        }
        return try tokens(payload, of: prompt)
    }

    /// Tokens that each of many prompts costs as input; each may fail for itself.
    public func tokenEstimates(
        _ prompts: [MaskedPrompt], model: String = ""
    ) throws(SluiceError) -> [Result<Int, SluiceError>] {
        try tokenEstimates(prompts, model: model, seconds: nil)
    }

    /// - Parameter seconds: for all of them; nil: the plugin's own limit for each frame.
    func tokenEstimates(
        _ prompts: [MaskedPrompt], model: String, seconds: Double?
    ) throws(SluiceError) -> [Result<Int, SluiceError>] {
        let payloads = try process.calls(.tokenEstimate, count: prompts.count, limit: 8, seconds: seconds) {
            place, frame in
            frame.text(model)
            frame.text(prompts[place].text)
        }
        var estimates: [Result<Int, SluiceError>] = []
        estimates.reserveCapacity(prompts.count)
        for (prompt, payload) in zip(prompts, payloads) {
            switch payload {
            case .success(let payload): estimates.append(.success(try tokens(payload, of: prompt)))
            case .failure(let error): estimates.append(.failure(error))
            }
        }
        return estimates
    }

    private func tokens(_ payload: Bytes, of prompt: MaskedPrompt) throws(SluiceError) -> Int {
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            let tokens = try reader.integer(UInt64.self)
            try reader.finish()
            // No tokeniser makes more than a few tokens of a byte.
            guard tokens <= UInt64(prompt.text.utf8.count) * 16 + 1024 else {
                throw Wire.Fault(reason: "a token count is out of range")
            }
            return Int(tokens)
        } catch { throw process.breach(error, during: "token_estimate") }
    }

    /// What the provider says about its state, an object of at most 64 KiB.
    ///
    /// - Throws: the plugin's own PROVIDER_UNHEALTHY when it cannot serve.
    public func health() throws(SluiceError) -> JSON { try health(seconds: nil) }

    func health(seconds: Double?) throws(SluiceError) -> JSON {
        let payload = try process.call(
            .health, limit: 64 * 1024 + 4, seconds: seconds, grant: EgressGrant(.health, prompts: []))
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            let text = try reader.textBytes()
            try reader.finish()
            guard let json = try? JSONParser.parseBytes(text), json.objectValue != nil else {
                throw Wire.Fault(reason: "the answer is not an object")
            }
            return json
        } catch { throw process.breach(error, during: "health") }
    }

    /// What a runner says of a function that its plugin's table does not have (Host/Runner/calls.c).
    static let notOffered = "the plugin does not offer this call"

    /// Whether a call failed because the provider has no such function: it may have others.
    public static func isNotOffered(_ error: SluiceError) -> Bool {
        error.detail == ErrorKind.pluginFailed.id && error.code == .deterministicFailure
            && error.message.hasSuffix(": " + notOffered)
    }

    /// Ends the provider in an orderly way.
    public func stop() { process.stop() }
}
