public import SluiceSDK

/// A document that the host sent cannot be used: a failure of the call, not of the provider.
private func bad(_ pointer: String, _ what: String) -> PluginFailure {
    PluginFailure(message: "\(pointer.isEmpty ? "/" : pointer): \(what).")
}

/// The members of one object, each taken once; what is left over is unknown.
private struct Members {
    let pointer: String
    private var left: [String: JSONValue] = [:]

    init(_ json: JSONValue?, at pointer: String, known: Set<String>) throws(PluginFailure) {
        guard let object = json?.object else { throw bad(pointer, "an object is needed") }
        self.pointer = pointer
        for member in object.members {
            guard known.contains(member.key) else {
                throw bad(pointer, "an unknown member; known are \(known.sorted().joined(separator: ", "))")
            }
            // null says what a missing member says.
            if !member.value.isNull { left[member.key] = member.value }
        }
    }

    func has(_ key: String) -> Bool { left[key] != nil }

    func value(_ key: String) -> JSONValue? { left[key] }

    func text(_ key: String) throws(PluginFailure) -> String? {
        guard let value = left[key] else { return nil }
        guard let text = value.string else { throw bad("\(pointer)/\(key)", "a string is needed") }
        return text
    }

    func neededText(_ key: String) throws(PluginFailure) -> String {
        guard let text = try text(key), !text.isEmpty else { throw bad("\(pointer)/\(key)", "a string is needed") }
        return text
    }

    func bool(_ key: String) throws(PluginFailure) -> Bool? {
        guard let value = left[key] else { return nil }
        guard let bool = value.bool else { throw bad("\(pointer)/\(key)", "true or false is needed") }
        return bool
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(PluginFailure) -> Double? {
        guard let value = left[key] else { return nil }
        guard let number = value.double, range.contains(number) else {
            throw bad("\(pointer)/\(key)", "a number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return number
    }

    func count(_ key: String, from least: Int = 1) throws(PluginFailure) -> Int? {
        guard let value = left[key] else { return nil }
        guard let whole = value.int, whole >= least, whole <= 1 << 52 else {
            throw bad("\(pointer)/\(key)", "a whole number of at least \(least) is needed")
        }
        return Int(whole)
    }
}

extension ChatRequest {
    /// The version of the documents that this kit reads.
    static let wireVersion: Int64 = 1

    /// Reads what `infer` is given (docs/providers.md). Unknown members are errors, so that no wish is passed over.
    ///
    /// - Throws: DETERMINISTIC_FAILURE with the JSON pointer of the mistake, never with a value.
    public init(json: JSONValue) throws(PluginFailure) { try self.init(json: json, at: "") }

    init(json: JSONValue, at pointer: String) throws(PluginFailure) {
        let members = try Members(
            json, at: pointer,
            known: [
                "version", "model", "messages", "temperature", "top_p", "stop", "max_tokens", "seed", "schema", "tier",
                "stream", "context_tokens", "prompt_tokens", "first_byte_ms", "stall_ms",
            ])
        guard members.value("version")?.int == Self.wireVersion else {
            throw bad("\(pointer)/version", "this plugin reads version \(Self.wireVersion)")
        }
        self.init(
            model: try members.neededText("model"), messages: try Self.messages(members.value("messages"), at: pointer),
            temperature: try members.number("temperature", in: 0...2),
            topP: try members.number("top_p", in: 0...1), stop: try Self.stop(members.value("stop"), at: pointer),
            maxTokens: try members.count("max_tokens"), seed: try Self.seed(members.value("seed"), at: pointer),
            schema: try Self.schema(members.value("schema"), at: pointer),
            stream: try members.bool("stream") ?? false,
            contextTokens: try members.count("context_tokens"),
            promptTokens: try members.count("prompt_tokens", from: 0),
            firstByteMilliseconds: try members.count("first_byte_ms"), stallMilliseconds: try members.count("stall_ms"))
        if let name = try members.text("tier") {
            guard let tier = Tier(rawValue: name) else { throw bad("\(pointer)/tier", "standard or flex is needed") }
            self.tier = tier
        }
    }

    private static func messages(_ json: JSONValue?, at pointer: String) throws(PluginFailure) -> [Message] {
        guard let values = json?.array, !values.isEmpty else {
            throw bad("\(pointer)/messages", "an array of at least one message is needed")
        }
        var messages: [Message] = []
        for (index, value) in values.enumerated() {
            let members = try Members(value, at: "\(pointer)/messages/\(index)", known: ["role", "text"])
            guard let role = Role(rawValue: try members.neededText("role")) else {
                throw bad("\(members.pointer)/role", "system, user or assistant is needed")
            }
            guard let text = try members.text("text") else {
                throw bad("\(members.pointer)/text", "a string is needed")
            }
            messages.append(Message(role, text))
        }
        return messages
    }

    private static func stop(_ json: JSONValue?, at pointer: String) throws(PluginFailure) -> [String] {
        guard let json else { return [] }
        guard let values = json.array else { throw bad("\(pointer)/stop", "an array of strings is needed") }
        var stop: [String] = []
        for (index, value) in values.enumerated() {
            guard let text = value.string, !text.isEmpty else {
                throw bad("\(pointer)/stop/\(index)", "a string that is not empty is needed")
            }
            stop.append(text)
        }
        return stop
    }

    private static func seed(_ json: JSONValue?, at pointer: String) throws(PluginFailure) -> Int64? {
        guard let json else { return nil }
        guard let seed = json.int else { throw bad("\(pointer)/seed", "a whole number is needed") }
        return seed
    }

    private static func schema(_ json: JSONValue?, at pointer: String) throws(PluginFailure) -> Schema? {
        guard let json else { return nil }
        let members = try Members(json, at: "\(pointer)/schema", known: ["name", "schema"])
        let name = try members.neededText("name")
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, name.utf8.count <= 64 else {
            throw bad("\(pointer)/schema/name", "at most 64 letters, digits and _ are needed")
        }
        guard let schema = members.value("schema"), schema.object != nil else {
            throw bad("\(pointer)/schema/schema", "an object is needed")
        }
        return Schema(name: name, schema: schema)
    }
}

/// What `submit` is given: requests, each under an id of its own.
public struct BatchRequest: Equatable, Sendable {
    public var items: [BatchItem]

    /// - Throws: DETERMINISTIC_FAILURE with the JSON pointer of the mistake.
    public init(json: JSONValue) throws(PluginFailure) {
        let members = try Members(json, at: "", known: ["version", "items"])
        guard members.value("version")?.int == ChatRequest.wireVersion else {
            throw bad("/version", "this plugin reads version \(ChatRequest.wireVersion)")
        }
        guard let values = members.value("items")?.array, !values.isEmpty else {
            throw bad("/items", "an array of at least one item is needed")
        }
        items = []
        var seen: Set<String> = []
        for (index, value) in values.enumerated() {
            let pointer = "/items/\(index)"
            let item = try Members(value, at: pointer, known: ["id", "request"])
            let id = try item.neededText("id")
            guard id.utf8.count <= 64 else { throw bad("\(pointer)/id", "at most 64 bytes are needed") }
            guard seen.insert(id).inserted else { throw bad("\(pointer)/id", "another item has this id") }
            guard let request = item.value("request") else { throw bad("\(pointer)/request", "an object is needed") }
            items.append(BatchItem(id: id, request: try ChatRequest(json: request, at: "\(pointer)/request")))
        }
    }
}

/// What `poll` is given: which batch, and whether it is to be given up.
public struct PollRequest: Equatable, Sendable {
    public var batch: String
    public var cancel: Bool

    /// - Throws: DETERMINISTIC_FAILURE with the JSON pointer of the mistake.
    public init(json: JSONValue) throws(PluginFailure) {
        let members = try Members(json, at: "", known: ["version", "batch", "cancel"])
        guard members.value("version")?.int == ChatRequest.wireVersion else {
            throw bad("/version", "this plugin reads version \(ChatRequest.wireVersion)")
        }
        batch = try members.neededText("batch")
        cancel = try members.bool("cancel") ?? false
    }
}
