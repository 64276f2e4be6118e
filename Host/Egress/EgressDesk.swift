// Beside the face of libcurl its header brings in the C library's thread types, which are then its own.
internal import CCurl
internal import CSystem
public import Foundations
internal import Glibc
internal import Synchronization

/// The requests of one plugin that are under way, each on a thread of its own.
///
/// One thread drives it: it starts requests, waits on `readiness` among its other descriptors, and takes what is done.
/// Nothing here waits for the network. Dropping it cancels everything.
public final class EgressDesk {
    /// A request that ended.
    public struct Done: Sendable {
        /// The number that `start` was given.
        public let id: UInt32
        public let answer: Result<EgressResponse, SluiceError>
        public let report: EgressBroker.Report
    }

    /// What threads hand in. It outlives the desk for as long as one of them still waits for a name server.
    private final class Tray: Sendable {
        let descriptor: Int32
        private let done = Mutex<[Done]>([])

        init?() {
            descriptor = csystem_event()
            if descriptor < 0 { return nil }
        }

        deinit { close(descriptor) }

        func put(_ item: Done) {
            done.withLock { $0.append(item) }
            var one: UInt64 = 1
            // It fails only when the counter is full, and then the reader is awake already.
            _ = write(descriptor, &one, 8)
        }

        func take() -> [Done] {
            var count: UInt64 = 0
            _ = read(descriptor, &count, 8)
            return done.withLock { items in
                defer { items = [] }
                return items
            }
        }
    }

    private struct Running {
        let cancellation: EgressCancellation
        let endpoint: String
        let method: String
    }

    private let broker: EgressBroker
    private let endpoints: [EgressEndpoint]
    private let tray: Tray
    private var running: [UInt32: Running] = [:]

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
    /// - Throws: `egress.call` when too many are under way, `egress.library` when no thread can be made.
    public func start(_ id: UInt32, _ request: EgressRequest, deadline: UInt64) throws(SluiceError) {
        guard running[id] == nil, running.count < broker.limits.concurrent else {
            throw SluiceError(
                .egressCall, "The plugin has \(running.count) requests under way, which is as many as it may have.")
        }
        let cancellation = EgressCancellation()
        let work: @Sendable () -> Void = { [broker, endpoints, tray] in
            let (answer, report) = broker.perform(
                request, endpoints: endpoints, deadline: deadline, cancellation: cancellation)
            tray.put(Done(id: id, answer: answer, report: report))
        }
        guard OwnThread.start(work) else {
            throw SluiceError(.egressLibrary, "No request can be made: there is no thread for it.")
        }
        running[id] = Running(cancellation: cancellation, endpoint: request.endpoint, method: request.method)
    }

    /// What has ended since the last time. Never waits.
    public func take() -> [Done] {
        let items = tray.take().filter { running.removeValue(forKey: $0.id) != nil }
        return items
    }

    /// Cancels everything and takes what ends within a moment; what does not is reported as given up.
    ///
    /// A request that waits for a name server cannot be woken: it ends by itself, without having sent anything.
    public func abandon() -> [Done] {
        for request in running.values { request.cancellation.cancel() }
        var items = take()
        for _ in 0..<50 where !running.isEmpty {
            var waited = pollfd(fd: tray.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waited, 1, 10)
            items += take()
        }
        for (id, request) in running.sorted(by: { $0.key < $1.key }) {
            var report = EgressBroker.Report()
            report.endpoint = endpoints.contains { $0.name == request.endpoint } ? request.endpoint : ""
            report.origin = endpoints.first { $0.name == request.endpoint }?.origin
            report.method = request.method
            let error = SluiceError(.egressTimeout, "The request was given up before its host was found.")
            report.error = error
            items.append(Done(id: id, answer: .failure(error), report: report))
        }
        running = [:]
        return items
    }
}
