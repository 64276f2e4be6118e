import Testing

@testable import Detection

/// One made-up column: its name, the names beside it, and values.
struct MadeColumn: Sendable, CustomTestStringConvertible {
    let header: String
    var beside: [String] = []
    let values: [String]
    var expected: EntityType?

    var testDescription: String { "\(header) of \(values.count)" }
}

private enum Made {
    static let lexicon = WordLists(
        given: bytes("ada björn chidi dolores elena fatima grace hiroshi ingrid maria josé luis olga peter"),
        surnames: bytes("lovelace okafor garcía müller nakamura petrova smith sample rojas moreno hall park"),
        places: bytes("geneva\nlondon\nsan josé\nzürich"), ordinary: bytes("annual blue report the"))

    private static func bytes(_ words: String) -> [UInt8] {
        Array(words.split(separator: words.contains("\n") ? "\n" : " ").joined(separator: "\n").utf8)
    }

    static func finding(_ column: MadeColumn) -> ColumnFinding {
        let counted = column.values.map { CountedValue(bytes: Array($0.utf8), count: 3) }
        let table = ColumnTable(headers: [column.header] + column.beside)
        return ColumnClassifier(lexicon: lexicon).finding(
            at: 0, in: table, values: counted, cells: column.values.count * 3)
    }

    static let people = ["Ada Lovelace", "Chidi Okafor", "Elena García", "Olga Petrova", "SMITH, GRACE M."]
    static let firms = [
        "Lovelace & Co", "Okafor Plumbing LLC", "City of Geneva", "Petrova Park Association", "Smith Inc.",
    ]
    static let streets = ["12 Elm Street", "440-444 Oak Ave", "P.O. Box 7", "1200 BLK N 5TH ST", "9 Sample Rd Apt 3"]
}

struct `A column that is classified` {
    @Test(arguments: [
        MadeColumn(header: "e_mail", values: ["a@example.com", "B@EXAMPLE.ORG", "c.d@example.net"], expected: .email),
        MadeColumn(header: "tel_fono", values: ["3005550100", "8555010", "6045550100 Ext. 12"], expected: .phone),
        MadeColumn(
            header: "contact_number", values: ["555.010.0100", "555.010.0111", "555.010.0122"], expected: .phone),
        MadeColumn(header: "Fax", values: ["(555) 010-0100", "0", "0", "0", "(555) 010-0133"], expected: .phone),
        MadeColumn(header: "agentlastname", values: ["Lovelace", "Okafor", "Nakamura"], expected: .person),
        MadeColumn(header: "MI", values: ["A", "B", "C", "D."], expected: .person),
        MadeColumn(header: "owner", values: Made.people, expected: .person),
        MadeColumn(header: "nombre", beside: ["apellido"], values: ["María", "José Luis", "Elena"], expected: .person),
        MadeColumn(header: "mailing_address", values: Made.streets, expected: .streetAddress),
        MadeColumn(
            header: "direcci_n", values: ["Cra 7 # 12-34", "CL 10 8-28", "KM 5 VIA AL MAR"], expected: .streetAddress),
        MadeColumn(
            header: "Anschrift", values: ["Musterstraße 5", "Lindenweg 12a", "Am Beispielplatz 3"],
            expected: .streetAddress),
        MadeColumn(header: "Address Line 2", values: ["Apt 3", "Suite 200", "c/o Sample"], expected: .streetAddress),
        MadeColumn(header: "age_at_arrest", values: ["23", "75", "39", "18"], expected: .age),
        MadeColumn(header: "emsex", values: ["M", "F"], expected: .gender),
        MadeColumn(header: "sex", values: ["1", "2", "9"], expected: .gender),
        MadeColumn(header: "ethnicity", values: ["Hispanic", "Non-Hispanic", "Unknown"], expected: .race),
        MadeColumn(header: "birthyear", values: ["1968", "1975", "1990"], expected: .dateOfBirth),
        MadeColumn(header: "estado_civil", values: ["SOLTERO", "CASADO", "VIUDO"], expected: .group),
        MadeColumn(header: "ssn", values: ["123456789", "219-09-9999", "***-**-4321"], expected: .usSSN),
        MadeColumn(header: "c_dula", values: ["64579943", "1102832710", "16922187"], expected: .nationalID),
        MadeColumn(header: "card", values: ["4111111111111111", "5500005555555559"], expected: .creditCard),
        MadeColumn(header: "district_manager", values: Made.people, expected: .person),
        MadeColumn(header: "boardchair", values: Made.people, expected: .person),
        MadeColumn(
            header: "plaintiffs", values: ["Ada; Elena; Olga 2nd", "Peter Smith (age 40); Luis"], expected: .person),
        MadeColumn(
            header: "player_name_w_id", values: ["SMITH, ADA (102314056)", "Moreno, Olga (7)"], expected: .person),
        MadeColumn(header: "alias", values: ["Old Ada", "Little Peter", "Grace"], expected: .person),
        MadeColumn(header: "mid_init", values: ["A", "V"], expected: .person),
        MadeColumn(header: "Suite/Floor", values: ["Suite 402", "1st Floor", "Room 107"], expected: .streetAddress),
        MadeColumn(header: "gender", values: ["Overall", "Female", "Male"], expected: .gender),
        MadeColumn(header: "lat", values: ["46.2044", "47.3769"], expected: .coordinates),
        MadeColumn(header: "geo", values: ["(46.2044, 6.1432)", "POINT (6.1 46.2)"], expected: .coordinates),
        MadeColumn(header: "password", values: ["hunter2", "correct horse"], expected: .password),
        MadeColumn(header: "company", values: Made.firms, expected: .organization),
        MadeColumn(header: "city", values: ["Geneva", "London"], expected: .place),
        MadeColumn(header: "zip", values: ["12345", "12346-0001"], expected: .postalCode),
    ])
    func `has the type that header and values give it`(column: MadeColumn) {
        #expect(Made.finding(column).type == column.expected)
    }

    @Test(arguments: [
        // Names of things.
        MadeColumn(header: "owner", values: Made.firms), MadeColumn(header: "school_name", values: Made.people),
        MadeColumn(header: "principalcountry", values: ["US"]), MadeColumn(header: "riskfactor", values: ["Smoking"]),
        MadeColumn(header: "Last Name", values: Made.firms),
        MadeColumn(header: "park", values: ["Smith Park", "Hall Park", "Lovelace Park"]),
        // Streets without a house, crossings, parts of an address.
        MadeColumn(header: "address", values: ["Elm Street", "Oak Ave", "Sample Road"]),
        MadeColumn(header: "location", values: ["ELM ST & OAK AVE", "OAK AVE @ 5TH ST", "Main St and Elm Rd"]),
        MadeColumn(header: "address_city", values: ["Geneva", "London"]),
        MadeColumn(header: "street_number", values: ["12", "440", "1200"]),
        MadeColumn(header: "CrossStreet2", values: ["12 Elm Street", "Oak Ave"]),
        // Ages of groups and of things, counts, animals.
        MadeColumn(header: "age_group", values: ["0", "18", "25"]),
        MadeColumn(header: "age", values: ["25-34", "35-44"]),
        MadeColumn(header: "building_age", values: ["23", "75", "39"]),
        MadeColumn(header: "age", beside: ["breed", "animal_id"], values: ["2", "3", "7"]),
        MadeColumn(header: "female_count", values: ["2", "3", "7"]),
        MadeColumn(header: "race", values: ["12", "140", "7"]),
        MadeColumn(header: "place_of_birth", values: ["1968", "1975"]),
        // What only looks like a number to call.
        MadeColumn(header: "phone_type", values: ["home", "cell"]),
        MadeColumn(header: "gisid", values: ["555-010-0100", "555-010-0111", "555-010-0122"]),
        MadeColumn(header: "cell_phone", values: ["49", "69", "47"]),
        MadeColumn(header: "email_sent", values: ["yes", "no"]),
        MadeColumn(header: "answer", values: ["4 Strongly agree", "2 Somewhat disagree", "5 Do not know"]),
        MadeColumn(header: "duration", values: ["3 years", "18 months"]),
        MadeColumn(header: "anything", values: []), MadeColumn(header: "name", values: ["", "N/A", "unknown"]),
    ])
    func `is not personal when it only looks so`(column: MadeColumn) {
        let finding = Made.finding(column)
        #expect(finding.type?.isPersonalColumn != true, "\(finding)")
    }

    @Test(arguments: [
        ("column_3", Made.people, EntityType.person), ("c0", Made.streets, .streetAddress),
        ("", ["(555) 010-0100", "555-010-0111"], .phone), ("Unnamed: 2", ["a@example.com"], .email),
        ("field7", ["M", "F"], .gender), ("x", ["ada", "björn", "chidi", "elena", "grace"], .person),
    ])
    func `is told by its values where its name says nothing`(header: String, values: [String], type: EntityType) {
        #expect(Made.finding(MadeColumn(header: header, values: values)).type == type)
    }

    @Test func `goes by the majority of its cells`() {
        let mails = (0..<6).map { "a\($0)@example.com" }
        let words = (0..<4).map { "none of note \($0)" }
        #expect(Made.finding(MadeColumn(header: "remark", values: mails + words)).type == .email)
        let fewer = Made.finding(MadeColumn(header: "remark", values: Array(mails.prefix(3)) + words))
        #expect(fewer.type == nil)
        #expect(fewer.score > 0, "what spoke for it is not lost")
    }

    @Test func `shows no value in its evidence`() {
        let values = ["xq-ada@example.com", "Zqxj Lovelace", "12 Qzx Street", "219-09-9999"]
        for value in values {
            let finding = Made.finding(MadeColumn(header: "owner_email", values: [value]))
            let words = finding.evidence.joined(separator: " ").lowercased()
            for part in value.lowercased().split(whereSeparator: { " @-.".contains($0) }) where part.count > 2 {
                #expect(!words.contains(part))
            }
        }
    }

    @Test func `says that numbers of a register may identify`() {
        let register = (0..<50).map { String(1_048_577 + $0 * 7919) }
        #expect(Made.finding(MadeColumn(header: "kdnr", values: register)).mayIdentify)
        #expect(!Made.finding(MadeColumn(header: "amount", values: register)).mayIdentify)
        #expect(!Made.finding(MadeColumn(header: "kdnr", values: ["1", "2", "3"])).mayIdentify)
    }

    @Test func `may be any bytes`() {
        var state: UInt64 = 0xC01D
        func random() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let classifier = ColumnClassifier(lexicon: Made.lexicon)
        for _ in 0..<200 {
            let header = String(decoding: (0..<12).map { _ in random() }, as: UTF8.self)
            let values = (0..<8).map { _ in
                CountedValue(bytes: (0..<40).map { _ in random() % 3 == 0 ? random() : random() % 96 + 32 }, count: 1)
            }
            let finding = classifier.finding(at: 0, in: ColumnTable(headers: [header]), values: values, cells: 8)
            #expect((0...1).contains(finding.score), "seed 0xC01D")
        }
    }
}

struct `The name of a column` {
    @Test(arguments: [
        ("agentFirstName", ["agent", "first", "name"]), ("principaladdress1", ["principal", "address", "1"]),
        ("direcci_n", ["direccin"]), ("URLPath", ["url", "path"]), ("nombresede", ["nombre", "sede"]),
        ("percentage", ["percentage"]), ("statement", ["statement"]), ("Straße", ["strasse"]), ("", []),
    ])
    func `is cut into words`(header: String, words: [String]) {
        #expect(ColumnHeader(header).words == words)
    }

    @Test(arguments: ["column_1", "c0", "Unnamed: 3", "_c7", "", "12", "f"])
    func `may say nothing`(header: String) { #expect(ColumnHeader(header).isGeneric) }

    @Test(arguments: ["age", "name", "column_name", "c_code"])
    func `may say something`(header: String) { #expect(!ColumnHeader(header).isGeneric) }
}
