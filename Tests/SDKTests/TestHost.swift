import SluiceABI
import Synchronization

/// A host in this process, as the runner is one: its source is an array, and it may be told to cancel.
enum TestHost {
    struct State {
        var source: [UInt8] = []
        var isCancelled = false
        var log: [String] = []
    }

    /// What the C functions below look at, by handle, so that tests do not meet each other.
    static let states = Mutex<[sluice_handle: State]>([:])

    /// The table that a plugin is given. Leaked on purpose: a host's table lives as long as its process.
    static func info(major: UInt32 = SLUICE_ABI_MAJOR, hostSize: Int = MemoryLayout<sluice_host>.size)
        -> UnsafeMutablePointer<sluice_host_info>
    {
        var host = sluice_host()
        host.struct_size = UInt32(hostSize)
        host.log = { context, _, message in
            let bytes = UnsafeRawBufferPointer(start: message.data, count: Int(message.size))
            let text = String(decoding: bytes, as: UTF8.self)
            TestHost.states.withLock { $0[context, default: State()].log.append(text) }
        }
        host.cancelled = { context in TestHost.states.withLock { $0[context]?.isCancelled == true ? 1 : 0 } }
        host.read_at = { context, stream, offset, buffer, size, got, error in
            TestHost.states.withLock { states in
                guard stream == 0, let source = states[context]?.source else {
                    error?.pointee.code = SLUICE_TRANSIENT_ERROR
                    error?.pointee.retryable = 1
                    return SLUICE_TRANSIENT_ERROR
                }
                let start = min(Int(offset), source.count)
                let count = min(Int(size), source.count - start)
                UnsafeMutableRawBufferPointer(start: buffer, count: count).copyBytes(
                    from: source[start..<(start + count)])
                got?.pointee = UInt64(count)
                return SLUICE_OK
            }
        }
        host.stream_size = { context, _, size, _ in
            size?.pointee = UInt64(TestHost.states.withLock { $0[context]?.source.count ?? 0 })
            return SLUICE_OK
        }
        let table = UnsafeMutablePointer<sluice_host>.allocate(capacity: 1)
        table.initialize(to: host)
        var info = sluice_host_info()
        info.struct_size = UInt32(MemoryLayout<sluice_host_info>.size)
        info.abi_major = major
        info.host = UnsafePointer(table)
        let place = UnsafeMutablePointer<sluice_host_info>.allocate(capacity: 1)
        place.initialize(to: info)
        return place
    }
}

/// Call with an error and texts as a host does, and take the outcome as Swift values.
struct CallFailure: Error, Equatable {
    var status: sluice_status
    var message: String
}

func call(_ body: (UnsafeMutablePointer<sluice_error>) -> sluice_status) throws {
    var error = sluice_error()
    error.struct_size = UInt32(MemoryLayout<sluice_error>.size)
    let status = body(&error)
    guard status != SLUICE_OK else { return }
    let bytes = UnsafeRawBufferPointer(start: error.message.data, count: Int(error.message.size))
    let message = String(decoding: bytes, as: UTF8.self)
    error.release?(&error)
    throw CallFailure(status: status, message: message)
}

func callForText(
    _ body: (UnsafeMutablePointer<sluice_text>, UnsafeMutablePointer<sluice_error>) -> sluice_status
) throws -> String {
    var text = sluice_text()
    text.struct_size = UInt32(MemoryLayout<sluice_text>.size)
    try call { body(&text, $0) }
    let string = String(decoding: UnsafeRawBufferPointer(start: text.data, count: Int(text.size)), as: UTF8.self)
    text.release?(&text)
    return string
}

func lend<Result>(_ text: String, _ body: (sluice_str) throws -> Result) rethrows -> Result {
    var text = text
    return try text.withUTF8 { bytes in
        try body(
            sluice_str(
                data: UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
                size: UInt64(bytes.count)))
    }
}
