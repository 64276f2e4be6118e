import Testing

@testable import Transform

@Suite struct UnitTests {
    @Test(
        arguments: [
            ("km", "m", 1000, 1, 0, 1), ("lb", "kg", 45_359_237, 100_000_000, 0, 1), ("m", "ft", 1250, 381, 0, 1),
            ("mi/h", "km/h", 25_146, 15_625, 0, 1), ("degC", "K", 1, 1, 5463, 20), ("degC", "degF", 9, 5, 32, 1),
            ("degF", "degC", 5, 9, -160, 9), ("K", "degR", 9, 5, 0, 1), ("GiB", "MB", 134_217_728, 125_000, 0, 1),
            ("kg", "kg", 1, 1, 0, 1),
        ] as [(String, String, Int64, Int64, Int64, Int64)])
    func `a conversion is an exact quotient in lowest terms`(
        from: String, to: String, numerator: Int64, denominator: Int64, offset: Int64, under: Int64
    ) throws {
        let found = try UnitTable.conversion(from: from, to: to)
        let expected = reduced(numerator, denominator)
        #expect(found.numerator == expected.0)
        #expect(found.denominator == expected.1)
        #expect(found.offsetNumerator == offset)
        #expect(found.offsetDenominator == under)
    }

    private func reduced(_ a: Int64, _ b: Int64) -> (Int64, Int64) {
        var (x, y) = (a, b)
        while y != 0 { (x, y) = (y, x % y) }
        return (a / x, b / x)
    }

    /// There and back is the number itself, for every pair that has room.
    @Test func `every conversion has its inverse`() {
        var pairs = 0
        var withoutRoom = 0
        for from in UnitTable.units {
            for to in UnitTable.units where to.dimension == from.dimension {
                guard let there = try? UnitTable.conversion(from: from.id, to: to.id),
                    let back = try? UnitTable.conversion(from: to.id, to: from.id)
                else {
                    withoutRoom += 1
                    continue
                }
                pairs += 1
                #expect(there.numerator == back.denominator)
                #expect(there.denominator == back.numerator)
                // offset there · back's factor + offset back = 0
                let left =
                    Int128(there.offsetNumerator) * Int128(back.numerator) * Int128(back.offsetDenominator)
                let right =
                    -Int128(back.offsetNumerator) * Int128(there.offsetDenominator) * Int128(back.denominator)
                #expect(left == right)
            }
        }
        #expect(pairs > 1500)
        #expect(withoutRoom == 14)
    }

    @Test func `an unknown unit is refused with the nearest`() throws {
        let source = #expect(throws: UnitTable.Mistake.self) { try UnitTable.conversion(from: "KM", to: "m") }
        #expect(source?.isTarget == false)
        #expect(source?.reason == "there is no unit \"KM\"")
        #expect(source?.allowed == "Nearest allowed form: \"km\".")
        let target = #expect(throws: UnitTable.Mistake.self) { try UnitTable.conversion(from: "kg", to: "lbs") }
        #expect(target?.isTarget == true)
        #expect(target?.allowed.hasPrefix("Nearest allowed form: \"lb\". Allowed: \"ug\"") == true)
        let currency = #expect(throws: UnitTable.Mistake.self) { try UnitTable.conversion(from: "EUROS", to: "m") }
        #expect(currency?.allowed.hasPrefix("Units are those of registry/units.json: length, mass") == true)
    }

    @Test func `units of two dimensions are refused with the dimensions`() throws {
        let mistake = #expect(throws: UnitTable.Mistake.self) { try UnitTable.conversion(from: "kg", to: "L") }
        #expect(mistake?.reason == "kg is a unit of mass, and L one of volume")
        #expect(mistake?.allowed.hasPrefix("Units of mass: ug, mg, g, kg") == true)
    }

    @Test func `a factor without room is refused`() throws {
        let mistake = #expect(throws: UnitTable.Mistake.self) {
            try UnitTable.conversion(from: "GWh", to: "ft_lbf")
        }
        #expect(mistake?.reason == "the exact factor of GWh in ft_lbf has no room in 64 bits")
    }
}
