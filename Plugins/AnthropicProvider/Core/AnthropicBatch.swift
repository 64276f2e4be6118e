internal import ProviderKit
internal import SluiceSDK

/// The name under which a batch is asked for: the provider's id, how many requests it has, and a sum over their ids.
///
/// `msgbatch_01Hk.3.5f1e…`. An adapter keeps nothing between calls, and another process may ask; so the name itself says
/// what must come back, and a result too few, too many or of another batch is found.
struct AnthropicTicket: Equatable, Sendable {
    let id: String
    let count: Int
    let sum: UInt64

    init(id: String, items: [String]) {
        self.id = id
        count = items.count
        sum = items.reduce(0) { $0 &+ Self.hash($1) }
    }

    /// - Throws: DETERMINISTIC_FAILURE for a name that `submit` did not give.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isID(String(parts[0])), let count = Int(parts[1]), count > 0,
            let sum = UInt64(parts[2], radix: 16)
        else { throw .noBatch }
        id = String(parts[0])
        self.count = count
        self.sum = sum
    }

    var text: String { "\(id).\(count).\(String(sum, radix: 16))" }

    /// Fit for a path, and for the protocol's own ids.
    static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                    || $0 == 0x2D
            }
    }

    /// FNV-1a of 64 bits, stirred so that sums of similar ids differ.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 33)
    }
}

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
            guard AnthropicTicket.isID(item.id), item.id.utf8.count <= 64 else {
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

    /// How far it is: nil while it runs, else how its requests ended.
    ///
    /// - Throws: QUARANTINE_REQUIRED for another batch's account, or a state that is not known.
    static func ended(_ json: JSONValue, ticket: AnthropicTicket) throws(Failure) -> BatchState.Phase? {
        guard json["id"]?.string == ticket.id else { throw .unreadable("it is another batch's account") }
        switch json["processing_status"]?.string {
        case "in_progress", "canceling": return nil
        case "ended": break
        default: throw .unreadable("the batch is in a state that is not known")
        }
        let counts = json["request_counts"]
        if ReplyJSON.count(counts?["canceled"]) == ticket.count { return .cancelled }
        if ReplyJSON.count(counts?["expired"]) == ticket.count { return .expired }
        return .done
    }

    /// The results of a batch that ended, in whatever order they stand.
    ///
    /// - Throws: QUARANTINE_REQUIRED, `batch_mismatch`, unless there is exactly one for each request;
    ///   TRANSIENT_ERROR, `cut`, when the last line is not whole.
    static func results(
        _ body: [UInt8], ticket: AnthropicTicket
    ) throws(Failure) -> [(id: String, result: Result<ChatAnswer, Failure>)] {
        var results: [(id: String, result: Result<ChatAnswer, Failure>)] = []
        var ids: Set<String> = []
        var parser = LineParser()
        var lines = try parser.feed(body)
        if let last = parser.finish() {
            guard ReplyJSON.parsed(last) != nil else { throw .cut }
            lines.append(last)
        }
        for line in lines {
            let json = try ReplyJSON.object(line)
            guard let id = json["custom_id"]?.string, let result = json["result"] else {
                throw .unreadable("a line of the results has no custom_id and result")
            }
            guard ids.insert(id).inserted else { throw .batchMismatch("a result stands there twice") }
            results.append((id, try Self.result(result)))
        }
        let found = AnthropicTicket(id: ticket.id, items: Array(ids))
        guard found.count == ticket.count else {
            throw .batchMismatch("there are \(found.count) results for \(ticket.count) requests")
        }
        guard found.sum == ticket.sum else { throw .batchMismatch("a result is of no request of the batch") }
        return results
    }

    private static func result(_ json: JSONValue) throws(Failure) -> Result<ChatAnswer, Failure> {
        switch json["type"]?.string {
        case "succeeded":
            guard let message = json["message"] else { throw .unreadable("a result that succeeded has no message") }
            do throws(Failure) {
                return .success(
                    try AnthropicMessage(json: message).answer(asked: nil, treatments: [:], requestID: nil))
            } catch { return .failure(error) }
        case "errored":
            let error = json["error"] ?? .null
            var failure = AnthropicErrors.failure(inBand: error)
            failure.retryAfterMilliseconds = nil
            return .failure(failure)
        case "expired":
            return .failure(
                Failure(
                    .timeout, reason: "batch_expired",
                    message: "The batch's time ran out before this request was made: hand it in again."))
        case "canceled":
            return .failure(
                Failure(
                    .transientError, reason: "batch_cancelled",
                    message: "The batch was given up before this request was made: hand it in again."))
        default: throw .unreadable("a result of the batch is of a type that is not known")
        }
    }
}

extension Failure {
    static var noBatch: Failure {
        Failure(
            .deterministicFailure, reason: "batch_missing",
            message: "There is no such batch, or its results are gone after 29 days: hand its requests in again.")
    }

    static func batchMismatch(_ what: String) -> Failure {
        Failure(
            .quarantineRequired, reason: "batch_mismatch",
            message: "The results do not fit the batch: \(what). None of them is used; look at the account's batches.")
    }
}
