/// Notices a server that sends or takes too little, by looking at counters now and then.
///
/// Waiting for the first byte of an answer is not slowness: a model thinks for minutes. Once bytes come, they must go on
/// coming.
struct StallWatch {
    private let limits: EgressLimits
    private let requestBytes: Int64
    private var headSince: UInt64?
    private var window: (phase: Phase, since: UInt64, bytes: Int64)?
    /// Why the server should be given up; nil while it keeps pace.
    private(set) var complaint: String?

    private enum Phase { case request, body }

    init(limits: EgressLimits, requestBytes: Int) {
        self.limits = limits
        self.requestBytes = Int64(requestBytes)
    }

    /// - Parameters:
    ///   - now: nanoseconds.
    ///   - sent: bytes of the request's body.
    ///   - received: bytes of the answer's body, as they came.
    mutating func look(
        at now: UInt64, isConnected: Bool, hasAnswered: Bool, headIsWhole: Bool, sent: Int64, received: Int64
    ) {
        guard isConnected else { return }
        if headIsWhole {
            pace(.body, now, received)
        } else if hasAnswered {
            let since = headSince ?? now
            headSince = since
            if seconds(since, now) >= limits.headSeconds { complaint = "the head of its answer came too slowly" }
        } else if sent < requestBytes {
            pace(.request, now, sent)
        }
    }

    private mutating func pace(_ phase: Phase, _ now: UInt64, _ bytes: Int64) {
        guard let current = window, current.phase == phase else {
            window = (phase, now, bytes)
            return
        }
        let passed = seconds(current.since, now)
        guard passed >= limits.stallSeconds else { return }
        if Double(bytes - current.bytes) < passed * Double(limits.bytesPerSecond) {
            complaint =
                phase == .body
                ? "its answer came at less than \(limits.bytesPerSecond) bytes a second"
                : "it took the request at less than \(limits.bytesPerSecond) bytes a second"
        }
        window = (phase, now, bytes)
    }

    private func seconds(_ since: UInt64, _ now: UInt64) -> Double { Double(now - since) / 1e9 }
}
