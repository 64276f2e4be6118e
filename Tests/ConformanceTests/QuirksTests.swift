import Foundations
import PluginHost
import Testing

@testable import Conformance

@Suite struct QuirksTests {
    private func quirks(_ text: String, kind: PluginManifest.Kind = .connector) throws -> Quirks {
        try Quirks(Array(text.utf8), name: "a.json", folder: "/nowhere", kind: kind)
    }

    private func message(_ text: String, kind: PluginManifest.Kind = .connector) -> String {
        do {
            _ = try quirks(text, kind: kind)
            return "no mistake"
        } catch let error as SluiceError { return error.message } catch { return "another error" }
    }

    @Test func `a recipe of parts makes its bytes without holding them in the document`() throws {
        let quirks = try quirks(
            """
            {"quirks_version":1,"sources":{"sample":{"parts":["a,b\\n",{"repeat":"1,2\\n","times":300000},
            {"base64":"/w=="},{"text":"end"}]}}}
            """)
        let bytes = try #require(try quirks.sources["sample"]?.recipe.bytes(folder: nil))
        #expect(bytes.count == 4 + 4 * 300_000 + 1 + 3)
        #expect(Array(bytes[..<8]) == Array("a,b\n1,2\n".utf8))
        #expect(Array(bytes.suffix(8)) == Array("1,2\n".utf8) + [0xFF] + Array("end".utf8))
    }

    @Test func `a database is made by its statements and can attach no file`() throws {
        let good = Recipe(parts: [.database("CREATE TABLE t(a); INSERT INTO t VALUES (1);")])
        let bytes = try good.bytes(folder: nil)
        #expect(bytes.starts(with: Array("SQLite format 3".utf8)))
        let again = try good.bytes(folder: nil)
        #expect(bytes == again)
        for statements in ["ATTACH '/tmp/other.db' AS o;", "VACUUM INTO '/tmp/other.db';"] {
            #expect(throws: SluiceError.self) { try Recipe(parts: [.database(statements)]).bytes(folder: nil) }
        }
    }

    @Test func `a database without end is stopped by its size or its time`() {
        let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        let full = refusal(
            "CREATE TABLE t(a); \(count) INSERT INTO t SELECT hex(zeroblob(500)) FROM n;", limit: 1 << 20)
        #expect(full.contains("full"), "\(full)")
        let late = refusal("CREATE TABLE t(a); \(count) INSERT INTO t SELECT max(i) FROM n;", seconds: 0.2)
        #expect(late.contains("interrupted"), "\(late)")
        let large = refusal("CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(2000000));", limit: 1 << 20)
        #expect(large.contains("too big"), "\(large)")
    }

    @Test(arguments: [
        "INSERT INTO t VALUES (random());", "INSERT INTO t VALUES (hex(randomblob(8)));",
        "INSERT INTO t VALUES (CURRENT_TIMESTAMP);", "INSERT INTO t VALUES (datetime('now'));",
        "INSERT INTO t VALUES (strftime('%s'));",
        "INSERT INTO t SELECT * FROM (SELECT 1 UNION ALL SELECT 2) ORDER BY RANDOM();",
        "CREATE TABLE u(a, b DEFAULT (random())); INSERT INTO u(a) VALUES (1);",
        "CREATE TABLE u(a, b DEFAULT CURRENT_TIMESTAMP); INSERT INTO u(a) VALUES (1);",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = random(); END; INSERT INTO t VALUES (1);",
        "PRAGMA max_page_count=1000000;", "PRAGMA temp_store_directory='/tmp';", "PRAGMA Page_Size=65536;",
        "CREATE TEMP TABLE u(a);",
    ])
    func `statements that chance, the clock or other files decide are refused`(_ statements: String) {
        let message = refusal("CREATE TABLE t(a); \(statements)")
        #expect(message.hasPrefix("SQLite refuses"), "\(message)")
    }

    private func refusal(
        _ statements: String, limit: Int = Recipe.databaseLimit, seconds: Double = Recipe.databaseSeconds
    ) -> String {
        do throws(SluiceError) {
            _ = try Recipe.database(statements, limit: limit, seconds: seconds)
            return "it was made"
        } catch { return error.message }
    }

    @Test func `a server has sixteen answers at most`() {
        let answer = #"{"path":"/a","body":{"text":"{}"}}"#
        let sixteen = Array(repeating: answer, count: 16).joined(separator: ",")
        let front = #"{"quirks_version":1,"http":{"answers":["#
        let fits = message(front + sixteen + "]}}", kind: .provider)
        #expect(fits == "no mistake")
        let excess = message(front + sixteen + "," + answer + "]}}", kind: .provider)
        #expect(excess.contains("/http/answers: has 17 answers: 16 are the most"), "\(excess)")
    }

    @Test(arguments: [
        (#"{"quirks_version":1,"sources":{"sampel":{"text":""}}}"#, "/sources/sampel"),
        (#"{"quirks_version":1,"sources":{"sample":{"text":"","file":"x"}}}"#, "/sources/sample/text"),
        (#"{"quirks_version":1,"sources":{"sample":{}}}"#, "/sources/sample/text"),
        (#"{"quirks_version":1,"sources":{"sample":{"file":"../x"}}}"#, "/sources/sample/file"),
        (#"{"quirks_version":1,"sources":{"sample":{"base64":"a"}}}"#, "/sources/sample/base64"),
        (#"{"quirks_version":1,"sources":{"sample":{"parts":[{"repeat":"x","times":0}]}}}"#, "/sources/sample/parts"),
        (
            #"{"quirks_version":1,"sources":{"sample":{"parts":[{"repeat":"xx","times":1073741824}]}}}"#,
            "/sources/sample/parts"
        ),
        (
            #"{"quirks_version":1,"sources":{"types":{"text":"","expect":{"columns":{"a":{"type":"int"}}}}}}"#,
            "/sources/types/expect/columns/a/type"
        ),
        (#"{"quirks_version":1,"http":{"answers":[]}}"#, "/http"),
        (#"{"quirks_version":1,"declined":{"connector.slice":"no"}}"#, "connector.slices"),
    ])
    func `a mistake is named by its pointer`(_ text: String, _ pointer: String) {
        let message = message(text)
        #expect(message.contains(pointer), "\(message)")
    }

    @Test(arguments: [
        "abi.release_once", "package.single_export", "check.canary", "provider.canary", "provider.secret_absent",
    ])
    func `a rule that holds for every plugin cannot be declined`(_ id: String) {
        let message = message(#"{"quirks_version":1,"declined":{"\#(id)":"no"}}"#)
        #expect(message.contains("/declined/\(id)") && message.contains("cannot be declined"), "\(message)")
    }

    @Test func `a check and a provider have no sources`() {
        let text = #"{"quirks_version":1,"sources":{"sample":{"text":""}}}"#
        for kind in [PluginManifest.Kind.check, .provider] {
            let message = message(text, kind: kind)
            #expect(message.contains("/sources"), "\(message)")
        }
    }

    @Test func `an answer for one endpoint alone is refused, because any endpoint would get it`() {
        let message = message(
            #"{"quirks_version":1,"http":{"answers":[{"endpoint":"main","body":{"text":"{}"}}]}}"#, kind: .provider)
        #expect(message.contains("/http/answers/0/endpoint"), "\(message)")
    }

    @Test func `bytes are found in the base64 of whatever they stand in`() {
        let secret = Array("a secret of odd length!".utf8)
        let spellings = Base64.spellings(within: secret)
        for (before, after) in [(0, 0), (1, 1), (2, 4), (3, 2), (4, 0), (17, 9)] {
            let text = [UInt8](repeating: 0xA7, count: before) + secret + [UInt8](repeating: 0x5C, count: after)
            let coded = Array(Base64.encode(text).utf8)
            let isFound = spellings.contains { ByteSearch.find($0, in: coded) }
            #expect(isFound, "\(before) bytes before it, \(after) behind it")
        }
        let other = Array(Base64.encode(Array("a secreT of odd length!".utf8)).utf8)
        let isFound = spellings.contains { ByteSearch.find($0, in: other) }
        #expect(!isFound)
    }

    @Test func `base64 is read as it is written, and nothing else is`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let text = Base64.encode(bytes)
            #expect(Base64.decode(text) == bytes)
        }
        for text in ["a", "ab=", "a===", "=abc", "ab=c", "ab==abcd", "ab\n="] { #expect(Base64.decode(text) == nil) }
    }
}

@Suite struct SeededTests {
    @Test func `the same seed chooses the same, another one otherwise`() {
        var (a, b, c) = (Seeded(1), Seeded(1), Seeded(2))
        let first = (0..<20).map { _ in a.next() }
        let second = (0..<20).map { _ in b.next() }
        let third = (0..<20).map { _ in c.next() }
        #expect(first == second)
        #expect(first != third)
    }

    @Test func `places are different, ascending and in range, and all of them where there are few`() {
        for seed in UInt64(0)..<50 {
            var seeded = Seeded(seed)
            let places = seeded.places(5, below: 1000)
            #expect(Set(places).count == 5)
            #expect(places == places.sorted())
            let few = seeded.places(5, below: 3)
            #expect(few == [0, 1, 2])
            let shuffled = seeded.shuffled(Array(0..<30))
            #expect(shuffled.sorted() == Array(0..<30))
        }
    }

    @Test func `each check of a seed has a seed of its own`() {
        let seeds = Set(ConformanceCheck.all.map { $0.seed(of: 1) })
        #expect(seeds.count == ConformanceCheck.all.count)
    }
}
