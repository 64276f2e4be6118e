import Columnar
import Foundations
import Testing

@testable import Transform

/// docs/dsl.md is the specification: what it shows is what happens.
@Suite struct DocumentationTests {
    /// A fenced block of the page.
    private struct Block {
        let kind: String
        let lines: [String]
        let number: Int
    }

    private static let root = "\(#filePath)".replacing("/Tests/TransformTests/DocumentationTests.swift", with: "")

    private static func read(_ path: String) throws -> String {
        String(decoding: try Files.read("\(root)/\(path)"), as: UTF8.self)
    }

    private func blocks() throws -> [Block] {
        var blocks: [Block] = []
        var open: (kind: String, lines: [String], number: Int)?
        for (number, line) in try Self.read("docs/dsl.md").split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard line.hasPrefix("```") else {
                open?.lines.append(String(line))
                continue
            }
            if let block = open {
                blocks.append(Block(kind: block.kind, lines: block.lines.filter { !$0.isEmpty }, number: block.number))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [], number + 1)
            }
        }
        #expect(open == nil)
        return blocks
    }

    /// `columns x int64, z text`; a text named x without the line.
    private func columns(_ block: Block) throws -> (fields: [Field], rest: ArraySlice<String>) {
        guard let first = block.lines.first, first.hasPrefix("columns ") else {
            return ([Field("x", .text)], block.lines[...])
        }
        let fields = try first.dropFirst("columns ".count).components(", ").map { text in
            let parts = text.components(" ")
            return Field(parts[0], try #require(ColumnType(name: parts[1])))
        }
        return (fields, block.lines.dropFirst())
    }

    private func document(_ step: String, _ fields: [Field]) -> String {
        let inputs = fields.map { #"{"name":"\#($0.name)","type":"\#($0.type.name)"}"# }.joined(separator: ",")
        return #"{"inputs":[\#(inputs)],"plans":[{"target":"out","steps":[\#(step)],"result":"y"}]}"#
    }

    private func cell(_ text: String) throws -> JSON {
        text == "null" ? .null : text.hasPrefix("\"") ? try JSONParser.parse(text) : .string(text)
    }

    private func shown(_ result: TransformResult, _ row: Int) -> String {
        if let error = result.errors.first(where: { $0.row == row }) { return error.reason.rawValue }
        return result.columns[0].withView { view in
            guard view.isValid(row) else { return "null" }
            var bytes: [UInt8] = []
            Columnar.ValueText.write(view, row: row, into: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            return view.type == .text ? JSON.string(text).canonicalText : text
        }
    }

    @Test func `every example of the page is what happens`() throws {
        var examples = 0
        var ops: Set<String> = []
        for block in try blocks() where block.kind == "dsl" || block.kind == "dsl select_when" {
            let (fields, lines) = try columns(block)
            let step = try #require(lines.first)
            let features: PlanFeatures = block.kind == "dsl" ? [] : .selectWhen
            let document = try ProgramDocument.parse(Array(document(step, fields).utf8), features: features)
            ops.insert(document.plans[0].steps[0].operation.name)
            let builders = fields.map { JSONColumn($0.type) }
            for line in lines.dropFirst() {
                let cells = line.components(" → ")[0].components(" | ")
                for (builder, text) in zip(builders, cells) {
                    let isValue = builder.append(try cell(text))
                    #expect(isValue, "line \(block.number): \(text)")
                }
            }
            let batch = Batch(
                schema: document.inputs, columns: builders.map { $0.finish() }, rowCount: lines.count - 1)
            let result = try PlanExecutor(document.program).run(batch)
            for (row, line) in lines.dropFirst().enumerated() {
                examples += 1
                // The page may write escapes that the canonical text does without.
                let expected = line.components(" → ")[1]
                let wanted = expected.hasPrefix("\"") ? try JSONParser.parse(expected).canonicalText : expected
                let made = shown(result, row)
                #expect(made == wanted, "docs/dsl.md, block at line \(block.number): \(line)")
            }
        }
        #expect(ops.isSuperset(of: Operation.names), "an op has no example")
        #expect(examples > 70)
    }

    @Test func `every refusal of the page is one, at the place that it says`() throws {
        for block in try blocks() where block.kind == "dsl rejected" {
            let (fields, lines) = try columns(block)
            for line in lines {
                let parts = line.components(" → ")
                let error = try #require(throws: SluiceError.self, "\(line)") {
                    try ProgramDocument.parse(Array(document(parts[0], fields).utf8))
                }
                #expect(error.message.contains("rejected at /plans/0\(parts[1]): "), "\(line): \(error.message)")
            }
        }
    }

    // MARK: The schema

    /// The published schema in the subset of our validator: references are put in, what it does not know is left out.
    private func schema() throws -> JSONSchema {
        let document = try JSONParser.parse(try Self.read("registry/schemas/transform-plan.schema.json"))
        let known = [
            "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
            "minimum", "maximum", "minLength", "maxLength", "anyOf",
        ]
        func plain(_ json: JSON) -> JSON {
            guard case .object(let members) = json else { return json }
            if let name = members["$ref"]?.stringValue?.dropFirst("#/$defs/".count) {
                return plain(document["$defs"]?[String(name)] ?? .null)
            }
            var made: [String: JSON] = [:]
            for (key, value) in members where known.contains(key) {
                switch (key, value) {
                case ("properties", .object(let properties)): made[key] = .object(properties.mapValues(plain))
                case ("anyOf", .array(let branches)): made[key] = .array(branches.map(plain))
                case ("items", _), ("additionalProperties", .object): made[key] = plain(value)
                default: made[key] = value
                }
            }
            return .object(made)
        }
        do { return try JSONSchema(plain(document)) } catch {
            Issue.record("\(error)")
            throw error
        }
    }

    @Test func `the schema takes what the language takes`() throws {
        let schema = try schema()
        for block in try blocks() {
            switch block.kind {
            case "json plan", "json program":
                let text = block.lines.joined(separator: "\n")
                _ = try ProgramDocument.parse(Array(text.utf8))
                #expect(schema.isValid(try JSONParser.parse(text)), "line \(block.number)")
            case "dsl", "dsl select_when":
                let (fields, lines) = try columns(block)
                #expect(
                    schema.isValid(try JSONParser.parse(document(try #require(lines.first), fields))),
                    "line \(block.number)")
            default: break
            }
        }
        for form in PlanArgumentTests.forms {
            #expect(schema.isValid(try JSONParser.parse(#"{"target":"x","steps":[\#(form)],"result":"r"}"#)), "\(form)")
        }
    }

    /// What only the program can know: patterns, units, zones, names, sizes in bytes, and forms of texts, which the subset
    /// that is tried here leaves out.
    @Test func `the schema refuses what the language refuses, but for what a schema cannot say`() throws {
        let schema = try schema()
        let unsaid = [
            "/pattern: the pattern", "/pattern: it matches the empty", "/group: the pattern has no group", "U+0000",
            "/from: there is no unit", "km is a unit of length", "/pivot: no pattern", "/zone: there is no zone",
            "there is no grouping where", "an int64 has no fraction", "is not a decimal type",
            "could be taken for a part", "/grouping: it is the decimal mark too",
            "all inputs are numbers", "it is not a decimal number", "would repeat its inputs",
            "there is no type \"int64\"",
        ]
        for pair in PlanArgumentTests.refused.components("\n").chunks(of: 2) {
            let document = try JSONParser.parse(#"{"target":"x","steps":[\#(pair[0])],"result":"r"}"#)
            let isUnsaid = unsaid.contains { pair[1].contains($0) }
            #expect(schema.isValid(document) == isUnsaid, "\(pair[0]) \(pair[1])")
        }
    }
}

extension StringProtocol {
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min(count, $0 + size)]) }
    }
}
