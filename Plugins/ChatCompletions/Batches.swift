public import ProviderKit
public import SluiceSDK

/// Batches by files: the requests are uploaded as lines, the results come as lines of one file, errors in another.
public struct Batches: Sendable {
    /// One endpoint that a batch may be made of.
    public struct Form: Sendable {
        /// As the vendor names it in a batch, such as `/v1/chat/completions`.
        public let endpoint: String
        public let body: @Sendable (ChatRequest) throws(Failure) -> JSONValue
        public let completion: @Sendable (JSONValue) throws(Failure) -> Completion

        public init(
            endpoint: String, body: @escaping @Sendable (ChatRequest) throws(Failure) -> JSONValue,
            completion: @escaping @Sendable (JSONValue) throws(Failure) -> Completion
        ) {
            self.endpoint = endpoint
            self.body = body
            self.completion = completion
        }
    }

    /// Requests that a vendor takes in one batch.
    static let maximumItems = 50_000

    private let dialect: Dialect
    /// The first makes new batches; all of them can be read.
    private let forms: [Form]

    public init(_ dialect: Dialect, forms: [Form]) {
        self.dialect = dialect
        self.forms = forms
    }

    /// Uploads the requests and makes a batch of them; the batch's id.
    public func submit(_ items: [BatchItem], _ transport: some Transport) throws(Failure) -> String {
        let lines = try lines(items)
        let upload = Multipart.form([.init("purpose", "batch"), .init("file", file: "batch.jsonl", lines)])
        let file = try dialect.object(
            try transport.send(
                HTTPCall(
                    path: "\(dialect.prefix)/files",
                    headers: ["content-type": upload.contentType, "accept": "application/json"], body: upload.body)))
        guard let fileID = Self.id(file["id"]?.string) else { throw .unreadable("the upload has no id") }
        let batch = try dialect.object(
            try transport.send(
                ChatClient.post(
                    "\(dialect.prefix)/batches",
                    [
                        "input_file_id": .string(fileID), "endpoint": .string(forms[0].endpoint),
                        "completion_window": "24h",
                    ])))
        guard let id = Self.id(batch["id"]?.string) else { throw .unreadable("the batch has no id") }
        return id
    }

    func lines(_ items: [BatchItem]) throws(Failure) -> [UInt8] {
        guard items.count <= Self.maximumItems else { throw Verdict.tooLarge.failure() }
        let models = Set(items.map(\.request.model))
        if dialect.oneModelABatch, models.count > 1 {
            throw Failure(
                .deterministicFailure, reason: "bad_request",
                message: "A batch of this provider holds one model: hand in a batch for each.")
        }
        var lines: [UInt8] = []
        for item in items {
            var request = item.request
            // Neither means anything in a batch.
            request.stream = false
            request.tier = .standard
            let line: JSONValue = [
                "custom_id": .string(item.id), "method": "POST", "url": .string(forms[0].endpoint),
                "body": try forms[0].body(request),
            ]
            lines += line.encoded() + [0x0A]
        }
        return lines
    }

    public func poll(batch: String, _ transport: some Transport) throws(Failure) -> BatchState {
        let json = try dialect.object(try asked(try path(batch), transport))
        switch json["status"]?.string {
        case "validating", "in_progress", "finalizing", "cancelling", "queued": return BatchState(.running)
        case "failed": return BatchState(.failed, failure: failed(json))
        case "completed": return BatchState(.done, results: try results(json, transport))
        case "expired": return BatchState(.expired, results: try results(json, transport))
        case "cancelled": return BatchState(.cancelled, results: try results(json, transport))
        default: throw .unreadable("the batch has no state that is known")
        }
    }

    /// A batch that has already ended is no failure: `poll` says so.
    public func cancel(batch: String, _ transport: some Transport) throws(Failure) {
        let reply = try transport.send(
            HTTPCall(path: "\(try path(batch))/cancel", headers: ["accept": "application/json"]))
        guard reply.status != 409, reply.status != 400 else { return }
        if reply.status == 404 { throw Verdict.batchMissing.failure(status: 404) }
        _ = try dialect.checked(reply)
    }

    /// Of the batch or of a file of it: 404 says that it is not there, or not yet, and nothing of a model.
    private func asked(_ path: String, _ transport: some Transport) throws(Failure) -> HTTPReply {
        let reply = try transport.send(ChatClient.get(path))
        if reply.status == 404 { throw Verdict.batchMissing.failure(status: 404) }
        return reply
    }

    private func path(_ batch: String) throws(Failure) -> String {
        guard let id = Self.id(batch) else {
            throw Verdict.batchMissing.failure()
        }
        return "\(dialect.prefix)/batches/\(id)"
    }

    /// An id that may stand in a path.
    private static func id(_ text: String?) -> String? {
        guard let name = ReplyJSON.name(text), name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        else { return nil }
        return name
    }

    private func failed(_ json: JSONValue) -> Failure {
        guard let error = json["errors"]?["data"]?.array?.first else { return Verdict.batchFailed.failure() }
        var signal = ErrorSignal(inBand: error)
        // Without a word that is known it is the batch that was wrong, not the server.
        if signal.status == nil { signal.status = 400 }
        let failure = dialect.errors.failure(signal)
        return failure.reason == "bad_request" ? Verdict.batchFailed.failure() : failure
    }

    private func results(
        _ json: JSONValue, _ transport: some Transport
    ) throws(Failure) -> [(id: String, result: Result<ChatAnswer, Failure>)] {
        let endpoint = json["endpoint"]?.string
        let form = forms.first { $0.endpoint == endpoint } ?? forms[0]
        var results: [(id: String, result: Result<ChatAnswer, Failure>)] = []
        var seen: Set<String> = []
        for member in ["output_file_id", "error_file_id"] {
            // A batch without errors names its file with null, with nothing, or with an empty text.
            guard let file = json[member], !file.isNull, file != "" else { continue }
            guard let id = Self.id(file.string) else { throw .unreadable("a file of the batch has no id") }
            let reply = try asked("\(dialect.prefix)/files/\(id)/content", transport)
            var parser = LineParser()
            let take = { (line: [UInt8]) throws(Failure) -> Void in
                let result = try result(try ReplyJSON.object(line), form)
                guard seen.insert(result.id).inserted, results.count < Self.maximumItems else {
                    throw Verdict.protocolBroken.failure()
                }
                results.append(result)
            }
            try parser.feed(try dialect.checked(reply).body, each: take)
            if let last = parser.finish() { try take(last) }
        }
        return results
    }

    private func result(
        _ line: JSONValue, _ form: Form
    ) throws(Failure) -> (id: String, result: Result<ChatAnswer, Failure>) {
        guard let id = line["custom_id"]?.string else { throw .unreadable("a result of the batch has no id") }
        do throws(Failure) {
            return (id, .success(try answer(line, form)))
        } catch {
            return (id, .failure(error))
        }
    }

    private func answer(_ line: JSONValue, _ form: Form) throws(Failure) -> ChatAnswer {
        if let error = line["error"], !error.isNull { throw dialect.errors.failure(ErrorSignal(inBand: error)) }
        guard let response = line["response"], let body = response["body"] else {
            throw .unreadable("a result of the batch has neither response nor error")
        }
        let status = response["status_code"]?.int.flatMap { Int(exactly: $0) } ?? 200
        if status >= 400 { throw dialect.errors.failure(HTTPReply(status: status, body: body.encoded())) }
        try dialect.check(body, nil)
        var completion = try form.completion(body)
        completion.requestID = completion.requestID ?? response["request_id"]?.string
        return try completion.answer(nil, plan: nil)
    }
}
