public import SluiceABI

/// Turns an author's type into the C tables that the host calls.
///
/// Call one of its functions, always the same, from `sluice_plugin_entry`. The tables are allocated once and never freed: a
/// plugin stays loaded until its process ends. Every function returns nil when the host's ABI does not fit.
public enum PluginExport {
    /// Export a connector; `id` and `version` equal the manifest's.
    public static func connector(
        _ type: any Connector.Type, id: String, version: String, summary: String,
        host: UnsafePointer<sluice_host_info>?
    ) -> UnsafePointer<sluice_plugin>? {
        guard let host = acceptedHost(host) else { return nil }
        registration = Registration(host: host, summary: summary, connector: type)
        return table(
            kind: SLUICE_KIND_CONNECTOR, id: id, version: version, ops: ConnectorTable.make(),
            create: ConnectorTable.create, destroy: ConnectorTable.destroy, cancel: ConnectorTable.cancel)
    }

    /// Export a check; `id` and `version` equal the manifest's.
    public static func check(
        _ type: any Check.Type, id: String, version: String, summary: String,
        host: UnsafePointer<sluice_host_info>?
    ) -> UnsafePointer<sluice_plugin>? {
        guard let host = acceptedHost(host) else { return nil }
        registration = Registration(host: host, summary: summary, check: type)
        return table(
            kind: SLUICE_KIND_CHECK, id: id, version: version, ops: CheckTable.make(),
            create: CheckTable.create, destroy: CheckTable.destroy, cancel: CheckTable.cancel)
    }

    /// Export a provider; `id` and `version` equal the manifest's.
    public static func provider(
        _ type: any Provider.Type, id: String, version: String, summary: String,
        host: UnsafePointer<sluice_host_info>?
    ) -> UnsafePointer<sluice_plugin>? {
        provider(type, id: id, version: version, summary: summary, details: JSONObject(), host: host)
    }

    /// Export a provider; `id` and `version` equal the manifest's, `details` are further members of what `describe` tells.
    public static func provider(
        _ type: any Provider.Type, id: String, version: String, summary: String, details: JSONObject,
        host: UnsafePointer<sluice_host_info>?
    ) -> UnsafePointer<sluice_plugin>? {
        guard let host = acceptedHost(host) else { return nil }
        registration = Registration(host: host, summary: summary, details: details, provider: type)
        return table(
            kind: SLUICE_KIND_PROVIDER, id: id, version: version, ops: ProviderTable.make(type.offers),
            create: ProviderTable.create, destroy: ProviderTable.destroy, cancel: ProviderTable.cancel)
    }

    /// What C functions without a context of their own need to know: the author's type and the host.
    struct Registration {
        let host: sluice_host
        let summary: String
        var details = JSONObject()
        var connector: (any Connector.Type)?
        var check: (any Check.Type)?
        var provider: (any Provider.Type)?
    }

    // Written by the entry point alone, before the host holds any pointer through which it could be read; the host
    // calls the entry once per process.
    nonisolated(unsafe) static var registration: Registration?
    // As above: the table that was handed out, with its names.
    nonisolated(unsafe) private static var exported: (id: String, version: String, table: UnsafePointer<sluice_plugin>)?

    /// The host's services if its ABI fits: the same major version and no struct below version 1.
    private static func acceptedHost(_ info: UnsafePointer<sluice_host_info>?) -> sluice_host? {
        guard let info, info.pointee.struct_size >= UInt32(SLUICE_HOST_INFO_SIZE_V1),
            info.pointee.abi_major == SLUICE_ABI_MAJOR, let services = info.pointee.host,
            services.pointee.struct_size >= UInt32(SLUICE_HOST_SIZE_V1)
        else { return nil }
        var host = sluice_host()
        let size = min(Int(services.pointee.struct_size), MemoryLayout<sluice_host>.size)
        withUnsafeMutableBytes(of: &host) { $0.copyMemory(from: UnsafeRawBufferPointer(start: services, count: size)) }
        return host
    }

    private static func table(
        kind: sluice_kind, id: String, version: String, ops: @autoclosure () -> UnsafeRawPointer,
        create:
            @convention(c) (
                sluice_str, sluice_handle, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<sluice_error>?
            ) -> sluice_status,
        destroy: @convention(c) (OpaquePointer?) -> Void, cancel: @convention(c) (OpaquePointer?) -> Void
    ) -> UnsafePointer<sluice_plugin> {
        // The entry may be called again: the host that calls now counts, the tables stay where they are.
        if let exported, exported.id == id, exported.version == version { return exported.table }
        var plugin = sluice_plugin()
        plugin.struct_size = UInt32(MemoryLayout<sluice_plugin>.size)
        plugin.abi_major = SLUICE_ABI_MAJOR
        plugin.abi_minor = SLUICE_ABI_MINOR
        plugin.kind = kind
        plugin.id = .immortal(id)
        plugin.version = .immortal(version)
        plugin.describe = { out, error in
            guarded(error) { () throws(PluginFailure) in
                var description = PluginExport.registration?.details ?? JSONObject()
                description["summary"] = .string(PluginExport.registration?.summary ?? "")
                try requiredOutput(out).give(JSONValue.object(description).encoded())
            }
        }
        plugin.create = create
        plugin.destroy = destroy
        plugin.cancel = cancel
        plugin.ops = ops()
        let table = immortal(plugin)
        exported = (id, version, table)
        return table
    }

    /// A copy that lives until the process ends.
    static func immortal<Value>(_ value: Value) -> UnsafePointer<Value> {
        let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        place.initialize(to: value)
        return UnsafePointer(place)
    }

    /// The config as an object; no text at all is an empty one.
    static func config(_ text: UnsafeRawBufferPointer) throws(PluginFailure) -> JSONObject {
        guard text.count > 0 else { return JSONObject() }
        guard let object = try JSONValue(parsing: text).object else {
            throw PluginFailure(message: "The configuration is not a JSON object.")
        }
        return object
    }

    /// The registered host with the handle of one instance.
    static func host(_ context: sluice_handle) throws(PluginFailure) -> (Registration, Host) {
        guard let registration else { throw PluginFailure(message: "The plugin's entry point was not called.") }
        return (registration, Host(table: registration.host, context: context))
    }
}

/// An instance behind its opaque C pointer: retained by `create`, released by `destroy`.
final class InstanceBox<Instance> {
    let instance: Instance
    /// What `begin` declared; only checks use it.
    var fields: [ArrowField] = []

    init(_ instance: Instance) { self.instance = instance }

    func retainedPointer() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    static func of(_ pointer: OpaquePointer?) throws(PluginFailure) -> InstanceBox<Instance> {
        let pointer = try required(pointer, "instance")
        return Unmanaged<InstanceBox<Instance>>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    static func release(_ pointer: OpaquePointer?) {
        guard let pointer else { return }
        Unmanaged<InstanceBox<Instance>>.fromOpaque(UnsafeRawPointer(pointer)).release()
    }
}
