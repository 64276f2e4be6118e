internal import Columnar
internal import Foundations
internal import Glibc

/// Frames to and from one runner, never waiting past a deadline and never in one direction alone.
///
/// While the host sends, it also takes in what the runner says, so two full sockets cannot block each other.
///
/// A host that sleeps (Ctrl-Z, SIGSTOP) is no fault of the plugin's. What had come when a deadline was seen to have passed
/// is taken, and a wait that overslept counts for no deadline: they are nanoseconds of `now`.
/// One thread at a time.
final class Channel {
    /// A frame from a runner.
    struct Frame {
        let answer: Wire.Answer
        let call: UInt32
        let payload: Bytes
    }

    enum Failure: Error, Equatable {
        /// The deadline passed.
        case deadline
        /// `stop` was raised.
        case cancelled
        /// The runner's end of the socket is gone.
        case closed
        /// The runner broke the protocol.
        case fault(String)
    }

    /// The frames that may come now, each with the most bytes of payload that it may have.
    struct Expectation {
        let call: UInt32
        let limits: [Wire.Answer: Int]
        /// Who takes HTTP_REQUEST, and has answers to send meanwhile; nil when none may come.
        var requests: (any RequestTaker)?
    }

    /// Whoever has requests made for a runner.
    protocol RequestTaker: AnyObject {
        /// Bytes of a request's payload; of a larger one only the beginning is kept.
        var limit: Int { get }
        /// For poll: readable once `answers` has some.
        var readiness: Int32 { get }
        /// Takes a request in; `isWhole` is false when it was larger than `limit`.
        func take(_ payload: Bytes, isWhole: Bool) throws(Failure)
        /// Whole frames to send.
        func answers() throws(Failure) -> [[UInt8]]
    }

    /// Ends every wait once it is raised; nil while nobody may end one, as during the grace of a call that was cancelled.
    var stop: StopSignal?
    /// Others that do the same: of whoever drives the plugin, or of the call that runs.
    var otherStops: [StopSignal] = []

    /// Nanoseconds that a frame which has begun to come may take past its deadline.
    var frameGrace: UInt64 = 0

    private let child: RunnerChild
    private let clock: @Sendable () -> UInt64
    /// Nanoseconds of the waits that took much longer than they were told to.
    private var slept: UInt64 = 0
    /// Bytes that lay in the socket when the deadline was seen to have passed, and may still be taken; nil before that.
    private var late: Int?
    private let onLog: (Int32, String) -> Void
    private let onProgress: (UInt64, UInt64) -> Void
    private let onSent: (UnsafeRawBufferPointer) -> Void
    /// A frame was sent or received in part: nothing can follow it, because its rest would be taken for the next one.
    var isBroken: Bool { isSending || isReceiving }
    private var isSending = false
    private var isReceiving = false
    /// What was expected and came while an answer was on its way to the runner.
    private var held: Frame?

    private static let logLimit = 64 * 1024

    init(
        child: RunnerChild, clock: @escaping @Sendable () -> UInt64, onLog: @escaping (Int32, String) -> Void,
        onProgress: @escaping (UInt64, UInt64) -> Void, onSent: @escaping (UnsafeRawBufferPointer) -> Void
    ) {
        self.child = child
        self.clock = clock
        self.onLog = onLog
        self.onProgress = onProgress
        self.onSent = onSent
    }

    /// The clock without the waits in which the host slept: for deadlines.
    func now() -> UInt64 { clock() &- slept }

    /// A deadline of `now` as the clock will show it.
    func onClock(_ deadline: UInt64) -> UInt64 { deadline &+ slept }

    // MARK: Sending

    /// Sends a whole frame.
    ///
    /// - Parameters:
    ///   - deadline: nanoseconds of `now`.
    ///   - expectation: what else may come meanwhile, when the frame is no request.
    func send(_ frame: [UInt8], deadline: UInt64, during expectation: Expectation? = nil) throws(Failure) {
        isSending = true
        // A request begins anew; what answers the runner does not, or an endless scan would outrun its deadline.
        if expectation == nil { late = nil }
        frame.withUnsafeBytes { onSent($0) }
        var sent = 0
        while sent < frame.count {
            let result = frame.withUnsafeBytes { bytes in
                // `sent` is below the count, so there is a base address.
                Glibc.send(
                    child.socket.number, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if result > 0 {
                sent += result
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                let events = try wait(for: POLLIN | POLLOUT, deadline: deadline)
                if events & Int16(POLLOUT) == 0, events & Int16(POLLIN) != 0 {
                    try takeInterjection(during: expectation, deadline: deadline)
                }
            default: throw .closed
            }
        }
        isSending = false
    }

    /// Takes one frame in while another is on its way out.
    private func takeInterjection(during expectation: Expectation?, deadline: UInt64) throws(Failure) {
        let header = try receiveHeader(deadline: deadline)
        if let expectation {
            if try takeRequest(header, expectation, deadline: deadline) { return }
            if expectation.limits[header.answer] != nil {
                guard held == nil else { throw .fault("two answers came for one call") }
                held = try receiveExpected(header, expectation, deadline: deadline)
                return
            }
        }
        guard header.answer == .log || header.answer == .progress else {
            throw .fault("an answer came before its request was sent")
        }
        try interject(header, deadline: deadline)
    }

    // MARK: Receiving

    /// The next frame that is expected; LOG, PROGRESS and requests are handled on the way.
    func receive(_ expectation: Expectation, deadline: UInt64) throws(Failure) -> Frame {
        while true {
            if let frame = held {
                held = nil
                return frame
            }
            if let requests = expectation.requests {
                guard try awaitFrame(requests, expectation, deadline: deadline) else { continue }
            }
            let header = try receiveHeader(deadline: deadline)
            if expectation.limits[header.answer] != nil {
                return try receiveExpected(header, expectation, deadline: deadline)
            }
            if try takeRequest(header, expectation, deadline: deadline) { continue }
            guard header.answer == .log || header.answer == .progress, expectation.limits[.hello] == nil else {
                throw .fault("the frame \(header.answer) came out of order")
            }
            try interject(header, deadline: deadline)
        }
    }

    private func receiveExpected(
        _ header: Wire.Header, _ expectation: Expectation, deadline: UInt64
    ) throws(Failure) -> Frame {
        guard header.call == expectation.call else { throw .fault("a frame belongs to another call") }
        guard header.size <= expectation.limits[header.answer] ?? 0 else {
            throw .fault("a frame is larger than its answer may be")
        }
        let payload = try receivePayload(header.size, deadline: deadline)
        return Frame(answer: header.answer, call: header.call, payload: payload)
    }

    // MARK: Requests of the runner

    /// Waits between two frames: true when one begins to come, false after answers were sent.
    private func awaitFrame(
        _ requests: any RequestTaker, _ expectation: Expectation, deadline: UInt64
    ) throws(Failure) -> Bool {
        let answers = try requests.answers()
        for answer in answers { try send(answer, deadline: deadline, during: expectation) }
        // An answer to the call may have come meanwhile: what comes first is handed out first.
        guard answers.isEmpty else { return false }
        return try wait(for: POLLIN, or: requests.readiness, deadline: deadline) != 0
    }

    /// Whether the frame was a request, which is then taken in.
    private func takeRequest(
        _ header: Wire.Header, _ expectation: Expectation, deadline: UInt64
    ) throws(Failure) -> Bool {
        guard header.answer == .httpRequest, let requests = expectation.requests else { return false }
        guard header.call == expectation.call else { throw .fault("a frame belongs to another call") }
        if header.size <= requests.limit {
            try requests.take(try receivePayload(header.size, deadline: deadline), isWhole: true)
            return true
        }
        // Its beginning tells which request it is; the rest is read and forgotten, piece by piece.
        let beginning = try receiveBytes(4, deadline: deadline)
        var left = header.size - 4
        while left > 0 {
            let piece = min(left, 1 << 18)
            _ = try receiveBytes(piece, deadline: deadline)
            left -= piece
        }
        isReceiving = false
        try requests.take(beginning, isWhole: false)
        return true
    }

    private func receiveHeader(deadline: UInt64) throws(Failure) -> Wire.Header {
        if isStopped { throw .cancelled }
        let bytes = try receiveBytes(Wire.headerSize, deadline: deadline)
        do throws(Wire.Fault) {
            return try bytes.withUnsafeBytes { (buffer) throws(Wire.Fault) in try Wire.Header(buffer) }
        } catch { throw .fault(error.reason) }
    }

    /// What follows a header; with it the frame is whole.
    private func receivePayload(_ size: Int, deadline: UInt64) throws(Failure) -> Bytes {
        let payload = try receiveBytes(size, deadline: deadline)
        isReceiving = false
        return payload
    }

    private func receiveBytes(_ size: Int, deadline: UInt64) throws(Failure) -> Bytes {
        try Bytes.makeUninitialized(count: size) { (buffer) throws(Failure) in
            try receive(into: buffer, deadline: deadline)
        }
    }

    private func receive(into buffer: UnsafeMutableRawBufferPointer, deadline: UInt64) throws(Failure) {
        var got = 0
        while got < buffer.count {
            let deadline = isReceiving ? deadline &+ frameGrace : deadline
            let size = try room(buffer.count - got, deadline: deadline)
            // `got` is below the count, so there is a base address.
            let result = recv(child.socket.number, buffer.baseAddress.map { $0 + got }, size, Int32(MSG_DONTWAIT))
            if result > 0 {
                got += result
                late = late.map { $0 - result }
                isReceiving = true
                continue
            }
            if result == 0 { throw .closed }
            switch errno {
            case EINTR: continue
            case EAGAIN: _ = try wait(for: POLLIN, deadline: deadline)
            default: throw .closed
            }
        }
    }

    /// How many of so many bytes may be taken: past the deadline what lay there when that was noticed, and no more.
    ///
    /// So neither a runner that trickles nor one that floods outruns its deadline.
    private func room(_ wanted: Int, deadline: UInt64) throws(Failure) -> Int {
        guard now() >= deadline else {
            late = nil
            return wanted
        }
        if late == nil {
            var waiting: Int32 = 0
            late = ioctl(child.socket.number, UInt(FIONREAD), &waiting) == 0 ? Int(waiting) : 0
        }
        guard let late, late > 0 else {
            var end = pollfd(fd: child.socket.number, events: 0, revents: 0)
            throw poll(&end, 1, 0) > 0 ? .closed : .deadline
        }
        return min(wanted, late)
    }

    private func interject(_ header: Wire.Header, deadline: UInt64) throws(Failure) {
        guard header.size <= Self.logLimit else { throw .fault("a log frame is too large") }
        var reader = PayloadReader(try receivePayload(header.size, deadline: deadline))
        do throws(Wire.Fault) {
            if header.answer == .log {
                let level = try reader.integer(Int32.self)
                let message = try reader.textBytes()
                try reader.finish()
                onLog(min(max(level, 0), 3), String(decoding: message, as: UTF8.self))
            } else {
                let done = try reader.integer(UInt64.self)
                let total = try reader.integer(UInt64.self)
                try reader.finish()
                onProgress(done, total)
            }
        } catch { throw .fault(error.reason) }
    }

    // MARK: Waiting

    private var isStopped: Bool { stop?.isRaised == true || otherStops.contains(where: \.isRaised) }

    /// Waits until the socket can do one of `events`, taking in standard error meanwhile.
    ///
    /// - Parameter other: a descriptor that ends the wait, too, when it is readable; the result is then 0.
    private func wait(for events: Int32, or other: Int32 = -1, deadline: UInt64) throws(Failure) -> Int16 {
        while true {
            // Its descriptor stays readable: this is where the wait ends, whatever else has come.
            if isStopped { throw .cancelled }
            let began = now()
            let isLate = began >= deadline
            // Nothing is sent past a deadline; what has come by then is taken.
            if isLate, events & POLLOUT != 0 { throw .deadline }
            let isBlind = stop?.descriptor == -1 || otherStops.contains { $0.descriptor == -1 }
            let longest: UInt64 = isBlind ? StopSignal.blindMilliseconds : 60_000
            let milliseconds = isLate ? 0 : min((deadline - began) / 1_000_000 + 1, longest)
            var waited = [
                pollfd(fd: child.socket.number, events: Int16(truncatingIfNeeded: events), revents: 0),
                pollfd(fd: child.standardErrorNumber, events: Int16(POLLIN), revents: 0),
                pollfd(fd: other, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            for other in otherStops { waited.append(pollfd(fd: other.descriptor, events: Int16(POLLIN), revents: 0)) }
            let count = poll(&waited, nfds_t(waited.count), Int32(milliseconds))
            if count < 0 && errno != EINTR { throw .closed }
            noteSleep(since: began, expected: milliseconds)
            if count > 0, waited[1].revents != 0 { child.drainStandardError() }
            let found = count > 0 ? waited[0].revents : 0
            if found & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
                // What was said before the end is still to be read; the next call finds the end itself.
                return found | Int16(truncatingIfNeeded: events)
            }
            if found != 0 { return found }
            if count > 0, waited[2].revents != 0 { return 0 }
            if isLate, now() >= deadline { throw .deadline }
        }
    }

    /// A wait that took a second longer than it was told to does not count: the host was stopped, or starved, and nobody
    /// knows whether the plugin was so too. It gets the time that it had left again.
    private func noteSleep(since began: UInt64, expected milliseconds: UInt64) {
        let awake = milliseconds * 1_000_000
        let took = now() &- began
        // A clock that went back is no sleep.
        if took > awake + 1_000_000_000, took < 1 << 62 { slept &+= took }
    }
}
