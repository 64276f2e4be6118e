internal import Egress
internal import Foundations
internal import PluginHost
internal import Synchronization

extension ConformanceCheck {
    /// What a provider does with prompts, endpoints and failing servers.
    static let providerChecks: [ConformanceCheck] = [
        ConformanceCheck(
            .provider, "endpoint_off_list", "It asks for no endpoint, method or path that its manifest does not name.",
            run: endpointOffList),
        ConformanceCheck(
            .provider, "redirect_off_list", "A redirect to where it may not go is a failure, and no answer.",
            run: redirectOffList),
        ConformanceCheck(
            .provider, "secret_absent", "It is sent no secret, also by a server that tells all, and brings none.",
            run: secretAbsent),
        ConformanceCheck(
            .provider, "rate_limit", "429 with Retry-After is RATE_LIMIT, retryable then, and not asked again at once.",
            run: rateLimit),
        ConformanceCheck(.provider, "timeout", "A server that does not answer is TIMEOUT.", run: timeout),
        ConformanceCheck(
            .provider, "cut_stream", "An answer that breaks off is a failure that may be retried.", run: cutStream),
        ConformanceCheck(
            .provider, "malformed_json", "An answer that is not what it should be is a failure.", run: malformedJSON),
        ConformanceCheck(.provider, "cancellation", "A cancelled call ends soon.", run: cancellation),
        ConformanceCheck(
            .provider, "canary", "A prompt is in the body of requests alone: in no log line, message, path or header.",
            run: canary),
        ConformanceCheck(
            .provider, "documents",
            "What it answers to infer, submit and poll are answers or failures that can be read.",
            run: documents),
    ]

    private static let documents: Run = { (subject, seed) throws(SluiceError) in
        let trial = try ProviderTrial(answering: subject)
        let found = trial.documents()
        if found.allSatisfy({ $0.failure?.reason == "not_offered" }) {
            return .skipped("it offers neither infer nor submit nor poll")
        }
        for (call, failure) in found {
            guard let failure else { continue }
            if failure.reason == "answer_malformed" { return .failed("\(call): \(failure.message)") }
            guard trial.session.process.isAlive else { return .crashed("its process ended during \(call)") }
        }
        let (submits, polls) = (found.dropFirst().first?.failure?.reason, found.last?.failure?.reason)
        guard (submits == "not_offered") == (polls == "not_offered") else {
            return .failed("it offers one of submit and poll without the other")
        }
        if subject.quirks.http?.call == .infer, let failure = found.first?.failure {
            return .failed("infer fails where its server answers as the quirks say: \(failure.code) \(failure.reason)")
        }
        return .passed
    }

    private typealias Run = @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome

    private static func overNetwork(
        _ subject: Subject, _ body: () throws(SluiceError) -> Outcome
    ) throws(SluiceError) -> Outcome {
        guard !subject.plugin.manifest.egress.isEmpty else { return .skipped("the manifest names no endpoint") }
        return try body()
    }

    /// The outcome for a call that had to fail: nil when it did, and left the plugin usable.
    private static func fault(_ error: SluiceError?, _ trial: ProviderTrial, after what: String) -> Outcome? {
        guard let error else { return .failed("it made an answer of \(what)") }
        guard trial.session.process.isAlive else { return .of(error, in: trial.subject) }
        return trial.requests.isEmpty ? .failed("it failed without a request: \(trial.subject.words(error))") : nil
    }

    private static let endpointOffList: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            let trial = try ProviderTrial(answering: subject)
            let failure = trial.call()
            // What it says of its health does not matter here, only whom it asks.
            if trial.session.process.isAlive { _ = try? trial.session.health() }
            for record in trial.records {
                guard let error = record.report.error else { continue }
                if [ErrorKind.egressEndpoint.id, ErrorKind.egressPolicy.id].contains(error.detail) {
                    return .failed(
                        "during \(record.call) it asked for what its manifest does not name: \(error.code) \(error.detail)"
                    )
                }
            }
            guard trial.session.process.isAlive else {
                return failure.map { .of($0, in: subject) } ?? .crashed("its process ended")
            }
            if subject.quirks.http != nil, let failure {
                return .failed("it fails where its server answers as the quirks say: \(subject.words(failure))")
            }
            return .passed
        }
    }

    private static let redirectOffList: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            let trial = try ProviderTrial(subject) { port in
                { request in
                    let place = "http://\(ProviderTrial.offListHost):\(port)\(request.target)"
                    return .answer(status: 307, headers: [("Location", place)], body: [])
                }
            }
            let error = trial.call()
            guard trial.offListRequests == 0 else { return .failed("a request reached a server that is on no list") }
            return fault(error, trial, after: "a redirect that was not followed") ?? .passed
        }
    }

    private static let secretAbsent: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            let trial = try ProviderTrial(subject, recordsWire: true) { _ in
                { request in
                    // All that it got, in the spellings of servers that tell what they got.
                    let told = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
                    let coded = Base64.encode(request.head)
                    let body = "{\"error\":\"bad request\",\"headers\":\"\(told)\",\"raw\":\"\(coded)\"}"
                    let token = request.headers.first { $0.value.contains(ProviderTrial.secret) }?.value ?? "none"
                    return .answer(status: 200, headers: [("X-Echo", token)], body: Array(body.utf8))
                }
            }
            let failure = trial.call()
            let secret = Array(ProviderTrial.secret.utf8)
            for record in trial.records where record.report.error?.detail == ErrorKind.egressRequest.id {
                return .failed(
                    "during \(record.call) it set a header of the host's, or sent a request that is none")
            }
            for spelling in [secret] + Base64.spellings(within: secret)
            where ByteSearch.find(spelling, in: trial.sent) {
                return .failed("the secret is in what it is sent")
            }
            // It may take the answer or fail at it, and live.
            guard trial.session.process.isAlive else {
                return failure.map { .of($0, in: subject) } ?? .crashed("its process ended")
            }
            guard !trial.sent.isEmpty, !trial.requests.isEmpty else {
                return .failed("it made no request, so nothing can be told")
            }
            return .passed
        }
    }

    private static let rateLimit: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            let trial = try ProviderTrial(subject) { _ in
                { _ in
                    .answer(
                        status: 429, headers: [("Retry-After", "7"), ("Content-Type", "application/json")],
                        body: Array(#"{"error":{"message":"slow down"}}"#.utf8))
                }
            }
            let error = trial.call()
            if let outcome = fault(error, trial, after: "429") { return outcome }
            guard let error, error.code == .rateLimit else {
                return .failed("429 is reported as \(error?.code.description ?? "nothing"), not as RATE_LIMIT")
            }
            guard error.retryAfterMilliseconds == 7000 else {
                let told = error.retryAfterMilliseconds.map { "\($0) ms" } ?? "no time"
                return .failed("the server says 7 s, and it tells \(told)")
            }
            let asked = trial.requests.count
            return asked == 1 ? .passed : .failed("it asked \(asked) times before the time was over")
        }
    }

    private static let timeout: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            var limits = EgressLimits()
            limits.totalSeconds = 0.25
            let trial = try ProviderTrial(subject, limits: limits) { _ in { _ in .silence } }
            let error = trial.call()
            if let outcome = fault(error, trial, after: "silence") { return outcome }
            guard error?.code == .timeout else {
                return .failed("silence is reported as \(error?.code.description ?? "nothing"), not as TIMEOUT")
            }
            return .passed
        }
    }

    private static let cutStream: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            var seeded = Seeded(seed)
            let body = try subject.answers().body
            // A little more is announced than there is: the last cut leaves a body that looks whole.
            let current = CurrentBody()
            let trial = try ProviderTrial(subject) { _ in
                { _ in .cut(status: 200, announced: body.count + 10, body: current.bytes) }
            }
            for cut in seeded.places(2, below: body.count) + [body.count] {
                current.bytes = Array(body.prefix(cut))
                let error = trial.call()
                if let outcome = fault(error, trial, after: "an answer that broke off") { return outcome }
                guard let error, error.code.isTransient else {
                    return .failed(
                        "an answer that broke off is reported as \(error?.code.description ?? "nothing"), which nobody retries"
                    )
                }
            }
            return .passed
        }
    }

    private static let malformedJSON: Run = { (subject, seed) throws(SluiceError) in
        try overNetwork(subject) { () throws(SluiceError) in
            var seeded = Seeded(seed)
            let body = try subject.answers().body
            var bodies: [(String, [UInt8])] = [
                ("nothing", []), ("a brace", Array("{".utf8)), ("null", Array("null".utf8)),
                ("a page of HTML", Array("<html><body>Bad gateway</body></html>".utf8)),
                ("a number", Array("17".utf8)), ("bytes that are no text", [0xFF, 0xFE, 0x00, 0x80]),
                ("a hundred thousand brackets", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
                ("an object with everything of another type", Array(#"{"data":"x","embeddings":7,"choices":{}}"#.utf8)),
            ]
            for cut in seeded.places(4, below: max(1, body.count - 1)) {
                bodies.append(("a good answer cut at byte \(cut) of \(body.count)", Array(body.prefix(cut))))
            }
            let current = CurrentBody()
            let trial = try ProviderTrial(subject) { _ in
                { _ in .answer(status: 200, headers: [("Content-Type", "application/json")], body: current.bytes) }
            }
            for (name, bytes) in bodies {
                current.bytes = bytes
                // What a server says of its health may be in its status alone.
                if let outcome = fault(trial.call(), trial, after: name),
                    subject.quirks.http?.call != .health || outcome.status == .crashed
                {
                    return outcome.status == .crashed ? outcome.during("behind \(name)") : outcome
                }
            }
            return .passed
        }
    }

    private static let cancellation: Run = { (subject, seed) throws(SluiceError) in
        let stop = StopSignal()
        let hasEndpoints = !subject.plugin.manifest.egress.isEmpty
        var seeded = Seeded(seed)
        var texts = ["first name", "last name"]
        // Without a server that could be silent, it is work that is cancelled: as soon as the plugin has got it.
        if !hasEndpoints {
            guard subject.quirks.http?.call != .health else { return .skipped("health hands over no work") }
            texts = (0..<2).map { _ in (0..<1000).map { _ in seeded.word(7) }.joined(separator: " ") }
        }
        let onSent: @Sendable (UnsafeRawBufferPointer) -> Void = { frame in
            if !hasEndpoints, frame.count > 4096 { stop.raise() }
        }
        let trial = try ProviderTrial(subject, stop: stop, onSent: onSent) { _ in
            { _ in
                stop.raise()
                return .silence
            }
        }
        let error = trial.call(texts)
        guard let error else { return .failed("it made an answer of a call that was cancelled") }
        guard error.detail == ErrorKind.interrupted.id else { return .of(error, in: subject) }
        guard trial.session.process.isAlive else {
            return .failed("it did not end its call within two seconds of being cancelled, and was killed")
        }
        return .passed
    }

    private static let canary: Run = { (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let words = (0..<2).map { _ in "canary" + seeded.word(14) }
        let answers = try subject.answers()
        let behaviours: [ProviderTrial.Behaviour] = [
            answers.reply,
            // Servers tell in their errors what they were asked.
            { request in .answer(status: 400, headers: [("Content-Type", "application/json")], body: request.body) },
        ]
        let hasEndpoints = !subject.plugin.manifest.egress.isEmpty
        for (number, behaviour) in behaviours.enumerated() {
            let trial = try ProviderTrial(subject) { _ in behaviour }
            let error = trial.call(words.map { "name \($0)" })
            let isAlive = trial.session.process.isAlive
            trial.session.stop()
            let heads = trial.requests.map { String(decoding: $0.head, as: UTF8.self) }
            let standardError = String(decoding: trial.session.process.standardErrorTail, as: UTF8.self)
            let places = [
                ("a log line", trial.logged), ("its message", [error?.message ?? ""]),
                ("the path or a header of a request", heads), ("standard error", [standardError]),
            ]
            for (place, texts) in places {
                let isThere = words.contains { word in texts.contains { $0.lowercased().contains(word) } }
                if isThere { return .failed("a prompt is in \(place)") }
            }
            let answersWell = number == 0 && (subject.quirks.http != nil || !hasEndpoints)
            if let error, answersWell || !isAlive {
                return .of(error, in: subject).during(number == 0 ? "answered well" : "answered by a refusal")
            }
            guard hasEndpoints, subject.quirks.http?.call != .health else { continue }
            let carries = trial.requests.contains { request in
                words.contains { ByteSearch.find(Array($0.utf8), in: request.body) }
            }
            guard carries else { return .failed("no request had a prompt in its body, so nothing can be told") }
        }
        return .passed
    }
}

/// What a server answers just now.
private final class CurrentBody: Sendable {
    private let value = Mutex<[UInt8]>([])

    var bytes: [UInt8] {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// A search in bytes.
enum ByteSearch {
    static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        var place = bytes.startIndex
        while let found = bytes[place...].firstIndex(of: first) {
            if bytes[found...].starts(with: needle) { return true }
            place = found + 1
        }
        return false
    }
}
