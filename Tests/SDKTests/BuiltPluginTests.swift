import Glibc
import SluiceABI
import SluiceSDK
import Synchronization
import Testing

/// A plugin as it was built, loaded as the runner loads it. Never closed: the process's end is the unload.
private struct BuiltPlugin {
    let table: sluice_plugin

    init(_ library: String) throws {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        let own = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/").dropLast().joined(separator: "/")
        let handle = try #require(dlopen("/\(folder)/\(library)", RTLD_NOW | RTLD_LOCAL), "\(library) does not load")
        let symbol = try #require(dlsym(handle, SLUICE_PLUGIN_ENTRY))
        let entry = unsafeBitCast(symbol, to: sluice_plugin_entry_fn.self)
        table = try #require(entry(TestHost.info())).pointee
    }

    func create(_ context: sluice_handle, _ config: String = "{}") throws -> OpaquePointer {
        var instance: OpaquePointer?
        try lend(config) { config in try call { table.create(config, context, &instance, $0) } }
        return try #require(instance)
    }
}

struct BuiltPluginTests {
    @Test func `the csv connector reads a source through the host`() throws {
        let plugin = try BuiltPlugin("libSluiceConnectorCSV.so")
        let ops = try #require(plugin.table.ops).load(as: sluice_connector_ops.self)
        let text = "id;name\r\n1;Zoë\r\n2\r\n3;\r\n"
        TestHost.states.withLock { $0[100] = TestHost.State(source: Array(text.utf8)) }
        let instance = try plugin.create(100)
        #expect(try callForText { ops.inventory(instance, $0, $1) } == #"{"tables":[{"name":""}]}"#)
        var schema = ArrowSchema()
        let details = try callForText { ops.schema(instance, sluice_str(), &schema, $0, $1) }
        #expect(
            details
                == #"{"format":"csv","encoding":"utf-8","delimiter":";","quote":"\"","line_ending":"crlf","header":true,"#
                + #""columns":2,"bytes":\#(text.utf8.count)}"#)
        #expect(try ArrowSchemaBridge.fields(of: &schema) == [ArrowField("id", .utf8), ArrowField("name", .utf8)])
        schema.release(&schema)
        #expect(
            try callForText { ops.split(instance, sluice_str(), 4, $0, $1) }
                == #"{"splits":[{"id":"0","hint_bytes":\#(text.utf8.count)}]}"#)

        var stream = ArrowArrayStream()
        try lend(#"{"table":"","split":"0","columns":["name"],"batch_rows":10,"skip_rows":0}"#) { request in
            try call { ops.scan(instance, request, &stream, $0) }
        }
        #expect(stream.get_schema(&stream, &schema) == 0)
        let fields = try ArrowSchemaBridge.fields(of: &schema)
        schema.release(&schema)
        #expect(fields.map(\.name) == ["name", "sluice.line", "sluice.byte_offset", "sluice.reject"])
        var array = ArrowArray()
        #expect(stream.get_next(&stream, &array) == 0)
        let batch = try ArrowBatchView(moving: &array, fields: fields)
        #expect((0..<3).map { batch.column(0).string($0) } == ["Zoë", nil, nil])
        #expect((0..<3).map { batch.column(1).int64($0) } == [2, 3, 4])
        #expect((0..<3).map { batch.column(2).int64($0) } == [9, 17, 20])
        #expect((0..<3).map { batch.column(3).string($0) } == [nil, "RAGGED_ROW", nil])
        #expect(stream.get_next(&stream, &array) == 0 && array.release == nil)
        stream.release(&stream)
        plugin.table.destroy(instance)
    }

    @Test func `the csv connector says why it cannot read a source`() throws {
        let plugin = try BuiltPlugin("libSluiceConnectorCSV.so")
        let ops = try #require(plugin.table.ops).load(as: sluice_connector_ops.self)
        let sources: [(sluice_handle, [UInt8], String)] = [
            (101, [], "empty:"), (102, [1, 0, 2, 0, 0, 0, 0], "binary:"),
            (103, Array("a,a\n1,2\n".utf8), "duplicate_column: 1, 2"),
        ]
        for (context, bytes, prefix) in sources {
            TestHost.states.withLock { $0[context] = TestHost.State(source: bytes) }
            let instance = try plugin.create(context)
            defer { plugin.table.destroy(instance) }
            var schema = ArrowSchema()
            do {
                _ = try callForText { ops.schema(instance, sluice_str(), &schema, $0, $1) }
                Issue.record("\(prefix) was expected")
            } catch let error as CallFailure {
                #expect(error.status == SLUICE_DETERMINISTIC_FAILURE)
                #expect(error.message.hasPrefix(prefix))
            }
        }
        #expect(throws: CallFailure.self) { try plugin.create(104, #"{"delimeter":","}"#) }
        let reader = try plugin.create(105)
        defer { plugin.table.destroy(reader) }
        // The host knows no source for this handle: its failure passes through as it was.
        #expect(
            throws: CallFailure(status: SLUICE_TRANSIENT_ERROR, message: "The host refused a service with status 7.")
        ) {
            var schema = ArrowSchema()
            _ = try callForText { ops.schema(reader, sluice_str(), &schema, $0, $1) }
        }
    }

    /// Rows `range` with a null in c0 wherever the ordinal is even.
    private func masked(_ range: Range<Int64>) throws -> ArrowArray {
        let ordinals = ArrowFixedBuilder.int64()
        let texts = ArrowBytesBuilder.utf8()
        let full = ArrowBytesBuilder.utf8()
        for ordinal in range {
            ordinals.append(ordinal)
            texts.append(ordinal % 2 == 0 ? nil : "x")
            full.append("y")
        }
        var array = ArrowArray()
        try ArrowBatch(columns: [ordinals.finish(), texts.finish(), full.finish()]).export(into: &array)
        return array
    }

    @Test func `the completeness check finds the same however its rows are split`() throws {
        let plugin = try BuiltPlugin("libSluiceCheckCompleteness.so")
        let ops = try #require(plugin.table.ops).load(as: sluice_check_ops.self)
        let fields = [ArrowField("sluice.ordinal", .int64), ArrowField("c0", .utf8), ArrowField("c1", .utf8)]
        let parameters =
            #"{"columns":[{"id":"c0","nullable":false,"key":true},{"id":"c1","nullable":false,"key":false}],"#
            + #""thresholds":{"null_rate_max":0.2}}"#

        func run(_ ranges: [Range<Int64>], merging states: [[UInt8]] = [], mode: Int32) throws -> String {
            let instance = try plugin.create(1)
            defer { plugin.table.destroy(instance) }
            var schema = ArrowSchema()
            ArrowSchemaBridge.export(fields, into: &schema)
            defer { schema.release(&schema) }
            try lend(parameters) { text in try call { ops.begin(instance, &schema, text, $0) } }
            for range in ranges {
                var array = try masked(range)
                try call { ops.update(instance, &array, $0) }
                #expect(array.release == nil)
            }
            for state in states {
                try state.withUnsafeBufferPointer { bytes in
                    let lent = sluice_bytes(data: bytes.baseAddress, size: UInt64(bytes.count))
                    try call { ops.merge(instance, lent, $0) }
                }
            }
            return try callForText { ops.finish(instance, mode, $0, $1) }
        }

        let whole = try run([0..<500], mode: SLUICE_FINISH_VERDICT)
        let list = (0..<100).map { String($0 * 2) }.joined(separator: ",")
        #expect(
            whole == #"{"rows":500,"findings":[{"column":"c0","metric":"null_rate","value":0.5,"count":250,"#
                + #""reason_code":"NULL_RATE","ordinals":[\#(list)]},{"column":"c1","metric":"null_rate","value":0.0,"#
                + #""count":0,"reason_code":"INFO_NULL_RATE","ordinals":[]}]}"#)
        #expect(try run([0..<1, 1..<77, 77..<500], mode: SLUICE_FINISH_VERDICT) == whole)
        let late = try run([200..<500], mode: SLUICE_FINISH_STATE)
        #expect(try run([0..<200], merging: [Array(late.utf8)], mode: SLUICE_FINISH_VERDICT) == whole)
        #expect(throws: CallFailure.self) { try run([], merging: [Array("{}".utf8)], mode: SLUICE_FINISH_VERDICT) }
        let instance = try plugin.create(1)
        defer { plugin.table.destroy(instance) }
        #expect(
            try callForText { ops.declare(instance, $0, $1) }
                == #"{"companions":[],"reason_codes":["NULL_RATE","INFO_NULL_RATE"],"metrics":["null_rate"],"reads":"validity","columns":"all"}"#
        )
    }
}
