import Foundations
import Testing

@Suite struct JSONSchemaTests {
    /// Wrong keywords are found when the schema is read, not when an answer comes.
    @Test(arguments: [
        (#"{"typ":"string"}"#, "/typ: is not a known keyword"),
        (#"{"properties":{"a/b":{"pattern":"x"}}}"#, "/properties/a~1b/pattern: is not a known keyword"),
        (#"{"$ref":"x"}"#, "/$ref: is not a known keyword"),
        (#"{"type":"text"}"#, "/type: is not a known type"),
        (#"{"type":[]}"#, "/type: no type is named"),
        (#"{"enum":[]}"#, "/enum: an array that is not empty is expected"),
        (#"{"items":[{}]}"#, "/items: a schema is an object, true or false"),
        (#"{"anyOf":[{"minLength":-1}]}"#, "/anyOf/0/minLength: an integer that is not negative is expected"),
        (#"{"minimum":"1"}"#, "/minimum: a number is expected"),
        (#"{"required":["a","a"]}"#, "/required: an array of different strings is expected"),
        ("[]", "/: a schema is an object, true or false"),
    ]) func mistakes(_ document: String, _ expected: String) throws {
        let json = try JSONParser.parse(document)
        var said: String?
        do { _ = try JSONSchema(json) } catch { said = error.description }
        #expect(said == expected)
    }

    @Test func deepSchemasAreRefused() throws {
        func nested(_ depth: Int) -> JSON { depth == 0 ? true : ["items": nested(depth - 1)] }
        #expect(throws: Never.self) { _ = try JSONSchema(nested(JSONSchema.maximumDepth)) }
        #expect(throws: JSONSchema.Failure.self) { _ = try JSONSchema(nested(JSONSchema.maximumDepth + 1)) }
    }

    /// What an answer said may be anything: the complaint about it holds places of the schema and rules, no value.
    @Test func complaintsHoldNothingOfTheValue() throws {
        let schema = try JSONSchema([
            "type": "object", "required": ["domain"], "additionalProperties": false,
            "properties": [
                "domain": ["enum": ["person.name", "none"]], "confidence": ["type": "number", "maximum": 1],
                "reason": ["type": "string", "maxLength": 5],
                "free": ["additionalProperties": ["type": "integer"]],
            ],
        ])
        let canary = "canary-4111111111111111"
        let value: JSON = [
            "domain": .string(canary), "confidence": 41111.25, "reason": .string(canary), canary: 1,
            "free": [canary: .string(canary)],
        ]
        let said = schema.violations(of: value).map(\.description)
        #expect(
            said == [
                "/confidence: maximum: 1", "/domain: enum: one of 2 values", "/free/*: type: integer",
                "/reason: maxLength: 5", "/: additionalProperties: 1 unknown",
            ])
        #expect(schema.violations(of: ["confidence": "1"]).map(\.rule) == ["required: domain", "type: number"])
    }

    @Test func aValueThatIsWrongEverywhereCostsAndSaysLittle() throws {
        let schema = try JSONSchema(["items": ["type": "string"]])
        let value = JSON.array([JSON](repeating: 1, count: 100_000))
        #expect(schema.violations(of: value).count == 20)
        #expect(schema.violations(of: value, limit: 1).map(\.pointer) == ["/0"])
    }

    /// 3000 pairs of a schema and a value; `make-schema-pairs.py` asked python's jsonschema about each.
    @Test func agreesWithTheReferenceValidator() throws {
        let bytes = try Files.read("\(root)/Tests/Golden/json-schema/pairs.jsonl", limit: 1 << 24)
        var counts = (valid: 0, wrong: 0)
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let entry = try JSONParser.parse(Array(line))
            let schema = try JSONSchema(try #require(entry["schema"]))
            for pair in entry["cases"]?.arrayValue ?? [] {
                let value = try #require(pair.arrayValue?.first)
                let expected = pair.arrayValue?.last == true
                #expect(schema.isValid(value) == expected, "line \(number + 1): \(value.canonicalText)")
                #expect(schema.violations(of: value).isEmpty == expected)
                if expected { counts.valid += 1 } else { counts.wrong += 1 }
            }
        }
        #expect(counts.valid >= 500)
        #expect(counts.wrong >= 500)
    }
}
