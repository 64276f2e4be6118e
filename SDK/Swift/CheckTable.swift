internal import SluiceABI

/// The C functions of a check; each finds the author's object behind the instance pointer.
enum CheckTable {
    typealias Box = InstanceBox<any Check>

    /// A verdict may be this long at most (check.h).
    static let maximumVerdictBytes = 1 << 20

    static let create:
        @convention(c) (
            sluice_str, sluice_handle, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<sluice_error>?
        ) -> sluice_status = { config, context, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try required(out, "place for the instance")
                let config = try config.checked("configuration")
                let (registration, host) = try PluginExport.host(context)
                let type = try required(registration.check, "check")
                out.pointee = Box(try type.init(config: PluginExport.config(config), host: host)).retainedPointer()
            }
        }

    static let destroy: @convention(c) (OpaquePointer?) -> Void = { Box.release($0) }

    static let cancel: @convention(c) (OpaquePointer?) -> Void = { try? Box.of($0).instance.cancel() }

    static func make() -> UnsafeRawPointer {
        var ops = sluice_check_ops()
        ops.struct_size = UInt32(MemoryLayout<sluice_check_ops>.size)
        ops.declare = { instance, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try requiredOutput(out)
                let check = try Box.of(instance).instance
                try out.give(type(of: check).declaration.json.encoded())
            }
        }
        ops.begin = { instance, schema, parameters, error in
            guarded(error) { () throws(PluginFailure) in
                let box = try Box.of(instance)
                let schema = try required(schema, "schema").checked()
                let json = try parameters.checked("parameters")
                let fields = try ArrowSchemaBridge.fields(of: schema)
                let parameters = try CheckParameters(JSONValue(parsing: json))
                try box.instance.begin(fields: fields, parameters: parameters)
                box.fields = fields
            }
        }
        ops.update = { instance, batch, error in
            guarded(error) { () throws(PluginFailure) in
                let box = try Box.of(instance)
                let view = try ArrowBatchView(moving: required(batch, "batch").checked(), fields: box.fields)
                try box.instance.update(view)
            }
        }
        ops.merge = { instance, state, error in
            guarded(error) { () throws(PluginFailure) in
                let check = try Box.of(instance).instance
                try check.merge(state.checked("state"))
            }
        }
        ops.finish = { instance, mode, out, error in
            guarded(error) { () throws(PluginFailure) in
                let check = try Box.of(instance).instance
                let out = try requiredOutput(out)
                switch mode {
                case SLUICE_FINISH_VERDICT:
                    let verdict = try check.verdict().json.encoded()
                    guard verdict.count <= CheckTable.maximumVerdictBytes else {
                        throw PluginFailure(message: "The verdict is longer than 1 MiB.")
                    }
                    try out.give(verdict)
                case SLUICE_FINISH_STATE: try out.give(check.state())
                default: throw PluginFailure(message: "The host asked for an unknown way to finish.")
                }
            }
        }
        return UnsafeRawPointer(PluginExport.immortal(ops))
    }
}
