internal import Columnar
internal import Egress
public import Foundations
internal import Glibc

/// One plugin in a runner of its own, loaded and with its instance made.
///
/// Not Sendable: one thread at a time drives it, and every call waits. After a timeout, a crash or a breach of the
/// protocol the runner is killed and reaped, and every further call throws; an error that the plugin itself reports
/// leaves it alive. Whoever drops the last reference kills and reaps it too.
///
/// Another thread cancels what runs by `settings.stop`: the plugin is sent CANCEL and has `settings.graceSeconds` to end
/// its call, else it is killed. The call throws `run.interrupted` either way, and nothing counts against the plugin.
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

    var settings: RunnerSettings
    let child: RunnerChild
    let channel: Channel
    /// Memory shared with the runner.
    let regions: SharedRegions
    let log: PluginLog
    /// What must not be shown of a connector's database; nil without one.
    let relay: RelayChannel.Handed?
    /// The files that it was made from, as they were when they were verified.
    let origin: PluginOrigin
    /// Whom the run wants told of it; nil for a spare.
    var care: PluginCare?
    /// The way out; nil for everything but a provider whose manifest names endpoints.
    var egress: PluginEgress?
    /// Cancel what runs, beside `settings.stop`; for whoever drives it.
    var otherStops: [StopSignal] = [] { didSet { channel.otherStops = otherStops } }
    /// How long its start may take, while it lasts.
    var haste: Haste?
    var life = PluginLife()
    var lastCall: UInt32 = 0
    /// Why no call can be made any more.
    var ended: SluiceError?
    /// What it said that it is, when it was started to be asked.
    private(set) var asked: RunnerLoaded?
    /// A connector's source is open in its process before any of its code runs: what that writes is not shown.
    private(set) var hidesStandardError = false

    /// Verifies the plugin's files, starts a runner, checks its sandbox, loads the plugin and makes its instance.
    ///
    /// - Parameters:
    ///   - config: an object, handed to the plugin's `create`.
    ///   - streams: for connectors alone; opened here, inherited by the runner.
    ///   - relay: for connectors whose manifest asks for it; connected here, inherited by the runner.
    ///   - egress: for providers alone; used when the manifest names endpoints.
    ///   - care: who may refuse the plugin, and is told when it misbehaves.
    ///   - onLog: called on the driving thread, during a call.
    ///   - onProgress: done and total; total 0 when unknown. Called on the driving thread, during a call.
    /// - Throws: `plugin.hash`, `plugin.manifest`, `plugin.library`, `source.missing`, `runner.missing`, `plugin.isolation`,
    ///   `plugin.load`, `plugin.crashed`, `plugin.timeout`, `plugin.protocol`, `plugin.failed`, `relay.denied`,
    ///   `relay.missing`, `relay.unreachable`, `relay.timeout`, `run.interrupted`, and what `care` refuses it with. No
    ///   process is left.
    convenience init(
        _ plugin: InstalledPlugin, config: JSON = [:], streams: [SourceStream] = [], relay: RelayTarget? = nil,
        egress: EgressAccess? = nil, settings: RunnerSettings, care: PluginCare? = nil, haste: Haste? = nil,
        onLog: ((PluginLogLine) -> Void)? = nil, onProgress: ((UInt64, UInt64) -> Void)? = nil
    ) throws(SluiceError) {
        guard egress == nil || plugin.manifest.kind == .provider else {
            throw SluiceError(.policyDenied, "A \(plugin.manifest.kind.rawValue) has no way out.")
        }
        try self.init(
            loading: plugin, streams: streams, relay: relay, hasWayOut: egress != nil, settings: settings, care: care,
            haste: haste, onLog: onLog, onProgress: onProgress)
        try create(self.relay?.added(to: config) ?? config, egress: egress)
        hurry(nil)
    }

    /// All of it but the instance.
    ///
    /// - Parameters:
    ///   - hasWayOut: whether `create` will be given one; it is used when the manifest names endpoints.
    ///   - asks: the manifest is made up: the plugin is asked what it is, and is not held to it.
    init(
        loading plugin: InstalledPlugin, streams: [SourceStream] = [], relay: RelayTarget? = nil, hasWayOut: Bool,
        asks: Bool = false, settings: RunnerSettings,
        care: PluginCare? = nil, haste: Haste? = nil, onLog: ((PluginLogLine) -> Void)? = nil,
        onProgress: ((UInt64, UInt64) -> Void)? = nil
    ) throws(SluiceError) {
        manifest = plugin.manifest
        self.settings = settings
        self.care = care
        try settings.refuseOnceStopped(manifest)
        guard streams.isEmpty || manifest.kind == .connector else {
            throw SluiceError(.policyDenied, "A \(manifest.kind.rawValue) is never handed a source.")
        }
        try Self.check(relay, against: manifest)
        try care?.admit(try plugin.identity())
        #if SLUICE_TEST_HOOKS
        let records = settings.context.environment["SLUICE_RECORD_WIRE"] != nil && manifest.kind != .connector
        #else
        let records = false
        #endif
        let search = LibrarySearch(installation: settings.libraryDirectories)
        let verified: VerifiedPlugin
        do { verified = try VerifiedPlugin(plugin, search: search, keepImages: records) } catch {
            care?.onRefused(manifest.id, error)
            throw error
        }
        libraries = verified.closure.dependenciesFirst
        origin = PluginOrigin(plugin: plugin, files: verified.files, libraries: libraries)
        var opened: [SourceStream.Opened] = []
        for stream in streams { opened.append(try stream.open()) }
        // Last, so that no server sees a connection that nobody will use.
        var relayed: RelayChannel?
        if let relay { relayed = try RelayChannel(relay, clock: settings.context.monotonic) }
        let launched = try RunnerLauncher.launch(
            verified, manifest: manifest, streams: opened, relay: relayed, settings: settings)
        self.relay = relayed?.handed
        child = launched.child
        regions = launched.regions
        processID = launched.child.pid
        log = PluginLog(hidden: self.relay)
        log.onLine = onLog
        log.onProgress = onProgress
        #if SLUICE_TEST_HOOKS
        let recorder = WireRecorder(manifest, pid: child.pid, context: settings.context)
        if records { try recorder?.inherited(verified.images) }
        let onSent: (UnsafeRawBufferPointer) -> Void = { recorder?.sent($0) }
        #else
        let onSent: (UnsafeRawBufferPointer) -> Void = { _ in }
        #endif
        let watch = settings.onSent
        let onSentToo: (UnsafeRawBufferPointer) -> Void = { bytes in
            onSent(bytes)
            watch?(bytes)
        }
        regions.toRunner?.onWritten = onSentToo
        channel = Channel(
            child: child, clock: settings.context.monotonic, onLog: log.log, onProgress: log.progress,
            onSent: onSentToo)
        channel.stop = settings.stop
        hurry(haste)
        try greet()
        hidesStandardError = manifest.kind == .connector
        try load(launched, hasWayOut: hasWayOut, asks: asks)
    }

    /// The last lines that the plugin logged, at most 200.
    public var logs: [PluginLogLine] { log.lines }

    /// How the connection to a connector's database is protected: `off`, `unverified` (TLS with whoever answers) or
    /// `verified`; nil without one.
    public var databaseTLS: String? { relay?.protection }

    /// Whether the runner can still take a call.
    public var isAlive: Bool { life.ending == nil }

    /// The end of the runner's standard error, bytes as they came; never shown to a user as it is.
    public var standardErrorTail: [UInt8] { child.standardErrorTail }

    // MARK: The handshake

    private func greet() throws(SluiceError) {
        let (seconds, isCallers) = startSeconds(settings.helloSeconds)
        let deadline = deadline(after: seconds)
        let payload: Bytes
        do {
            let expectation = Channel.Expectation(call: 0, limits: [.hello: 4096])
            payload = try channel.receive(expectation, deadline: deadline).payload
        } catch {
            guard error == .closed else {
                throw fail(error, during: "its start", seconds: seconds, isCallers: isCallers)
            }
            _ = life.handle(.closed)
            let death = reap()
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
            throw condemn(
                SluiceError(
                    .pluginLibrary, "The plugin \(manifest.id) cannot be loaded: \(closed.reason).",
                    hint: "Put the library where every user may read it, or run sluice as its owner."))
        }
        for layer in settings.isolationMinimum.sorted() where !activeLayers.contains(layer) {
            let reason = missingLayers.first { $0.layer == layer }?.reason ?? "it was not reported"
            throw condemn(
                SluiceError(
                    .isolation, "The sandbox layer \(layer.name) is not in force: \(reason). Nothing was loaded."))
        }
        // On every kernel it keeps an inherited connection from being led elsewhere; Landlock does since Linux 6.7.
        if relay != nil, !activeLayers.contains(.seccomp) {
            throw condemn(
                SluiceError(
                    .isolation,
                    "seccomp is not in force, so the plugin \(manifest.id) gets no connection to its database. "
                        + "Nothing was loaded.", hint: "Run on a machine that has it."))
        }
        _ = life.handle(.greeted)
    }

    private func load(_ launched: RunnerLauncher.Launched, hasWayOut: Bool, asks: Bool) throws(SluiceError) {
        let (seconds, isCallers) = startSeconds(min(settings.loadSeconds, manifest.limits.wallSeconds))
        var frame = FrameWriter(.load, call: 0)
        frame.integer(Self.milliseconds(seconds))
        frame.integer(asks ? Wire.kindAsked : manifest.kind.abiValue)
        frame.text(manifest.id)
        frame.text(manifest.version)
        frame.text(Versions.sluice)
        frame.integer(
            (manifest.kind == .connector ? Wire.serviceReadAt : 0)
                | (manifest.resources.isEmpty ? 0 : Wire.serviceResource)
                | (hasWayOut && !manifest.egress.isEmpty ? Wire.serviceHTTP : 0)
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
        frame.integer(regions.toRunnerNumber)
        frame.integer(regions.fromRunnerNumber)
        let answer = try exchange(
            frame, call: 0, limits: [.loaded: Self.loadedLimit, .error: Self.errorLimit], seconds: seconds,
            during: "loading", isCallers: isCallers)
        if answer.answer == .error {
            let error = try reported(answer.payload, during: "loading")
            let words = hidesStandardError ? "its reason is withheld, because a connector sees raw rows" : error.message
            throw condemn(SluiceError(.pluginLoad, "The plugin \(manifest.id) does not load: \(words)"))
        }
        let loaded: RunnerLoaded
        do { loaded = try RunnerLoaded(answer.payload) } catch { throw breach(error, during: "loading") }
        if asks {
            asked = loaded
        } else if let difference = loaded.difference(from: manifest) {
            throw condemn(
                SluiceError(.pluginLoad, "The plugin \(manifest.id) is not what its manifest says: \(difference)."))
        }
        guard let description = try? JSONParser.parseBytes(loaded.description), description.objectValue != nil else {
            throw condemn(
                SluiceError(.pluginLoad, "The plugin \(manifest.id) describes itself by something else than an object.")
            )
        }
        self.description = description
        _ = life.handle(.loaded)
    }

    /// Makes the instance, once.
    func create(_ config: JSON, egress access: EgressAccess?) throws(SluiceError) {
        var wayOut: PluginEgress?
        if let access, !manifest.egress.isEmpty { wayOut = try PluginEgress(access, manifest: manifest) }
        guard life.handle(.create) == .send else { throw misplaced("create") }
        egress = wayOut
        let (seconds, isCallers) = startSeconds(min(settings.loadSeconds, manifest.limits.wallSeconds))
        var frame = FrameWriter(.create, call: 0)
        frame.integer(Self.milliseconds(seconds))
        frame.text(config.canonicalText)
        let answer = try exchange(
            frame, call: 0, limits: [.created: 0, .error: Self.errorLimit], seconds: seconds, during: "create",
            asks: true, isCallers: isCallers)
        guard answer.answer == .error else {
            _ = life.handle(.created)
            return
        }
        throw condemn(try reported(answer.payload, during: "create"))
    }

    // MARK: Calls

    /// One call: the payload of its RESULT.
    ///
    /// - Parameters:
    ///   - limit: bytes that the result may have.
    ///   - seconds: the caller's own deadline; the manifest's wall limit holds in any case. A plugin that ends its call
    ///     soon after the caller's is not to blame, and is kept.
    ///   - grant: what the plugin may do on the network meanwhile; without one every request is refused.
    /// - Throws: `provider.timeout` when the caller's own deadline passed and the plugin can still be used; the errors of
    ///   `fail`, and what the plugin reports.
    func call(
        _ method: Wire.Method, limit: Int, seconds own: Double? = nil, grant: EgressGrant? = nil,
        arguments: (inout FrameWriter) -> Void = { _ in }
    ) throws(SluiceError) -> Bytes {
        let seconds = min(own ?? .infinity, manifest.limits.wallSeconds)
        let frame = try begin(method, milliseconds: Self.milliseconds(seconds), arguments)
        let answer = try exchange(
            frame, call: lastCall, limits: [.result: limit, .error: Self.errorLimit], seconds: seconds,
            during: method.name, asks: true, grant: grant, isCallers: seconds < manifest.limits.wallSeconds)
        _ = life.handle(.answered)
        if answer.answer == .error {
            let ofUpdate = method == .update || method == .updateAt
            throw try reported(answer.payload, during: method.name, ofUpdate: ofUpdate)
        }
        return answer.payload
    }

    /// A scan: every batch goes to `each` as it comes, then the payload of RESULT is returned.
    ///
    /// The wall limit holds for all waits of the scan and for taking its batches in, together: the time that `each` takes
    /// is the host's own, and a stream of small answers buys no more. When `each` throws, the scan is cancelled; a runner that does not end it
    /// within a second is killed.
    func scan(
        seconds: Double? = nil, arguments: (inout FrameWriter) -> Void, each: (Batch) throws(SluiceError) -> Void
    ) throws(SluiceError) -> Bytes {
        let seconds = min(seconds ?? .infinity, manifest.limits.wallSeconds)
        let frame = try begin(.scan, milliseconds: Self.milliseconds(seconds), arguments)
        let limits = rowLimits.merging([.result: 16, .error: Self.errorLimit]) { $1 }
        regions.fromRunner?.begin()
        var began = channel.now()
        var waited: UInt64 = 0
        var answer = try exchange(frame, call: lastCall, limits: limits, seconds: seconds, during: "scan")
        while true {
            // Taking a batch out of shared memory is the runner's doing, and so is the time that it takes.
            let batch: Batch?
            do throws(SluiceError) {
                let left = max(0, seconds - Double(waited + channel.now() - began) / 1e9)
                let expectation = Channel.Expectation(call: lastCall, limits: limits)
                batch = try rows(of: answer, during: expectation, deadline: deadline(after: left))
            } catch {
                abandonScan()
                throw error
            }
            waited += channel.now() - began
            if let batch {
                do throws(SluiceError) { try each(batch) } catch {
                    abandonScan()
                    throw error
                }
            } else {
                _ = life.handle(.answered)
                if answer.answer == .error { throw try reported(answer.payload, during: "scan") }
                return answer.payload
            }
            began = channel.now()
            let left = max(0, seconds - Double(waited) / 1e9)
            answer = try receive(
                call: lastCall, limits: limits, deadline: deadline(after: left), allowed: seconds, during: "scan")
        }
    }

    private func begin(
        _ method: Wire.Method, milliseconds: Int64, _ arguments: (inout FrameWriter) -> Void
    ) throws(SluiceError) -> FrameWriter {
        var frame = FrameWriter(.call, call: try nextCall())
        frame.integer(method.rawValue)
        frame.integer(milliseconds)
        arguments(&frame)
        return frame
    }

    func exchange(
        _ frame: consuming FrameWriter, call: UInt32, limits: [Wire.Answer: Int], seconds: Double, during: String,
        asks: Bool = false, grant: EgressGrant? = nil, isCallers: Bool = false
    ) throws(SluiceError) -> Channel.Frame {
        guard let bytes = frame.finish() else {
            throw SluiceError(.stageInput, "What \(during) hands to \(manifest.id) is larger than a frame (512 MiB).")
        }
        if call > 0, life.handle(.call) != .send { throw misplaced(during) }
        let deadline = deadline(after: seconds)
        let requests = asks ? egress : nil
        // A little sooner than the call: the plugin can still say what came of its request.
        requests?.begin(
            grant, call: call, deadline: channel.onClock(deadline) &- UInt64(min(seconds / 10, 0.5) * 1e9),
            name: during)
        let expectation = Channel.Expectation(call: call, limits: limits, requests: requests)
        // The caller's deadline may fall into an answer that is on its way: that is taken to its end.
        channel.frameGrace = isCallers ? UInt64(settings.graceSeconds * 1e9) : 0
        defer { channel.frameGrace = 0 }
        let outcome: Result<Channel.Frame, Channel.Failure>
        do throws(Channel.Failure) {
            try channel.send(bytes, deadline: deadline)
            outcome = .success(try channel.receive(expectation, deadline: deadline))
        } catch { outcome = .failure(error) }
        do throws(SluiceError) { try requests?.end() } catch { throw condemn(error) }
        switch outcome {
        case .success(let answer): return answer
        case .failure(let failure): throw fail(failure, during: during, seconds: seconds, isCallers: isCallers)
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

    static let errorLimit = 64 * 1024
    /// A description of 1 MiB, which is what the runner lets through, and what surrounds it.
    private static let loadedLimit = 1 << 20 + 64 * 1024

    /// As frames tell a deadline, where 0 would mean none.
    static func milliseconds(_ seconds: Double) -> Int64 { max(1, Int64(min(seconds, 1e9) * 1000)) }

    static func cancelFrame(_ call: UInt32) -> [UInt8] {
        // An empty payload is never above the limit.
        FrameWriter(.cancel, call: call).finish() ?? []
    }

    func deadline(after seconds: Double) -> UInt64 { channel.now() &+ UInt64(min(max(seconds, 0), 1e9) * 1e9) }
}
