internal import SluiceABI

#if canImport(Glibc)
internal import Glibc
#endif

/// The C functions of a provider; each finds the author's object behind the instance pointer.
enum ProviderTable {
    typealias Box = InstanceBox<any Provider>

    /// Texts that one `embed` call may hold (provider.h).
    static let maximumTexts = 10_000

    static let create:
        @convention(c) (
            sluice_str, sluice_handle, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<sluice_error>?
        ) -> sluice_status = { config, context, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try required(out, "place for the instance")
                let config = try config.checked("configuration")
                let (registration, host) = try PluginExport.host(context)
                let type = try required(registration.provider, "provider")
                out.pointee = Box(try type.init(config: PluginExport.config(config), host: host)).retainedPointer()
            }
        }

    static let destroy: @convention(c) (OpaquePointer?) -> Void = { Box.release($0) }

    static let cancel: @convention(c) (OpaquePointer?) -> Void = { try? Box.of($0).instance.cancel() }

    static func make(_ offers: ProviderCalls) -> UnsafeRawPointer {
        var ops = sluice_provider_ops()
        ops.struct_size = UInt32(MemoryLayout<sluice_provider_ops>.size)
        if offers.contains(.infer) {
            ops.infer = { instance, request, out, error in
                guarded(error) { () throws(PluginFailure) in
                    let out = try requiredOutput(out)
                    let provider = try Box.of(instance).instance
                    let answer = try provider.infer(JSONValue(parsing: request.checked("request")))
                    try out.give(answer.encoded())
                }
            }
        }
        if offers.contains(.embed) {
            ops.embed = { instance, request, out, error in
                guarded(error) { () throws(PluginFailure) in
                    let out = try requiredOutput(out)
                    let provider = try Box.of(instance).instance
                    let json = try JSONValue(parsing: request.checked("request"))
                    let (model, texts) = try ProviderTable.embedRequest(json)
                    let vectors = try provider.embed(model: model, texts: texts)
                    guard vectors.rows == texts.count else {
                        throw PluginFailure(message: "The provider did not return one vector a text.")
                    }
                    try out.give(vectors)
                }
            }
        }
        if offers.contains(.tokenEstimate) {
            ops.token_estimate = { instance, model, text, tokens, error in
                guarded(error) { () throws(PluginFailure) in
                    let tokens = try required(tokens, "place for the count")
                    let (model, text) = (try model.checkedString("model"), try text.checkedString("text"))
                    tokens.pointee = try Box.of(instance).instance.tokenEstimate(model: model, text: text)
                }
            }
        }
        if offers.contains(.submit) {
            ops.submit = { instance, request, out, error in
                guarded(error) { () throws(PluginFailure) in
                    let out = try requiredOutput(out)
                    let provider = try Box.of(instance).instance
                    let answer = try provider.submit(JSONValue(parsing: request.checked("request")))
                    try out.give(answer.encoded())
                }
            }
        }
        if offers.contains(.poll) {
            ops.poll = { instance, request, out, error in
                guarded(error) { () throws(PluginFailure) in
                    let out = try requiredOutput(out)
                    let provider = try Box.of(instance).instance
                    let answer = try provider.poll(JSONValue(parsing: request.checked("request")))
                    try out.give(answer.encoded())
                }
            }
        }
        ops.health = { instance, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try requiredOutput(out)
                let answer = try Box.of(instance).instance.health()
                try out.give(answer.encoded())
            }
        }
        return UnsafeRawPointer(PluginExport.immortal(ops))
    }

    private static func embedRequest(_ json: JSONValue) throws(PluginFailure) -> (String?, [String]) {
        guard let values = json["texts"]?.array, values.count <= maximumTexts else {
            throw PluginFailure(message: "The request needs /texts, an array of at most 10,000 strings.")
        }
        var texts: [String] = []
        texts.reserveCapacity(values.count)
        for value in values {
            guard let text = value.string else { throw PluginFailure(message: "/texts holds more than strings.") }
            texts.append(text)
        }
        return (json["model"]?.string, texts)
    }
}

extension UnsafeMutablePointer where Pointee == sluice_floats {
    /// Hand vectors to the caller of a checked output; `release` frees them and nulls itself.
    fileprivate func give(_ vectors: Embeddings) throws(PluginFailure) {
        let size = max(1, vectors.values.count) * MemoryLayout<Float>.stride
        guard let copy = malloc(size) else { throw .outOfMemory }
        vectors.values.withUnsafeBytes { source in
            if let base = source.baseAddress { copy.copyMemory(from: base, byteCount: source.count) }
        }
        pointee.dimensions = UInt32(vectors.dimensions)
        pointee.rows = UInt64(vectors.rows)
        pointee.data = UnsafePointer(copy.assumingMemoryBound(to: Float.self))
        pointee.private_data = copy
        pointee.release = { itself in
            guard let itself else { return }
            free(itself.pointee.private_data)
            itself.pointee.private_data = nil
            itself.pointee.data = nil
            itself.pointee.rows = 0
            itself.pointee.release = nil
        }
    }
}
