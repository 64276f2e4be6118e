internal import Columnar
internal import Egress
public import Foundations
internal import Glibc

/// A line that a plugin logged: capped, without control characters, long numbers or addresses.
public struct PluginLogLine: Sendable, Equatable {
    /// 0 debug, 1 info, 2 warning, 3 error.
    public let level: Int
    public let message: String
}

/// One plugin in a runner of its own, loaded and with its instance made.
///
/// Not Sendable: one thread at a time drives it, and every call waits. After a timeout, a crash or a breach of the
/// protocol the runner is killed and reaped, and every further call throws; an error that the plugin itself reports
/// leaves it alive. Whoever drops the last reference kills and reaps it too.
public final class PluginProcess {
    public let manifest: PluginManifest
    /// The runner's process id; it may have ended.
    public let processID: Int32
    /// The sandbox layers in force, for the ledger.
    public private(set) var activeLayers: [IsolationLayer] = []
    /// Those that are not, and why.
    public private(set) var missingLayers: [MissingLayer] = []
    /// The shared libraries that it is loaded with.
    public let libraries: [PinnedLibrary]
    /// What the plugin says about itself.
    public private(set) var description: JSON = [:]

    private let settings: RunnerSettings
    private let child: RunnerChild
    private let channel: Channel
    private let journal: Journal
    /// What must not be shown of a connector's database; nil without one.
    private let relay: RelayChannel.Handed?
    /// The way out; nil for everything but a provider whose manifest names endpoints.
    private let egress: PluginEgress?
    private var lastCall: UInt32 = 0
    private var ended: SluiceError?
    /// A connector's source is open in its process before any of its code runs: what that writes is not shown.
    private var hidesStandardError = false

    /// Verifies the plugin's files, starts a runner, checks its sandbox, loads the plugin and makes its instance.
    ///
    /// - Parameters:
    ///   - config: an object, handed to the plugin's `create`.
    ///   - streams: for connectors alone; opened here, inherited by the runner.
    ///   - relay: for connectors whose manifest asks for it; connected here, inherited by the runner.
    ///   - egress: for providers alone; used when the manifest names endpoints.
    ///   - onLog: called on the driving thread, during a call.
    ///   - onProgress: done and total; total 0 when unknown. Called on the driving thread, during a call.
    /// - Throws: `plugin.hash`, `plugin.manifest`, `plugin.library`, `source.missing`, `runner.missing`, `plugin.isolation`,
    ///   `plugin.load`, `plugin.crashed`, `plugin.timeout`, `plugin.protocol`, `plugin.failed`, `relay.denied`,
    ///   `relay.missing`, `relay.unreachable`, `relay.timeout`. No process is left.
    public init(
        _ plugin: InstalledPlugin, config: JSON = [:], streams: [SourceStream] = [], relay: RelayTarget? = nil,
        egress: EgressAccess? = nil, settings: RunnerSettings, onLog: ((PluginLogLine) -> Void)? = nil,
        onProgress: ((UInt64, UInt64) -> Void)? = nil
    ) throws(SluiceError) {
        manifest = plugin.manifest
        self.settings = settings
        guard streams.isEmpty || manifest.kind == .connector else {
            throw SluiceError(.policyDenied, "A \(manifest.kind.rawValue) is never handed a source.")
        }
        try Self.check(relay, against: manifest)
        guard egress == nil || manifest.kind == .provider else {
            throw SluiceError(.policyDenied, "A \(manifest.kind.rawValue) has no way out.")
        }
        if let egress, !manifest.egress.isEmpty {
            self.egress = try PluginEgress(egress, manifest: manifest)
        } else {
            self.egress = nil
        }
        #if SLUICE_TEST_HOOKS
        let records = settings.context.environment["SLUICE_RECORD_WIRE"] != nil && manifest.kind != .connector
        #else
        let records = false
        #endif
        let search = LibrarySearch(installation: settings.libraryDirectories)
        let verified = try VerifiedPlugin(plugin, search: search, keepImages: records)
        libraries = verified.closure.libraries
        var opened: [SourceStream.Opened] = []
        for stream in streams { opened.append(try stream.open()) }
        // Last, so that no server sees a connection that nobody will use.
        var relayed: RelayChannel?
        if let relay { relayed = try RelayChannel(relay, clock: settings.context.monotonic) }
        let launched = try RunnerLauncher.launch(
            verified, manifest: manifest, streams: opened, relay: relayed, settings: settings)
        self.relay = relayed?.handed
        child = launched.child
        processID = launched.child.pid
        let journal = Journal(hidden: self.relay, onLog: onLog, onProgress: onProgress)
        self.journal = journal
        #if SLUICE_TEST_HOOKS
        let recorder = WireRecorder(manifest, pid: child.pid, context: settings.context)
        if records { try recorder?.inherited(verified.images) }
        let onSent: (UnsafeRawBufferPointer) -> Void = { recorder?.sent($0) }
        #else
        let onSent: (UnsafeRawBufferPointer) -> Void = { _ in }
        #endif
        channel = Channel(
            child: child, clock: settings.context.monotonic, onLog: journal.log, onProgress: journal.progress,
            onSent: onSent)
        try greet()
        hidesStandardError = manifest.kind == .connector
        try load(launched)
        try create(relayed?.added(to: config) ?? config)
    }

    private static func check(_ relay: RelayTarget?, against manifest: PluginManifest) throws(SluiceError) {
        if let relay, !manifest.relay.contains(relay.protocol) {
            throw SluiceError(
                .relayDenied, "The manifest of \(manifest.id) asks for no relay to a \(relay.protocol.rawValue) server."
            )
        }
        if relay == nil, let wanted = manifest.relay.first {
            throw SluiceError(
                .relayMissing, "The plugin \(manifest.id) reads a \(wanted.rawValue) database, and none was named.")
        }
    }

    /// The last lines that the plugin logged, at most 200.
    public var logs: [PluginLogLine] { journal.lines }

    /// Whether the runner can still take a call.
    public var isAlive: Bool { ended == nil }

    /// The end of the runner's standard error, bytes as they came; never shown to a user as it is.
    public var standardErrorTail: [UInt8] { child.standardErrorTail }

    // MARK: The handshake

    private func greet() throws(SluiceError) {
        let deadline = deadline(after: settings.helloSeconds)
        let payload: Bytes
        do {
            let expectation = Channel.Expectation(call: 0, limits: [.hello: 4096])
            payload = try channel.receive(expectation, deadline: deadline).payload
        } catch {
            guard error == .closed else { throw fail(error, during: "its start", seconds: settings.helloSeconds) }
            let death = end()
            if death == .exited(68) {
                throw close(
                    SluiceError(
                        .pluginLibrary,
                        "A library changed while the plugin \(manifest.id) was started\(standardErrorText()).",
                        hint: "Try again when the upgrade is done."))
            }
            throw close(
                SluiceError(
                    .runnerMissing,
                    "\(settings.runnerPath) ended before its greeting, by \(death.text)\(standardErrorText())."))
        }
        let hello: RunnerHello
        do { hello = try RunnerHello(payload) } catch { throw breach(error, during: "its greeting") }
        activeLayers = hello.active
        missingLayers = hello.missing.map { layer in
            var layer = layer
            if layer.step == .library, libraries.indices.contains(layer.item) {
                layer.subject = libraries[layer.item].path
            }
            return layer
        }
        // What cannot be put into a private root for want of rights cannot be loaded without one either.
        if let closed = missingLayers.first(where: { $0.step == .library && $0.errno == EACCES }) {
            child.kill()
            throw close(
                SluiceError(
                    .pluginLibrary, "The plugin \(manifest.id) cannot be loaded: \(closed.reason).",
                    hint: "Put the library where every user may read it, or run sluice as its owner."))
        }
        for layer in settings.isolationMinimum.sorted() where !activeLayers.contains(layer) {
            let reason = missingLayers.first { $0.layer == layer }?.reason ?? "it was not reported"
            child.kill()
            throw close(
                SluiceError(
                    .isolation, "The sandbox layer \(layer.name) is not in force: \(reason). Nothing was loaded."))
        }
        // Either one keeps an inherited connection from being led elsewhere; no other layer does (docs/attack-table.md).
        if relay != nil, !activeLayers.contains(.seccomp), !activeLayers.contains(.landlock) {
            child.kill()
            throw close(
                SluiceError(
                    .isolation,
                    "Neither seccomp nor Landlock is in force, so the plugin \(manifest.id) gets no connection to its "
                        + "database. Nothing was loaded.",
                    hint: "Run on a machine that has one of them."))
        }
    }

    private func load(_ launched: RunnerLauncher.Launched) throws(SluiceError) {
        let seconds = min(settings.loadSeconds, manifest.limits.wallSeconds)
        var frame = FrameWriter(.load, call: 0)
        frame.integer(Self.milliseconds(seconds))
        frame.integer(manifest.kind.abiValue)
        frame.text(manifest.id)
        frame.text(manifest.version)
        frame.text(Versions.sluice)
        frame.integer(
            (manifest.kind == .connector ? Wire.serviceReadAt : 0)
                | (manifest.resources.isEmpty ? 0 : Wire.serviceResource) | (egress == nil ? 0 : Wire.serviceHTTP)
                | (launched.relay == nil ? 0 : Wire.serviceRelay))
        frame.integer(UInt32(launched.streams.count))
        for stream in launched.streams {
            frame.integer(stream.number)
            frame.integer(UInt64(stream.size))
        }
        frame.integer(UInt32(launched.resources.count))
        for resource in launched.resources {
            frame.text(resource.name)
            frame.integer(resource.number)
            frame.integer(UInt64(resource.size))
        }
        if let number = launched.relay { frame.integer(number) }
        let answer = try exchange(
            frame, call: 0, limits: [.loaded: Self.loadedLimit, .error: Self.errorLimit], seconds: seconds,
            during: "loading")
        if answer.answer == .error {
            let error = try reported(answer.payload, during: "loading")
            child.kill()
            let words = hidesStandardError ? "its reason is withheld, because a connector sees raw rows" : error.message
            throw close(SluiceError(.pluginLoad, "The plugin \(manifest.id) does not load: \(words)"))
        }
        let loaded: RunnerLoaded
        do { loaded = try RunnerLoaded(answer.payload) } catch { throw breach(error, during: "loading") }
        if let difference = loaded.difference(from: manifest) {
            child.kill()
            throw close(
                SluiceError(.pluginLoad, "The plugin \(manifest.id) is not what its manifest says: \(difference)."))
        }
        guard let description = try? JSONParser.parseBytes(loaded.description), description.objectValue != nil else {
            child.kill()
            throw close(
                SluiceError(.pluginLoad, "The plugin \(manifest.id) describes itself by something else than an object.")
            )
        }
        self.description = description
    }

    private func create(_ config: JSON) throws(SluiceError) {
        let seconds = min(settings.loadSeconds, manifest.limits.wallSeconds)
        var frame = FrameWriter(.create, call: 0)
        frame.integer(Self.milliseconds(seconds))
        frame.text(config.canonicalText)
        let answer = try exchange(
            frame, call: 0, limits: [.created: 0, .error: Self.errorLimit], seconds: seconds, during: "create",
            asks: true)
        guard answer.answer == .error else { return }
        let error = try reported(answer.payload, during: "create")
        child.kill()
        throw close(error)
    }

    // MARK: Calls

    /// One call: the payload of its RESULT.
    ///
    /// - Parameters:
    ///   - limit: bytes that the result may have.
    ///   - seconds: the caller's own deadline; the manifest's wall limit holds in any case.
    ///   - grant: what the plugin may do on the network meanwhile; without one every request is refused.
    func call(
        _ method: Wire.Method, limit: Int, seconds: Double? = nil, grant: EgressGrant? = nil,
        arguments: (inout FrameWriter) -> Void = { _ in }
    ) throws(SluiceError) -> Bytes {
        let seconds = min(seconds ?? .infinity, manifest.limits.wallSeconds)
        let frame = try begin(method, milliseconds: Self.milliseconds(seconds), arguments)
        let answer = try exchange(
            frame, call: lastCall, limits: [.result: limit, .error: Self.errorLimit], seconds: seconds,
            during: method.name, asks: true, grant: grant)
        if answer.answer == .error { throw try reported(answer.payload, during: method.name) }
        return answer.payload
    }

    /// A scan: every BATCH goes to `each` as it comes, then the payload of RESULT is returned.
    ///
    /// The wall limit holds for all waits of the scan together: the time that `each` takes is the host's own, and a
    /// stream of small answers buys no more. When `each` throws, the scan is cancelled; a runner that does not end it
    /// within a second is killed.
    func scan(
        seconds: Double? = nil, arguments: (inout FrameWriter) -> Void, each: (Bytes) throws(SluiceError) -> Void
    ) throws(SluiceError) -> Bytes {
        let seconds = min(seconds ?? .infinity, manifest.limits.wallSeconds)
        let frame = try begin(.scan, milliseconds: Self.milliseconds(seconds), arguments)
        let limits: [Wire.Answer: Int] = [.batch: Wire.maximumBatch, .result: 16, .error: Self.errorLimit]
        let clock = settings.context.monotonic
        var began = clock()
        var waited: UInt64 = 0
        var answer = try exchange(frame, call: lastCall, limits: limits, seconds: seconds, during: "scan")
        while true {
            waited += clock() - began
            switch answer.answer {
            case .error: throw try reported(answer.payload, during: "scan")
            case .result: return answer.payload
            default:
                do throws(SluiceError) { try each(answer.payload) } catch {
                    abandonScan(limits: limits)
                    throw error
                }
            }
            began = clock()
            let left = max(0, seconds - Double(waited) / 1e9)
            answer = try receive(
                call: lastCall, limits: limits, deadline: deadline(after: left), allowed: seconds, during: "scan")
        }
    }

    private func begin(
        _ method: Wire.Method, milliseconds: Int64, _ arguments: (inout FrameWriter) -> Void
    ) throws(SluiceError) -> FrameWriter {
        if let ended {
            throw SluiceError(.pluginCrashed, "The plugin \(manifest.id) is not running any more: \(ended.message)")
        }
        lastCall &+= 1
        var frame = FrameWriter(.call, call: lastCall)
        frame.integer(method.rawValue)
        frame.integer(milliseconds)
        arguments(&frame)
        return frame
    }

    private func exchange(
        _ frame: consuming FrameWriter, call: UInt32, limits: [Wire.Answer: Int], seconds: Double, during: String,
        asks: Bool = false, grant: EgressGrant? = nil
    ) throws(SluiceError) -> Channel.Frame {
        guard let bytes = frame.finish() else {
            throw SluiceError(.stageInput, "What \(during) hands to \(manifest.id) is larger than a frame (512 MiB).")
        }
        let deadline = deadline(after: seconds)
        let requests = asks ? egress : nil
        // A little sooner than the call: the plugin can still say what came of its request.
        requests?.begin(
            grant, call: call, deadline: deadline &- UInt64(min(seconds / 10, 0.5) * 1e9), name: during)
        let expectation = Channel.Expectation(call: call, limits: limits, requests: requests)
        let outcome: Result<Channel.Frame, Channel.Failure>
        do throws(Channel.Failure) {
            try channel.send(bytes, deadline: deadline)
            outcome = .success(try channel.receive(expectation, deadline: deadline))
        } catch { outcome = .failure(error) }
        do throws(SluiceError) { try requests?.end() } catch { throw condemn(error) }
        switch outcome {
        case .success(let answer): return answer
        case .failure(let failure): throw fail(failure, during: during, seconds: seconds)
        }
    }

    private func receive(
        call: UInt32, limits: [Wire.Answer: Int], deadline: UInt64, allowed: Double, during: String
    ) throws(SluiceError) -> Channel.Frame {
        do {
            let expectation = Channel.Expectation(call: call, limits: limits)
            return try channel.receive(expectation, deadline: deadline)
        } catch { throw fail(error, during: during, seconds: allowed) }
    }

    /// Cancels the running scan and reads to its end; kills the runner when that does not come.
    private func abandonScan(limits: [Wire.Answer: Int]) {
        guard ended == nil else { return }
        let deadline = deadline(after: 1)
        do throws(Channel.Failure) {
            try channel.send(Self.cancelFrame(lastCall), deadline: deadline)
            let expectation = Channel.Expectation(call: lastCall, limits: limits)
            while try channel.receive(expectation, deadline: deadline).answer == .batch {}
        } catch {
            child.kill()
            _ = close(SluiceError(.pluginTimeout, "It did not stop its scan and was stopped."))
        }
    }

    // MARK: Ends

    /// Ends the plugin in an orderly way: its instance is destroyed, its process exits; killed after a second.
    public func stop() {
        guard ended == nil else { return }
        if let frame = FrameWriter(.shutdown, call: 0).finish(),
            (try? channel.send(frame, deadline: deadline(after: 0.5))) != nil
        {
            _ = child.waitForEnd(seconds: 1, clock: settings.context.monotonic)
        }
        child.kill()
        _ = close(SluiceError(.pluginCrashed, "It was stopped."))
    }

    /// Kills the runner for something that a session found in a valid frame, and returns the error.
    func condemn(_ error: SluiceError) -> SluiceError {
        child.kill()
        return close(error)
    }

    /// As `condemn`, for a payload that breaks the protocol.
    func breach(_ fault: Wire.Fault, during: String) -> SluiceError {
        condemn(
            SluiceError(
                .pluginProtocol, "The plugin \(manifest.id) broke the protocol during \(during): \(fault.reason)."))
    }

    private func close(_ error: SluiceError) -> SluiceError {
        ended = error
        return error
    }

    private func fail(_ failure: Channel.Failure, during: String, seconds: Double) -> SluiceError {
        switch failure {
        case .fault(let reason): return breach(Wire.Fault(reason: reason), during: during)
        case .closed:
            let death = end()
            return close(
                SluiceError(
                    .pluginCrashed,
                    "The process of the plugin \(manifest.id) died during \(during), by \(death.text)"
                        + "\(callsText(death))\(standardErrorText())."))
        case .deadline:
            cancelBeforeKill()
            child.kill()
            return close(
                SluiceError(
                    .pluginTimeout,
                    "The plugin \(manifest.id) did not answer \(during) within \(JSON.ecmaScript(seconds)) s "
                        + "and was stopped."))
        }
    }

    /// Asks the running call to end, and waits a moment, so that the plugin can log why it took so long.
    private func cancelBeforeKill() {
        guard lastCall > 0, !channel.isBroken else { return }
        let deadline = deadline(after: settings.graceSeconds)
        guard (try? channel.send(Self.cancelFrame(lastCall), deadline: deadline)) != nil else { return }
        let expectation = Channel.Expectation(
            call: lastCall, limits: [.result: Wire.maximumFrame, .error: Self.errorLimit, .batch: Wire.maximumBatch])
        while let frame = try? channel.receive(expectation, deadline: deadline), frame.answer == .batch {}
    }

    /// Reaps a runner whose socket is closed; one that lives on without it is killed.
    private func end() -> Death {
        _ = child.waitForEnd(seconds: 0.25, clock: settings.context.monotonic)
        child.kill()
        return child.death ?? .unknown
    }

    /// Which list of system calls it was held to, where it died of another one.
    private func callsText(_ death: Death) -> String {
        guard death == .signalled(SIGSYS) else { return "" }
        return " to a plugin whose manifest has \"language\": \"\(manifest.language.rawValue)\""
    }

    private func standardErrorText() -> String {
        guard !child.standardErrorTail.isEmpty else { return "" }
        guard !hidesStandardError else {
            return "; what it wrote to standard error is withheld, because a connector sees raw rows"
        }
        let text = Redaction.tail(child.standardErrorTail)
        return text.isEmpty ? "" : "; its standard error ends: \(text)"
    }

    /// The error that an ERROR frame carries.
    private func reported(_ payload: Bytes, during: String) throws(SluiceError) -> SluiceError {
        do {
            let report = try RunnerReport(payload)
            let message = Redaction.line(relay?.hide(report.message) ?? report.message, limit: 1024)
            // The plugin fails as its request did: the reason is the host's own, and so are its id and its next step.
            if let cause = egress?.lastError, cause.code.abiStatus == report.code {
                return SluiceError(
                    cause, "The plugin \(manifest.id) failed during \(during): \(cause.message)",
                    retryAfterMilliseconds: report.retryAfterMilliseconds ?? cause.retryAfterMilliseconds)
            }
            return SluiceError(
                code: SluiceError.Code(abiStatus: report.code), kind: .pluginFailed,
                "The plugin \(manifest.id) failed during \(during): \(message)",
                retryAfterMilliseconds: report.retryAfterMilliseconds)
        } catch { throw breach(error, during: during) }
    }

    private static let errorLimit = 64 * 1024
    /// A description of 1 MiB, which is what the runner lets through, and what surrounds it.
    private static let loadedLimit = 1 << 20 + 64 * 1024

    /// As frames tell a deadline, where 0 would mean none.
    private static func milliseconds(_ seconds: Double) -> Int64 { max(1, Int64(min(seconds, 1e9) * 1000)) }

    private static func cancelFrame(_ call: UInt32) -> [UInt8] {
        // An empty payload is never above the limit.
        FrameWriter(.cancel, call: call).finish() ?? []
    }

    private func deadline(after seconds: Double) -> UInt64 {
        settings.context.monotonic() &+ UInt64(min(max(seconds, 0), 1e9) * 1e9)
    }
}

/// What a plugin logged, and who wants to hear of it.
private final class Journal {
    private(set) var lines: [PluginLogLine] = []
    private let hidden: RelayChannel.Handed?
    private let onLog: ((PluginLogLine) -> Void)?
    private let onProgress: ((UInt64, UInt64) -> Void)?

    private static let limit = 200

    init(
        hidden: RelayChannel.Handed?, onLog: ((PluginLogLine) -> Void)?, onProgress: ((UInt64, UInt64) -> Void)?
    ) {
        self.hidden = hidden
        self.onLog = onLog
        self.onProgress = onProgress
    }

    func log(_ level: Int32, _ message: String) {
        let shown = hidden?.hide(message) ?? message
        let line = PluginLogLine(level: Int(level), message: Redaction.line(shown, limit: 1024))
        if lines.count == Self.limit { lines.removeFirst() }
        lines.append(line)
        onLog?(line)
    }

    func progress(_ done: UInt64, _ total: UInt64) { onProgress?(done, total) }
}
