internal import SluiceABI

/// What the host offers to one plugin instance: log, progress, deadline, source bytes, pinned resources, HTTP.
///
/// Given to a plugin's initialiser. Every call may come from any thread; a service that the host does not offer to
/// this kind of plugin throws `.policyBlock`.
public struct Host: @unchecked Sendable {
    // Safe to share: the ABI declares every function of the table thread-safe, and the table never changes.
    private let table: sluice_host
    private let context: sluice_handle

    /// Importance of a log line.
    public enum Level: Sendable {
        case debug, info, warning, error
    }

    init(table: sluice_host, context: sluice_handle) {
        self.table = table
        self.context = context
    }

    /// Write a line to the host's log, capped at 4 KiB; it must hold no value of a cell.
    public func log(_ level: Level, _ message: String) {
        guard let log = table.log else { return }
        let number: Int32
        switch level {
        case .debug: number = SLUICE_LOG_DEBUG
        case .info: number = SLUICE_LOG_INFO
        case .warning: number = SLUICE_LOG_WARNING
        case .error: number = SLUICE_LOG_ERROR
        }
        message.lend { log(context, number, $0) }
    }

    /// Report work done; `total` is 0 when unknown.
    public func progress(done: UInt64, total: UInt64 = 0) { table.progress?(context, done, total) }

    /// Milliseconds left until the running call's deadline; nil when it has none.
    public var deadlineMilliseconds: Int64? {
        guard let left = table.deadline?(context), left != Int64.max else { return nil }
        return left
    }

    /// Whether the running call was cancelled: return soon, by throwing `PluginFailure.cancelled`.
    public var isCancelled: Bool { (table.cancelled?(context) ?? 0) != 0 }

    /// Throw `PluginFailure.cancelled` once the running call was cancelled.
    public func checkCancellation() throws(PluginFailure) {
        if isCancelled { throw .cancelled }
    }

    /// Copy bytes at `offset` of source stream `stream` (0: the source itself) into `buffer`; file connectors only.
    ///
    /// Returns how many bytes were copied, fewer than asked only near the end, and 0 at the end.
    public func readAt(
        stream: UInt32 = 0, offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(PluginFailure) -> Int {
        guard let read = table.read_at else { throw .notOffered("read_at") }
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        var done = 0
        while done < buffer.count {
            var got: UInt64 = 0
            let place = base + done
            let left = UInt64(buffer.count - done)
            try call { error in read(context, stream, offset + UInt64(done), place, left, &got, error) }
            guard got <= left else { throw PluginFailure(message: "The host returned more bytes than were asked for.") }
            if got == 0 { break }
            done += Int(got)
        }
        return done
    }

    /// The size of a source stream in bytes; file connectors only.
    public func streamSize(_ stream: UInt32 = 0) throws(PluginFailure) -> UInt64 {
        guard let ask = table.stream_size else { throw .notOffered("stream_size") }
        var size: UInt64 = 0
        try call { error in ask(context, stream, &size, error) }
        return size
    }

    /// A data file that the manifest names and pins: mapped read-only, valid until the process ends.
    public func resource(_ name: String) throws(PluginFailure) -> UnsafeRawBufferPointer {
        guard let ask = table.resource else { throw .notOffered("resource") }
        var bytes = sluice_bytes(data: nil, size: 0)
        try call { error in name.lend { ask(context, $0, &bytes, error) } }
        guard let size = Int(exactly: bytes.size) else {
            throw PluginFailure(message: "The host returned a resource of impossible size.")
        }
        return UnsafeRawBufferPointer(start: bytes.data, count: bytes.data == nil ? 0 : size)
    }

    /// Send one HTTP request to an endpoint that the manifest names; providers only.
    ///
    /// In infer, embed, health, submit and poll.
    ///
    /// The host adds the credentials. A status of 400 and above is an answer, not a failure (docs/egress.md).
    /// - Parameter request: `{"endpoint":…,"method":…,"path":…,"headers":{…}}`.
    /// - Returns: `{"status":…,"headers":{…},"code":…?,"retry_after_ms":…?}`, and the body.
    public func http(
        _ request: String, body: [UInt8] = []
    ) throws(PluginFailure) -> (response: [UInt8], body: [UInt8]) {
        guard let ask = table.http else { throw .notOffered("http") }
        var response = sluice_text()
        var answer = sluice_text()
        response.struct_size = UInt32(MemoryLayout<sluice_text>.size)
        answer.struct_size = response.struct_size
        defer {
            if let release = response.release { release(&response) }
            if let release = answer.release { release(&answer) }
        }
        try call { error in
            body.withUnsafeBufferPointer { bytes in
                let sent = sluice_bytes(data: bytes.baseAddress, size: UInt64(bytes.count))
                return request.lend { ask(context, $0, sent, &response, &answer, error) }
            }
        }
        return (try Self.bytes(response), try Self.bytes(answer))
    }

    private static func bytes(_ text: sluice_text) throws(PluginFailure) -> [UInt8] {
        guard let size = Int(exactly: text.size), text.data != nil || size == 0 else {
            throw PluginFailure(message: "The host returned a text of impossible size.")
        }
        return Array(UnsafeRawBufferPointer(start: text.data, count: size))
    }

    /// Call a service with a fresh error, and throw what it reports.
    private func call(_ body: (UnsafeMutablePointer<sluice_error>) -> sluice_status) throws(PluginFailure) {
        var error = sluice_error()
        error.struct_size = UInt32(MemoryLayout<sluice_error>.size)
        let status = body(&error)
        guard status == SLUICE_OK else { throw PluginFailure(status: status, taking: &error) }
        if let release = error.release { release(&error) }
    }
}

extension PluginFailure {
    static func notOffered(_ service: StaticString) -> PluginFailure {
        PluginFailure(code: .policyBlock, message: "The host does not offer \(service) to this kind of plugin.")
    }
}
