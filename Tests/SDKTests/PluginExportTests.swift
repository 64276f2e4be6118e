import SluiceABI
import SluiceSDK
import Synchronization
import Testing

/// A provider that answers with what it was asked.
private final class EchoProvider: Provider {
    static let offers: ProviderCalls = [.infer, .embed, .submit, .poll]
    private let host: Host

    init(config: JSONObject, host: Host) throws(PluginFailure) {
        if config["fail"] != nil {
            throw PluginFailure(code: .rateLimit, message: "slow down", isRetryable: true, retryAfterMilliseconds: 7)
        }
        self.host = host
        host.log(.info, "created")
    }

    func infer(_ request: JSONValue) throws(PluginFailure) -> JSONValue {
        try host.checkCancellation()
        return ["echo": request]
    }

    func submit(_ request: JSONValue) throws(PluginFailure) -> JSONValue { ["batch": request] }

    func poll(_ request: JSONValue) throws(PluginFailure) -> JSONValue {
        guard request["batch"]?.string != nil else { throw PluginFailure(message: "no batch") }
        return ["state": "running"]
    }

    func embed(model: String?, texts: [String]) throws(PluginFailure) -> Embeddings {
        try Embeddings(dimensions: 2, values: texts.flatMap { [Float($0.utf8.count), 1] })
    }

    func health() throws(PluginFailure) -> JSONValue { ["healthy": true] }
}

// One registration a process, and one kind alone in this suite: the tests share the table.
@Suite(.serialized)
struct PluginExportTests {
    private static func export(_ info: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
        PluginExport.provider(EchoProvider.self, id: "test.echo", version: "1.2.3", summary: "Echoes.", host: info)
    }

    private let plugin: sluice_plugin
    private let ops: sluice_provider_ops

    init() throws {
        plugin = try #require(PluginExportTests.export(TestHost.info())).pointee
        ops = try #require(plugin.ops).load(as: sluice_provider_ops.self)
    }

    private func create(_ config: String, _ context: sluice_handle = 1) throws -> OpaquePointer {
        var instance: OpaquePointer?
        try lend(config) { config in try call { plugin.create(config, context, &instance, $0) } }
        return try #require(instance)
    }

    @Test func `the table names the plugin and the ABI`() throws {
        #expect(plugin.struct_size == UInt32(SLUICE_PLUGIN_SIZE_V1))
        #expect(plugin.kind == SLUICE_KIND_PROVIDER)
        #expect(
            String(decoding: UnsafeRawBufferPointer(start: plugin.id.data, count: Int(plugin.id.size)), as: UTF8.self)
                == "test.echo")
        #expect(try callForText { plugin.describe($0, $1) } == #"{"summary":"Echoes."}"#)
        #expect(ops.token_estimate == nil)
    }

    @Test func `a host of another major version or with a shorter table is refused`() {
        #expect(PluginExportTests.export(nil) == nil)
        #expect(PluginExportTests.export(TestHost.info(major: SLUICE_ABI_MAJOR + 1)) == nil)
        #expect(PluginExportTests.export(TestHost.info(hostSize: Int(SLUICE_HOST_SIZE_V1) - 8)) == nil)
    }

    @Test func `answers come back and a failure becomes a status with all its parts`() throws {
        let instance = try create("{}")
        defer { plugin.destroy(instance) }
        let answer = try lend(#"{"q":1}"#) { request in try callForText { ops.infer(instance, request, $0, $1) } }
        #expect(answer == #"{"echo":{"q":1}}"#)
        let batch = try lend(#"{"items":[]}"#) { request in try callForText { ops.submit(instance, request, $0, $1) } }
        #expect(batch == #"{"batch":{"items":[]}}"#)
        let state = try lend(#"{"batch":"b"}"#) { request in try callForText { ops.poll(instance, request, $0, $1) } }
        #expect(state == #"{"state":"running"}"#)
        #expect(throws: CallFailure.self) {
            try lend("{}") { request in try callForText { ops.poll(instance, request, $0, $1) } }
        }
        #expect(throws: CallFailure.self) {
            try lend("{") { request in try callForText { ops.infer(instance, request, $0, $1) } }
        }
        var error = sluice_error()
        error.struct_size = UInt32(MemoryLayout<sluice_error>.size)
        var none: OpaquePointer?
        #expect(lend(#"{"fail":true}"#) { plugin.create($0, 1, &none, &error) } == SLUICE_RATE_LIMIT)
        #expect(error.code == SLUICE_RATE_LIMIT && error.retryable == 1 && error.retry_after_ms == 7)
        #expect(error.message.size == 9)
        error.release(&error)
        #expect(error.release == nil && none == nil)
    }

    @Test func `an error struct of another size or none at all is left alone`() {
        var error = sluice_error()
        error.struct_size = 8
        var none: OpaquePointer?
        #expect(lend("[]") { plugin.create($0, 1, &none, &error) } == SLUICE_DETERMINISTIC_FAILURE)
        #expect(error.release == nil && error.message.data == nil)
        #expect(lend("[]") { plugin.create($0, 1, &none, nil) } == SLUICE_DETERMINISTIC_FAILURE)
    }

    @Test func `vectors are handed over row by row`() throws {
        let instance = try create("")
        defer { plugin.destroy(instance) }
        var floats = sluice_floats()
        floats.struct_size = UInt32(MemoryLayout<sluice_floats>.size)
        try lend(#"{"model":null,"texts":["a","bcd"]}"#) { request in
            try call { ops.embed(instance, request, &floats, $0) }
        }
        #expect(floats.rows == 2 && floats.dimensions == 2)
        #expect(Array(UnsafeBufferPointer(start: floats.data, count: 4)) == [1, 1, 3, 1])
        floats.release(&floats)
        #expect(floats.release == nil)
        #expect(throws: CallFailure.self) {
            try lend(#"{"texts":[1]}"#) { request in try call { ops.embed(instance, request, &floats, $0) } }
        }
    }

    @Test func `a cancelled call ends with a timeout, and the host's log is reached`() throws {
        let instance = try create("{}", 42)
        defer { plugin.destroy(instance) }
        #expect(TestHost.states.withLock { $0[42]?.log } == ["created"])
        plugin.cancel(instance)
        TestHost.states.withLock { $0[42]?.isCancelled = true }
        #expect(throws: CallFailure(status: SLUICE_TIMEOUT, message: "The call was cancelled.")) {
            try lend("{}") { request in try callForText { ops.infer(instance, request, $0, $1) } }
        }
    }

    @Test func `null pointers are refused, not followed`() {
        #expect(ops.health(nil, nil, nil) == SLUICE_DETERMINISTIC_FAILURE)
        #expect(plugin.create(sluice_str(), 1, nil, nil) == SLUICE_DETERMINISTIC_FAILURE)
        plugin.destroy(nil)
        plugin.cancel(nil)
    }
}

extension PluginExportTests {
    /// A call that must be refused: with an error, without one, and with one that is too short to fill.
    private func isRefused(_ call: (UnsafeMutablePointer<sluice_error>?) -> sluice_status) -> Bool {
        var error = sluice_error()
        error.struct_size = UInt32(MemoryLayout<sluice_error>.size)
        var short = sluice_error()
        short.struct_size = 8
        let statuses = [call(&error), call(nil), call(&short)]
        error.release?(&error)
        return statuses.allSatisfy { $0 == SLUICE_DETERMINISTIC_FAILURE } && short.release == nil && short.code == 0
    }

    @Test func `wrong arguments are refused and change nothing`() throws {
        let instance = try create("{}")
        defer { plugin.destroy(instance) }
        let long = sluice_str(data: UnsafePointer(bitPattern: 16), size: SLUICE_TEXT_MAX + 1)
        let noData = sluice_str(data: nil, size: 1)
        var small = sluice_text()
        small.struct_size = UInt32(SLUICE_TEXT_SIZE_V1) - 8
        var text = sluice_text()
        text.struct_size = UInt32(MemoryLayout<sluice_text>.size)
        var floats = sluice_floats()
        floats.struct_size = 8
        var made = OpaquePointer(bitPattern: 16)
        for wrong in [long, noData] {
            let created = isRefused { plugin.create(wrong, 1, &made, $0) }
            let inferred = isRefused { ops.infer(instance, wrong, &text, $0) }
            #expect(created && inferred)
        }
        #expect(made == OpaquePointer(bitPattern: 16))
        let described = isRefused { plugin.describe(&small, $0) }
        let healthy = isRefused { ops.health(instance, &small, $0) }
        let without = isRefused { ops.health(nil, &text, $0) }
        let embedded = lend(#"{"texts":[]}"#) { request in isRefused { ops.embed(instance, request, &floats, $0) } }
        #expect(described && healthy && without && embedded)
        #expect(text.release == nil && small.release == nil && floats.release == nil)
        // After all of that it works.
        #expect(try callForText { ops.health(instance, $0, $1) } == #"{"healthy":true}"#)
    }

    @Test func `the entry may be called again and gives the same table`() throws {
        #expect(PluginExportTests.export(TestHost.info()) == PluginExportTests.export(TestHost.info()))
    }
}
