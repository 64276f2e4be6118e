internal import ProviderKit
internal import SluiceSDK

/// The typed events of a streamed message, one after another: event in, message out at the end.
///
/// Sources: the page on streaming of the Claude API. Events and deltas of unknown types are passed over, as its rules for
/// versions demand.
struct AnthropicStream: Sendable {
    private enum Stage: Equatable { case before, within, ended }

    private var stage = Stage.before
    private var message = AnthropicMessage()
    /// Blocks by their index; a tool's input comes as pieces of its JSON.
    private var blocks: [Int: AnthropicMessage.Block] = [:]
    private let headers: [String: String]

    init(headers: [String: String] = [:]) { self.headers = headers }

    /// - Throws: what an event `error` means; QUARANTINE_REQUIRED for events that contradict each other.
    mutating func take(_ event: ServerEvent) throws(Failure) {
        // Behind its end a stream has nothing to say but a second beginning, which says that two were mixed up.
        let parsed = ReplyJSON.parsed(event.data)
        if stage == .ended, parsed == nil { return }
        guard let json = parsed, json.object != nil else { throw .unreadable("an event of the stream is no JSON object") }
        let type = json["type"]?.string ?? event.name
        if type == "error" || event.name == "error" {
            throw AnthropicErrors.failure(inBand: json, headers: headers)
        }
        if type == "message_start" { return try start(json) }
        if stage == .ended { return }
        switch type {
        case "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop":
            guard stage == .within else { throw .unreadable("the stream does not begin with message_start") }
        default: return
        }
        switch type {
        case "content_block_start": try startBlock(json)
        case "content_block_delta": try extendBlock(json)
        case "message_delta":
            message.stopReason = json["delta"]?["stop_reason"]?.string ?? message.stopReason
            message.usage.take(json["usage"])
        case "message_stop": stage = .ended
        default: break
        }
    }

    private mutating func start(_ json: JSONValue) throws(Failure) {
        guard stage == .before else { throw .duplicateStart }
        guard let start = json["message"], start.object != nil else { throw .unreadable("message_start has no message") }
        stage = .within
        message.model = start["model"]?.string
        message.usage.take(start["usage"])
        // Some servers tell what is known here already.
        message.stopReason = start["stop_reason"]?.string
    }

    private static func index(_ json: JSONValue) throws(Failure) -> Int {
        guard let index = json["index"]?.int, (0..<100_000).contains(index) else {
            throw .unreadable("a block of the stream has no index")
        }
        return Int(index)
    }

    private mutating func startBlock(_ json: JSONValue) throws(Failure) {
        let index = try Self.index(json)
        guard blocks[index] == nil, let block = json["content_block"] else {
            throw .unreadable("a block of the stream begins twice, or has no content")
        }
        // What a tool's block says of its input at the beginning is empty; the pieces are all of it.
        blocks[index] = block["type"] == "tool_use" ? .tool("") : try AnthropicMessage.block(block)
    }

    private mutating func extendBlock(_ json: JSONValue) throws(Failure) {
        let index = try Self.index(json)
        guard let block = blocks[index], let delta = json["delta"] else {
            throw .unreadable("a piece of the stream belongs to no block")
        }
        switch (delta["type"]?.string, block) {
        case ("text_delta", .text(let text)):
            guard let piece = delta["text"]?.string else { throw .unreadable("a piece of text has none") }
            blocks[index] = nil
            var text = text
            text += piece
            blocks[index] = .text(text)
        case ("input_json_delta", .tool(let input)):
            guard let piece = delta["partial_json"]?.string else { throw .unreadable("a piece of input has none") }
            blocks[index] = .tool(input + piece)
        case ("text_delta", _), ("input_json_delta", _):
            throw .unreadable("a piece of the stream is of another kind than its block")
        default: break
        }
    }

    /// The message, once `message_stop` came.
    ///
    /// - Throws: TRANSIENT_ERROR, `cut`, without it.
    func finish() throws(Failure) -> AnthropicMessage {
        guard stage == .ended else { throw .cut }
        var message = message
        for index in blocks.keys.sorted() {
            guard let block = blocks[index] else { continue }
            // A tool without a parameter sends no pieces.
            message.blocks.append(block == .tool("") ? .tool("{}") : block)
        }
        return message
    }

    /// All of a body that came under status 200.
    static func read(_ reply: HTTPReply) throws(Failure) -> AnthropicMessage {
        var parser = EventParser()
        var stream = AnthropicStream(headers: reply.headers)
        for event in try parser.feed(reply.body) { try stream.take(event) }
        // The last event counts without its empty line when its JSON is whole.
        if let last = try parser.finish(), ReplyJSON.parsed(last.data) != nil { try stream.take(last) }
        return try stream.finish()
    }
}

extension Failure {
    /// Two answers were mixed into one stream: neither can be told from the other.
    static var duplicateStart: Failure {
        Failure(
            .quarantineRequired, reason: "duplicate_start",
            message: "The provider's stream begins twice: two answers were mixed up. Look at what stands before it.")
    }
}
