import Foundations
import Glibc
import Testing

@testable import CommandLineCore

struct `sluice eval pii` {
    private func evaluated(_ lines: String, _ more: String...) throws -> Outcome {
        let path = "/tmp/sluice-eval-\(Context.system.ulid()).jsonl"
        try Files.writeAtomically(Array(lines.utf8), to: path)
        defer { unlink(path) }
        return World().run(["eval", "pii", "--data", path, "--structured"] + more)
    }

    private static let labelled = #"""
        {"text":"a x@example.com","entities":[{"type":"EMAIL_ADDRESS","start":2,"end":15}]}
        {"text":"Ada Lovelace","entities":[{"type":"PERSON","start":0,"end":12}]}
        """#

    @Test func `prints figures and ends with 0 whatever they are`() throws {
        let outcome = try evaluated(Self.labelled)
        #expect(outcome.status == 0, "\(outcome.err)")
        #expect(outcome.out.contains("EMAIL_ADDRESS") && outcome.out.contains("six structured types"))
    }

    @Test func `the document has the form that scripts rely on`() throws {
        let outcome = try evaluated(Self.labelled, "--json", "--types", "EMAIL")
        #expect(outcome.status == 0)
        let document = try JSONParser.parse(outcome.out)
        #expect(document["eval"] == "pii" && document["data"]?.stringValue?.hasSuffix(".jsonl") == true)
        #expect(document["metrics"]?["structured_recall"] == 1 && document["metrics"]?["structured_precision"] == 1)
        #expect(document["metrics"]?["f1"] == 1 && document["versions"]?["sluice"] != nil)
    }

    @Test func `says what it cannot read, and that --data is missing`() throws {
        let broken = try evaluated("not json")
        #expect(broken.status == 1 && broken.err.contains("eval.data") && broken.err.contains("next: "))
        let outcome = World().run(["eval", "pii", "--structured"])
        #expect(outcome.status == 2 && outcome.err.contains("--data is missing"))
    }
}
