import Columnar
import Contracts
import Detection
import Foundations
import Policy
import Testing

/// Rows through the masker, for tests of its columns.
enum Masking {
    static let masterKey = [UInt8](0..<32)

    static func permit(_ action: Action = .callCheck) throws -> Permit {
        try shippedEngine().permit(
            .init(actor: .init(userID: "ada", role: .admin), action: action, mode: .dataMode, provider: "local"))
    }

    static func texts(_ values: [String?]) -> Column {
        var builder = ColumnBuilder(.text)
        for value in values { builder.append(text: value) }
        return builder.finish()
    }

    /// One column, masked, with what was asked for beside it.
    static func masked(
        _ column: Column, _ exposure: Exposure, _ companions: Set<Masker.Companion> = [], dataset: String = "people",
        masterKey: [UInt8] = masterKey
    ) throws -> Batch {
        Masker(masterKey: masterKey, dataset: dataset).mask(
            Batch(schema: Schema([Field("x", column.type)]), columns: [column], rowCount: column.count),
            exposures: [exposure], companions: companions, permit: try permit()
        ).batch
    }

    static func strings(_ batch: Batch, _ name: String = "c0") throws -> [String?] {
        try #require(batch.column(name)).withView { view in (0..<view.count).map { view.text($0) } }
    }

    static func forms(_ values: [String?], _ type: EntityType?, _ action: PIIAction = .mask) throws -> [String?] {
        try strings(try masked(texts(values), .masked(reason: "test", type: type, action: action)))
    }
}

@Suite struct `The form of a value` {
    static let forms: [(EntityType, String, String)] = [
        (.email, "john@example.com", "j***@e******.com"), (.email, "jo@ab.org", "****@**.org"),
        (.email, "a.b@mail.example.co.uk", "a***@m***.*******.**.uk"), (.email, "no address", "aa aaaaaaa"),
        (.email, "花子@example.com", "aa@aaaaaaa.aaa"),
        (.creditCard, "4111 1111 1111 1234", "**** **** **** 1234"),
        (.creditCard, "371449635398431", "***********8431"),
        (.creditCard, "1234", "9999"), (.usSSN, "123-45-6789", "***-**-6789"), (.usSSN, "6789", "9999"),
        (.iban, "DE89 3704 0044 0532 0130 00", "DE** **** **** **** **30 00"),
        (.phone, "+44 20 7946 0018", "+44 ** **** ****"), (.phone, "+12025550143", "+1**********"),
        (.phone, "+352 27 12 12", "+352 ** ** **"), (.phone, "(602) 272-9781", "(999) 999-9999"),
        (.phone, "+999 12345", "+999 99999"), (.person, "Ada Lovelace", "Aaa Aaaaaaaa"),
        (.dateOfBirth, "1990-03-31", "9999-99-99"), (.apiKey, "sk-live-0123456789abcdef", "sk-********"),
        (.password, "x", "********"), (.bankAccount, "12345678", "99999999"),
        (.bankAccount, "1234 5678 9012", "**** **** 9012"),
        (.credentialURL, "postgres://ada:pw@db/x", "postgres://***:***@***"),
        (.iban, "DE88370400440532013000", "DE****************3000"), (.email, "ab@cd.xn--p1ai", "****@**.xn--p1ai"),
        (.apiKey, "ghp_0123456789abcdefghij0123456789abcdef", "ghp_********"),
        (.phone, "+44 20 7946 0018 ext. 12", "+44 ** **** **** ***. **"),
        (
            .cryptoAddress, "0x52908400098527886E0F7030069857D2E4169EE7",
            "**************************************9EE7"
        ),
    ]

    @Test(arguments: forms)
    func `shows of a column's values what docs slash masking says`(type: EntityType, value: String, form: String) throws
    {
        #expect(try Masking.forms([value, nil], type) == [form, nil])
        let exposure = Exposure.masked(reason: "test", type: type)
        let preview = Masking.texts([value]).withView { Masker.preview($0, row: 0, exposure: exposure) }
        #expect(preview == form)
    }

    /// What stands in a column whose class is the type's, and is none.
    static let others: [(EntityType, [String])] = [
        (.creditCard, ["Maria Kowalska", "paid 4111 1111 1111", "4111.1111.1111.1111x"]),
        (.usSSN, ["Catherine", "12345678X", "Maria 123"]),
        (.iban, ["Account of Mr Miller", "DE12 Maria Kowalska 90", "ZZ12 3456 7890 1234 5678", "MariaKowalskaBerlin"]),
        (.bankAccount, ["Account of Mr Miller", "12345678901X"]),
        (.cryptoAddress, ["Maria Kowalska of Berlin 1990", "MariaKowalskaVonSternbergBerlin", "Kowalska1990Berlin"]),
        (.apiKey, ["Maria-Kowalska-1990-xx", "VK7JG-NPHTM-C97JM-9MPGT", "Sk-0123456789abcdefgh"]),
        (.credentialURL, ["maria.kowalska:geheim@db", "Hunter2:5432", "geheim://db", "Hunter2://a:b@c"]),
        (.email, ["x@y.4111111111111111", "x@y@example.com", "x@y.a", "x@y.xn--a_b"]),
        (.phone, ["+44 Maria Kowalska", "+1 for 2025550143", "+44"]),
    ]

    @Test(arguments: others)
    func `shows no letter and no digit of what is not written as its kind`(type: EntityType, values: [String]) throws {
        for value in values {
            let form = try #require(try Masking.forms([value], type)[0])
            let whole = type == .apiKey ? "********" : try Masking.forms([value], nil)[0]
            #expect(form == whole, "\(type) \(value): \(form)")
        }
    }

    @Test func `shows no more than 64 signs, and no letter or digit beyond the ones that are named`() throws {
        let long = String(repeating: "x", count: 90)
        let shown = try Masking.forms(["\(long)@\(long).com"], .email)
        #expect(shown == ["x***@x" + String(repeating: "*", count: 58) + "…"])
        // Every letter of these is different: what is left of them can be counted.
        let canary = "qwzkvjxbfgyhpmud"
        for type in EntityType.allCases {
            let left = try Masking.forms([canary, "\(canary)@\(canary).net"], type)
            let kept = (left[0] ?? "").filter { canary.contains($0) && $0 != "a" }
            #expect(kept.count <= (type == .iban ? 6 : 4), "\(type): \(left)")
        }
    }

    @Test func `is the shape of what nobody knows, byte by byte and eight at a time`() throws {
        var state: UInt64 = 11
        func next(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        let wide: [Unicode.Scalar] = ["é", "Ø", "日", "٣", "€", "😀", "ß", "Ж"]
        for _ in 0..<2000 {
            var text = String.UnicodeScalarView()
            let isASCII = next(3) > 0
            for _ in 0..<next(90) {
                text.append(isASCII || next(6) > 0 ? Unicode.Scalar(UInt8(next(128))) : wide[Int(next(8))])
            }
            #expect(try Masking.forms([String(text)], nil) == [Self.shape(text)], "\(Array(text))")
        }
    }

    /// The slow twin.
    private static func shape(_ text: String.UnicodeScalarView) -> String {
        var out = ""
        for scalar in text.prefix(64) {
            switch scalar {
            case "a"..."z": out += "a"
            case "A"..."Z": out += "A"
            case "0"..."9": out += "9"
            case " "..."~": out.unicodeScalars.append(scalar)
            default:
                let properties = scalar.properties
                out +=
                    properties.isUppercase
                    ? "A" : properties.isAlphabetic ? "a" : properties.numericType != nil ? "9" : "*"
            }
        }
        return text.count > 64 ? out + "…" : out
    }
}

@Suite struct `What is done to a class` {
    private let values: [String?] = ["ada@example.com", nil, "bob@example.com", "ada@example.com"]

    @Test func `gives pseudonyms that are typed and equal for equal values`() throws {
        let made = try Masking.forms(values, .email, .pseudonymise)
        #expect(made[0] == made[3] && made[0] != made[2] && made[1] == nil)
        let whole = try Regex("EMAIL_[0-9a-f]{16}")
        for text in made.compactMap({ $0 }) { #expect(text.wholeMatch(of: whole) != nil, "\(text)") }
        // The first digits of the key: what is joined by one is joined by the other.
        let exposure = Exposure.masked(reason: "test", type: .email, action: .pseudonymise)
        let batch = try Masking.masked(Masking.texts(values), exposure, [.key])
        let keys = try Masking.strings(batch, "c0.key")
        #expect(made[0] == "EMAIL_" + (keys[0] ?? "").prefix(16))
        #expect(try Masking.forms(values, nil, .pseudonymise)[0]?.hasPrefix("VALUE_") == true)
    }

    @Test func `gives hashes of 64 digits, and of a dropped value nothing but that it is there`() throws {
        let made = try Masking.forms(values, .email, .hash)
        let whole = try Regex("[0-9a-f]{64}")
        #expect(made[0] == made[3] && made[0] != made[2] && made[1] == nil)
        for text in made.compactMap({ $0 }) { #expect(text.wholeMatch(of: whole) != nil, "\(text)") }
        #expect(try Masking.forms(values, .email, .drop) == ["", nil, "", ""])
    }

    @Test func `depends on the dataset and the home, not on the run`() throws {
        let exposure = Exposure.masked(reason: "test", type: .email, action: .hash)
        func hash(_ dataset: String, _ masterKey: [UInt8]) throws -> String? {
            let batch = try Masking.masked(Masking.texts(values), exposure, dataset: dataset, masterKey: masterKey)
            return try Masking.strings(batch)[0]
        }
        let key = Masking.masterKey
        let made = try [hash("a", key), hash("b", key), hash("a", key.reversed())]
        #expect(Set(made).count == 3)
        #expect(try hash("a", key) == made[0])
    }

    @Test func `bounds what the companions tell`() throws {
        let told: [PIIAction: Set<String>] = [
            .mask: ["key", "shape", "length", "valid", "bloom"], .pseudonymise: ["key", "valid", "bloom"],
            .hash: ["key", "valid"], .drop: [],
        ]
        for (action, names) in told {
            let exposure = Exposure.masked(reason: "test", type: .email, action: action)
            let batch = try Masking.masked(Masking.texts(values), exposure, Set(Masker.Companion.allCases))
            for companion in Masker.Companion.allCases {
                let column = try #require(batch.column("c0.\(companion.rawValue)"))
                let isThere = names.contains(companion.rawValue)
                #expect(column.nullCount == (isThere ? 1 : 4), "\(action) \(companion)")
            }
        }
    }

    @Test func `is by the strictest action where several meet, which tells no more than any of them`() throws {
        func left(_ action: PIIAction) throws -> Set<String> {
            let exposure = Exposure.masked(reason: "test", type: .usSSN, action: action)
            let batch = try Masking.masked(
                Masking.texts(["123-45-6789"]), exposure, Set(Masker.Companion.allCases))
            var names: Set<String> = []
            for companion in Masker.Companion.allCases
            where batch.column("c0.\(companion.rawValue)")?.nullCount == 0 { names.insert(companion.rawValue) }
            return names
        }
        let actions: [PIIAction] = [.drop, .hash, .pseudonymise, .mask]
        #expect(PIIAction.allCases.sorted() == actions + [.allow])
        for first in actions {
            for second in actions {
                let both = try left(min(first, second))
                #expect(try both.isSubset(of: left(first)) && both.isSubset(of: left(second)), "\(first) \(second)")
            }
        }
        // One input hashed and one masked: no shape, no length, no filter, and not the last four digits.
        let action = try #require([PIIAction.mask, .hash].min())
        #expect(try left(action) == ["key", "valid"])
        #expect(try Masking.forms(["123-45-6789"], .usSSN, action)[0]?.count == 64)
    }

    @Test func `is shown in previews without a key`() throws {
        func preview(_ type: EntityType?, _ action: PIIAction) -> String? {
            Masking.texts(["ada@example.com"]).withView {
                Masker.preview($0, row: 0, exposure: .masked(reason: "test", type: type, action: action))
            }
        }
        #expect(preview(.email, .mask) == "a***@e******.com")
        #expect(preview(.email, .pseudonymise) == "EMAIL_*" && preview(nil, .hash) == "VALUE_*")
        #expect(preview(.email, .drop) == "*")
    }

    @Test func `is what the manifest says of the class`() throws {
        let manifest = try shippedManifest().with(
            ["pii"],
            [
                "default": "hash",
                "classes": [
                    "contact.email": ["action": "allow"], "contact.phone": ["action": "pseudonymise"],
                    "finance.card": ["action": "drop"],
                ],
            ])
        let engine = PolicyEngine(manifest: try PolicyManifest(manifest))
        func exposure(_ entity: EntityType?) -> Exposure {
            engine.exposure(
                of: ColumnFacts(
                    type: .text, distinct: 9, rows: 9, maximumDigits: 0, looksPersonal: true, isListedCodes: false,
                    entity: entity))
        }
        #expect(exposure(.email).isOpen && exposure(.email).type == .email)
        #expect(exposure(.phone).action == .pseudonymise && exposure(.creditCard).action == .drop)
        #expect(exposure(.iban).action == .hash && exposure(nil).action == .hash)
        #expect(exposure(.phone).json["action"] == "pseudonymise" && exposure(.phone).json["class"] == "contact.phone")
        // Prompts too: what is allowed stays, and of what is dropped not even equality is told.
        var masker = engine.promptMasker(permit: try Masking.permit(.callProvider))
        let prompt = masker.mask("ada@example.com, 4111111111111111, 4111111111111111, +44 20 7946 0018")
        #expect(prompt.text == "ada@example.com, ⟨REMOVED_1⟩, ⟨REMOVED_2⟩, ⟨PHONE_1⟩")
        let restored = try masker.vault.restore("⟨REMOVED_2⟩ ⟨REMOVED_1⟩ ⟨PHONE_1⟩")
        #expect(restored.text == "4111111111111111 4111111111111111 +44 20 7946 0018")
    }

    @Test func `never opens what is not open`() throws {
        #expect(Exposure.masked(reason: "test", type: .email, action: .allow).action == .mask)
        #expect(try Masking.forms(["ada@example.com"], .email, .allow) == ["a***@e******.com"])
        for entity in EntityType.allCases {
            let facts = ColumnFacts(
                type: .int64, distinct: 2, rows: 9, maximumDigits: 1, looksPersonal: false, isListedCodes: true,
                codes: ["a"], entity: entity)
            let exposure = try shippedEngine().exposure(of: facts)
            #expect(!exposure.isOpen && exposure.type == entity)
            #expect(exposure.json["class"]?.stringValue == entity.dataClass.rawValue)
        }
    }
}
