public import ProviderKit
public import SluiceSDK

/// Reads a body that may be a document or a stream of events, whichever was asked for: servers mix them up.
public enum StreamReader {
    /// Whether a body is a stream; documents begin with a brace. Either may have a byte order mark in front.
    public static func isStream(_ reply: HTTPReply) -> Bool {
        let mark = [0xEF, 0xBB, 0xBF] as [UInt8]
        let body = reply.body.starts(with: mark) ? reply.body.dropFirst(3) : reply.body[...]
        if let first = body.first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) {
            return first != UInt8(ascii: "{") && first != UInt8(ascii: "[")
        }
        return reply.headers["content-type"]?.lowercased().hasPrefix("text/event-stream") ?? false
    }

    /// Hands every event's document to `take`, which says whether the protocol's end was reached.
    ///
    /// - Throws: TRANSIENT_ERROR `cut` without an end; QUARANTINE_REQUIRED for what is no stream or no JSON; what
    ///   `take` throws.
    public static func read(
        _ body: [UInt8], take: (_ event: ServerEvent, _ json: JSONValue?) throws(Failure) -> Bool
    ) throws(Failure) {
        var parser = EventParser()
        var hasEvents = false
        let isOpen = try parser.feed(body) { (event) throws(Failure) -> Bool in
            hasEvents = true
            // Not by a conditional expression: its nil would be JSON's null.
            var json: JSONValue?
            if !event.data.elementsEqual("[DONE]".utf8) { json = try ReplyJSON.object(event.data) }
            return try !take(event, json)
        }
        guard isOpen else { return }
        // A last event without its empty line counts when it is whole: a part of a document is none.
        if let event = try parser.finish() {
            if event.data.elementsEqual("[DONE]".utf8) {
                if try take(event, nil) { return }
            } else if let json = ReplyJSON.parsed(event.data), json.object != nil {
                if try take(event, json) { return }
            }
            throw .cut
        }
        guard hasEvents || isBlank(body) else { throw .unreadable("it is no stream of events") }
        throw .cut
    }

    /// Nothing, comments, or the beginning of an event.
    private static func isBlank(_ body: [UInt8]) -> Bool {
        var line = body.drop { $0 == 0x0A || $0 == 0x0D }
        if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        let beginnings = [":", "data", "event", "id", "retry"]
        return line.isEmpty
            || beginnings.contains { line.starts(with: $0.utf8) || Array($0.utf8).starts(with: line) }
    }
}

extension Dialect {
    /// The completion that a reply holds, as a document or as a stream.
    public func completion(_ reply: HTTPReply, tier: ChatRequest.Tier) throws(Failure) -> Completion {
        let reply = try checked(reply, tier: tier)
        guard StreamReader.isStream(reply) else {
            let json = try ReplyJSON.object(reply.body)
            try check(json, reply, tier: tier)
            return try ChatReader.completion(json)
        }
        var completion = Completion()
        try StreamReader.read(reply.body) { (event, json) throws(Failure) -> Bool in
            // `[DONE]`.
            guard let json else { return true }
            if event.name == "error" {
                throw errors.failure(ErrorSignal(inBand: json, reply: reply), tier: tier)
            }
            try check(json, reply, tier: tier)
            try ChatReader.chunk(json, into: &completion)
            return false
        }
        if completion.finish == nil, completion.refusal.isEmpty { throw .cut }
        return completion
    }
}
