import Columnar
import Foundations
import Testing

@testable import Transform

private func program(_ json: String) throws -> TypedProgram {
    try ProgramDocument.parse(Array(json.utf8)).program
}

/// The text of a literal of ours as Python reads it, and whether it ends where the literal does.
private func read(python literal: String) -> String? {
    var rest = literal.unicodeScalars[...]
    guard rest.popFirst() == "\"" else { return nil }
    var out = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
        if scalar == "\"" { return rest.isEmpty ? String(out) : nil }
        guard scalar == "\\" else {
            guard scalar.value >= 0x20, scalar.value < 0x7F else { return nil }
            out.append(scalar)
            continue
        }
        guard let kind = rest.popFirst() else { return nil }
        if kind == "\"" || kind == "\\" {
            out.append(kind)
            continue
        }
        guard let width = ["x": 2, "u": 4, "U": 8][kind],
            let value = UInt32(String(String.UnicodeScalarView(rest.prefix(width))), radix: 16),
            let named = Unicode.Scalar(value)
        else { return nil }
        rest = rest.dropFirst(width)
        out.append(named)
    }
    return nil
}

@Suite struct `Emitted Polars programs` {
    @Test func `quote hostile texts so that they end where they should`() {
        for text in hostileTexts + ["\0", "\u{7F}\u{80}\u{FF}\u{100}", "\u{FFFF}\u{10000}\u{10FFFF}", "\\u0041"] {
            let literal = Python.literal(text)
            #expect(read(python: literal)?.utf8.elementsEqual(text.utf8) == true, "\(literal)")
        }
        #expect(Python.literal(.texts(["a", nil])) == #"["a", None]"#)
        #expect(Python.literal(.integers([-1, 2])) == "[-1, 2]")
    }

    @Test func `hold every name as a parameter`() throws {
        let name = "^x$\"; import os"
        let query = try Emitters.emit(
            try TypedProgram([.identity(target: "y\n" + name, input: name)], inputs: Schema([Field(name, .int64)])),
            for: .polars)
        #expect(!query.text.contains("import os") && !query.text.contains("^x"))
        let texts = query.parameters.map(\.value)
        #expect(texts.contains(.text(name)) && texts.contains(.text("y\n" + name)))
    }

    @Test func `have the helpers that they call, and the copied form its parameters`() throws {
        let plain = try Emitters.emit(
            try program(#"{"target":"y","steps":[{"op":"trim","in":["x"],"as":"a"}],"result":"a"}"#), for: .polars)
        #expect(!plain.text.contains("def half_away") && !plain.text.contains("PARAMETERS"))
        #expect(plain.inlined.contains("PARAMETERS = {\n    \"p1\": \"rid\","))
        let dates = try Emitters.emit(
            try program(
                #"{"target":"y","steps":[{"op":"type_cast","in":["x"],"to":"date","as":"a"}],"result":"a"}"#),
            for: .polars)
        #expect(dates.text.contains("def days_of(") && dates.text.contains("def number("))
    }

    @Test func `refuse two columns of one name`() throws {
        let program = try TypedProgram([.identity(target: "rid", input: "x")], inputs: Schema([Field("x", .text)]))
        let refused = #expect(throws: Unsupported.self) { try Emitters.emit(program, for: .polars) }
        #expect(refused?.reason == #"two columns of the result are called "rid""#)
    }

    // No opinion of the optimiser's on a division by a literal may enter: it multiplies by the inverse.
    @Test func `divide doubles by a column`() throws {
        let query = try Emitters.emit(
            try program(
                """
                {"inputs":[{"name":"x","type":"float64"}],"plans":[{"target":"y","steps":[{"op":"unit_convert",\
                "in":["x"],"from":"mi","to":"km","type":"float64","as":"a"}],"result":"a"}]}
                """), for: .polars)
        #expect(query.text.contains(" / (c.c0 * 0.0 + "))
    }
}
