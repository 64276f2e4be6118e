import Foundations
import Testing

@Suite struct `A ULID` {
    private let random: [UInt8] = [0xFF, 0, 1, 2, 3, 4, 5, 6, 7, 8]

    @Test func `reads the examples of its specification`() throws {
        #expect(try #require(ULID("01ARZ3NDEKTSV4RRFFQ69G5FAV")).description == "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        #expect(ULID("01ARYZ6S41TSV4RRFFQ69G5FAV")?.milliseconds == 1_469_918_176_385)
        #expect(ULID(milliseconds: 1_469_918_176_385, random: random).description.hasPrefix("01ARYZ6S41"))
        #expect(ULID("01aryz6s41tsv4rrffq69g5fav") == ULID("01ARYZ6S41TSV4RRFFQ69G5FAV"))
    }

    @Test func `holds 128 bits and refuses the 129th`() throws {
        let largest = try #require(ULID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"))
        #expect(largest.milliseconds == 0xFFFF_FFFF_FFFF)
        #expect(largest == ULID(milliseconds: .max, random: [UInt8](repeating: 255, count: 10)))
        #expect(ULID("80000000000000000000000000") == nil)
        #expect(ULID("ZZZZZZZZZZZZZZZZZZZZZZZZZZ") == nil)
        #expect(ULID("00000000000000000000000000")?.milliseconds == 0)
    }

    @Test(arguments: [
        "", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "01ARZ3NDEKTSV4RRFFQ69G5FAI",
        "01ARZ3NDEKTSV4RRFFQ69G5FAL", "01ARZ3NDEKTSV4RRFFQ69G5FAO", "01ARZ3NDEKTSV4RRFFQ69G5FAU",
        "01ARZ3NDEKTSV4RRFFQ69G5FA ",
        "01ARZ3NDEKTSV4RRFFQ69G5Fß", "01ARZ3NDEKTSV4RRFFQ69G5FAſ", "01ARZ3NDEKTSV4RRFFQ69G5F-V",
    ])
    func `refuses text outside its alphabet`(_ text: String) { #expect(ULID(text) == nil) }

    @Test func `sorts as its text and as time does`() {
        var random = SeededRandom(seed: 42)
        var made: [ULID] = []
        for _ in 0..<2000 {
            let time = UInt64.random(in: 0...0xFFFF_FFFF_FFFF, using: &random)
            let ulid = ULID(milliseconds: time, random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) })
            #expect(ulid.milliseconds == time && ULID(ulid.description) == ulid)
            made.append(ulid)
        }
        #expect(made.sorted().map(\.description) == made.map(\.description).sorted())
        #expect(made.sorted().map(\.milliseconds) == made.map(\.milliseconds).sorted())
    }
}

@Suite struct `Civil time` {
    @Test func `goes both ways for every day of 400 years and samples of 9999`() {
        var day = CivilTime.days(year: 1800, month: 1, day: 1)
        for year in 1800..<2200 {
            for month in 1...12 {
                for date in 1...CivilTime.daysInMonth(year: year, month: month) {
                    #expect(CivilTime.days(year: year, month: month, day: date) == day)
                    let (y, m, d) = CivilTime.date(days: day)
                    if (y, m, d) != (year, month, date) { Issue.record("\(year)-\(month)-\(date): \(y)-\(m)-\(d)") }
                    day += 1
                }
            }
        }
        for days in stride(from: -719_162, through: 2_932_896, by: 977) {
            let (year, month, date) = CivilTime.date(days: days)
            #expect(CivilTime.isValid(year: year, month: month, day: date))
            #expect(CivilTime.days(year: year, month: month, day: date) == days)
        }
    }

    @Test func `knows the landmarks`() {
        #expect(CivilTime.days(year: 1970, month: 1, day: 1) == 0)
        #expect(CivilTime.days(year: 2000, month: 2, day: 29) == 11_016)
        #expect(CivilTime.days(year: 1, month: 1, day: 1) == -719_162)
        #expect(CivilTime.days(year: 9999, month: 12, day: 31) == 2_932_896)
        #expect(CivilTime.text(days: -719_162) == "0001-01-01")
        #expect(CivilTime.text(days: -719_163) == "0000-12-31")
        #expect(CivilTime.text(days: -719_529) == "-0001-12-31")
        #expect(CivilTime.text(days: 2_932_897) == "10000-01-01")
    }

    @Test(arguments: [
        (2000, true), (1900, false), (2024, true), (2023, false), (2100, false), (2400, true), (4, true), (100, false),
    ])
    func `follows the leap rules`(_ year: Int, _ isLeap: Bool) {
        #expect(CivilTime.isValid(year: year, month: 2, day: 29) == isLeap)
        #expect(CivilTime.daysInMonth(year: year, month: 2) == (isLeap ? 29 : 28))
        #expect(
            CivilTime.days(year: year + 1, month: 1, day: 1) - CivilTime.days(year: year, month: 1, day: 1)
                == (isLeap ? 366 : 365))
    }

    @Test(arguments: [
        (0, 1, 1), (10_000, 1, 1), (2023, 0, 1), (2023, 13, 1), (2023, 4, 31), (2023, 1, 0), (2023, 1, 32),
    ])
    func `refuses days that are not in the calendar`(_ year: Int, _ month: Int, _ day: Int) {
        #expect(!CivilTime.isValid(year: year, month: month, day: day))
    }

    @Test func `writes instants before and after 1970, the first and the last too`() {
        #expect(CivilTime.text(microseconds: 0) == "1970-01-01T00:00:00.000000Z")
        #expect(CivilTime.text(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
        #expect(CivilTime.text(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
        #expect(CivilTime.text(microseconds: 951_782_400_123_456) == "2000-02-29T00:00:00.123456Z")
        #expect(CivilTime.text(microseconds: .max) == "294247-01-10T04:00:54.775807Z")
        #expect(CivilTime.text(microseconds: .min) == "-290308-12-21T19:59:05.224192Z")
        #expect(CivilTime.text(milliseconds: .max).hasSuffix("T07:12:55.807Z"))
        #expect(CivilTime.text(milliseconds: .min).hasPrefix("-2922"))
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1985-04-12T23:20:50.52Z", 482_196_050_520),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000), ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
            ("2000-02-29t12:00:00.1234567z", 951_825_600_123), ("2024-01-01T00:00:00.5Z", 1_704_067_200_500),
            ("2024-01-01T00:00:00+23:59", 1_704_067_200_000 - 86_340_000),
        ] as [(String, Int64)])
    func `reads RFC 3339`(_ text: String, _ milliseconds: Int64) {
        #expect(CivilTime.milliseconds(rfc3339: text) == milliseconds)
    }

    @Test(
        arguments: [
            "", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-1-1T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:60Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.5", "2024-01-01T00:00:00+0000",
            "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+00:60", "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00Zx",
            "2024/01/01T00:00:00Z", "-024-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "２024-01-01T00:00:00Z",
            "2024-01-01T00:00:00+",
            "2024-01-01T00:00:00+0", "2024-01-01T00:00:00,5Z", "yesterday at about noon",
        ])
    func `refuses what RFC 3339 does not know`(_ text: String) { #expect(CivilTime.milliseconds(rfc3339: text) == nil) }

    @Test func `reads what it writes`() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<5000 {
            let time = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            #expect(CivilTime.milliseconds(rfc3339: CivilTime.text(milliseconds: time)) == time)
        }
    }
}

@Suite struct `The context` {
    @Test func `makes the identities that clock and random source give`() {
        let context = Context(
            now: { 1_469_918_176_385 }, monotonic: { 0 }, random: { [UInt8](repeating: 0, count: $0) }, environment: [:]
        )
        #expect(context.ulid().description == "01ARYZ6S410000000000000000")
        #expect(Context.system.ulid() != Context.system.ulid())
        #expect(Context.system.now() > 1_700_000_000_000)
        #expect(Context.system.environment["PATH"] != nil)
    }
}
