import Testing

@testable import Detection

struct `A text that is looked through` {
    private func found(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return Scanner().entities(in: bytes).map {
            "\($0.type.rawValue) \(String(decoding: bytes[$0.start..<$0.end], as: UTF8.self))"
        }
    }

    @Test
    func `is looked through for the types that are asked for alone`() {
        let bytes = Array("mail a.b@example.com, ssn 123-45-6789, passport no. C01X00T47".utf8)
        func types(_ asked: Set<EntityType>?) -> [EntityType] {
            Scanner(types: asked).entities(in: bytes).map(\.type)
        }
        #expect(types(nil) == [.email, .usSSN, .passport])
        #expect(types([.usSSN]) == [.usSSN])
        #expect(types([.passport]) == [.passport])
        #expect(types([]) == [])
    }

    @Test(arguments: [
        ("Mail john.doe@example.com.", ["EMAIL_ADDRESS john.doe@example.com"]),
        (#"{"e":"a\nb@example.org"}"#, ["EMAIL_ADDRESS b@example.org"]),
        ("<花子.田中92@example.com>", ["EMAIL_ADDRESS 花子.田中92@example.com"]),
        ("no@tld, @handle, a@b.c1", []),
        ("card 4111 1111 1111 1111 now", ["CREDIT_CARD 4111 1111 1111 1111"]),
        ("card 4111-1111-1111-1112", []),
        ("amex 3782-822463-10005", ["CREDIT_CARD 3782-822463-10005"]),
        ("IBAN GB82 WEST 1234 5698 7654 32.", ["IBAN_CODE GB82 WEST 1234 5698 7654 32"]),
        ("DE89370400440532013000", ["IBAN_CODE DE89370400440532013000"]),
        ("from 10.0.0.255, not 10.0.0.256", ["IP_ADDRESS 10.0.0.255"]),
        ("v1.2.3.4 and 1.2.3.4.5", []),
        ("at 2001:db8::1 or ::1", ["IP_ADDRESS 2001:db8::1"]),
        ("std::vector, 12:30:45", []),
        ("00:1a:2b:3c:4d:5e", ["MAC_ADDRESS 00:1a:2b:3c:4d:5e"]),
        ("ssn 123-45-6789", ["US_SSN 123-45-6789"]),
        ("123-00-6789", []),
        ("ITIN 912-70-1234", ["US_ITIN 912-70-1234"]),
        ("(602) 272-9781 x12", ["PHONE_NUMBER (602) 272-9781 x12"]),
        ("+41 (0)71 526 99 04", ["PHONE_NUMBER +41 (0)71 526 99 04"]),
        ("Tel: 0489 25 37 29", ["PHONE_NUMBER 0489 25 37 29"]),
        ("780 6326-Office", ["PHONE_NUMBER 780 6326"]),
        ("order 1234567890", []),
        ("2020-06-20 14:11:22 and 7/30/1964", []),
        ("", []), ("@", []), ("+", []), (":::::", []), ("1", []),
    ])
    func `gives up what identifies somebody, and nothing else`(text: String, expected: [String]) {
        #expect(found(text) == expected)
    }

    @Test(arguments: [
        ("ｊｏｈｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", EntityType.email), ("card 4\u{200B}1\u{200B}11 1111 1111 1111", .creditCard),
        ("tel ٠٦٠٢٢٧٢٩٧٨١", .phone), ("ssn 123–45–6789", .usSSN), ("４１１１１１１１１１１１１１１１", .creditCard),
    ])
    func `hides nothing behind signs that look like others`(text: String, type: EntityType) throws {
        let bytes = Array(text.utf8)
        let entity = try #require(Scanner().entities(in: bytes).first)
        #expect(entity.type == type)
        #expect(String(validating: bytes[entity.start..<entity.end], as: UTF8.self) != nil, "no scalar is cut")
    }

    @Test func `may be any bytes`() {
        var state: UInt64 = 0x5EED
        for _ in 0..<2_000 {
            let bytes = (0..<64).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let random = UInt8(truncatingIfNeeded: state >> 56)
                let likely = Array("0123456789+-@.: ()xGB\u{80}\u{FF}".utf8)
                return random < 200 ? likely[Int(random) % likely.count] : random
            }
            for entity in Scanner().entities(in: bytes) {
                #expect(entity.start < entity.end && entity.end <= bytes.count && entity.score <= 1)
            }
        }
    }
}
