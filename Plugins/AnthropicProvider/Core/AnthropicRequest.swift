internal import ProviderKit
internal import SluiceSDK

/// What the plugin's configuration may set.
struct AnthropicSettings: Equatable, Sendable {
    /// How an answer is held to a JSON Schema.
    enum SchemaWay: String, CaseIterable, Sendable {
        /// By the model's name.
        case auto
        /// `output_config.format`.
        case native
        /// A tool that the model must call.
        case tool
    }

    /// The protocol demands `max_tokens`; this is sent when none is asked for.
    static let usualMaxTokens = 4096

    var maxTokens = AnthropicSettings.usualMaxTokens
    var schemaWay = SchemaWay.auto

    init() {}

    init(config: JSONObject) throws(Failure) {
        for member in config.members {
            switch member.key {
            case "max_tokens":
                guard let value = member.value.int, value >= 1, value <= 1_000_000 else {
                    throw Self.bad("/max_tokens: needs a whole number from 1 to 1000000")
                }
                maxTokens = Int(value)
            case "schema":
                guard let way = member.value.string.flatMap(SchemaWay.init) else {
                    throw Self.bad("/schema: needs auto, native or tool")
                }
                schemaWay = way
            default: throw Self.bad("/: an unknown member; known are max_tokens and schema")
            }
        }
    }

    private static func bad(_ what: String) -> Failure {
        Failure(
            .deterministicFailure, scope: .provider, reason: "configuration", message: "config: \(what).")
    }
}

/// The body of one request, and what the answer says about it.
struct AnthropicRequest: Equatable, Sendable {
    /// For `/v1/messages`, and for a batch's `params`; without `stream`.
    let body: JSONObject
    let treatments: [String: ChatAnswer.Treatment]
    /// Whether the answer comes as the input of a tool.
    let usesTool: Bool

    /// Of the tool that stands for a schema; a batch's results are told by it.
    static let toolName = "give_answer"

    /// The rules of models that take parameters of sampling, and those of the others.
    static let parameters = ParameterTable(
        [
            .system: .mapped(as: "system", how: "at the top level; several are joined by an empty line"),
            .temperature: .mapped(as: "temperature", how: "halved: 0–1"),
            .topP: .passed(as: "top_p"),
            .stop: .passed(as: "stop_sequences"),
            .maxTokens: .passed(as: "max_tokens"),
            .seed: .dropped(why: "the protocol has none"),
            .schema: .mapped(
                as: "output_config.format", how: "closed objects; ranges, lengths and patterns become description"),
            .tier: .dropped(why: "there is no flex tier; the host uses its own workers"),
            .stream: .passed(as: "stream"),
            .contextTokens: .mapped(as: "", how: "compared here with the tokens that were read"),
        ], stopLimit: 8191, variants: [noLimit, bothSamplers, noSampling, byTool])

    static let noLimit = ParameterTable.Variant(
        "max_tokens not asked for",
        [
            .maxTokens: .mapped(
                as: "max_tokens",
                how: "the protocol demands it: \(AnthropicSettings.usualMaxTokens), or the config's max_tokens")
        ])
    static let bothSamplers = ParameterTable.Variant(
        "temperature and top_p both", [.topP: .dropped(why: "models take one of the two; temperature counts")])
    static let noSampling = ParameterTable.Variant(
        "Claude 4.7 and later",
        [
            .temperature: .dropped(why: "these models refuse it"), .topP: .dropped(why: "these models refuse it"),
        ])
    static let byTool = ParameterTable.Variant(
        "before Claude 4.5, and other servers",
        [.schema: .mapped(as: "tools", how: "one with this input, which the model must call")])

    init(_ request: ChatRequest, settings: AnthropicSettings) throws(Failure) {
        let model = AnthropicModel(request.model)
        usesTool = settings.schemaWay == .tool || settings.schemaWay == .auto && !model.hasOutputFormat
        var variants: [ParameterTable.Variant] = []
        if request.temperature != nil, request.topP != nil { variants.append(Self.bothSamplers) }
        if !model.samples { variants.append(Self.noSampling) }
        if usesTool { variants.append(Self.byTool) }
        let plan = try Self.parameters.plan(request, variants: variants)
        guard request.stop.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
            throw .refused(.stop, "a stop sequence of white space alone is not taken")
        }
        let turns = Self.turns(request.messages)
        guard !turns.isEmpty else {
            throw Failure(
                .deterministicFailure, reason: "bad_request",
                message: "The request has a system prompt alone: add a user's message.")
        }

        var body = JSONObject()
        body["model"] = .string(request.model)
        body["max_tokens"] = .int(Int64(request.maxTokens ?? settings.maxTokens))
        let system = request.messages.filter { $0.role == .system && !$0.text.isEmpty }.map(\.text)
        if !system.isEmpty { body["system"] = .string(system.joined(separator: "\n\n")) }
        body["messages"] = .array(turns)
        if plan.field(.temperature) != nil { body["temperature"] = request.temperature.map { .double($0 / 2) } }
        if plan.field(.topP) != nil { body["top_p"] = request.topP.map { .double($0) } }
        if plan.field(.stop) != nil { body["stop_sequences"] = .array(request.stop.map { .string($0) }) }
        if let schema = request.schema {
            if usesTool {
                let name = JSONValue.string(Self.toolName)
                body["tools"] = [
                    [
                        "name": name, "description": "Gives the answer.", "input_schema": schema.schema,
                    ]
                ]
                body["tool_choice"] = ["type": "tool", "name": name]
            } else {
                body["output_config"] = [
                    "format": ["type": "json_schema", "schema": AnthropicSchema.native(schema.schema)]
                ]
            }
        }
        self.body = body
        treatments = plan.treatments
    }

    /// Turns of user and assistant that alternate; messages of one role in a row are one turn.
    private static func turns(_ messages: [ChatRequest.Message]) -> [JSONValue] {
        var turns: [(role: ChatRequest.Role, text: String)] = []
        for message in messages where message.role != .system {
            if let last = turns.last, last.role == message.role {
                turns[turns.count - 1].text = last.text + "\n\n" + message.text
            } else {
                turns.append((message.role, message.text))
            }
        }
        return turns.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] }
    }
}
