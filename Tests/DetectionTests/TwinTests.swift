import Testing

@testable import Detection

#if canImport(Glibc)
import Glibc
#endif

/// Numbers that a seed determines.
struct Random {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}

struct `The scanner that passes over what nothing begins at` {
    private static func source(_ path: String) -> [UInt8] {
        let root = String(#filePath.dropLast("Tests/DetectionTests/TwinTests.swift".count))
        guard let file = fopen(root + path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4 << 20)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    private static let pieces = """
        1|12|123|1234|12345|123456|1234567|12345678|123456789|1234567890|-|.|/|(|)|) | (| - |+|@|:|::|a|ab|GB82|DE89|x|ext |#|\\n|\\t
        | tel | ssn | card | iban | nif | nhs | bsn | pps |ein |born |fax|-Office|é|–|\u{200B}|５|：|＠|．|٣|ａ|“|4111|1111|602|272
        |9781|0|00|000|a.b|example.com|.com|2001:db8:|fe|ff:|0a|10.|192.168.|255|v|A|Z|123-45-6789|912-70-1234|+44 20 7946 0018
        |(0)|AB123456C|X1234567L|ABCPE1234F|131052-308T|,|;|_|"|'|$|%|身份证|花|\u{301}|😀|\u{1D7CE}|=| order | invoice | date
        |1985|2020-06-20|7/30/1964|2020-06-20 14:11|20.06.2020|1358.75|GB82 WEST 1234 5698 7654 32|\u{AD}|\u{FEFF}|−|\u{A0}
        |AKIAIOSFODNN7EXAMPLE|ghp_1fB7eDcA9xKq3LmZ0yWvTsR8nUpQ5oHjGi2C|sk-|eyJhbGciOi|token=|password: | password is |pwd=|hunter2
        |https://u:p1@h|postgres://|48.8584, 2.2945|48.8584|, 2.2945| lat |°|°51'|"N|+48.8577+002.295/|geo:|1 January |January | 1990|年1月2日
        |dob: | passport |X1234567| driver's license |P<UTO|<<|L898902C36UTO7408122F1204159ZE184226B<<<<<10|routing |021000021| account
        | sort code |20-00-00|SWIFT: |DEUTDEFF|BIC=|1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa|bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4
        |0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed|MRN-|EMP-|1EG4-TE5-MK73| npi |ein | national id |-----BEGIN RSA PRIVATE KEY-----
        """.split(separator: "|").map { Array($0.utf8) }

    private static func text(_ random: inout Random, pieces count: Int) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<count {
            switch random.below(40) {
            case 0: text.append(UInt8(random.below(256)))
            case 1: for _ in 0..<random.below(30) { text.append(0x30 + UInt8(random.below(10))) }
            case 2: for _ in 0..<random.below(30) { text.append(0x61 + UInt8(random.below(26))) }
            case 3: text += [UInt8](repeating: 0x20, count: random.below(90))
            case 4: text.append(0x20)
            default: text += pieces[random.below(pieces.count)]
            }
        }
        return text
    }

    private func isSame(_ text: [UInt8]) -> Bool { Scanner().entities(in: text) == PlainScanner.entities(in: text) }

    @Test func `finds what its slow twin finds in random texts`() {
        let seed: UInt64 = 0x6_0A5C
        var random = Random(seed)
        var found = 0
        for round in 0..<3_000 {
            let text = Self.text(&random, pieces: random.below(24))
            let entities = Scanner().entities(in: text)
            found += entities.count
            guard entities == PlainScanner.entities(in: text) else {
                let shown = String(decoding: text, as: UTF8.self).debugDescription
                Issue.record("seed \(seed), round \(round): \(shown)")
                return
            }
        }
        #expect(found > 500, "the texts have something in them")
    }

    @Test func `finds what its slow twin finds in random bytes`() {
        let seed: UInt64 = 0xB17E5
        var random = Random(seed)
        for round in 0..<100 {
            let text = (0..<random.below(2_000)).map { _ in UInt8(random.below(256)) }
            guard isSame(text) else {
                Issue.record("seed \(seed), round \(round)")
                return
            }
        }
    }

    @Test(arguments: [
        "docs/masking.md", "docs/performance.md", "CHANGELOG.md", "Tests/DetectionTests/numbers.txt",
        "Tests/DetectionTests/ScannerTests.swift", "Host/Detection/Phones.swift", "Tests/Bench/masking/text.py",
        "registry/policies/pm_default_v1.json",
    ])
    func `finds what its slow twin finds in real texts`(path: String) {
        let text = Self.source(path)
        let isRead = !text.isEmpty
        #expect(isRead)
        let isSame = isSame(text)
        #expect(isSame)
    }

    /// Longer than a folded piece, so that entities and folded signs stand where pieces meet.
    @Test func `finds the same where the pieces of a long text meet`() {
        let seed: UInt64 = 0x91ECE
        for shift in 0..<3 {
            var random = Random(seed + UInt64(shift))
            var text = [UInt8](repeating: 0x2E, count: shift * 3)
            while text.count < 3 * Pieces.largest {
                text += Self.text(&random, pieces: 200)
                // A stretch without folded signs, so that both ways to read a piece follow each other.
                if random.below(4) == 0 {
                    text += Array(repeating: Array("call 602-272-9781 ".utf8), count: 900).joined()
                }
            }
            let isSame = isSame(text)
            #expect(isSame, "seed \(seed + UInt64(shift))")
        }
    }

    @Test func `knows the digits of all scripts`() {
        for value: UInt32 in 0x80...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.numericType == .decimal else { continue }
            let isKnown = Folding.zeros.contains { $0 <= value && value - $0 < 10 }
            #expect(isKnown, "U+\(String(value, radix: 16))")
        }
    }

    @Test func `copies no more of a folded text than a piece`() {
        let text = Array(String(repeating: "４１１１ １１１１ １１１１ １１１１ \u{200B}", count: 8_000).utf8)
        var largest = 0
        text.withUnsafeBufferPointer { bytes in
            var pieces = Pieces(bytes)
            var at = 0
            while let piece = pieces.next() {
                largest = max(largest, piece.copied)
                at = min(at + Pieces.largest, bytes.count)
                pieces.go(on: at)
            }
        }
        #expect(largest > 0)
        #expect(largest <= Pieces.largest + 2 * Scanner.reach)
        #expect(Scanner().entities(in: text).count == 8_000)
    }
}

#if SLUICE_TEST_HOOKS
struct `Bytes that were made to be hard` {
    private func work(_ text: [UInt8]) -> Int {
        var count = 0
        withUnsafeMutablePointer(to: &count) { count in
            text.withUnsafeBufferPointer { _ = Scanner().entities(in: $0, work: Work(count)) }
        }
        return count
    }

    @Test(arguments: [
        "1", "@", ":", "1 ", "1.", "1-", "12/", "(1)", "1) ", "1 - ", "a@", "a1@b.cc ", "a:", "f:", "::", "GB82", "+1-",
        "1@1.", "\u{200B}1", "\u{301}", "５", "＠", "ａ＠", "\\n1", "x1", "1x", "12345678-", "tel 1", "123456789 ", "a.",
        "é1", "=", "a=", "a:b@", "//", "://a:b@c ", "password:", "password: a1 ", "-----BEGIN PRIVATE KEY-----\n1",
        "eyJ1",
        "eyJ1.", "sk-1", "ghp_1", "lat 1.23, ", "1.2345, 1.2345 ", "1°1'1\"N ", "1 January ", "1/1/1990 ",
        "born 1/1/1990 ",
        "P1<", "passport A1234567 ", "account 123456 ", "SWIFT: ", "DEUTDEF1 ", "bc1", "0x1", "mrn 12345 ",
        "token a1b2c3",
        "\n\n1234567 ", "is 1", "password is a1 ", "A1-", "1A", "1111aaaa",
        "602-272-9781 ", "4111 1111 ", "\u{200B}", "123 ssn ", "GB82 WEST ", "john@example.com", "\u{AD}1\u{AD} ",
    ])
    func `are looked at a bounded number of times each`(hostile: String) {
        let short = Array(String(repeating: hostile, count: 10_000 / hostile.utf8.count).utf8)
        let few = work(short)
        let many = work(Array(String(repeating: hostile, count: 80_000 / hostile.utf8.count).utf8))
        // Eight times as much; a square would be sixty-four.
        #expect(many < few * 9, "\(hostile): \(few) and \(many)")
        #expect(few < short.count * 700, "\(hostile): \(few)")
        #expect(few >= short.count, "what is read is counted")
    }

    @Test func `may be no text at all`() {
        let seed: UInt64 = 0xBAD
        var random = Random(seed)
        let text = (0..<160_000).map { _ in UInt8(random.below(256)) }
        #expect(work(text) < work(Array(text[..<20_000])) * 10, "seed \(seed)")
        for entity in Scanner().entities(in: text) {
            #expect(entity.start < entity.end && entity.end <= text.count)
        }
    }
}
#endif
