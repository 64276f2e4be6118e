/// What a request itself says about the time that its answer may take.
struct EgressPace {
    /// Nanoseconds of the clock; nil when the request does not say.
    var firstByteAt: UInt64?
    var firstByteMilliseconds: UInt64 = 0
    var stallMilliseconds: UInt64?

    init(_ request: EgressRequest, from began: UInt64) {
        firstByteMilliseconds = request.firstByteMilliseconds ?? 0
        firstByteAt = request.firstByteMilliseconds.map { began &+ $0 * 1_000_000 }
        stallMilliseconds = request.stallMilliseconds
    }
}

/// Notices a server that sends or takes too little, by looking at counters now and then.
///
/// Waiting for the first byte of an answer is not slowness: a model thinks for minutes. Once bytes come, they must go on
/// coming.
struct StallWatch {
    private let limits: EgressLimits
    private let pace: EgressPace
    private let requestBytes: Int64
    private var headSince: UInt64?
    /// Bytes of the body at the last look that found more, and when that was.
    private var piece: (bytes: Int64, at: UInt64)?
    /// No byte has come of the body that the request waits for.
    private var isAwaiting = true
    private var window: (phase: Phase, since: UInt64, bytes: Int64)?
    /// Why the server should be given up; nil while it keeps pace.
    private(set) var complaint: String?

    private enum Phase { case request, body }

    init(limits: EgressLimits, pace: EgressPace, requestBytes: Int) {
        self.limits = limits
        self.pace = pace
        self.requestBytes = Int64(requestBytes)
    }

    /// - Parameters:
    ///   - now: nanoseconds.
    ///   - sent: bytes of the request's body.
    ///   - received: bytes of the answer's body, as they came.
    ///   - isRedirect: what is received is not yet the answer's body that the request waits for.
    mutating func look(
        at now: UInt64, isConnected: Bool, hasAnswered: Bool, headIsWhole: Bool, isRedirect: Bool, sent: Int64,
        received: Int64
    ) {
        isAwaiting = received == 0 || isRedirect
        if let at = pace.firstByteAt, isAwaiting {
            if now >= at {
                complaint =
                    "no byte of its answer's body came within the \(pace.firstByteMilliseconds) ms that the request gives it (first_byte_ms)"
            }
        } else if let stall = pace.stallMilliseconds, received > 0 {
            // A piece that came since the last look came at most one wait ago; the wait ends with each piece.
            let last = piece.flatMap { $0.bytes == received ? $0.at : nil } ?? now
            piece = (received, last)
            if (now - last) / 1_000_000 >= stall {
                complaint = "its answer was silent for the \(stall) ms that the request allows (stall_ms)"
            }
        }
        guard isConnected else { return }
        if headIsWhole {
            keepsPace(.body, now, received)
        } else if hasAnswered {
            let since = headSince ?? now
            headSince = since
            if seconds(since, now) >= limits.headSeconds { complaint = "the head of its answer came too slowly" }
        } else if sent < requestBytes {
            keepsPace(.request, now, sent)
        }
    }

    /// When the next look must be at the latest: nanoseconds.
    var nextLook: UInt64 {
        if let piece { return pace.stallMilliseconds.map { piece.at &+ $0 * 1_000_000 } ?? .max }
        return isAwaiting ? pace.firstByteAt ?? .max : .max
    }

    private mutating func keepsPace(_ phase: Phase, _ now: UInt64, _ bytes: Int64) {
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
