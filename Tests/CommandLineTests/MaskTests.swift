import Foundations
import Glibc
import Testing

@testable import CommandLineCore

struct `sluice mask` {
    private func masked(_ lines: String) throws -> Outcome {
        let path = "/tmp/sluice-mask-\(Context.system.ulid()).jsonl"
        try Files.writeAtomically(Array(lines.utf8), to: path)
        defer { unlink(path) }
        return World().run(["mask", path])
    }

    @Test func `answers each line in turn`() throws {
        let outcome = try masked(#"{"id":1,"text":"a x@example.com"}"# + "\n\n" + #"{"id":"b","text":"nothing"}"#)
        #expect(outcome.status == 0)
        #expect(
            outcome.out == """
                {"entities":[{"end":15,"score":0.98,"start":2,"type":"EMAIL_ADDRESS"}],"id":1,"masked":"a x***@e******.com"}
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
        let outcome = World().run(["mask", "/nowhere/at/all"])
        #expect(outcome.status == 2)
        #expect(outcome.err.contains("No such file"))
    }
}
