internal import SluiceABI

/// The C functions of a connector; each finds the author's object behind the instance pointer.
enum ConnectorTable {
    typealias Box = InstanceBox<any Connector>

    static let create:
        @convention(c) (
            sluice_str, sluice_handle, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<sluice_error>?
        ) -> sluice_status = { config, context, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try required(out, "place for the instance")
                let config = try config.checked("configuration")
                let (registration, host) = try PluginExport.host(context)
                let type = try required(registration.connector, "connector")
                out.pointee = Box(try type.init(config: PluginExport.config(config), host: host)).retainedPointer()
            }
        }

    static let destroy: @convention(c) (OpaquePointer?) -> Void = { Box.release($0) }

    static let cancel: @convention(c) (OpaquePointer?) -> Void = { try? Box.of($0).instance.cancel() }

    static func make() -> UnsafeRawPointer {
        var ops = sluice_connector_ops()
        ops.struct_size = UInt32(MemoryLayout<sluice_connector_ops>.size)
        ops.inventory = { instance, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try requiredOutput(out)
                let tables = try Box.of(instance).instance.inventory()
                let list = tables.map { ["name": .string($0)] as JSONValue }
                try out.give((["tables": .array(list)] as JSONValue).encoded())
            }
        }
        ops.schema = { instance, table, out, details, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try required(out, "schema to fill")
                let details = try requiredOutput(details)
                let table = try table.checkedString("table")
                let found = try Box.of(instance).instance.schema(table: table)
                try details.give(found.details.encoded())
                ArrowSchemaBridge.export(found.fields, into: out)
            }
        }
        ops.split = { instance, table, parts, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try requiredOutput(out)
                let table = try table.checkedString("table")
                let splits = try Box.of(instance).instance.split(table: table, parts: Int(parts))
                let list = splits.map { split in
                    var object = JSONObject()
                    object["id"] = .string(split.id)
                    if let bytes = split.hintBytes { object["hint_bytes"] = .int(Int64(clamping: bytes)) }
                    return JSONValue.object(object)
                }
                try out.give((["splits": .array(list)] as JSONValue).encoded())
            }
        }
        ops.scan = { instance, request, out, error in
            guarded(error) { () throws(PluginFailure) in
                let out = try required(out, "stream to fill")
                let connector = try Box.of(instance).instance
                let request = try ScanRequest(JSONValue(parsing: request.checked("request")))
                try connector.scan(request).export(into: out)
            }
        }
        return UnsafeRawPointer(PluginExport.immortal(ops))
    }
}
