public import SluiceABI

/// The entry point of the plugin; see `sluice/plugin.h`.
///
/// Returns NULL for a host of another major version, or one whose service table is smaller than version 0.1's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    guard let host, host.pointee.struct_size >= SLUICE_HOST_INFO_SIZE_V1,
        host.pointee.abi_major == SLUICE_ABI_MAJOR, let table = host.pointee.host,
        table.pointee.struct_size >= SLUICE_HOST_SIZE_V1
    else { return nil }
    return Library.shared.plugin(for: table)
}

/// What the library keeps for the life of the process: its tables and the host's.
// Sendable: `host` is written once, by the only call of the entry point, before any other function can be known.
private final class Library: @unchecked Sendable {
    static let shared = Library()

    private(set) var host: UnsafePointer<sluice_host>?
    private let ops: UnsafeMutablePointer<sluice_provider_ops>
    private let table: UnsafeMutablePointer<sluice_plugin>

    private init() {
        ops = .allocate(capacity: 1)
        ops.initialize(
            to: sluice_provider_ops(
                struct_size: UInt32(MemoryLayout<sluice_provider_ops>.size), reserved: 0, infer: nil,
                embed: { embed($0, $1, $2, $3) }, token_estimate: { tokenEstimate($0, $1, $2, $3, $4) },
                health: { health($0, $1, $2) }, submit: nil, poll: nil))
        table = .allocate(capacity: 1)
        table.initialize(
            to: sluice_plugin(
                struct_size: UInt32(MemoryLayout<sluice_plugin>.size), abi_major: SLUICE_ABI_MAJOR,
                abi_minor: SLUICE_ABI_MINOR, kind: SLUICE_KIND_PROVIDER, id: sluice_str(Names.id),
                version: sluice_str(Names.version), describe: { describe($0, $1) }, create: { create($0, $1, $2, $3) },
                destroy: { destroy($0) },
                // Nothing to do: a running call asks the host's `cancelled` between its texts.
                cancel: { _ in },
                ops: ops, get_extension: nil))
    }

    func plugin(for host: UnsafePointer<sluice_host>) -> UnsafePointer<sluice_plugin> {
        self.host = host
        return UnsafePointer(table)
    }
}

extension CallFailure {
    static let noPlace = CallFailure(
        SLUICE_DETERMINISTIC_FAILURE, "an output that the call needs is NULL or its struct_size is too small")
    static let missingPointer = CallFailure(
        SLUICE_DETERMINISTIC_FAILURE, "a pointer that the call needs is NULL, or a text is too long")
}

/// Runs the body of a call of the ABI and turns what it throws into a status.
private func call(
    _ out: UnsafeMutablePointer<sluice_error>?, _ body: () throws(CallFailure) -> Void
) -> sluice_status {
    do throws(CallFailure) {
        try body()
        return SLUICE_OK
    } catch {
        return Outputs.fail(error, out)
    }
}

private func describe(
    _ out: UnsafeMutablePointer<sluice_text>?, _ error: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    call(error) { () throws(CallFailure) in
        Outputs.fill(
            try Outputs.checked(out),
            with: #"{"summary":"Text embeddings and token counts, computed here","model":"\#(Names.model)"}"#)
    }
}

private func create(
    _ config: sluice_str, _ context: sluice_handle, _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    call(error) { () throws(CallFailure) in
        guard let out, config.bytes != nil, let table = Library.shared.host else { throw .missingPointer }
        let provider = try Provider(host: HostServices(table: table, context: context))
        out.pointee = OpaquePointer(Unmanaged.passRetained(provider).toOpaque())
    }
}

private func destroy(_ instance: OpaquePointer?) {
    guard let instance else { return }
    Unmanaged<Provider>.fromOpaque(UnsafeRawPointer(instance)).release()
}

/// The instance behind a handle that `create` gave out and `destroy` has not taken back.
private func provider(_ instance: OpaquePointer?) throws(CallFailure) -> Provider {
    guard let instance else { throw .missingPointer }
    return Unmanaged<Provider>.fromOpaque(UnsafeRawPointer(instance)).takeUnretainedValue()
}

private func health(
    _ instance: OpaquePointer?, _ out: UnsafeMutablePointer<sluice_text>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    call(error) { () throws(CallFailure) in
        let out = try Outputs.checked(out)
        Outputs.fill(out, with: try provider(instance).health())
    }
}

private func embed(
    _ instance: OpaquePointer?, _ request: sluice_str, _ out: UnsafeMutablePointer<sluice_floats>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    call(error) { () throws(CallFailure) in
        let out = try Outputs.checked(out)
        guard let json = request.bytes else { throw .missingPointer }
        let provider = try provider(instance)
        let (rows, data) = try provider.embed(json: json)
        Outputs.fill(out, rows: rows, dimensions: provider.dimensions, data: data)
    }
}

private func tokenEstimate(
    _ instance: OpaquePointer?, _ model: sluice_str, _ text: sluice_str, _ out: UnsafeMutablePointer<UInt64>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    call(error) { () throws(CallFailure) in
        guard let out, model.bytes != nil, text.bytes != nil else { throw .missingPointer }
        guard let model = model.string, let text = text.string else {
            throw CallFailure(SLUICE_DETERMINISTIC_FAILURE, "model or text is not UTF-8")
        }
        out.pointee = try provider(instance).tokens(model: model, text: text)
    }
}
