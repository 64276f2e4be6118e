/// A failure that a user can meet: a code of the taxonomy, a stable detail id, what happened, and the next step.
///
/// Source: ROADMAP §31. The message holds no secret and no unmasked value.
public struct SluiceError: Error, Sendable, Equatable {
    /// A code of the taxonomy. Open to the reader, closed to the writer: the nine codes are all there are.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: Int32 {
            case policyBlock = 1
            case dslReject, providerUnhealthy, rateLimit, timeout, quotaExhausted, transientError
            case deterministicFailure, quarantineRequired
        }
        private let base: Base
        private init(_ base: Base) { self.base = base }

        public static let policyBlock = Code(.policyBlock)
        public static let dslReject = Code(.dslReject)
        public static let providerUnhealthy = Code(.providerUnhealthy)
        public static let rateLimit = Code(.rateLimit)
        public static let timeout = Code(.timeout)
        public static let quotaExhausted = Code(.quotaExhausted)
        public static let transientError = Code(.transientError)
        public static let deterministicFailure = Code(.deterministicFailure)
        public static let quarantineRequired = Code(.quarantineRequired)

        public static let all: [Code] = [
            policyBlock, dslReject, providerUnhealthy, rateLimit, timeout, quotaExhausted, transientError,
            deterministicFailure, quarantineRequired,
        ]

        /// The value of `sluice_status` in the plugin ABI.
        public var abiStatus: Int32 { base.rawValue }

        /// The code of an ABI status; anything that is not one of the nine is DETERMINISTIC_FAILURE.
        public init(abiStatus: Int32) { self.base = Base(rawValue: abiStatus) ?? .deterministicFailure }

        /// The code by its name, for example `POLICY_BLOCK`.
        public init?(name: String) {
            guard let code = Code.all.first(where: { $0.description == name }) else { return nil }
            self = code
        }

        public var description: String {
            switch base {
            case .policyBlock: "POLICY_BLOCK"
            case .dslReject: "DSL_REJECT"
            case .providerUnhealthy: "PROVIDER_UNHEALTHY"
            case .rateLimit: "RATE_LIMIT"
            case .timeout: "TIMEOUT"
            case .quotaExhausted: "QUOTA_EXHAUSTED"
            case .transientError: "TRANSIENT_ERROR"
            case .deterministicFailure: "DETERMINISTIC_FAILURE"
            case .quarantineRequired: "QUARANTINE_REQUIRED"
            }
        }

        /// Whether trying the same call again can help.
        public var isTransient: Bool {
            switch base {
            case .policyBlock, .dslReject, .deterministicFailure, .quarantineRequired: false
            case .providerUnhealthy, .rateLimit, .timeout, .quotaExhausted, .transientError: true
            }
        }

        /// Whether another provider may be asked instead.
        public var allowsFallback: Bool { isTransient }
    }

    public let code: Code
    /// Stable id of the mistake, for example `contract.unknown_key`; its page is in docs/errors.md.
    public let detail: String
    public let message: String
    /// The next step, as a sentence.
    public let hint: String
    /// Milliseconds after which a transient failure may be retried; nil when unknown.
    public let retryAfterMilliseconds: UInt64?

    /// An error of a known kind: code and hint come from the catalog unless a better hint is at hand.
    public init(_ kind: ErrorKind, _ message: String, hint: String? = nil, retryAfterMilliseconds: UInt64? = nil) {
        self.code = kind.code
        self.detail = kind.id
        self.message = message
        self.hint = hint ?? kind.hint
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// An error that a plugin reported, with the taxonomy code that it chose.
    public init(code: Code, kind: ErrorKind, _ message: String, retryAfterMilliseconds: UInt64? = nil) {
        self.code = code
        self.detail = kind.id
        self.message = message
        self.hint = kind.hint
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// The same mistake with more words about where it happened.
    public init(_ cause: SluiceError, _ message: String, retryAfterMilliseconds: UInt64? = nil) {
        self.code = cause.code
        self.detail = cause.detail
        self.message = message
        self.hint = cause.hint
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// `{"code":…,"message":…,"detail_id":…,"hint":…}`.
    public var json: JSON {
        .object([
            "code": .string(code.description), "message": .string(message), "detail_id": .string(detail),
            "hint": .string(hint),
        ])
    }
}

extension SluiceError: CustomStringConvertible {
    public var description: String { "\(code) \(detail): \(message) \(hint)" }
}
