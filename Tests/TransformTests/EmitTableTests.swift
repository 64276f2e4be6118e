import Columnar
import Foundations
import Testing

@testable import Transform

// Numbers that emitters compute beforehand, held against what the executor computes row by row.
@Suite struct `Tables of emitters` {
    @Test func `name the units whose conversion fits, and no other`() throws {
        var random = SeededRandom()
        let types: [ColumnType] = [
            .int64, .decimal(precision: 18, scale: 0), .decimal(precision: 18, scale: 18),
            .decimal(precision: 9, scale: 2), .decimal(precision: 1, scale: 1),
        ]
        for _ in 0..<150 {
            let source = types[Int.random(in: 0..<types.count, using: &random)]
            let target = types[Int.random(in: 0..<types.count, using: &random)]
            func number(_ most: Int64) -> Int64 { Int64.random(in: 1...most, using: &random) }
            let conversion = UnitConversion(
                from: "a", to: "b", type: target, numerator: number(Bool.random(using: &random) ? 9 : 1_000_000_000),
                denominator: number(Bool.random(using: &random) ? 9 : 1_000_000_000),
                offsetNumerator: Bool.random(using: &random) ? 0 : number(100_000) - 50_000,
                offsetDenominator: Bool.random(using: &random) ? 1 : number(1000))
            guard let line = UnitLine(conversion, from: source) else { continue }
            let kernel = try UnitKernel(conversion, from: source)
            let most = source == .int64 ? Int64.max : Int64(powerOfTen(source.precision) - 1)
            let least = source == .int64 ? Int64.min : -most
            var samples: [Int64] = [0, 1, -1, most, least, Int64.random(in: least...most, using: &random)]
            if let range = line.range {
                for edge in [range.lowerBound, range.upperBound] {
                    for step: Int64 in [-1, 0, 1] {
                        let (near, overflow) = edge.addingReportingOverflow(step)
                        if !overflow, near >= least, near <= most { samples.append(near) }
                    }
                }
            }
            for units in samples {
                #expect(
                    (line.range?.contains(units) ?? false) == (kernel.exact(units) != nil),
                    "seed \(random.seed): \(units) by \(conversion) from \(source.name)")
            }
        }
    }

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
        "Pacific/Apia", "Europe/Dublin", "Antarctica/Troll", "America/Nuuk", "Asia/Gaza",
    ])
    func `say of every second what the zone says`(_ name: String) throws {
        var random = SeededRandom()
        let zone = try #require(Zone(name: name))
        let instants = ZoneSteps.instants(of: zone)
        #expect(instants.starts == instants.starts.sorted() && instants.starts.count < 1500)
        let rules: [DateParsing.FoldRule] = [.error, .earlier, .later]
        for place in 0..<1200 {
            // Near a change half of the time.
            var second = Int64.random(in: -62_135_596_800..<253_402_300_800, using: &random)
            if place % 2 == 0 {
                let span = zone.span(at: place % 4 == 0 ? second : second % 4_000_000_000)
                if span.until < Zone.future { second = span.until + Int64.random(in: -90_000...90_000, using: &random) }
            }
            guard second >= -62_135_683_200, second < 253_402_387_200 else { continue }
            #expect(instants.value(at: second) == zone.offset(at: second), "seed \(random.seed): \(second)")
        }
        for gap in rules {
            for overlap in rules {
                let steps = ZoneSteps.local(zone, gap: gap, overlap: overlap)
                for place in 0..<150 {
                    var second = Int64.random(in: -62_135_596_800..<253_402_300_800, using: &random)
                    if place % 2 == 0 {
                        let piece = zone.piece(local: place % 4 == 0 ? second : second % 4_000_000_000)
                        if piece.until < Zone.future {
                            second = piece.until + Int64.random(in: -4000...4000, using: &random)
                        }
                    }
                    let expected: Int64
                    switch zone.piece(local: second).reading {
                    case .offset(let offset): expected = offset
                    case .gap(let before, let after):
                        expected = gap == .error ? ZoneSteps.gap : gap == .earlier ? after : before
                    case .overlap(let before, let after):
                        expected = overlap == .error ? ZoneSteps.overlap : overlap == .earlier ? before : after
                    }
                    #expect(steps.value(at: second) == expected, "seed \(random.seed): \(second)")
                }
            }
        }
    }

    @Test func `end doubles where they end`() {
        let (overflow, underflow) = (DoubleLimits.overflow, DoubleLimits.underflow)
        // The last digit one less.
        func below(_ digits: String) -> String {
            String(digits.dropLast()) + String((digits.last?.wholeNumberValue ?? 1) - 1)
        }
        #expect(Double("0.\(overflow)e309") == .infinity)
        #expect(Double("0.\(below(overflow))e309") == .greatestFiniteMagnitude)
        #expect(Double("0.\(underflow)e-323") == 0)
        #expect(Double("0.\(underflow)1e-323") == .leastNonzeroMagnitude)
    }

    @Test func `bound conversions of doubles by the first that fails`() throws {
        for (numerator, denominator) in [(1, 1), (127, 50), (50, 127), (9, 5), (Int64.max, 1), (1, Int64.max)]
            as [(Int64, Int64)]
        {
            let conversion = UnitConversion(
                from: "a", to: "b", type: .float64, numerator: numerator, denominator: denominator)
            let range = try #require(DoubleRange(conversion))
            #expect((range.most * range.numerator).isFinite)
            #expect(range.most == .greatestFiniteMagnitude || !(range.most.nextUp * range.numerator).isFinite)
            #expect(range.least * range.numerator / range.denominator > 0)
            #expect(range.least.nextDown * range.numerator / range.denominator == 0)
        }
    }

    @Test(arguments: [LetterCase.upper, .lower]) func `have every letter of the case table once`(_ letters: LetterCase)
    {
        let pairs = SQLText.pairs(letters, .unicode)
        let (from, to) = (Array(pairs.from.unicodeScalars), Array(pairs.to.unicodeScalars))
        #expect(from.count == to.count && Set(from).count == from.count)
        var expected = 0
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isASCII = value < 0x80
            let mapped = letters == .upper ? CaseTable.upper(value) : CaseTable.lower(value)
            if isASCII || mapped == value { continue }
            expected += 1
            let place = from.firstIndex(of: scalar)
            #expect(place.map { to[$0].value } == mapped, "\(value)")
        }
        #expect(from.count == expected + 26)
    }
}
