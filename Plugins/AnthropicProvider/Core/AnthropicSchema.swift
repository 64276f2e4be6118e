internal import SluiceSDK

/// A JSON Schema in the part of the language that Anthropic's constrained decoding takes.
///
/// What it does not take (ranges, lengths, patterns) moves into the description, where the model may heed it; the host
/// validates the answer against the whole schema. Every object is closed, as the protocol demands.
enum AnthropicSchema {
    private static let formats: Set<String> = [
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    ]
    private static let kept: Set<String> = ["type", "required", "$ref", "title", "description", "default"]
    /// Of the document, not of what it describes.
    private static let dropped: Set<String> = ["$schema", "$id", "$comment", "additionalProperties", "examples"]

    static func native(_ schema: JSONValue) -> JSONValue {
        guard let object = schema.object else { return schema }
        var result = JSONObject()
        var wishes: [String] = []
        for member in object.members {
            switch member.key {
            case "properties", "$defs", "definitions":
                result[member.key] = children(member.value)
            case "items":
                result["items"] = native(member.value)
            case "anyOf", "oneOf", "allOf":
                let key = member.key == "oneOf" ? "anyOf" : member.key
                result[key] = .array((member.value.array ?? []).map(native))
            case "format" where member.value.string.map(formats.contains) ?? false:
                result["format"] = member.value
            case "minItems" where member.value == 0 || member.value == 1:
                result["minItems"] = member.value
            case "enum" where member.value.array?.allSatisfy(isPlain) ?? false: result["enum"] = member.value
            case "const" where isPlain(member.value): result["const"] = member.value
            case let key where kept.contains(key): result[key] = member.value
            case let key where dropped.contains(key): break
            default:
                wishes.append("\(member.key): \(String(decoding: member.value.encoded(), as: UTF8.self))")
            }
        }
        // `null` beside it, or properties alone, do not make it less an object.
        let isObject =
            object["type"] == "object" || object["type"]?.array?.contains("object") ?? false
            || object["properties"] != nil
        if isObject {
            if result["properties"] == nil { result["properties"] = [:] }
            result["additionalProperties"] = false
        }
        if !wishes.isEmpty {
            let said = object["description"]?.string.map { $0 + " " } ?? ""
            result["description"] = .string("\(said)(\(wishes.joined(separator: ", ")))")
        }
        return .object(result)
    }

    /// Neither an array nor an object: those may not stand among the values of an enumeration.
    private static func isPlain(_ json: JSONValue) -> Bool { json.array == nil && json.object == nil }

    private static func children(_ json: JSONValue) -> JSONValue {
        guard let object = json.object else { return json }
        var result = JSONObject()
        for member in object.members { result[member.key] = native(member.value) }
        return .object(result)
    }
}
