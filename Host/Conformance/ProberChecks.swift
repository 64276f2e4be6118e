internal import Foundations
internal import PluginHost

/// Checks that `sluice-prober` makes: it loads the plugin inside the sandbox and calls its tables as no host would.
extension ConformanceCheck {
    static let abiChecks: [ConformanceCheck] = [
        probed(.abi, "older_host", "A host of an older minor version is served with what it offers."),
        probed(.abi, "newer_host", "A host of a later minor version is served; one of another major version is not."),
        probed(.abi, "short_struct", "A host whose structs are below version 1 is refused, and not read beyond them."),
        probed(.abi, "oversized_struct", "Of structs that are longer than known only the known part is used."),
        probed(.abi, "unknown_extension", "get_extension gives NULL for ids that nobody gave out."),
        probed(.abi, "garbage_id", "Tables, splits, models and extensions that there are not are refused."),
        probed(.abi, "double_init", "A second call of the entry point breaks nothing."),
        probed(.abi, "two_instances", "Two instances that are used in turn do not meet."),
        probed(
            .abi, "create_destroy", "A thousand instances leave no memory, descriptor, thread or mapping behind.",
            seconds: 120),
        probed(
            .abi, "release_once", "Every output has a release that frees it and sets itself to NULL.", seconds: 120),
        probed(.abi, "release_after_move", "An output is released where it was moved to."),
        probed(.abi, "borrowed_kept", "No input is touched once its call has returned."),
        probed(.abi, "wrong_thread", "cancel and get_extension work on every thread."),
        probed(.abi, "cancel_race", "A cancel stops the running call at most, whenever it comes.", seconds: 120),
        probed(.abi, "callback_after_destroy", "No service is called with the context of a destroyed instance."),
        probed(.abi, "describe_time", "describe answers within 100 ms."),
        probed(
            .abi, "arguments", "Arguments that cannot be used are refused, and nothing is written.", seconds: 120),
    ]

    static let sandboxChecks: [ConformanceCheck] = [
        probed(.sandbox, "network", "Its ordinary use makes no system call that the sandbox denies: sockets."),
        probed(.sandbox, "files", "It opens nothing outside of its root, and nothing for writing."),
        probed(.sandbox, "exec", "It starts no process and no program."),
        probed(.sandbox, "ptrace", "It looks into no other process."),
        probed(.sandbox, "signals", "It signals nobody but its own threads."),
        probed(.sandbox, "io_uring", "It uses no queue of system calls."),
        probed(.sandbox, "namespaces", "It leaves the machine as it is: namespaces, mounts, identities, settings."),
        probed(.sandbox, "code", "It makes no memory executable."),
        probed(.sandbox, "memory", "Its peak of memory is within limits.memory_bytes."),
        probed(.sandbox, "threads", "Its threads are within limits.threads."),
        probed(.sandbox, "descriptors", "Its open descriptors are within limits.descriptors."),
        probed(.sandbox, "time", "Its processor time is within limits.cpu_s, and each call within limits.wall_s."),
    ]

    private static func probed(
        _ group: Group, _ name: String, _ rule: String, seconds: Double = 60
    ) -> ConformanceCheck {
        // The prober's own time is over first, so that the call in which it hangs is named.
        ConformanceCheck(group, name, rule, seconds: seconds + 15) { subject, seed throws(SluiceError) in
            try Self.probe(name, subject: subject, seed: seed, seconds: seconds)
        }
    }

    /// The quirks' request with a prompt in it.
    private static func filled(_ request: JSON) -> JSON {
        switch request {
        case .string(let text): .string(text.replacing("{prompt}", with: "first name"))
        case .array(let elements): .array(elements.map(filled))
        case .object(let members): .object(members.mapValues(filled))
        default: request
        }
    }

    private static func probe(
        _ name: String, subject: Subject, seed: UInt64, seconds: Double
    ) throws(SluiceError) -> Outcome {
        var check = ProberCheck(name, seed: seed)
        check.config = subject.quirks.config
        check.seconds = seconds
        if let source = try subject.source("sample") {
            check.config = source.config
            check.streams = [source.stream]
        }
        if let http = subject.quirks.http {
            check.answers = try subject.answers().list.map {
                ProberCheck.HTTPAnswer(path: $0.path, status: $0.status, body: $0.body)
            }
            check.call = http.call.rawValue
            check.model = http.model
            check.inferRequest = http.request.map(Self.filled) ?? CompletionRequest.document(model: http.model)
        }
        switch try check.run(subject.plugin, settings: subject.settings) {
        case .said(let json):
            return Outcome(json: json) ?? .crashed("the prober said something else than an outcome")
        case .died(let how, let call): return .crashed("\(how), in \(call)")
        case .late(let call): return .crashed("it did not end within \(JSON.ecmaScript(seconds)) s, in \(call)")
        }
    }
}
