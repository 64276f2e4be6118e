import Foundations
import Glibc
import Testing

@testable import CommandLineCore

struct `sluice mask` {
    private static let registry = "\(#filePath)/../../../registry"

    private func masked(_ lines: String, structured: Bool = true, types: String? = nil) throws -> Outcome {
        let path = "/tmp/sluice-mask-\(Context.system.ulid()).jsonl"
        try Files.writeAtomically(Array(lines.utf8), to: path)
        defer { unlink(path) }
        let world = World()
        world.environment = [
            "SLUICE_REGISTRY": Files.resolved(Self.registry.replacing("/MaskTests.swift/..", with: "")) ?? ""
        ]
        return world.run(
            ["mask", path] + (structured ? ["--structured"] : []) + (types.map { ["--types", $0] } ?? []))
    }

    @Test func `hides names and places unless it is told to look for forms alone`() throws {
        let line = #"{"id":1,"text":"Maria Kowalska lives in Warsaw"}"#
        let all = try masked(line, structured: false)
        #expect(all.out.hasSuffix(#""id":1,"masked":"***** ******** lives in ******"}"# + "\n"))
        let forms = try masked(line)
        #expect(forms.out == #"{"entities":[],"id":1,"masked":"Maria Kowalska lives in Warsaw"}"# + "\n")
    }

    @Test func `hides the types alone that are asked for, and names those there are`() throws {
        let line = #"{"id":1,"text":"x@example.com, 10.0.0.7"}"#
        let one = try masked(line, types: "IP_ADDRESS")
        #expect(one.out.hasSuffix(#""masked":"x@example.com, **.*.*.*"}"# + "\n"))
        let none = try masked(line, types: "EMAIL")
        #expect(none.status == 2 && none.out.isEmpty && none.err.contains("EMAIL_ADDRESS"))
    }

    @Test func `says which dictionary there is not`() {
        let world = World()
        world.environment = ["SLUICE_REGISTRY": "/nowhere"]
        let outcome = world.run(["mask", "/dev/null"])
        #expect(outcome.status != 0)
        #expect(outcome.err.contains("detection/given.txt cannot be read"))
    }

    @Test func `answers each line in turn`() throws {
        let outcome = try masked(#"{"id":1,"text":"a x@example.com"}"# + "\n\n" + #"{"id":"b","text":"nothing"}"#)
        #expect(outcome.status == 0)
        #expect(
            outcome.out == """
                {"entities":[{"end":15,"score":0.98,"start":2,"type":"EMAIL_ADDRESS"}],"id":1,"masked":"a ****@e******.com"}
                {"entities":[],"id":"b","masked":"nothing"}

                """)
    }

    @Test(arguments: [
        "{\"id\":1}", "{\"id\":1,\"text\":2}", "[]", "x", "{\"id\":1,\"text\":\"a\",\"more\":0}", "{\"text\":\"a\"}",
    ])
    func `names the line that it cannot take, behind those that it could`(line: String) throws {
        let outcome = try masked("{\"id\":0,\"text\":\"a\"}\n\(line)\n{\"id\":2,\"text\":\"b\"}\n")
        #expect(outcome.status == 1)
        #expect(outcome.out == "{\"entities\":[],\"id\":0,\"masked\":\"a\"}\n")
        #expect(outcome.err.contains("Line 2 "))
    }

    @Test func `says which file there is not`() {
        let outcome = World().run(["mask", "/nowhere/at/all", "--structured"])
        #expect(outcome.status == 2)
        #expect(outcome.err.contains("No such file"))
    }

    @Test func `takes the quick way for lines as programs write them`() {
        for line in [
            #"{"id":1,"text":"a\n\"b\" é"}"#, #" { "text" : "" , "id" : "x" } "#, #"{"id":0,"text":"x@example.com"}"#,
        ] {
            let isTaken = Array(line.utf8).withUnsafeBufferPointer { LineParts($0) != nil }
            #expect(isTaken, "\(line)")
        }
    }

    @Test func `gives the same bytes on the quick way and through the JSON parser`() {
        let seed: UInt64 = 0x3A5C
        var state = seed
        func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let texts = [
            "a", " ", "x@example.com", "602-272-9781", #"\n"#, #"\""#, #"\\"#, #"\u0041"#, #"\u0007"#, #"\ud83d\ude00"#,
            #"\ud83d"#, #"\/"#,
            #"\b\f\r\t"#, "é", "😀", "５", "\u{200B}", #"\x"#, "\"", "\\", "\u{1}", "\t", "\u{7F}", "ssn 123-45-6789",
            "4111111111111111",
        ]
        let ids = [
            "1", "-1", "01", "123456789012345", "1234567890123456789", "1.50", #""a""#, #""\n""#, "null", "[1]", "",
            "1 2",
        ]
        let shapes = [
            #"{"id":I,"text":"T"}"#, #"{"text":"T","id":I}"#, #" { "id" : I , "text" : "T" } "#,
            #"{"id":I,"text":"T"}x"#,
            #"{"id":I,"text":"T","more":1}"#, #"{"id":I,"id":I}"#, #""id":I,"text":"T"}"#, #"{"id":I "text":"T"}"#, "T",
            "",
        ]
        for round in 0..<2_000 {
            let text = (0..<below(8)).map { _ in texts[below(texts.count)] }.joined()
            let shape = shapes[below(3) > 0 ? below(3) : below(shapes.count)]
            let id = ids[below(ids.count)]
            var line = Array(shape.split(separator: "I", omittingEmptySubsequences: false).joined(separator: id).utf8)
            if let place = line.firstIndex(of: UInt8(ascii: "T")) {
                line.replaceSubrange(place...place, with: Array(text.utf8))
            }
            if below(50) == 0, !line.isEmpty { line[below(line.count)] = UInt8(below(256)) }
            var quick = LineMasker()
            var plain = LineMasker()
            var quickFailed = false
            var plainFailed = false
            line.withUnsafeBufferPointer { line in do { try quick.mask(line) } catch { quickFailed = true } }
            do { try plain.maskParsed(line) } catch { plainFailed = true }
            guard quickFailed == plainFailed, quick.out == plain.out else {
                Issue.record("seed \(seed), round \(round): \(String(decoding: line, as: UTF8.self).debugDescription)")
                return
            }
        }
    }

    @Test func `takes lines that are longer than what is read at once`() throws {
        let long = String(repeating: "call 602-272-9781 or 5 ", count: 100_000)
        let outcome = try masked("{\"id\":1,\"text\":\"\(long)\"}\n{\"id\":2,\"text\":\"b\"}")
        #expect(outcome.status == 0)
        let lines = outcome.out.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last == #"{"entities":[],"id":2,"masked":"b"}"#)
        let isHidden = !outcome.out.contains("272-9781")
        #expect(isHidden)
    }
}
