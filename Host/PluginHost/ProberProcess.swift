public import Foundations
internal import Glibc

/// One check that `sluice-prober` makes on one plugin, in a process and a sandbox of its own.
///
/// The prober is started as a runner is, with the same descriptors and limits; it calls the plugin's tables itself.
public struct ProberCheck: Sendable {
    /// Without the group: `older_host`.
    public let name: String
    public let seed: UInt64
    /// Handed to `create`.
    public var config: JSON = [:]
    /// A connector's source; without one its ordinary use cannot be made.
    public var streams: [SourceStream] = []
    /// What the prober's HTTP service answers: the first whose path fits the request's; 404 when none does. Without any
    /// every answer is 200 and `{}`.
    public var answers: [HTTPAnswer] = []
    /// The prober's own limit.
    public static let mostAnswers = 16
    /// The provider's call that the answers are made for: `embed`, `health` or `infer`; nil for all.
    public var call: String?
    /// The model to ask for, and the request of `infer`; the plugin's and the prober's own when nil.
    public var model: String?
    public var inferRequest: JSON?
    /// After so many seconds the prober is killed.
    public var seconds: Double = 60

    public struct HTTPAnswer: Sendable {
        let path: String
        let status: Int
        let body: [UInt8]

        /// - Parameter path: the beginning of the request's.
        public init(path: String, status: Int, body: [UInt8]) {
            self.path = path
            self.status = status
            self.body = body
        }
    }

    public init(_ name: String, seed: UInt64) {
        self.name = name
        self.seed = seed
    }

    /// How it ended. Every text is free of addresses, times and process ids.
    public enum Answer: Sendable, Equatable {
        /// The JSON object that the prober said.
        case said(JSON)
        /// The process died without a word: how, and the call into the plugin in which it did.
        case died(how: String, call: String)
        /// It was killed when its time was over, in this call.
        case late(call: String)
    }

    /// Starts the prober and waits for its answer. Blocks.
    ///
    /// - Throws: what verifying the plugin throws, `source.missing`, and `runner.missing` when the prober cannot be
    ///   started or ends before it loads anything.
    public func run(_ plugin: InstalledPlugin, settings: RunnerSettings) throws(SluiceError) -> Answer {
        let nonce = Self.nonce()
        let child = try launch(plugin, settings: settings, nonce: nonce)
        return try listen(to: child, nonce: nonce, program: settings.proberPath, clock: settings.context.monotonic)
    }

    /// Its end of the socket is the prober's alone when this returns: the end of the process is then the socket's.
    private func launch(
        _ plugin: InstalledPlugin, settings: RunnerSettings, nonce: String
    ) throws(SluiceError) -> RunnerChild {
        let verified = try VerifiedPlugin(plugin, search: LibrarySearch(installation: settings.libraryDirectories))
        let socket = try DescriptorPair.socket()
        let pipe = try DescriptorPair.pipe()
        var files = [pipe.writer, socket.runner, verified.library]
        var arguments: [String] = []
        // Descriptors 2, 3 and 4 stand already.
        func inherit(_ file: Descriptor) -> String {
            files.append(file)
            return String(files.count + 1)
        }
        for stream in streams { arguments += ["--stream", inherit(try stream.open().file)] }
        for resource in verified.resources {
            arguments += ["--resource", "\(resource.name)=\(inherit(resource.file))"]
        }
        if !plugin.manifest.egress.isEmpty { arguments += ["--http", "yes"] }
        for answer in answers.prefix(Self.mostAnswers) {
            let body = inherit(try SealedFile.make(answer.body, name: "body"))
            arguments += ["--http-answer", "\(answer.status):\(body):\(answer.path)"]
        }
        if let call { arguments += ["--call", call] }
        if let model { arguments += ["--model", model] }
        if let inferRequest { arguments += ["--infer-request", inferRequest.canonicalText] }
        let highest = Int32(files.count + 1)
        var copies: [Descriptor] = []
        for file in files { copies.append(try file.duplicate(above: highest + 1)) }
        let program = settings.proberPath
        let limits = plugin.manifest.limits
        let order = Spawner.Order(
            program: program,
            arguments: [program]
                + settings.arguments(
                    limits: limits, libraries: verified.closure.libraries, highestDescriptor: highest, shared: 0
                ).dropFirst() + words(plugin.manifest, limits, settings) + arguments
                + ["--nonce", nonce],
            environment: Self.environment,
            descriptors: copies.enumerated().map { (host: $1.number, child: Int32($0 + 2)) })
        let outcome = withExtendedLifetime(copies) { Spawner.shared.start(order) }
        switch outcome {
        case .refused(let number):
            throw SluiceError(.runnerMissing, "\(program) cannot be started: \(String(cString: strerror(number))).")
        case .started(let pid):
            return RunnerChild(pid: pid, socket: socket.host, standardError: pipe.reader)
        }
    }

    /// Stands in the prober's outcome, and in nothing that a plugin writes without searching the prober's memory: 128 bits
    /// as hexadecimal digits.
    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The cache of freed blocks would count as memory that was not freed.
    private static let environment = [
        "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no", "GLIBC_TUNABLES=glibc.malloc.tcache_count=0",
    ]

    private func words(
        _ manifest: PluginManifest, _ limits: PluginManifest.Limits, _ settings: RunnerSettings
    ) -> [String] {
        var words = [
            "--calls", manifest.language.rawValue, "--check", name, "--seed", String(seed), "--kind",
            String(manifest.kind.abiValue), "--id", manifest.id, "--version", manifest.version, "--config",
            config.canonicalText, "--minimum",
            String(settings.isolationMinimum.reduce(UInt64(0)) { $0 | 1 << UInt64($1.rawValue) }),
            "--limit-memory", String(limits.memoryBytes), "--limit-threads", String(limits.threads),
            "--limit-descriptors", String(limits.descriptors), "--limit-cpu", String(limits.cpuSeconds),
            "--limit-wall", String(Int(limits.wallSeconds * 1000)),
        ]
        for id in manifest.extensions { words += ["--extension", id] }
        return words
    }

    // MARK: Its words

    private func listen(
        to child: RunnerChild, nonce: String, program: String, clock: @Sendable () -> UInt64
    ) throws(SluiceError) -> Answer {
        let deadline = clock() &+ UInt64(seconds * 1e9)
        var lines = ProberLines()
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let now = clock()
            guard now < deadline else {
                child.kill()
                return .late(call: lines.call ?? "its start")
            }
            var waited = [
                pollfd(fd: child.socket.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: child.standardErrorNumber, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waited, 2, Int32(min((deadline - now) / 1_000_000 + 1, 1000))) > 0 else { continue }
            if waited[1].revents != 0 { child.drainStandardError() }
            guard waited[0].revents != 0 else { continue }
            let got = Files.retrying { recv(child.socket.number, &piece, piece.count, Int32(MSG_DONTWAIT)) }
            if got > 0 {
                lines.add(piece[..<got])
            } else if got == 0 || errno != EAGAIN {
                break
            }
        }
        // It said its last word, or died: the end of the socket comes with the end of the process.
        if !child.waitForEnd(seconds: 5, clock: clock) { child.kill() }
        if let line = lines.outcome {
            guard child.death == .exited(0),
                let answer = ProberLines.accepted(line, nonce: nonce, began: lines.first == "dlopen")
            else {
                return .died(how: "an outcome that is not the prober's own", call: lines.call ?? "its start")
            }
            return .said(answer)
        }
        guard let call = lines.call else {
            throw SluiceError(
                .runnerMissing,
                "\(program) ended before it loaded anything, by \(child.death?.text ?? "an unknown way"): "
                    + Redaction.line(String(decoding: child.standardErrorTail, as: UTF8.self), limit: 400))
        }
        return .died(how: child.death?.text ?? "an unknown way", call: call)
    }
}

/// Lines as they come: the last call that was announced, and the first object. Behind that nothing counts.
struct ProberLines {
    private(set) var first: String?
    private(set) var call: String?
    private(set) var outcome: [UInt8]?
    private var rest: [UInt8] = []
    private static let limit = 1 << 14
    /// Bytes of a detail; the prober's own are below 2,048.
    private static let detailLimit = 2048

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes where outcome == nil {
            if byte != UInt8(ascii: "\n") {
                if rest.count < Self.limit { rest.append(byte) }
                continue
            }
            if rest.first == UInt8(ascii: ">") {
                call = Redaction.line(String(decoding: rest.dropFirst(), as: UTF8.self), limit: 1000)
                first = first ?? call
            } else if rest.first == UInt8(ascii: "{") {
                outcome = rest
            }
            rest.removeAll(keepingCapacity: true)
        }
    }

    /// The outcome as the prober writes it: with the nonce, a status that it has, and a detail of printable ASCII with
    /// every status but Passed. Before the plugin was opened nothing is decided but that a check cannot be made.
    ///
    /// - Returns: the object without the nonce; nil for anything else.
    static func accepted(_ line: [UInt8], nonce: String, began: Bool) -> JSON? {
        guard let object = try? JSONParser.parseBytes(line), let members = object.objectValue,
            members["nonce"] == .string(nonce), let status = members["status"]?.stringValue
        else { return nil }
        let detail = members["detail"]?.stringValue
        guard Set(members.keys).isSubset(of: ["status", "detail", "nonce"]), (detail == nil) == (status == "Passed"),
            ["Passed", "Failed", "Skipped", "Warning"].contains(status), began || status == "Skipped"
        else { return nil }
        guard let detail else { return .object(["status": .string(status)]) }
        let isPlain = detail.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard isPlain, detail.utf8.count <= detailLimit else { return nil }
        return .object(["status": .string(status), "detail": .string(detail)])
    }
}

extension RunnerSettings {
    /// The prober lies beside the runner.
    var proberPath: String { Files.folder(of: runnerPath) + "/sluice-prober" }
}
