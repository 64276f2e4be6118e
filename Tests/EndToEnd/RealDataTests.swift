import Foundations
import TestSupport
import Testing

/// Real tables, each into a target of another shape.
@Suite("Real data", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct RealDataTests {
    /// A file, the table it goes into, and what is then there.
    struct Job: Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        let records: Int
        let table: String
        /// One row of the target, by a query; what another tool reads from the file.
        let query: String
        let expected: [String]

        var testDescription: String { name }
    }

    static let jobs = [
        Job(
            name: "musicians",
            file: "schematch/Valentine-Wikidata/Musicians_joinable/source/musicians_joinable_source.csv",
            records: 10_845,
            table: """
                CREATE TABLE target (musician TEXT NOT NULL, birth_date TIMESTAMP, family_name TEXT, given_name TEXT,
                  children INTEGER, website TEXT, residence TEXT, ethnicity TEXT, religion TEXT,
                  activity_start TIMESTAMP, twitter_name TEXT, genius_name TEXT, record_label TEXT)
                """,
            query:
                "SELECT family_name, given_name, birth_date, children, record_label FROM target WHERE musician LIKE '%/Q6096'",
            expected: ["Broadus", "Cordozar", "1971-10-20 00:00:00", "4", "Death Row Records"]),
        Job(
            name: "film_actor", file: "schematch/Sakila/schema1_schema2/source/film_actor.csv", records: 5_462,
            table: "CREATE TABLE target (film INTEGER NOT NULL, actor INTEGER NOT NULL, PRIMARY KEY (film, actor))",
            query: "SELECT count(*), sum(film), sum(actor) FROM target", expected: []),
        Job(
            name: "payment", file: "schematch/Sakila/schema1_schema2/source/payment.csv", records: 16_049,
            table: """
                CREATE TABLE target (payment_no INTEGER PRIMARY KEY, customer_no INTEGER NOT NULL, staff_no INTEGER,
                  rental_no INTEGER, amount_paid REAL NOT NULL, payment_date TIMESTAMP NOT NULL)
                """,
            query:
                "SELECT customer_no, staff_no, rental_no, amount_paid, payment_date FROM target WHERE payment_no = 2",
            expected: ["1", "1", "573", "0.99", "2005-05-28 10:35:23"]),
        Job(
            name: "actor", file: "schematch/Sakila/schema1_schema2/source/actor.csv", records: 200,
            table: "CREATE TABLE target (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL)",
            query: "SELECT full_name FROM target WHERE id = 2", expected: ["NICK WAHLBERG"]),
        Job(
            name: "liquor licences", file: "semantic-types/data/opendata_socrata_com/data.mo.gov/7fmu-y7e8.csv",
            records: 1000,
            table: """
                CREATE TABLE target (keg_number INTEGER PRIMARY KEY, licensee TEXT NOT NULL, dba TEXT, contact_name TEXT,
                  telephone TEXT, house_number TEXT, street_name TEXT, town TEXT, us_state TEXT, zip TEXT)
                """,
            query:
                "SELECT contact_name, telephone, house_number, street_name, town, us_state, zip FROM target WHERE keg_number = 41001",
            expected: ["DAN STEELE", "5734684144", "689", "FISHER DRIVE", "SULLIVAN", "MO", "63080"]),
        Job(
            name: "pharmacies", file: "semantic-types/data/opendata_socrata_com/healthdata.gov/6m8a-tsjg.csv",
            records: 1000,
            table: """
                CREATE TABLE target (provider_name TEXT NOT NULL, street_address TEXT, address_line2 TEXT, town TEXT,
                  state_code TEXT, postal_code TEXT, report_date TIMESTAMP, website TEXT, telephone TEXT, geo_point TEXT)
                """,
            query:
                "SELECT street_address, town, state_code, postal_code FROM target WHERE provider_name = 'WALGREENS STORE #04858'",
            expected: ["6205 WESTCREEK DR", "FORT WORTH", "TX", "76133"]),
        Job(
            name: "pharmacies under short names",
            file: "semantic-types/data/opendata_socrata_com/healthdata.gov/6m8a-tsjg.csv", records: 1000,
            table: """
                CREATE TABLE target (provider TEXT NOT NULL, street TEXT, street_2 TEXT, city TEXT, state TEXT, zip TEXT,
                  phone TEXT, website TEXT, reported DATE)
                """,
            query:
                "SELECT street, city, state, zip, reported FROM target WHERE provider = 'WALGREENS STORE #04858'",
            expected: ["6205 WESTCREEK DR", "FORT WORTH", "TX", "76133", "2022-08-25"]),
        Job(
            name: "non-profits", file: "semantic-types/data/opendata_socrata_com/data.colorado.gov/knby-gpaw.csv",
            records: 1000,
            table: """
                CREATE TABLE target (filing_id TEXT PRIMARY KEY, tax_year INTEGER, ein TEXT NOT NULL, business_name_1 TEXT,
                  business_name_2 TEXT, street_line_1 TEXT, street_line_2 TEXT, town TEXT, country TEXT, zip_code TEXT,
                  province TEXT, tax_period_begin TIMESTAMP, tax_period_end TIMESTAMP, return_type_code TEXT,
                  federal_original_submission_id TEXT)
                """,
            query:
                "SELECT business_name_1, street_line_1, town, zip_code, province FROM target WHERE filing_id = '201142159349300114'",
            expected: ["ASPEN ART MUSEUM", "590 N MILL STREET", "ASPEN", "81611", "CO"]),
    ]

    @Test(
        "Every record is migrated or in quarantine, and a second run has the same artifacts",
        .enabled(if: Stage.evaluationData != nil, "SLUICE_EVAL_DATA names no folder with schematch and semantic-types"),
        arguments: jobs)
    func migrate(_ job: Job) throws {
        let file = try #require(Stage.evaluationData) + "/" + job.file
        let records = Self.records(of: try Files.read(file))
        #expect(records == job.records)
        func once() throws -> (Scene, JSON) {
            let scene = try Scene()
            try scene.database("t.db", job.table)
            let run = try scene.sluice("run", "--lhs", "csv:" + file, "--rhs", "sqlite:t.db#target", "--yes", "--json")
            try #require(run.status == 0, "\(run.outText)\(run.errText)")
            return (scene, run.json)
        }
        let (scene, first) = try once()
        let rowsIn = first["rows_in"]?.intValue ?? -1
        let migrated = first["rows_migrated"]?.intValue ?? -1
        let quarantined = first["rows_quarantined"]?.intValue ?? -1
        #expect(rowsIn == Int64(records) && rowsIn == migrated + quarantined)
        let inTarget = try scene.count("t.db", "target")
        #expect(inTarget == Int(migrated))
        if !job.expected.isEmpty {
            let found = try scene.rows("t.db", job.query)
            #expect(found == [job.expected])
        }
        // Nothing of the source was left behind.
        let mapping = (first["stages"]?.arrayValue ?? []).first { $0["stage"]?.stringValue == "MAPPING" }
        #expect(mapping?["counts"]?["unmapped_targets"]?.intValue == 0)
        let (_, second) = try once()
        #expect(first["artifacts"] == second["artifacts"] && first["artifacts"]?.objectValue?.count == 6)
    }

    @Test(
        "Times of day for a DATE column are sent back, --yes or not",
        .enabled(if: Stage.evaluationData != nil, "SLUICE_EVAL_DATA names no folder with schematch"))
    func refusesTimesOfDay() throws {
        let file = try #require(Stage.evaluationData) + "/schematch/Sakila/schema1_schema2/source/payment.csv"
        let scene = try Scene()
        try scene.database(
            "t.db",
            """
            CREATE TABLE target (payment_id INTEGER PRIMARY KEY, customer_id INTEGER, staff_id INTEGER,
              rental_id INTEGER, amount REAL, payment_date DATE)
            """)
        let run = try scene.sluice("run", "--lhs", "csv:" + file, "--rhs", "sqlite:t.db#target", "--yes", "--json")
        #expect(run.status == 3)
        let hold = run.json["hold"]
        #expect(hold?["stage"]?.stringValue == "MAPPING" && hold?["kind"]?.stringValue == "fix")
        let reasons = (hold?["reasons"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(reasons.count == 1)
        #expect(reasons.first?.contains("declare payment_date as TIMESTAMP or TEXT") == true)
        #expect(try scene.count("t.db", "target") == 0)
    }

    /// Records behind the header, with quotes as RFC 4180 has them.
    static func records(of bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var count = 0
            var isQuoted = false
            var hasContent = false
            for byte in buffer {
                switch byte {
                case UInt8(ascii: "\""):
                    isQuoted.toggle()
                    hasContent = true
                case UInt8(ascii: "\n") where !isQuoted:
                    if hasContent { count += 1 }
                    hasContent = false
                case UInt8(ascii: "\r"): break
                default: hasContent = true
                }
            }
            return count + (hasContent ? 1 : 0) - 1
        }
    }
}
