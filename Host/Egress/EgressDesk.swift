// Beside the face of libcurl its header brings in the C library's thread types, which are then its own.
internal import CCurl
internal import CSystem
public import Foundations
internal import Glibc
internal import Synchronization

/// How much of a broker's is under way, whichever desk it comes from: a plugin with several processes has no more of it.
final class EgressRoom: Sendable {
    private struct State {
        /// Threads that there are, and what they may hold in memory.
        var threads = 0
        var bytes = 0
    }

    private let state = Mutex(State())

    /// Makes room for a thread; the reason when there is none.
    func enter(bytes: Int, limits: EgressLimits) -> SluiceError? {
        state.withLock { state in
            guard state.threads < limits.concurrent else {
                return SluiceError(
                    .egressCall,
                    "The plugin has \(state.threads) requests under way, which is as many as it may have.")
            }
            guard state.bytes + bytes <= limits.bytesInFlight else {
                return SluiceError(
                    .egressCall,
                    "The plugin's requests under way, with their answers, would have more than \(limits.bytesInFlight) bytes."
                )
            }
            state.threads += 1
            state.bytes += bytes
            return nil
        }
    }

    /// A thread is about to end, or there is none.
    func leave(bytes: Int) {
        state.withLock { state in
            state.threads -= 1
            state.bytes -= bytes
        }
    }
}

/// The requests of one plugin that are under way, each on a thread of its broker's.
///
/// One thread drives it: it starts requests, waits on `readiness` among its other descriptors, and takes what is done.
/// Nothing here waits for the network. Dropping it cancels everything.
public final class EgressDesk {
    /// A request that ended.
    public struct Done: Sendable {
        /// The number that the host gave it.
        public let number: UInt64
        /// The number that `start` was given: the plugin's own, which it may use again.
        public let id: UInt32
        public let answer: Result<EgressResponse, SluiceError>
        public let report: EgressBroker.Report
    }

    /// What threads hand in. It outlives the desk for as long as one of them still waits for a name server.
    private final class Tray: Sendable {
        let descriptor: Int32
        private let items = Mutex<[Done]>([])

        init?() {
            descriptor = csystem_event()
            if descriptor < 0 { return nil }
        }

        deinit { close(descriptor) }

        func give(_ item: Done) {
            items.withLock { $0.append(item) }
            var one: UInt64 = 1
            // It fails only when the counter is full, and then the reader is awake already.
            _ = write(descriptor, &one, 8)
        }

        func take() -> [Done] {
            var count: UInt64 = 0
            _ = read(descriptor, &count, 8)
            return items.withLock { items in
                defer { items = [] }
                return items
            }
        }
    }

    private struct Running {
        let id: UInt32
        let cancellation: EgressCancellation
        let progress: EgressProgress
        let began: UInt64
    }

    private let broker: EgressBroker
    private let endpoints: [EgressEndpoint]
    private let tray: Tray
    /// By the host's own number: one of the plugin's may come again while its first bearer is still being given up.
    private var running: [UInt64: Running] = [:]
    private var last: UInt64 = 0

    /// - Throws: `egress.library` when the machine has no descriptor left.
    public init(_ broker: EgressBroker, endpoints: [EgressEndpoint]) throws(SluiceError) {
        guard let tray = Tray() else {
            throw SluiceError(.egressLibrary, "No requests can be made: \(String(cString: strerror(errno))).")
        }
        self.broker = broker
        self.endpoints = endpoints
        self.tray = tray
    }

    deinit { for request in running.values { request.cancellation.cancel() } }

    /// For poll: readable once something is done.
    public var readiness: Int32 { tray.descriptor }

    public var isEmpty: Bool { running.isEmpty }

    /// Starts a request.
    ///
    /// - Parameters:
    ///   - id: a number that no request that is under way has.
    ///   - deadline: nanoseconds of the monotonic clock.
    ///   - considered: what the broker's `consider` says of the request, where somebody asked it already.
    ///   - before: called with the host's number of the request once there is room for it; when it throws, nothing starts.
    /// - Throws: `egress.call` when too many are under way, `egress.library` when no thread can be made, and what `before`
    ///   throws.
    public func start(
        _ id: UInt32, _ request: EgressRequest, deadline: UInt64, considered: EgressBroker.Report? = nil,
        before: (UInt64) throws(SluiceError) -> Void = { _ in }
    ) throws(SluiceError) {
        guard !running.values.contains(where: { $0.id == id }) else {
            throw SluiceError(.egressCall, "The plugin has a request of that number under way.")
        }
        let bytes = request.body.count + (endpoints.first { $0.name == request.endpoint }?.maximumBytes ?? 0)
        if let refusal = broker.room.enter(bytes: bytes, limits: broker.limits) { throw refusal }
        last += 1
        let number = last
        do throws(SluiceError) { try before(number) } catch {
            broker.room.leave(bytes: bytes)
            throw error
        }
        let cancellation = EgressCancellation()
        let progress = EgressProgress(considered ?? broker.consider(request, endpoints: endpoints))
        let began = broker.monotonic()
        let work: @Sendable () -> Void = { [broker, endpoints, tray] in
            let (answer, report) = broker.perform(
                request, endpoints: endpoints, deadline: deadline, cancellation: cancellation, progress: progress)
            broker.room.leave(bytes: bytes)
            tray.give(Done(number: number, id: id, answer: answer, report: report))
        }
        guard broker.run(work) else {
            broker.room.leave(bytes: bytes)
            throw SluiceError(.egressLibrary, "No request can be made: there is no thread for it.")
        }
        running[number] = Running(id: id, cancellation: cancellation, progress: progress, began: began)
    }

    /// What has ended since the last time. Never waits.
    public func take() -> [Done] { tray.take().filter { running.removeValue(forKey: $0.number) != nil } }

    /// Cancels everything and takes what ends within a moment; what does not is reported as far as it had come.
    ///
    /// A request that waits for a name server cannot be woken: it ends by itself, without sending anything more.
    public func abandon() -> [Done] {
        for request in running.values { request.cancellation.cancel() }
        var items = take()
        for _ in 0..<50 where !running.isEmpty {
            var waited = pollfd(fd: tray.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waited, 1, 10)
            items += take()
        }
        for (number, request) in running.sorted(by: { $0.key < $1.key }) {
            var report = request.progress.report
            let error = SluiceError(.egressTimeout, "The request was given up before it had ended.")
            report.error = error
            report.milliseconds = broker.milliseconds(since: request.began)
            items.append(Done(number: number, id: request.id, answer: .failure(error), report: report))
        }
        running = [:]
        return items
    }
}
