public import SluiceABI

#if canImport(Glibc)
internal import Glibc
#endif

/// A pulled sequence of batches of one schema, handed to the host as an Arrow C stream.
public struct ArrowStream {
    public let fields: [ArrowField]
    private let next: () throws(PluginFailure) -> ArrowBatch?

    /// `next` is called from one thread at a time and returns nil at the end; after an error it is not called again.
    public init(fields: [ArrowField], next: @escaping () throws(PluginFailure) -> ArrowBatch?) {
        self.fields = fields
        self.next = next
    }

    /// Fill `out` with a stream that the receiver owns and releases.
    public func export(into out: UnsafeMutablePointer<ArrowArrayStream>) {
        var stream = ArrowArrayStream()
        stream.private_data = Unmanaged.passRetained(StreamBox(self)).toOpaque()
        stream.get_schema = { stream, out in
            guard let box = StreamBox.of(stream), let out else { return EINVAL }
            ArrowSchemaBridge.export(box.stream.fields, into: out)
            return 0
        }
        stream.get_next = { stream, out in
            guard let box = StreamBox.of(stream), let out else { return EINVAL }
            return box.pull(into: out)
        }
        stream.get_last_error = { stream in StreamBox.of(stream)?.lastError }
        stream.release = { stream in
            guard let stream, let box = stream.pointee.private_data else { return }
            stream.pointee.private_data = nil
            stream.pointee.release = nil
            Unmanaged<StreamBox>.fromOpaque(box).release()
        }
        out.initialize(to: stream)
    }

    fileprivate func pull() throws(PluginFailure) -> ArrowBatch? {
        guard let batch = try next() else { return nil }
        guard batch.columns.map(\.type) == fields.map(\.type) else {
            throw PluginFailure(message: "A batch does not have the columns that its stream declared.")
        }
        return batch
    }
}

/// A stream with its last error, kept alive by the C stream's `private_data`.
private final class StreamBox {
    let stream: ArrowStream
    /// NUL-terminated text that lives until the box goes.
    private(set) var lastError: UnsafePointer<CChar>?
    private var outcome: Int32 = 0
    private var isAtEnd = false

    init(_ stream: ArrowStream) { self.stream = stream }

    deinit { free(UnsafeMutableRawPointer(mutating: lastError)) }

    static func of(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> StreamBox? {
        guard let box = stream?.pointee.private_data else { return nil }
        return Unmanaged<StreamBox>.fromOpaque(box).takeUnretainedValue()
    }

    /// 0 and a batch, 0 and a released array at the end, or an errno value; a failed stream stays failed.
    func pull(into out: UnsafeMutablePointer<ArrowArray>) -> Int32 {
        guard outcome == 0 else { return outcome }
        do throws(PluginFailure) {
            if !isAtEnd, let batch = try stream.pull() {
                batch.export(into: out)
            } else {
                isAtEnd = true
                out.initialize(to: ArrowArray())
            }
        } catch {
            lastError = UnsafePointer(strdup(error.message))
            outcome = StreamBox.errno(for: error.code)
        }
        return outcome
    }

    /// As connector.h has them, so that the host finds the code again.
    private static func errno(for code: PluginFailure.Code) -> Int32 {
        switch code {
        case .timeout: ECANCELED
        case .transientError: EIO
        case .rateLimit: EAGAIN
        case .quotaExhausted: ENOMEM
        case .policyBlock: EPERM
        default: EINVAL
        }
    }
}
