import Testing

@testable import Detection

#if canImport(Glibc)
import Glibc
#endif

struct `A text that names people, places and organisations` {
    private static let folder = String(#filePath.dropLast("NamesTests.swift".count))

    private static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    private static let lexicon: Lexicon? = {
        let files = Lexicon.files.compactMap { name in
            bytes("\(folder)../../registry/detection/\(name)").map { (name: name, bytes: $0) }
        }
        return files.count == Lexicon.files.count ? try? Lexicon(files) : nil
    }()

    /// A sentence and what is marked in it as `[TYPE:span]`.
    struct Marked: Sendable, CustomTestStringConvertible {
        var text: [UInt8] = []
        var expected: [String] = []
        let testDescription: String

        init(_ line: Substring) {
            testDescription = String(line)
            var rest = line.replacing("\\n", with: "\n")[...]
            while let open = rest.firstMatch(of: /\[([A-Z_]+):([^\]]*)\]/) {
                text += Array(rest[..<open.range.lowerBound].utf8)
                expected.append("\(open.1) \(open.2) at \(text.count)")
                text += Array(open.2.utf8)
                rest = rest[open.range.upperBound...]
            }
            text += Array(rest.utf8)
        }
    }

    private static let table: [Marked] = {
        let lines = bytes("\(folder)names.txt").map { String(decoding: $0, as: UTF8.self) } ?? ""
        return lines.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(Marked.init)
    }()

    private static func found(_ text: [UInt8], _ scanner: Scanner) -> [String] {
        scanner.entities(in: text).map {
            "\($0.type.rawValue) \(String(decoding: text[$0.start..<$0.end], as: UTF8.self)) at \($0.start)"
        }
    }

    @Test(arguments: table)
    func `gives up who and what it names, and nothing else`(sentence: Marked) throws {
        let scanner = Scanner(.all, lexicon: try #require(Self.lexicon))
        #expect(Self.found(sentence.text, scanner) == sentence.expected)
    }

    @Test func `is looked through with a table that is not empty`() throws {
        #expect(Self.table.count > 70)
        #expect(try #require(Self.lexicon).count > 150_000)
    }

    @Test
    func `gives up nothing of a name without a dictionary, but what stands in front of a legal form`() {
        let text = Array("Maria Kowalska and Acme Widgets".utf8)
        let dictionary = [(name: "t", bytes: Array(": orgsuffix\ngmbh\n".utf8))]
        let firm = Array("we bought Acme Widgets GmbH".utf8)
        #expect(Self.found(text, Scanner(.structured)) == [])
        let lexicon = try? Lexicon(dictionary)
        #expect(
            Self.found(firm, Scanner(.all, lexicon: lexicon ?? .empty)) == [
                "ORGANIZATION Acme Widgets GmbH at 10"
            ])
    }

    @Test func `loses nothing that has a form`() throws {
        let scanner = Scanner(.all, lexicon: try #require(Self.lexicon))
        let text = Array("Maria Kowalska, maria@example.com, 4111 1111 1111 1111, lives in Rome".utf8)
        #expect(
            Self.found(text, scanner) == [
                "PERSON Maria Kowalska at 0", "EMAIL_ADDRESS maria@example.com at 16",
                "CREDIT_CARD 4111 1111 1111 1111 at 35",
                "GPE Rome at 65",
            ])
    }

    @Test func `costs time in proportion to its length, whatever is in it`() throws {
        let scanner = Scanner(.all, lexicon: try #require(Self.lexicon))
        let clock = ContinuousClock()
        for hostile in [
            "Ab ", ",", "A", "12 Main St, ", "New ", "name,", "van de der ", "Smith, ", "1-",
            "the corner of ", "É",
        ] {
            let short = Array(String(repeating: hostile, count: 4_000).utf8)
            let long = Array(String(repeating: hostile, count: 32_000).utf8)
            let few = clock.measure { _ = scanner.entities(in: short) }
            let many = clock.measure { _ = scanner.entities(in: long) }
            // Eight times as much; a square would be sixty-four.
            #expect(many < few * 32 + .milliseconds(100), "\(hostile): \(few) and \(many)")
        }
    }

    @Test func `may be any bytes`() throws {
        let scanner = Scanner(.all, lexicon: try #require(Self.lexicon))
        var state: UInt64 = 0x5EED
        let pieces =
            [
                "Maria ", "Kowalska", " 12 ", "Main St", ", ", "\n", "Dr. ", "van ", "GmbH", "'s ",
                "\u{E9}", "Москва ",
                "\"", "name: ", "|", "-",
                "2020-01-02", " of ", "PO Box 1", "the corner of ", "and ", "\\n", "://", "田中", "ﬀ",
                "\u{301}",
                "\u{200B}",
            ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xF0, 0x9F], [0]]
        for _ in 0..<2_000 {
            var bytes: [UInt8] = []
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes += pieces[Int(state >> 33) % pieces.count]
            }
            var end = 0
            for entity in scanner.entities(in: bytes) {
                #expect(
                    entity.start >= end && entity.start < entity.end && entity.end <= bytes.count
                        && entity.score <= 1)
                end = entity.end
            }
        }
    }

    @Test(arguments: [
        ("= names\n0a\n", "names is no section"),
        ("0a\n", "a word stands in front of the first section"),
        ("= given1\n3a\n", "more is shared than the word before has"),
    ])
    func `is not looked through with a file that is no dictionary`(file: String, reason: String) {
        #expect(throws: Lexicon.Malformed.self) {
            _ = try Lexicon([(name: "x", bytes: Array(file.utf8))])
        }
        do { _ = try Lexicon([(name: "x", bytes: Array(file.utf8))]) } catch {
            #expect(error.reason == reason)
        }
    }
}
