internal import SluiceABI

#if canImport(Glibc)
internal import Glibc
#endif

/// Why a call of a plugin failed; the only error that an author's code throws to the kit.
///
/// `message` goes to the host, which redacts and caps it: it must hold no value of a cell and no secret.
public struct PluginFailure: Error, Sendable, CustomStringConvertible {
    /// A code of the error taxonomy (ROADMAP §31).
    public struct Code: Hashable, Sendable {
        /// The `sluice_status` that crosses the boundary, never 0.
        public let rawValue: Int32

        /// Any status but 0; a code of a newer host is kept as it is.
        public init?(rawValue: Int32) {
            guard rawValue != 0 else { return nil }
            self.rawValue = rawValue
        }

        private init(known: Int32) { rawValue = known }

        public static let policyBlock = Code(known: SLUICE_POLICY_BLOCK)
        public static let dslReject = Code(known: SLUICE_DSL_REJECT)
        public static let providerUnhealthy = Code(known: SLUICE_PROVIDER_UNHEALTHY)
        public static let rateLimit = Code(known: SLUICE_RATE_LIMIT)
        public static let timeout = Code(known: SLUICE_TIMEOUT)
        public static let quotaExhausted = Code(known: SLUICE_QUOTA_EXHAUSTED)
        public static let transientError = Code(known: SLUICE_TRANSIENT_ERROR)
        public static let deterministicFailure = Code(known: SLUICE_DETERMINISTIC_FAILURE)
        public static let quarantineRequired = Code(known: SLUICE_QUARANTINE_REQUIRED)
    }

    public var code: Code
    public var message: String
    /// Whether the same call may succeed later.
    public var isRetryable: Bool
    /// Milliseconds to wait before a retry; 0 when unknown.
    public var retryAfterMilliseconds: UInt64

    public init(
        code: Code = .deterministicFailure, message: String, isRetryable: Bool = false,
        retryAfterMilliseconds: UInt64 = 0
    ) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    public var description: String { message }

    /// The failure that a plugin reports once the host asked it to stop.
    public static var cancelled: PluginFailure { PluginFailure(code: .timeout, message: "The call was cancelled.") }
}

extension PluginFailure {
    /// Fill the caller's error, if it gave one of a size that we know; its `release` frees the message.
    func fill(_ error: UnsafeMutablePointer<sluice_error>?) {
        guard let error, error.pointee.struct_size >= UInt32(SLUICE_ERROR_SIZE_V1) else { return }
        let copy = OwnedBytes.copy(Array(message.utf8))
        error.pointee.code = code.rawValue
        error.pointee.message = sluice_str(
            data: copy.map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) },
            size: copy == nil ? 0 : UInt64(message.utf8.count))
        error.pointee.retryable = isRetryable ? 1 : 0
        error.pointee.reserved = 0
        error.pointee.retry_after_ms = retryAfterMilliseconds
        error.pointee.private_data = copy
        error.pointee.release = { itself in
            guard let itself else { return }
            free(itself.pointee.private_data)
            itself.pointee.private_data = nil
            itself.pointee.message = sluice_str(data: nil, size: 0)
            itself.pointee.release = nil
        }
    }

    /// Take over what a host service reported and release it.
    init(status: sluice_status, taking error: inout sluice_error) {
        code = Code(rawValue: status) ?? .deterministicFailure
        message = String(borrowed: error.message)
        isRetryable = error.retryable != 0
        retryAfterMilliseconds = error.retry_after_ms
        if message.isEmpty { message = "The host refused a service with status \(status)." }
        if let release = error.release { release(&error) }
    }
}

/// Run an author's code for a C caller: its failure becomes a status and a filled error, and no Swift error crosses.
func guarded(
    _ report: UnsafeMutablePointer<sluice_error>?, _ body: () throws(PluginFailure) -> Void
) -> sluice_status {
    do throws(PluginFailure) {
        try body()
        return SLUICE_OK
    } catch {
        error.fill(report)
        return error.code.rawValue
    }
}
