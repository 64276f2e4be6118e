public import ProviderKit
public import SluiceSDK

/// Builds the body of a chat completion.
public enum ChatBody {
    /// - Parameter plan: what of the request is sent, and under which names.
    public static func json(_ request: ChatRequest, plan: ParameterPlan, dialect: Dialect) -> JSONValue {
        var body = JSONObject()
        body["model"] = .string(request.model)
        var messages = request.messages
        if let schema = request.schema, let field = plan.field(.schema) {
            let form = dialect.schema(request)
            body[field] = responseFormat(schema, form, model: request.model)
            if case .object = form { messages = withSchema(messages, schema) }
        }
        body["messages"] = .array(
            messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] })
        sampling(request, plan: plan, into: &body)
        if let field = plan.field(.stream) {
            body[field] = true
            body["stream_options"] = ["include_usage": true]
        }
        return .object(body)
    }

    /// What chat completions and responses have in common.
    public static func sampling(_ request: ChatRequest, plan: ParameterPlan, into body: inout JSONObject) {
        if let field = plan.field(.temperature), let value = request.temperature { body[field] = number(value) }
        if let field = plan.field(.topP), let value = request.topP { body[field] = number(value) }
        if let field = plan.field(.stop) { body[field] = .array(request.stop.map { .string($0) }) }
        if let field = plan.field(.maxTokens), let value = request.maxTokens { body[field] = .int(Int64(value)) }
        if let field = plan.field(.seed), let value = request.seed { body[field] = .int(value) }
        if let field = plan.field(.tier) { body[field] = .string(request.tier.rawValue) }
    }

    /// 1 for 1.0: some servers read nothing but whole numbers where a whole number stands.
    private static func number(_ value: Double) -> JSONValue {
        value == value.rounded() ? .int(Int64(value)) : .double(value)
    }

    private static func responseFormat(
        _ schema: ChatRequest.Schema, _ form: Dialect.SchemaForm, model: String
    ) -> JSONValue {
        switch form {
        case .strict, .named:
            var named = JSONObject()
            named["name"] = .string(schema.name)
            named["schema"] = schema.schema
            if case .strict = form { named["strict"] = .bool(StrictSchema.holds(schema.schema, model: model)) }
            return ["type": "json_schema", "json_schema": .object(named)]
        case .object: return ["type": "json_object"]
        }
    }

    /// Servers with `json_object` alone are told the schema in words, behind the caller's own instructions.
    private static func withSchema(
        _ messages: [ChatRequest.Message], _ schema: ChatRequest.Schema
    ) -> [ChatRequest.Message] {
        let text = String(decoding: schema.schema.encoded(), as: UTF8.self)
        let message = ChatRequest.Message(
            .system, "Answer with one JSON object that satisfies this JSON Schema, and with nothing else:\n\(text)")
        let behind = messages.lastIndex { $0.role == .system }.map { $0 + 1 } ?? 0
        return Array(messages[..<behind]) + [message] + Array(messages[behind...])
    }
}

/// OpenAI's rules for schemas that the model is held to: every object is closed and requires all that it names.
public enum StrictSchema {
    private static let keywords: Set<String> = [
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "description",
        "title", "$ref", "$defs", "definitions", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "$schema",
    ]

    /// Of texts; others are an error of the request.
    private static let formats: Set<String> = [
        "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid",
    ]
    /// Models of one's own training take none of these.
    private static let notTuned: Set<String> = [
        "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems",
        "maxItems",
    ]

    /// Whether a schema may be sent as strict; others are sent without, and the host validates the answer anyway.
    ///
    /// - Parameter model: those of a fine tuning (`ft:`) take a smaller part of the language.
    public static func holds(_ schema: JSONValue, model: String = "") -> Bool {
        let known = model.hasPrefix("ft:") ? keywords.subtracting(notTuned) : keywords
        return schema["type"]?.string == "object" && schema["anyOf"] == nil && part(schema, known)
    }

    private static func part(_ schema: JSONValue, _ known: Set<String>) -> Bool {
        guard let object = schema.object else { return false }
        guard object.members.allSatisfy({ known.contains($0.key) }) else { return false }
        let types = object["type"]?.string.map { [$0] } ?? (object["type"]?.array ?? []).compactMap(\.string)
        guard !types.isEmpty || object["anyOf"] != nil || object["$ref"] != nil else { return false }
        if let format = object["format"], !formats.contains(format.string ?? "") { return false }
        if let properties = object["properties"] {
            guard let named = properties.object, object["additionalProperties"] == false else { return false }
            let required = Set((object["required"]?.array ?? []).compactMap(\.string))
            guard Set(named.keys) == required, named.members.allSatisfy({ part($0.value, known) }) else { return false }
        } else if types.contains("object") {
            return false
        }
        for key in ["$defs", "definitions"] {
            guard let defined = object[key] else { continue }
            guard let parts = defined.object, parts.members.allSatisfy({ part($0.value, known) }) else { return false }
        }
        if let items = object["items"] {
            guard part(items, known) else { return false }
        } else if types.contains("array") {
            return false
        }
        return (object["anyOf"]?.array ?? []).allSatisfy { part($0, known) }
    }
}
