import Detection
import Foundations
import Testing

@testable import Evaluation

@Suite("Labelled texts")
struct TextTests {
    @Test func `presidio-research: an array, offsets in scalars, types by name`() throws {
        let labelled = try Labelled()
        let path = try labelled.write("a.json", Labelled.presidio)
        let errors = labelled.folder + "/errors.jsonl"
        let report = try labelled.evaluate(path, errors: errors)
        let texts = try #require(report.texts.first)
        #expect(texts.form == "presidio-research" && texts.documents == 3)
        #expect(texts.types["EMAIL_ADDRESS"]?.spans == Figures(labelled: 1, found: 1, matched: 1))
        #expect(texts.types["EMAIL_ADDRESS"]?.exact == Figures(labelled: 1, found: 1, matched: 1))
        #expect(texts.types["CREDIT_CARD"]?.tokens == Figures(labelled: 4, found: 4, matched: 4))
        #expect(texts.types["PERSON"]?.spans == Figures(labelled: 1, found: 0, matched: 0))
        // The file labels no telephone number: the find is told apart and is nobody's mistake.
        #expect(texts.unlabelled == ["PHONE_NUMBER": 1])
        #expect(report.metrics["structured_precision"]?.doubleValue == 1)
        #expect(report.metrics["structured_recall"]?.doubleValue == 1)
        #expect(report.metrics["recall"]?.doubleValue == 0.75)
        let confusion = texts.confusion.map { [$0.labelled ?? "", $0.found ?? "", "\($0.count)"] }
        #expect(confusion == [["PERSON", "", "1"], ["", "PHONE_NUMBER", "1"]])
        let lines = String(decoding: try Files.read(errors), as: UTF8.self)
        #expect(
            lines == """
                {"document":1,"end":3,"file":"a.json","found":[],"kind":"missed","label":"PERSON","start":0,"text":"Zoë","type":"PERSON"}
                {"document":3,"end":17,"file":"a.json","kind":"unmatched","labels":[],"start":5,"text":"602-272-9781","type":"PHONE_NUMBER"}

                """)
    }

    @Test func `pii-anon: JSON Lines, names of its own, labels that no type of ours answers`() throws {
        let labelled = try Labelled()
        let report = try labelled.evaluate(try labelled.write("b.jsonl", Labelled.anon))
        let texts = try #require(report.texts.first)
        #expect(texts.form == "pii-anon" && texts.documents == 2)
        #expect(texts.types["US_SSN"]?.spans == Figures(labelled: 1, found: 1, matched: 1))
        #expect(texts.strangers == ["SALARY": 1])
        #expect(report.metrics["f1"]?.doubleValue == 1 && report.metrics["f1_every_label"]?.doubleValue == 0.8)
        #expect(report.metrics["labelled"] == 3)
    }

    @Test func `A folder's files are added up, and what is no labelled text is left out by name`() throws {
        let labelled = try Labelled()
        try labelled.write("a.json", Labelled.presidio)
        try labelled.write("b.jsonl", Labelled.anon)
        try labelled.write("c.ndjson", Labelled.own)
        try labelled.write("names.csv", "a,b\n")
        try labelled.write("other.json", #"{"version":1}"#)
        let report = try labelled.evaluate(labelled.folder)
        #expect(report.texts.map(\.file) == ["a.json", "b.jsonl", "c.ndjson"])
        #expect(report.skipped.map(\.file) == ["names.csv", "other.json"])
        let six = report.sum(structured: true).spans
        #expect(six == Figures(labelled: 6, found: 6, matched: 6))
        #expect(report.metrics["documents"] == 6)
    }

    @Test func `Only the types that are asked for`() throws {
        let labelled = try Labelled()
        let path = try labelled.write("a.json", Labelled.presidio)
        let report = try labelled.evaluate(path, types: ["email_address", "Social Security Number"])
        #expect(report.texts[0].types.keys.sorted() == ["EMAIL_ADDRESS", "US_SSN"])
        #expect(report.texts[0].unlabelled.isEmpty && report.metrics["f1"]?.doubleValue == 1)
        let error = #expect(throws: SluiceError.self) { try labelled.evaluate(path, types: ["EMIAL_ADDRESS"]) }
        #expect(error?.detail == "usage" && error?.message.contains("Is EMAIL_ADDRESS meant?") == true)
    }

    @Test(arguments: [
        ("", "holds no document"), ("[]", "holds no document"), ("text,label\n", "neither JSON Lines nor an array"),
        (#"[{"text":"a","entities":[]}"#, "ends within or behind its document 1"),
        (#"{"text":"a","entities":[]}{"text":"a"#, "ends within or behind its document 2"),
        (#"{"text":"a","entities":[]} x"#, "malformed behind its document 1"),
        (#"{"text":"secret"}"#, "Document 1 of d.jsonl has no labelled text"),
        (#"{"text":"secret","entities":[{"type":"PERSON","start":1,"end":7}]}"#, "Label 1 of document 1"),
        (#"{"text":"secret","entities":[{"type":"PERSON","start":3,"end":3}]}"#, "Label 1 of document 1"),
        (#"{"text":"secret","entities":[{"start":3,"end":4}]}"#, "Label 1 of document 1"),
        (#"{"text":"secret","text":"secret","entities":[]}"#, "Document 1 of d.jsonl is not valid JSON: a key"),
    ])
    func `What cannot be read is named by its place, and never repeated`(text: String, message: String) throws {
        let labelled = try Labelled()
        let path = try labelled.write("d.jsonl", text)
        let error = #expect(throws: SluiceError.self) { try labelled.evaluate(path) }
        #expect(error?.detail == "eval.data")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("secret") == false)
    }

    @Test func `A file or folder that is not there, or holds nothing, is said so`() throws {
        let labelled = try Labelled()
        let path = try labelled.write("own.jsonl", Labelled.own)
        for data in [path, labelled.folder] {
            let same = #expect(throws: SluiceError.self) { try labelled.evaluate(data, errors: path) }
            #expect(same?.detail == "usage")
        }
        let kept = try Files.read(path)
        #expect(kept == Array(Labelled.own.utf8))
        try labelled.write("own.jsonl", "{}")
        let missing = #expect(throws: SluiceError.self) { try labelled.evaluate(labelled.folder + "/none") }
        #expect(missing?.message == "--data names nothing that is there.")
        try labelled.write("x.csv", "a\n")
        let empty = #expect(throws: SluiceError.self) { try labelled.evaluate(labelled.folder) }
        #expect(empty?.message.contains("no labelled data (own.jsonl: its first document") == true)
        #expect(empty?.message.contains("x.csv: neither") == true)
    }

    @Test func `Documents arrive whole wherever the pieces of a file end`() throws {
        let labelled = try Labelled()
        // Longer than the pieces that are read, with braces and quotes inside strings.
        let filler = String(repeating: #"]}\\\"{[ "#, count: 50_000)
        let line = #"{"text":"x@example.com \#(filler)","entities":[{"type":"EMAIL_ADDRESS","start":0,"end":13}]}"#
        let path = try labelled.write("long.jsonl", "\u{FEFF}" + [line, line, line].joined(separator: "\n"))
        let report = try labelled.evaluate(path)
        #expect(report.texts[0].types["EMAIL_ADDRESS"]?.exact == Figures(labelled: 3, found: 3, matched: 3))
    }

    @Test(
        "The detectors over the sets that are there hold what is promised for them",
        .enabled(if: EvaluationData.pii != nil, "SLUICE_EVAL_DATA names no folder with pii"))
    func realData() throws {
        let folder = try #require(EvaluationData.pii)
        let scanner = Scanner(.all, lexicon: try EvaluationData.lexicon())
        let report = try PIIEvaluation { scanner.entities(in: $0) }.run(data: folder + "/synth_dataset_v2.json")
        #expect(report.metrics["documents"] == 1500)
        #expect(report.sum(structured: true).spans.labelled == 328)
        let recall = report.metrics["structured_recall"]?.doubleValue ?? 0
        let precision = report.metrics["structured_precision"]?.doubleValue ?? 0
        #expect(recall >= 0.98 && precision >= 0.97)
        // Presidio 2.2 with its language models, tuned, has .855 there.
        let f1 = report.metrics["f1"]?.doubleValue ?? 0
        #expect(f1 > 0.855)
    }
}

enum EvaluationData {
    static func folder(_ name: String) -> String? {
        let path = (Context.system.environment["SLUICE_EVAL_DATA"] ?? "") + "/" + name
        return path.hasPrefix("/") && path != "/" + name && Files.isDirectory(path) ? path : nil
    }
    static let pii = folder("pii")

    /// The dictionaries of this checkout.
    static func lexicon() throws -> Lexicon {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        return try Lexicon(try Lexicon.files.map { ($0, try Files.read("\(root)/registry/detection/\($0)")) })
    }
}
