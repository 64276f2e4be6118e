internal import ProviderKit
internal import SluiceSDK

/// The documents of message batches.
enum AnthropicBatch {
    static let itemLimit = 100_000

    /// The body that hands a batch in.
    static func body(_ items: [BatchItem], settings: AnthropicSettings) throws(Failure) -> [UInt8] {
        guard !items.isEmpty, items.count <= itemLimit else {
            throw refused("a batch has 1 to \(itemLimit) requests")
        }
        var requests: [JSONValue] = []
        var ids: Set<String> = []
        for item in items {
            guard AnthropicID.isID(item.id, atMost: 64) else {
                throw refused("an id is 1 to 64 letters, digits, _ and -")
            }
            guard ids.insert(item.id).inserted else { throw refused("an id stands there twice") }
            let request = try AnthropicRequest(item.request, settings: settings)
            requests.append(["custom_id": .string(item.id), "params": .object(request.body)])
        }
        let body: JSONValue = ["requests": .array(requests)]
        return body.encoded()
    }

    private static func refused(_ what: String) -> Failure {
        Failure(.deterministicFailure, reason: "bad_request", message: "The batch: \(what). Nothing was sent.")
    }

    /// Whether every request of it has its result.
    ///
    /// - Throws: QUARANTINE_REQUIRED for another batch's account, or a state that is not known.
    static func hasEnded(_ json: JSONValue, id: String) throws(Failure) -> Bool {
        guard json["id"]?.string == id else { throw .unreadable("it is another batch's account") }
        switch json["processing_status"]?.string {
        case "in_progress", "canceling": return false
        case "ended": return true
        default: throw .unreadable("the batch is in a state that is not known")
        }
    }

    /// The results of a batch that ended, in whatever order they stand, each under the id that its request had.
    ///
    /// Whether there is one for each request the host knows, who has the ids (docs/providers.md).
    /// - Throws: QUARANTINE_REQUIRED when a result stands there twice or a line cannot be read;
    ///   TRANSIENT_ERROR, `cut`, when the last line breaks off.
    static func ended(_ body: [UInt8]) throws(Failure) -> BatchState {
        var state = BatchState(.done)
        var ids: Set<String> = []
        var parser = LineParser()
        let take = { (line: [UInt8]) throws(Failure) -> Void in
            let json = try ReplyJSON.object(line)
            guard let id = json["custom_id"]?.string, let result = json["result"], let type = result["type"]?.string
            else { throw .unreadable("a line of the results has no custom_id and no type of result") }
            guard ids.insert(id).inserted, ids.count <= itemLimit else { throw Verdict.protocolBroken.failure() }
            if type == "expired", state.phase == .done { state.phase = .expired }
            if type == "canceled" { state.phase = .cancelled }
            state.results.append((id, try Self.result(result)))
        }
        try parser.feed(body, each: take)
        if let last = parser.finish() {
            guard ReplyJSON.parsed(last) != nil else { throw .cut }
            try take(last)
        }
        return state
    }

    private static func result(_ json: JSONValue) throws(Failure) -> Result<ChatAnswer, Failure> {
        switch json["type"]?.string {
        case "succeeded":
            guard let message = json["message"] else { throw .unreadable("a result that succeeded has no message") }
            do throws(Failure) {
                return .success(
                    try AnthropicMessage(json: message).answer(
                        asked: nil, usesTool: true, treatments: [:], requestID: nil))
            } catch { return .failure(error) }
        case "errored":
            let error = json["error"] ?? .null
            var failure = AnthropicErrors.failure(inBand: error)
            failure.retryAfterMilliseconds = nil
            return .failure(failure)
        case "expired":
            return .failure(Verdict.batchExpired.failure())
        case "canceled": return .failure(Verdict.batchCancelled.failure())
        default: throw .unreadable("a result of the batch is of a type that is not known")
        }
    }
}

enum AnthropicID {
    /// Whether a text may stand in a path, and is of the form that the protocol gives its own ids.
    static func isID(_ text: String, atMost limit: Int = 128) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy(isPart)
    }

    /// Letters, digits, `_` and `-`.
    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
    }
}
