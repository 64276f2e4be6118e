import Columnar
import Foundations
import Testing

@testable import Transform

@Suite struct ProfileTests {
    func profile(_ values: [String?]) -> ColumnProfile {
        var profiler = ColumnProfiler(.text)
        profiler.add(textColumn(values))
        return profiler.finish()
    }

    @Test(arguments: [
        (["true", "False", "y", "no"], ColumnType.bool, []), (["1", "2", "-30"], .int64, []),
        (["1", "2.5", "1e3"], .float64, []), (["00501", "10001", "94105"], .text, []), (["1.00", "2.0"], .int64, []),
        (["2024-01-31", "1999-12-01"], .date, ["yyyy-MM-dd"]),
        (["01/31/2024", "12/01/1999"], .date, ["MM/dd/yyyy", "M/d/yyyy"]),
        (["31/01/2024", "01/12/1999"], .date, ["dd/MM/yyyy", "d/M/yyyy"]),
        (["1/31/2024", "12/1/1999"], .date, ["M/d/yyyy"]), (["20240131", "19991201"], .date, ["yyyyMMdd"]),
        (["20240131", "19991301"], .int64, []), (["21010101", "22010101"], .int64, []),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00.5+02:00"], .timestamp, ["type_cast"]),
        (["2024-01-31 10:00:00", "1999-12-01 00:00:00"], .timestamp, ["type_cast"]),
        (["01/31/2024 10:00:00"], .timestamp, ["MM/dd/yyyy HH:mm:ss", "M/d/yyyy HH:mm:ss"]),
        (["31.12.2024"], .date, ["dd.MM.yyyy", "d.M.yyyy"]), (["abc", "1"], .text, []), ([], .text, []),
        (["9223372036854775808"], .float64, []), ([" 12 ", "13"], .int64, []),
    ]) func `the narrowest type that fits every value is inferred`(
        _ values: [String], _ type: ColumnType, _ forms: [String]
    ) {
        let made = profile(values)
        #expect(made.inferredType == type)
        #expect(made.forms == forms)
    }

    @Test func `every form that is offered can be run`() throws {
        for form in FormCandidate.all where form.name != "type_cast" {
            #expect(throws: Never.self) { try DatePattern(form.name) }
        }
        // None was lost on the way from its text to a pattern.
        #expect(FormCandidate.all.count == 29)
    }

    @Test func `counts are those of the rows`() {
        let made = profile(["00501", nil, "", " \u{3000}", "7", " 8", "é", "7"])
        #expect(
            made.json.canonicalText
                == #"{"day_month_ambiguous":false,"distinct":4,"distinct_is_exact":true,"fits":{"bool":0,"date":0,"float64":4,"int64":4,"timestamp":0},"form_fits":{},"forms":[],"inferred_type":"text","is_constant":false,"leading_zeros":1,"max_digits":5,"max_length":5,"min_length":1,"missing":3,"nearly_types":[],"nulls":1,"padded":1,"rows":8,"type":"text"}"#
        )
        #expect(made.values == 5)
        #expect(profile(["x", "x", nil]).isConstant)
        #expect(!profile([nil, ""]).isConstant)
        #expect(profile(["03/04/2024"]).isDayMonthAmbiguous)
        #expect(!profile(["03/14/2024"]).isDayMonthAmbiguous)
    }

    @Test func `a type that nearly fits is reported`() {
        let numbers: [String?] = (0..<96).map { String($0 + 5) }
        let made = profile(numbers + ["n/a", "-", "?", "x"])
        #expect(made.inferredType == .text)
        #expect(made.nearlyTypes == [.int64, .float64])
        #expect(made.fits[.int64] == 96)
        #expect(profile(numbers + ["a", "b", "c", "d", "e", "f"]).nearlyTypes == [])
        let dates: [String?] = (1...28).map { "01/\($0 < 10 ? "0" : "")\($0)/2024" }
        let half = profile(dates + ["soon"])
        #expect(half.nearlyTypes == [.date])
        #expect(half.formFits["MM/dd/yyyy"] == 28)
    }

    @Test func `a candidate that fails is dropped, one that fits late is not`() {
        let words: [String?] = (0..<1200).map { "word\($0)" }
        let made = profile(words + (0..<100).map { String($0) })
        #expect(made.fits.isEmpty)
        #expect(made.inferredType == .text)
        let late: [String?] = (0..<990).map { String($0 + 2) } + ["x", "y"] + (0..<2000).map { String($0 + 2) }
        #expect(profile(late).nearlyTypes == [.int64, .float64])
    }

    @Test func `a profile does not depend on how rows are cut into batches`() {
        var random = SeededRandom()
        for kind in 0..<4 {
            let values: [String?] = (0..<4000).map { row in
                switch Int.random(in: 0..<20, using: &random) {
                case 0: nil
                case 1: PropertyTests.text(&random)
                default:
                    switch kind {
                    case 0: String(Int.random(in: 0..<100_000, using: &random))
                    case 1: CivilTime.text(days: Int.random(in: 0..<20_000, using: &random))
                    case 2: ["yes", "no", "1"].randomElement(using: &random)
                    default: PropertyTests.text(&random)
                    }
                }
            }
            var profiler = ColumnProfiler(.text)
            var at = 0
            while at < values.count {
                let count = min(Int.random(in: 1...700, using: &random), values.count - at)
                profiler.add(textColumn(Array(values[at..<at + count])))
                at += count
            }
            #expect(profiler.finish() == profile(values), "seed \(random.seed)")
        }
    }

    @Test func `what is dropped does not depend on where a batch ends`() {
        // Six in a hundred fail in the first thousand values, and fewer than five in all of them.
        let first: [String?] = (0..<1000).map { $0 < 60 ? "x" : String($0) }
        let rest: [String?] = (0..<1000).map { String($0 + 1000) }
        #expect(profile(first + rest).fits[.int64] == nil)
        var profiler = ColumnProfiler(.text)
        profiler.add(textColumn(first))
        profiler.add(textColumn(rest))
        #expect(profiler.finish() == profile(first + rest))
    }

    @Test func `distinct values are counted exactly to 256 and then within five percent`() {
        #expect(profile((0..<256).map { "v\($0)" } + (0..<256).map { "v\($0)" }).distinct == 256)
        for count in [257, 1000, 5000, 20_000, 100_000] {
            let made = profile((0..<count).map { "customer-\($0)@example.org" })
            #expect(!made.distinctIsExact)
            #expect(abs(made.distinct - count) * 20 <= count, "\(made.distinct) for \(count)")
            #expect(!made.isConstant && !made.isUnique)
        }
    }

    @Test func `typed columns keep their type`() throws {
        var profiler = ColumnProfiler(.int64)
        profiler.add(try column(.int64, [1, 2, 2, nil]))
        let made = profiler.finish()
        #expect(made.inferredType == .int64)
        #expect((made.rows, made.missing, made.distinct) == (4, 1, 2))
        #expect(made.fits == [.int64: 3])
    }

    /// What decides whether a column may be shown: long numbers may identify somebody.
    @Test func `digits before the point are counted in typed columns too`() throws {
        func digits(_ type: ColumnType, _ cells: [JSON]) throws -> Int {
            var profiler = ColumnProfiler(type)
            profiler.add(try column(type, cells))
            return profiler.finish().maximumDigits
        }
        #expect(try digits(.int64, [1, nil, 99]) == 2)
        #expect(try digits(.int64, [0]) == 1)
        #expect(try digits(.int64, [5_551_234_567, 1]) == 10)
        #expect(try digits(.int64, [-5_551_234_567]) == 10)
        #expect(try digits(.int64, [.int(.max)]) == 19)
        #expect(try digits(.int64, [.int(.min)]) == 19)
        #expect(try digits(.int64, [nil]) == 0)
        #expect(try digits(.float64, [.double(0.125), .double(99.5)]) == 2)
        #expect(try digits(.float64, [.double(100)]) == 3)
        #expect(try digits(.float64, [.double(12_345_678_901), .double(1.5)]) == 11)
        #expect(try digits(.float64, [.double(-1e300)]) == 19)
        #expect(try digits(.float64, ["NaN"]) == 19)
        #expect(try digits(.float64, ["Infinity"]) == 19)
    }

    @Test(arguments: [
        (["12345678901", "1.5"], 11), (["1.5", "-12345678901.25"], 11), (["+12345678901.0", "2"], 11),
        (["0.123456"], 1),
        (["4.47911123456E+11", "1.5"], 12), (["1e3", "1.5"], 4), (["1.5", "123456789e-3"], 9),
        (["12345678901", "word", "1"], 11),
    ])
    func `digits before the point are counted in decimals and behind exponents`(_ values: [String], _ digits: Int) {
        #expect(profile(values).maximumDigits == digits)
    }
}
