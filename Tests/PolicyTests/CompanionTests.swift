import Columnar
import Detection
import Foundations
import Glibc
import Policy
import Similarity
import Testing

@Suite struct `The companion valid` {
    static let values: [(EntityType, [String], [String])] = [
        (.email, ["ada@example.com", " a.b+c@mail.example.co.uk "], ["ada@", "ada", "a@b@c.de", "@example.com", ""]),
        (
            .creditCard, ["4111 1111 1111 1111", "371449635398431"],
            ["4111 1111 1111 1112", "4111", "0000000000000000", "4111x11111111111"]
        ),
        (
            .iban, ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
            ["DE88370400440532013000", "DE8937040044053201300", "hello", "ZZ89370400440532013000"]
        ),
        (
            .usSSN, ["123-45-6789", "123456789"],
            ["000-45-6789", "666-45-6789", "923-45-6789", "123-00-6789", "123-45-0000"]
        ),
        (.usITIN, ["912-70-1234"], ["912-69-1234", "123-45-6789"]),
        (
            .phone, ["+44 20 7946 0018", "(602) 272-9781", "0049 30 901820", "555-123-4567 x12"],
            ["+999 123456789", "12345", "call me", "0000000000", "+1", "+4420794600180000000"]
        ),
        (.ipAddress, ["10.1.2.3", "fe80::1"], ["10.1.2", "10.1.2.300", "1.2.3.4.5"]),
        (
            .dateTime, ["2024-02-29", "31.12.1999", "12/31/1999", "1990-03-31T23:59:59Z"],
            ["2023-02-29", "31.13.1999", "0000-01-01"]
        ),
        (.dateOfBirth, ["19900331", "1990-03-31"], ["19900231", "31/31/1990"]),
        (.brCPF, ["529.982.247-25", "52998224725"], ["529.982.247-26", "111.111.111-11"]),
        (.esDNI, ["12345678Z", "12345678-z"], ["12345678A", "1234567Z"]),
        (.plPESEL, ["44051401359"], ["44051401358", "4405140135"]),
    ]

    @Test(arguments: values)
    func `says what form, check digits and calendar say`(type: EntityType, right: [String], wrong: [String]) throws {
        func valid(_ values: [String?]) throws -> [Bool?] {
            let batch = try Masking.masked(Masking.texts(values), .masked(reason: "test", type: type), [.valid])
            return try #require(batch.column("c0.valid")).withView { view in
                (0..<view.count).map { view.isValid($0) ? view.bool($0) : nil }
            }
        }
        #expect(try valid(right) == right.map { _ in true }, "\(type)")
        #expect(try valid(wrong) == wrong.map { _ in false }, "\(type)")
        #expect(try valid([nil]) == [nil])
    }

    @Test func `is null where nothing can be told`() throws {
        for type in [EntityType.person, .place, nil] {
            let batch = try Masking.masked(Masking.texts(["Ada"]), .masked(reason: "test", type: type), [.valid])
            #expect(batch.column("c0.valid")?.nullCount == 1)
        }
        let month = try Masking.masked(
            Masking.texts(["31 March 1990"]), .masked(reason: "test", type: .dateOfBirth), [.valid])
        #expect(month.column("c0.valid")?.nullCount == 1)
    }

    @Test func `reads every kind of identity number as its detector does`() throws {
        // What python-stdnum says (Tests/DetectionTests/make-numbers.py).
        let made = try Files.read("\(Self.root)/Tests/DetectionTests/numbers.txt")
        var tried = 0
        for line in String(decoding: made, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 3, let type = EntityType(rawValue: parts[0]) else { continue }
            let isValid = Array(parts[1].utf8).withUnsafeBufferPointer { ValueCheck.isValid($0, as: type) }
            #expect(isValid == (parts[2] == "1"), "\(line)")
            tried += 1
        }
        #expect(tried == 396)
    }

    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
}

@Suite struct `The companion bloom` {
    private func filters(
        _ values: [String?], dataset: String = "people", masterKey: [UInt8] = Masking.masterKey
    ) throws -> [[UInt8]?] {
        let batch = try Masking.masked(
            Masking.texts(values), .masked(reason: "test"), [.bloom], dataset: dataset, masterKey: masterKey)
        let column = try #require(batch.column("c0.bloom"))
        #expect(column.type == .binary)
        return column.withView { view in
            (0..<view.count).map { view.isValid($0) ? Array(view.bytes($0)) : nil }
        }
    }

    /// As docs/masking.md tells authors of checks.
    private static func dice(_ a: [UInt8]?, _ b: [UInt8]?) -> Double {
        func pairs(_ bits: Int) -> Double { -1024.0 / 12 * log1p(-Double(min(bits, 1023)) / 1024) }
        func count(_ bytes: some Sequence<UInt8>) -> Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }
        let (a, b) = (a ?? [], b ?? [])
        let all = pairs(count(a)) + pairs(count(b))
        return all > 0 ? 2 * (all - pairs(count(zip(a, b).map { $0 | $1 }))) / all : 1
    }

    private static let words = [
        "ada", "lovelace", "grace", "hopper", "alan", "turing", "edsger", "dijkstra", "barbara", "liskov", "donald",
        "knuth",
        "main", "street", "north", "station", "road", "mississippi", "anna", "banana",
    ]

    /// Texts, and the same with a few letters changed.
    private static func pairs(_ count: Int) -> [(String, String)] {
        var state: UInt64 = 5
        func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(below))
        }
        return (0..<count).map { _ in
            let text = (0...next(4)).map { _ in words[next(words.count)] }.joined(separator: " ")
            guard next(3) > 0 else {
                return (text, (0...next(4)).map { _ in words[next(words.count)] }.joined(separator: " "))
            }
            var other = Array(text)
            for _ in 0...next(4) where other.count > 2 {
                switch next(3) {
                case 0: other.remove(at: next(other.count))
                case 1: other.insert("x", at: next(other.count))
                default: other[next(other.count)] = "q"
                }
            }
            let plain = String(other).split(separator: " ").joined(separator: " ")
            return (text, plain.isEmpty ? "x" : plain)
        }
    }

    @Test func `keeps likeness: two filters tell Dice's coefficient of the pairs of letters`() throws {
        let pairs = Self.pairs(1500)
        let left = try filters(pairs.map(\.0))
        let right = try filters(pairs.map(\.1))
        var worst = 0.0
        var sum = 0.0
        for (place, pair) in pairs.enumerated() {
            let real = QGrams.dice(pair.0, pair.1, q: 2)
            let error = abs(Self.dice(left[place], right[place]) - real)
            worst = max(worst, error)
            sum += error
        }
        #expect(worst < 0.2 && sum / Double(pairs.count) < 0.025, "\(worst) \(sum / Double(pairs.count))")
    }

    @Test func `is the same however a text is written, of 128 bytes, and null for a null`() throws {
        let made = try filters([
            "Zoë Ångström", " zoe\u{308}  ANGSTROM\n", "ＺＯＥ ångström", "zoë angstrøm", nil, "", " ",
        ])
        #expect(made[0] == made[1] && made[0] == made[2] && made[0] != made[3] && made[4] == nil)
        #expect(made[5] == [UInt8](repeating: 0, count: 128) && made[6] == made[5])
        #expect(made.compactMap { $0?.count }.allSatisfy { $0 == 128 })
        let again = try filters(["zoe angstrom"])
        #expect(again[0] == made[0])
    }

    @Test func `of another home or dataset tells nothing`() throws {
        let texts = Self.pairs(200).map(\.0)
        let own = try filters(texts)
        for other in try [
            filters(texts, dataset: "orders"), filters(texts, masterKey: Masking.masterKey.reversed()),
        ] {
            var sum = 0.0
            for (a, b) in zip(own, other) { sum += Self.dice(a, b) }
            #expect(abs(sum / Double(texts.count)) < 0.03, "\(sum / Double(texts.count))")
        }
    }

    @Test func `looks at 64 signs of a text, and takes no longer for millions`() throws {
        let start = String(repeating: "abcdefgh", count: 8)
        let made = try filters([start, start + "zzzz", start + String(repeating: "é\u{301}", count: 1_000_000)])
        #expect(made[0].map { Self.dice($0, made[1]) > 0.95 } == true)
        #expect(made[2] != nil)
    }

    @Test func `holds no letter of the value`() throws {
        let canary = "canary-KLMQ-7391"
        let made = try filters([canary])
        let text = String(decoding: made[0] ?? [], as: UTF8.self).lowercased()
        #expect(!text.contains("klmq") && !text.contains("canary"))
    }
}

@Suite struct `The companion key` {
    @Test func `is of the normalised value: one text has one key however its marks are written`() throws {
        let batch = try Masking.masked(
            Masking.texts(["Zo\u{EB}", "Zoe\u{308}", "zoë", "Zoë ", "Zoe"]), .masked(reason: "test"), [.key])
        let keys = try Masking.strings(batch, "c0.key")
        #expect(keys[0] == keys[1] && Set(keys).count == 4)
        // As published: HMAC over the type's byte and the text in normal form C.
        let key = HMACKey(Sealing.derive(from: Masking.masterKey, purpose: "sluice/pseudonym/1/people"))
        #expect(keys[0] == Hex.encode(key.authenticate([4] + Array("Zo\u{EB}".utf8)).prefix(16)))
    }

    @Test func `takes no longer for marks without end`() throws {
        let marks = String(repeating: "\u{301}\u{323}", count: 2_000_000)
        let batch = try Masking.masked(Masking.texts(["a" + marks, "a" + marks]), .masked(reason: "test"), [.key])
        let keys = try Masking.strings(batch, "c0.key")
        #expect(keys[0] == keys[1])
    }
}
