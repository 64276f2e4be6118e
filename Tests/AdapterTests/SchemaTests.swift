import ProviderKit
import SluiceSDK
import Testing

@testable import ChatCompletions

/// Which schemas are sent as strict: one that the vendor refuses fails where the same one without would have done.
@Suite struct SchemaTests {
    /// A closed object with one property.
    private static func around(_ part: JSONValue) -> JSONValue {
        ["type": "object", "properties": ["p": part], "required": ["p"], "additionalProperties": false]
    }

    private static let closed: JSONValue = around(["type": "string"])

    private static let parts: [(part: JSONValue, isStrict: Bool)] = [
        (["type": "string"], true), (["type": ["string", "null"]], true), (["enum": ["a"], "type": "string"], true),
        (["$ref": "#/$defs/x"], true), (["anyOf": [["type": "null"], closed]], true), (closed, true),
        (["type": "array", "items": ["type": "number"], "minItems": 1], true),
        (["type": "string", "format": "date-time"], true), (["type": "string", "format": "uuid"], true),
        (["type": "string", "format": "uri"], false), (["type": "string", "format": 7], false),
        (["type": "array"], false), (["type": ["array", "null"]], false), (["description": "x"], false),
        (["type": "array", "items": ["description": "x"]], false), (["anyOf": [["description": "x"]]], false),
        (["type": ["object", "null"]], false), (["type": "object"], false),
        (["type": "string", "minLength": 1], false),
        (
            [
                "type": ["object", "null"], "properties": ["a": ["type": "integer"]], "required": ["a"],
                "additionalProperties": false,
            ], true
        ),
    ]

    @Test(arguments: parts.indices) func `A schema is strict where the vendor takes it`(index: Int) {
        let (part, isStrict) = Self.parts[index]
        let schema = Self.around(part)
        #expect(StrictSchema.holds(schema) == isStrict, "\(String(decoding: part.encoded(), as: UTF8.self))")
    }

    @Test(
        arguments: [
            ("pattern", "^a"), ("format", "date"), ("minimum", 0), ("maximum", 1), ("exclusiveMinimum", 0),
            ("exclusiveMaximum", 1), ("multipleOf", 2), ("minItems", 1), ("maxItems", 2),
        ] as [(String, JSONValue)])
    func `Models of one's own training take fewer words`(keyword: String, value: JSONValue) {
        var part: JSONObject = config(["type": "array", "items": ["type": "number"]])
        part[keyword] = value
        let schema = Self.around(.object(part))
        #expect(StrictSchema.holds(schema, model: "gpt-4.1-mini"))
        #expect(!StrictSchema.holds(schema, model: "ft:gpt-4.1-mini:us::x"))
        #expect(StrictSchema.holds(Self.closed, model: "ft:gpt-4.1-mini:us::x"))
    }

    @Test(arguments: ["openai", "openai-responses"]) func `The model that is asked decides`(name: String) throws {
        let adapter = try Adapters.make(name)
        for (model, wanted) in [("gpt-4.1-mini", true), ("ft:gpt-4.1-mini:us::x", false)] {
            let script = Script(500, "{}")
            let asked = request(model) {
                $0.schema = .init(name: "x", schema: Self.around(["type": "string", "pattern": "^a"]))
            }
            _ = outcome { () throws(Failure) in try adapter.infer(asked, script) }
            #expect(script.sent.contains("\"strict\":\(wanted)"))
        }
    }
}
