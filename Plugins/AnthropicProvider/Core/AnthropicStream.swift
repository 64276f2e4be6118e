internal import ProviderKit
internal import SluiceSDK

/// The typed events of a streamed message, one after another: event in, message out at the end.
///
/// Sources: the page on streaming of the Claude API. Events and deltas of unknown types are passed over, as its rules for
/// versions demand.
struct AnthropicStream: Sendable {
    private enum Stage: Equatable { case before, within, ended }

    /// A block, and the text or input that it has so far; grown in place.
    private struct Growing {
        enum Kind: Equatable { case text, tool(String), other }
        let kind: Kind
        var content: String
    }

    private var stage = Stage.before
    private var message = AnthropicMessage()
    /// Blocks by their index; a tool's input comes as pieces of its JSON.
    private var blocks: [Int: Growing] = [:]
    private let headers: [String: String]

    init(headers: [String: String] = [:]) { self.headers = headers }

    /// - Throws: what an event `error` means; QUARANTINE_REQUIRED for events that contradict each other.
    mutating func take(_ event: ServerEvent) throws(Failure) {
        // Behind its end a stream has nothing to say but a second beginning, which says that two were mixed up.
        let parsed = ReplyJSON.parsed(event.data)
        if stage == .ended, parsed == nil { return }
        guard let json = parsed, json.object != nil else {
            throw .unreadable("an event of the stream is no JSON object")
        }
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
        guard stage == .before else { throw Verdict.protocolBroken.failure() }
        guard let start = json["message"], start.object != nil else {
            throw .unreadable("message_start has no message")
        }
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
        switch block["type"]?.string {
        case "tool_use":
            // What is said of its input here is empty; the pieces are all of it.
            guard let name = block["name"]?.string else { throw .unreadable("a tool has no name") }
            blocks[index] = Growing(kind: .tool(name), content: "")
        case "text":
            guard let text = block["text"]?.string else { throw .unreadable("a block of text has none") }
            blocks[index] = Growing(kind: .text, content: text)
        case .some: blocks[index] = Growing(kind: .other, content: "")
        case nil: throw .unreadable("a block of content has no type")
        }
    }

    private mutating func extendBlock(_ json: JSONValue) throws(Failure) {
        let index = try Self.index(json)
        guard let kind = blocks[index]?.kind, let delta = json["delta"] else {
            throw .unreadable("a piece of the stream belongs to no block")
        }
        let piece: String?
        switch (delta["type"]?.string, kind) {
        case ("text_delta", .text): piece = delta["text"]?.string
        case ("input_json_delta", .tool): piece = delta["partial_json"]?.string
        // Of tools of the server's own, and of kinds that are not known.
        case (_, .other): return
        case ("text_delta", _), ("input_json_delta", _):
            throw .unreadable("a piece of the stream is of another kind than its block")
        default: return
        }
        guard let piece else { throw .unreadable("a piece of the stream is empty") }
        blocks[index]?.content += piece
    }

    /// The message, once `message_stop` came.
    ///
    /// - Throws: TRANSIENT_ERROR, `cut`, without it.
    func finish() throws(Failure) -> AnthropicMessage {
        guard stage == .ended else { throw .cut }
        var message = message
        for index in blocks.keys.sorted() {
            guard let block = blocks[index] else { continue }
            switch block.kind {
            case .text: message.blocks.append(.text(block.content))
            // A tool without a parameter sends no pieces.
            case .tool(let name):
                message.blocks.append(.tool(name: name, input: block.content.isEmpty ? "{}" : block.content))
            case .other: message.blocks.append(.other)
            }
        }
        return message
    }

    /// All of a body that came under status 200.
    static func read(_ reply: HTTPReply) throws(Failure) -> AnthropicMessage {
        // A page of a proxy is no stream that was cut: a stream begins with a field, a comment or a BOM.
        let first = reply.body.first { $0 != 0x0A && $0 != 0x0D }
        guard first.map({ "edir:".utf8.contains($0) || $0 == 0xEF }) ?? true else {
            throw .unreadable("it is no stream of events")
        }
        var parser = EventParser()
        var stream = AnthropicStream(headers: reply.headers)
        _ = try parser.feed(reply.body) { (event) throws(Failure) -> Bool in
            try stream.take(event)
            return true
        }
        // The last event counts without its empty line when its JSON is whole.
        if let last = try parser.finish(), ReplyJSON.parsed(last.data) != nil { try stream.take(last) }
        return try stream.finish()
    }
}
