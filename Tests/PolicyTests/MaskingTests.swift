import Columnar
import Contracts
import Foundations
import Policy
import Testing

private func permit(_ action: Action = .callCheck) throws -> Permit {
    try shippedEngine().permit(
        .init(actor: .init(userID: "ada", role: .admin), action: action, mode: .dataMode, provider: "local"))
}

private let masterKey = [UInt8](0..<32)
private let masked = Exposure.masked(reason: "test")
private let open = Exposure.open(reason: "test")

private func texts(_ values: [String?]) -> Column {
    var builder = ColumnBuilder(.text)
    for value in values { builder.append(text: value) }
    return builder.finish()
}

private func integers(_ values: [Int64?]) -> Column {
    var builder = ColumnBuilder(.int64)
    for value in values { if let value { builder.append(int64: value) } else { builder.appendNull() } }
    return builder.finish()
}

private func strings(_ batch: Batch, _ name: String) throws -> [String?] {
    try #require(batch.column(name)).withView { view in (0..<view.count).map { view.text($0) } }
}

private func numbers(_ batch: Batch, _ name: String) throws -> [Int64?] {
    try #require(batch.column(name)).withView { view in (0..<view.count).map { view.isValid($0) ? view.int64($0) : nil }
    }
}

private func batch(_ columns: [(String, Column)], first: Int64 = 0) -> Batch {
    Batch(
        schema: Schema(columns.map { Field($0.0, $0.1.type) }), columns: columns.map(\.1),
        rowCount: columns.first?.1.count ?? 0,
        firstOrdinal: first)
}

@Suite struct `The exposure of a column` {
    private let harmless = ColumnFacts(
        type: .int64, distinct: 10, rows: 100, maximumDigits: 3, looksPersonal: false, isListedCodes: false)

    private func exposure(_ change: (inout ColumnFacts) -> Void) throws -> JSON? {
        var facts = harmless
        change(&facts)
        let exposure = try shippedEngine().exposure(of: facts)
        #expect(exposure.json["reason"]?.stringValue?.isEmpty == false)
        #expect(exposure.isOpen == (exposure.json["exposure"] == "open"))
        return exposure.json["exposure"]
    }

    @Test func `opens numbers, booleans and listed codes, and nothing else`() throws {
        for type in ColumnType.crossing {
            let isOpenType = [.int64, .float64, .bool].contains(type)
            #expect(try exposure { $0.type = type } == (isOpenType ? "open" : "masked"), "\(type)")
            #expect(
                try exposure {
                    $0.type = type
                    $0.isListedCodes = true
                } == "codes", "\(type)")
            #expect(
                try exposure {
                    $0.type = type
                    $0.looksPersonal = true
                } == "masked", "\(type)")
            #expect(
                try exposure {
                    $0.type = type
                    $0.looksPersonal = true
                    $0.isListedCodes = true
                } == "masked", "\(type)")
        }
    }

    @Test func `stays closed for codes that are many and integers that are long`() throws {
        #expect(
            try exposure {
                $0.type = .text
                $0.isListedCodes = true
                $0.distinct = 64
            } == "codes")
        #expect(
            try exposure {
                $0.type = .text
                $0.isListedCodes = true
                $0.distinct = 65
            } == "masked")
        #expect(try exposure { $0.maximumDigits = 8 } == "open")
        #expect(try exposure { $0.maximumDigits = 9 } == "masked")
        #expect(
            try exposure {
                $0.maximumDigits = 10
                $0.isListedCodes = true
                $0.distinct = 1000
            } == "masked")
    }

    @Test func `stays closed for numbers that a register may have given out`() throws {
        #expect(try exposure { $0.mayIdentify = true } == "masked")
        #expect(
            try exposure {
                $0.mayIdentify = true
                $0.isListedCodes = true
            } == "codes")
    }

    @Test(arguments: [ColumnType.int64, .float64])
    func `stays closed for numbers of more digits than the manifest allows, whole or not`(_ type: ColumnType) throws {
        let most = try shippedEngine().manifest.integerDigitsMax
        for digits in 1...19 {
            let found = try exposure {
                $0.type = type
                $0.maximumDigits = digits
            }
            #expect(found == (digits <= most ? "open" : "masked"), "\(digits)")
        }
    }

    @Test func `is closed for everything when the manifest opens no type`() throws {
        let engine = PolicyEngine(
            manifest: try PolicyManifest(
                try shippedManifest().with(["masking", "open_types"], []).with(
                    ["masking", "listed_codes_max_distinct"], 0)))
        for type in ColumnType.crossing {
            for codes in [true, false] {
                var facts = harmless
                facts.type = type
                facts.isListedCodes = codes
                #expect(engine.exposure(of: facts).json["exposure"] == "masked")
            }
        }
    }
}

@Suite struct `The masker` {
    private let masker = Masker(masterKey: masterKey, dataset: "people")
    static let canaries = [
        "canary-KLMQ-7391", "Ada Lovelace", "ada.lovelace@example.com", "Ørsted Ångström", "Łukasz", "日本太郎", "Ελένη",
        "+44 20 7946 0018", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "naïve\u{301}", "١٢٣٤٥", "Straße 42", "emoji 😀 here",
    ]

    private func bytes(_ batch: Batch) -> [UInt8] {
        var out: [UInt8] = []
        BatchCodec.encode(batch, into: &out)
        return out
    }

    private func holds(_ haystack: [UInt8], _ needle: String) -> Bool {
        let needle = Array(needle.utf8)
        return haystack.indices.contains { haystack[$0...].starts(with: needle) }
    }

    @Test func `lets no text through: not in values, not under nulls, not in names`() throws {
        let raw = batch([
            ("canary-header-QXZ", texts(Self.canaries)), ("b", texts(Self.canaries.map { String($0.uppercased()) })),
        ])
        let made = masker.mask(
            raw, exposures: [masked, masked], companions: Set(Masker.Companion.allCases), permit: try permit())
        let frame = bytes(made.batch)
        #expect(!holds(frame, "header") && !holds(frame, "QXZ"))
        for canary in Self.canaries {
            // Words of three characters may stand in a hexadecimal key by chance.
            for word in canary.split(whereSeparator: { " -@.".contains($0) }) where word.utf8.count > 3 {
                #expect(!holds(frame, String(word)), "\(word)")
                #expect(!holds(frame, word.uppercased()), "\(word)")
            }
        }
        // Of every text nothing but a, A, 9, * and ASCII punctuation is left.
        for place in [0, 1] {
            for shape in try strings(made.batch, "c\(place)") {
                let left = (shape ?? "").utf8.filter { byte in
                    (0x41...0x5A).contains(byte) && byte != 0x41 || (0x61...0x7A).contains(byte) && byte != 0x61
                        || (0x30...0x39).contains(byte) && byte != 0x39 || byte >= 0x80
                }
                #expect(left.isEmpty, "\(shape ?? "")")
            }
        }
    }

    /// A connector may leave values under nulls and behind the last offset; a decoded batch keeps them.
    @Test func `leaves nothing under nulls or between values, in open columns too`() throws {
        var text = ColumnBuilder(.text)
        for value in ["hidden-canary", "shown", "hidden-too"] { text.append(text: value) }
        var integers = ColumnBuilder(.int64)
        for value: Int64 in [0x5A5A_5A5A_5A5A_5A5A, 1, 0x5A5A_5A5A_5A5A_5A5A] { integers.append(int64: value) }
        for (column, type) in [(text.finish(), ColumnType.text), (integers.finish(), .int64)] {
            var frame = bytes(batch([("a", column)]))
            // Rows 0 and 2 become nulls by their bits alone; the validity buffer comes in front of the others.
            frame[29] = 2
            frame[45] = 1
            frame.insert(contentsOf: [0b010, 0, 0, 0, 0, 0, 0, 0], at: 88)
            for buffer in [53, 69] where frame[buffer + 8] > 0 { frame[buffer] += 8 }
            let raw = try BatchCodec.decode(Bytes.copy(frame))
            #expect(raw.columns[0].nullCount == 2)
            for exposure in [masked, open] {
                let made = masker.mask(
                    raw, exposures: [exposure], companions: Set(Masker.Companion.allCases), permit: try permit())
                let sent = bytes(made.batch)
                #expect(!holds(sent, "hidden") && !holds(sent, "ZZZZ"), "\(type) \(exposure)")
                #expect(made.batch.columns[1].nullCount == 2)
            }
        }
    }

    @Test func `puts ordinals first, as they are or as they are given`() throws {
        let raw = batch([("x", texts(["a", nil, "c"]))], first: 700)
        let made = masker.mask(raw, exposures: [masked], companions: [], permit: try permit()).batch
        #expect(made.schema.fields[0] == Field("sluice.ordinal", .int64, nullable: false))
        #expect(try numbers(made, "sluice.ordinal") == [700, 701, 702])
        let given = masker.mask(raw, exposures: [masked], companions: [], ordinals: [5, 900, 6], permit: try permit())
            .batch
        #expect(try numbers(given, "sluice.ordinal") == [5, 900, 6])
        #expect(try strings(given, "c0") == ["a", nil, "a"])
    }

    @Test func `shows open columns as they are and closed ones as their shape`() throws {
        let raw = batch([
            ("n", integers([41, nil, -7])), ("n2", integers([41, nil, -7])), ("t", texts(["Ab1", nil, ""])),
        ])
        let made = masker.mask(raw, exposures: [open, masked, masked], companions: [], permit: try permit()).batch
        #expect(made.schema.fields.map(\.name) == ["sluice.ordinal", "c0", "c1", "c2"])
        #expect(made.schema.fields.map(\.type) == [.int64, .int64, .text, .text])
        #expect(try numbers(made, "c0") == [41, nil, -7])
        #expect(try strings(made, "c1") == ["99", nil, "-9"])
        #expect(try strings(made, "c2") == ["Aa9", nil, ""])
    }

    @Test func `shows listed codes value by value, and every other value as its shape`() throws {
        let raw = batch([("t", texts(["SE", "se", "Se", "SEN", "Ada", nil, "", " SE"]))])
        let made = masker.mask(
            raw, exposures: [.codes(["se", "no"], reason: "test")], companions: [], permit: try permit()
        ).batch
        #expect(try strings(made, "c0") == ["SE", "se", "Se", "AAA", "Aaa", nil, "", " AA"])
        #expect(made.schema.fields[1].type == .text)
        let none = masker.mask(raw, exposures: [.codes([], reason: "test")], companions: [], permit: try permit()).batch
        #expect(try strings(none, "c0") == ["AA", "aa", "Aa", "AAA", "Aaa", nil, "", " AA"])
    }

    @Test func `gives the companions that were asked for, behind their column`() throws {
        let raw = batch([("t", texts(["Zoë 1", nil, "", "日本"])), ("u", texts(["a", "b", nil, "d"]))])
        let all = masker.mask(
            raw, exposures: [masked, masked], companions: Set(Masker.Companion.allCases), permit: try permit()
        ).batch
        #expect(
            all.schema.fields.map(\.name) == [
                "sluice.ordinal", "c0", "c0.key", "c0.shape", "c0.length", "c0.valid", "c0.bloom", "c1", "c1.key",
                "c1.shape", "c1.length", "c1.valid", "c1.bloom",
            ])
        #expect(try numbers(all, "c0.length") == [5, nil, 0, 2])
        #expect(try strings(all, "c0.shape") == ["Aaa 9", nil, "", "aa"])
        let keys = try strings(all, "c0.key")
        #expect(keys[1] == nil)
        for key in keys.compactMap({ $0 }) { #expect(key.utf8.count == 32 && Hex.decode(key) != nil) }
        let one = masker.mask(raw, exposures: [masked, masked], companions: [.length], permit: try permit()).batch
        #expect(one.schema.fields.map(\.name) == ["sluice.ordinal", "c0", "c0.length", "c1", "c1.length"])
    }

    @Test func `gives equal values equal keys, in any column and batch of one dataset and in no other`() throws {
        func keys(_ masker: Masker, _ column: Column) throws -> [String?] {
            let made = masker.mask(
                batch([("x", column)]), exposures: [masked], companions: [.key], permit: try permit()
            ).batch
            return try strings(made, "c0.key")
        }
        let first = try keys(masker, texts(["ada", "bob", "ada", "Ada", "", "1"]))
        #expect(first[0] == first[2])
        #expect(Set(first.compactMap { $0 }).count == 5)
        let again = Masker(masterKey: masterKey, dataset: "people")
        #expect(try keys(again, texts(["bob", "ada"])) == [first[1], first[0]])
        let others = try [
            keys(Masker(masterKey: masterKey, dataset: "orders"), texts(["ada"]))[0],
            keys(Masker(masterKey: masterKey.map { $0 ^ 1 }, dataset: "people"), texts(["ada"]))[0], first[0],
        ]
        #expect(Set(others).count == 3)
        // The text 1 and the integer 1 are not equal.
        #expect(try keys(masker, integers([1]))[0] != first[5])
        // As published: HMAC under HKDF(master, purpose), over the type's byte and the value's text, cut to 128 bits.
        let key = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/pseudonym/1/people"))
        #expect(first[0] == Hex.encode(key.authenticate([4] + Array("ada".utf8)).prefix(16)))
    }

    @Test(
        arguments: [
            ("Ada Lovelace", "Aaa Aaaaaaaa"), ("ada@example.com", "aaa@aaaaaaa.aaa"),
            ("+44 20 7946 0018", "+99 99 9999 9999"),
            ("1815-12-10", "9999-99-99"), ("Ørsted", "Aaaaaa"), ("ñandú", "aaaaa"), ("日本", "aa"), ("١٢", "99"),
            ("a\tb\n", "a*a*"),
            ("😀!", "*!"), ("€5", "*9"), ("", ""), ("\u{0}", "*"),
        ])
    func `shapes a text as docs slash masking shows`(_ text: String, _ shape: String) throws {
        let made = masker.mask(batch([("x", texts([text]))]), exposures: [masked], companions: [], permit: try permit())
            .batch
        #expect(try strings(made, "c0") == [shape])
        let preview = texts([text, nil]).withView { view in
            [
                Masker.preview(view, row: 0, exposure: masked), Masker.preview(view, row: 1, exposure: masked),
                Masker.preview(view, row: 0, exposure: open),
            ]
        }
        #expect(preview == [shape, nil, text])
    }

    @Test func `shows at most 64 scalars of a long text`() throws {
        let made = masker.mask(
            batch([("x", texts([String(repeating: "é", count: 64), String(repeating: "é", count: 65)]))]),
            exposures: [masked],
            companions: [], permit: try permit()
        ).batch
        let sixtyFour = String(repeating: "a", count: 64)
        #expect(try strings(made, "c0") == [sixtyFour, sixtyFour + "…"])
    }

    @Test func `masks every type, and bytes that are no text`() throws {
        for type in ColumnType.crossing {
            var builder = ColumnBuilder(type)
            switch type {
            case .bool: builder.append(bool: true)
            case .int64, .timestamp, .decimal: builder.append(int64: .min)
            case .float64: builder.append(float64: .nan)
            case .date: builder.append(date: .max)
            case .text: builder.append(text: "Q")
            case .binary: ([0xC3, 0x28, 0xFF, 0xF8, 0x51] as [UInt8]).withUnsafeBytes { builder.append(bytes: $0) }
            }
            builder.appendNull()
            let made = masker.mask(
                batch([("x", builder.finish())]), exposures: [masked], companions: Set(Masker.Companion.allCases),
                permit: try permit())
            let shape = try strings(made.batch, "c0")
            #expect(shape[0] != nil && shape[1] == nil, "\(type)")
            #expect(shape[0]?.contains("Q") == false)
            var frame: [UInt8] = []
            BatchCodec.encode(made.batch, into: &frame)
            _ = try BatchCodec.decode(Bytes.copy(frame))
        }
    }
}

@Suite struct `A prompt` {
    @Test(
        arguments: [
            ("first_name", "first_name"), ("Date of Birth", "Date of Birth"), ("ada@example.com", "aaa@aaaaaaa.aaa"),
            ("phone 5551234", "aaaaa 9999999"), ("addr line 2", "addr line 2"), ("FY2024", "AA9999"),
            ("x 123 4567", "a 999 9999"), ("555-12-34", "999-99-99"), ("7.3.85 Ada", "9.9.99 Aaa"),
            ("+44 20 79", "+99 99 99"), ("1 Main St 12", "1 Main St 12"),
            ("", ""), ("col_17", "col_17"),
        ])
    func `shows a column's name, but the shape of one with an address or four digits`(_ name: String, _ shown: String)
        throws
    {
        let prompt = try shippedEngine().prompt(columnName: name, permit: try permit(.callProvider))
        #expect(prompt.text == shown)
    }

    @Test(
        arguments: [
            (["id", "name"], false), (["year 2019", "a", "b", "c", "d"], false), (["year 2019", "a", "b", "c"], true),
            (["ann@example.com"], true), ([], false),
        ])
    func `calls a request heavy in personal data when a quarter of its texts hide something`(
        _ names: [String], _ isHeavy: Bool
    ) throws {
        let permit = try permit(.callProvider)
        let prompts = try names.map { try shippedEngine().prompt(columnName: $0, permit: permit) }
        #expect(PolicyEngine.isPIIHeavy(prompts) == isHeavy)
        let registry = try shippedEngine().prompt(registryText: "Phone number 1234", permit: permit)
        #expect(!registry.hidesText)
    }

    @Test func `shows at most 64 scalars of a name`() throws {
        let prompt = try shippedEngine().prompt(
            columnName: String(repeating: "n", count: 500), permit: try permit(.callProvider))
        #expect(prompt.text.unicodeScalars.count == 64)
    }

    @Test func `shows texts of the registry as they are`() throws {
        let prompt = try shippedEngine().prompt(registryText: "Phone number 1234", permit: try permit(.callProvider))
        #expect(prompt.text == "Phone number 1234")
    }
}

@Suite struct `A sheet of masked columns` {
    @Test func `gives several checks what each would get alone`() throws {
        let masker = Masker(masterKey: masterKey, dataset: "d")
        let raw = batch(
            [
                ("name", texts(["Ada", nil, "Grace"])), ("age", integers([36, 85, nil])),
                ("mail", texts(["a@b", "c", "d"])),
            ],
            first: 7)
        let exposures = [masked, open, masked]
        let sheet = masker.sheet(raw, exposures: exposures, ordinals: [7, 8, 9], permit: try permit())
        let asked: [([Int], Set<Masker.Companion>, Bool)] = [
            ([0, 1, 2], [], true), ([0, 1, 2], [.length], false), ([2, 0], [.key, .shape], true), ([1], [.key], true),
            ([], [], true), ([0, 1, 2], [.key, .shape, .length], true),
        ]
        for (places, companions, withText) in asked {
            let shared = sheet.masked(places, companions: companions, withText: withText).batch
            let alone = masker.mask(
                raw.select(places), exposures: places.map { exposures[$0] }, companions: companions,
                withText: withText, ordinals: [7, 8, 9], permit: try permit()
            ).batch
            #expect(shared.schema == alone.schema && shared.rowCount == alone.rowCount)
            #expect(Self.bytes(shared) == Self.bytes(alone), "\(places)")
        }
    }

    private static func bytes(_ batch: Batch) -> [UInt8] {
        var bytes: [UInt8] = []
        BatchLayout(batch).append(to: &bytes)
        return bytes
    }
}
