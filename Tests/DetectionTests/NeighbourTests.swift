import Testing

@testable import Detection

struct `A value beside signs that are not of ASCII` {
    /// One value of each structured type, with the word in front of it that it needs.
    static let values: [(type: EntityType, word: String, value: String)] = [
        (.creditCard, "card ", "4111 1111 1111 1111"), (.creditCard, "", "4111111111111111"),
        (.usSSN, "SSN ", "123-45-6789"), (.usSSN, "", "123-45-6789"), (.phone, "Tel. ", "+44 20 7946 0018"),
        (.phone, "", "602-272-9781"), (.ipAddress, "from ", "192.168.0.1"), (.ipAddress, "", "2001:db8::1"),
        (.macAddress, "MAC ", "00:1B:44:11:3A:5B"), (.iban, "IBAN ", "DE89370400440532013000"),
        (.iban, "", "GB82 WEST 1234 5698 7654 32"), (.apiKey, "key ", "sk-abcdefghij1234567890ABCDEF"),
        (.apiKey, "", "AKIAIOSFODNN7EXAMPLE"), (.passport, "passport ", "C01X00T47"),
        (.email, "", "john@example.com"), (.cryptoAddress, "", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (.gbNINO, "", "AB123456C"), (.esNIE, "", "X1234567L"),
    ]

    /// What may stand in front of a value and behind it.
    static let neighbours: [(String, String)] = [
        ("“", "”"), ("‘", "’"), ("„", "“"), ("«", "»"), ("‹", "›"), ("•", "…"), ("…", "…"), ("€", "¥"), ("₹", "№"),
        ("、", "。"), ("「", "」"), ("《", "》"), ("は", "です"), ("卡号", "谢谢"), ("번호", "입니다"),
        ("。", "，"), ("หมายเลข", "ครับ"), ("→", "✓"), ("😀", "😀"), ("٪", "،"), ("№", "†"), ("\u{2028}", "\u{2028}"),
    ]

    static func isFound(_ type: EntityType, _ value: String, in text: String) -> Bool {
        Scanner().entities(in: Array(text.utf8)).contains { $0.type == type && shown($0, text) == value }
    }

    static func shown(_ entity: Entity, _ text: String) -> String {
        String(decoding: Array(text.utf8)[entity.start..<entity.end], as: UTF8.self)
    }

    @Test(arguments: neighbours)
    func `is found`(front: String, behind: String) {
        for (type, word, value) in Self.values {
            let text = "\(word)\(front)\(value)\(behind) and more"
            let isFound = Self.isFound(type, value, in: text)
            #expect(isFound, "\(text)")
            let isSame = Scanner().entities(in: Array(text.utf8)) == PlainScanner.entities(in: Array(text.utf8))
            #expect(isSame, "\(text)")
        }
    }

    @Test(arguments: ["é4111111111111111", "4111111111111111ж", "λ123-45-6789", "AB123456Cü"])
    func `is a part of a word beside a letter of a script with capitals`(text: String) {
        let refused: Set<EntityType> = [.creditCard, .usSSN, .gbNINO]
        let found = Set(Scanner().entities(in: Array(text.utf8)).map(\.type))
        #expect(found.isDisjoint(with: refused))
    }

    @Test(arguments: [
        ("请联系我的同事张伟先生他的电子邮件地址是我刚才发给你的那个joe@example.com谢谢", ["joe@example.com"]),
        ("我的邮箱是123456@qq.com。", ["123456@qq.com"]), ("邮箱josé.müller@example.de、", ["josé.müller@example.de"]),
        ("<花子.田中92@example.com>", ["花子.田中92@example.com"]), ("иван@пример.рф—да", ["иван@пример.рф"]),
        ("\(String(repeating: "x", count: 90))@example.com", ["\(String(repeating: "x", count: 90))@example.com"]),
        ("“john@example.com”", ["john@example.com"]), ("mail 田中@例え.jp です", ["田中@例え.jp"]),
    ])
    func `does not make an address longer or cut it`(text: String, expected: [String]) {
        let found = Scanner().entities(in: Array(text.utf8)).filter { $0.type == .email }.map { Self.shown($0, text) }
        #expect(found == expected)
    }

    @Test func `is never cut in the middle of a scalar`() {
        let parts = [
            "张伟", "先生", "x", "é", "花", "@example.com", "@例え.jp", "—", "“", "4111111111111111", "password: ", " ",
            "😀", "https://u:p1@h/", "。", "한국", ".", "-", "1",
        ]
        var random = Random(0x5CA1A)
        for _ in 0..<1_500 {
            let text = (0..<60).map { _ in parts[random.below(parts.count)] }.joined()
            let bytes = Array(text.utf8)
            for entity in Scanner().entities(in: bytes) {
                let isWhole = String(validating: bytes[entity.start..<entity.end], as: UTF8.self) != nil
                #expect(isWhole, "\(entity) of \(text)")
            }
        }
    }

    @Test(arguments: ["—", "–", "―", "‒", " – "])
    func `is found in front of a dash and behind one`(dash: String) {
        for (type, word, value) in Self.values {
            for text in ["\(word)\(value)\(dash)thanks", "so\(dash)\(value)\(dash)so"]
            where word.isEmpty || text.hasPrefix(word) {
                let isFound = Self.isFound(type, value, in: text)
                #expect(isFound, "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("john@example.com-x", ["john@example.com"]), ("john.doe@example.co.uk-based", ["john.doe@example.co.uk"]),
        ("john@example.com–jane@example.org", ["john@example.com", "jane@example.org"]),
        ("4111111111111111–4111111111111111", ["4111111111111111", "4111111111111111"]),
        ("602–272–9781", ["602–272–9781"]),
    ])
    func `ends where a dash begins`(text: String, expected: [String]) {
        let found = Scanner().entities(in: Array(text.utf8)).map { Self.shown($0, text) }
        #expect(found == expected)
    }

    @Test(arguments: [
        "\u{E0020}", "\u{E0100}", "\u{3164}", "\u{FFA0}", "\u{115F}", "\u{180B}", "\u{2065}", "\u{301}", "\u{20E3}",
        "\u{FE0F}\u{20E3}", "\u{200B}\u{332}", "\u{1D173}", "\u{FFF0}", "\u{AD}",
    ])
    func `is found with signs in it that nobody sees`(sign: String) {
        for (type, _, value) in Self.values where type == .creditCard || type == .usSSN || type == .phone {
            let text = value.map { "\($0)\(sign)" }.joined() + " "
            let bytes = Array(text.utf8)
            let types = Scanner().entities(in: bytes).map(\.type)
            #expect(types == [type], "\(text.debugDescription)")
            let isSame = Scanner().entities(in: bytes) == PlainScanner.entities(in: bytes)
            #expect(isSame)
        }
    }

    @Test(arguments: [
        ("::ffff:192.168.0.1", "::ffff:192.168.0.1"), ("[::ffff:203.0.113.7]:443", "::ffff:203.0.113.7"),
        ("at 64:ff9b::192.0.2.33.", "64:ff9b::192.0.2.33"), ("0:0:0:0:0:ffff:10.0.0.1 now", "0:0:0:0:0:ffff:10.0.0.1"),
        ("“::ffff:192.0.2.1”", "::ffff:192.0.2.1"),
    ])
    func `is an address with four octets at its end`(text: String, value: String) {
        let found = Scanner().entities(in: Array(text.utf8)).map { "\($0.type.rawValue) \(Self.shown($0, text))" }
        #expect(found == ["IP_ADDRESS \(value)"])
    }

    @Test(arguments: [
        ("GET /cards/4111111111111111/charge", ["4111111111111111"]),
        ("card: 4111-1111-1111-1111/x", ["4111-1111-1111-1111"]),
        ("id_4111111111111111", ["4111111111111111"]), ("x 123-45-6789_a", ["123-45-6789"]),
        ("/ssn/123-45-6789/x", ["123-45-6789"]), ("/a/4111111111111112/b", []), ("/a/6022729781/b", []),
        ("a-4111111111111111", []), ("x.123-45-6789", []),
    ])
    func `is found in a path when it is a card or three, two and four digits`(text: String, expected: [String]) {
        let bytes = Array(text.utf8)
        let found = Scanner(types: [.creditCard, .usSSN, .phone]).entities(in: bytes).map { Self.shown($0, text) }
        #expect(found == expected)
        let isSame = Scanner().entities(in: bytes) == PlainScanner.entities(in: bytes)
        #expect(isSame)
    }

    @Test(arguments: [
        ("personnummer: 19811218-9876", "19811218-9876"), ("personnummer 198112189876", "198112189876"),
        ("057315/1249", "057315/1249"), ("057115/1240", "057115/1240"), ("900515/1243", "900515/1243"),
    ])
    func `is a number of Sweden with the century, or a Czech one of any month`(text: String, expected: String) {
        let entities = Scanner().entities(in: Array(text.utf8))
        let found = entities.map { Self.shown($0, text) }
        #expect(found == [expected])
        let types = Set(entities.map(\.type))
        #expect(types.isSubset(of: [.sePersonnummer, .czRodneCislo]))
    }

    @Test(arguments: [
        ("MAC 00-1B-44-11-3A-5B up", "MAC_ADDRESS 00-1B-44-11-3A-5B"),
        ("“AC-DE-48-00-11-22”", "MAC_ADDRESS AC-DE-48-00-11-22"),
        ("arp 001B.4411.3A5B.", "MAC_ADDRESS 001B.4411.3A5B"),
    ])
    func `is a hardware address with dashes or dots`(text: String, expected: String) {
        let found = Scanner().entities(in: Array(text.utf8)).map { "\($0.type.rawValue) \(Self.shown($0, text))" }
        #expect(found == [expected])
    }
}
