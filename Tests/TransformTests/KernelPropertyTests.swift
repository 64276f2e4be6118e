import Columnar
import Foundations
import Testing

@testable import Transform

/// Kernels beside their slow twins, on random values that lean towards the borders.
@Suite struct KernelPropertyTests {
    static func type(_ random: inout SeededRandom) -> ColumnType {
        let precision = UInt8.random(in: 1...18, using: &random)
        return .decimal(precision: precision, scale: UInt8.random(in: 0...precision, using: &random))
    }

    /// A value of a type; nil is null.
    static func value(_ type: ColumnType, _ random: inout SeededRandom) -> Int64? {
        let most = DecimalMath.bound(type).map { $0 - 1 } ?? Int64.max
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return nil
        case 1: return [most, -most, type == .int64 ? Int64.min : -most].randomElement(using: &random)
        case 2: return Int64.random(in: -min(most, 3)...min(most, 3), using: &random)
        default: return Int64(bitPattern: random.next() >> UInt64.random(in: 0..<64, using: &random)) % most
        }
    }

    static func column(_ type: ColumnType, _ values: [Int64?]) -> Column {
        var builder = ColumnBuilder(type)
        for value in values { if let value { builder.append(int64: value) } else { builder.appendNull() } }
        return builder.finish()
    }

    /// What a run made: the value or the reason, a row each.
    static func made(_ result: TransformResult, rows: Int) -> [String] {
        var made = (0..<rows).map { cell(result.columns[0], $0) }
        for error in result.errors { made[error.row] = "!" + error.reason.rawValue }
        return made
    }

    static func fitted(_ value: SlowNumber, _ type: ColumnType) -> String {
        guard let value = value.int64, DecimalMath.bound(type).map({ value.magnitude < $0 }) ?? true else {
            return "!OVERFLOW"
        }
        return String(value)
    }

    /// What safe_math is, digit by digit.
    static func math(
        _ function: MathFunction, _ a: Int64, _ b: Int64, _ types: [ColumnType], to type: ColumnType
    ) -> String {
        let scales = types.map(DecimalMath.scale)
        let (x, y) = (SlowNumber(a), SlowNumber(b))
        let scale = DecimalMath.scale(type)
        func rescaled(_ number: SlowNumber, _ from: Int) -> SlowNumber {
            from <= scale
                ? number.raised(scale - from) : SlowNumber.rounded(number, by: SlowNumber(1).raised(from - scale))
        }
        switch function {
        case .add, .subtract:
            let common = max(scales[0], scales[1])
            let (left, right) = (x.raised(common - scales[0]), y.raised(common - scales[1]))
            return fitted(rescaled(function == .add ? left + right : left + -right, common), type)
        case .multiply: return fitted(rescaled(x * y, scales[0] + scales[1]), type)
        case .negate: return fitted(rescaled(-x, scales[0]), type)
        case .absolute: return fitted(rescaled(x.magnitude, scales[0]), type)
        case .divide, .modulo:
            guard !y.isZero else { return "!DIVISION_BY_ZERO" }
            if type == .int64 {
                let quotient = x / y
                return fitted(function == .divide ? quotient : x + -(quotient * y), type)
            }
            return fitted(
                SlowNumber.rounded(x.raised(scale + scales[1]), by: y.raised(scales[0])), type)
        }
    }

    @Test func `safe_math is exact and rounds once`() throws {
        var random = SeededRandom()
        for _ in 0..<400 {
            guard let function = MathFunction.allCases.randomElement(using: &random) else { continue }
            var types: [ColumnType] = [.int64, .int64]
            var result = ColumnType.int64
            if function != .modulo, Int.random(in: 0..<4, using: &random) > 0 {
                let place = Int.random(in: 0..<function.inputCount, using: &random)
                types[place] = Self.type(&random)
                if Bool.random(using: &random) { types[1 - place] = Self.type(&random) }
                result = Self.type(&random)
            }
            types = Array(types.prefix(function.inputCount))
            let rows = types.map { type in (0..<40).map { _ in Self.value(type, &random) } }
            let batch = batch(zip(types, rows).map { Self.column($0, $1) })
            let step = Step(
                operation: .safeMath(function, to: result == .int64 ? nil : result),
                inputs: ["a", "b"].prefix(types.count).map { .name($0) }, name: "r", onError: .quarantine)
            let plan = Plan(target: "x", steps: [step], result: "r")
            let made = Self.made(try PlanExecutor([plan], inputs: batch.schema).run(batch), rows: 40)
            let expected = (0..<40).map { row -> String in
                guard let a = rows[0][row], let b = types.count > 1 ? rows[1][row] : 0 else { return "null" }
                return Self.math(function, a, b, types, to: result)
            }
            #expect(made == expected, "\(function) of \(types) to \(result), seed \(random.seed)")
        }
    }

    @Test func `unit_convert is exact and rounds once`() throws {
        var random = SeededRandom()
        for _ in 0..<400 {
            let from = Bool.random(using: &random) ? ColumnType.int64 : Self.type(&random)
            let to = Bool.random(using: &random) ? ColumnType.int64 : Self.type(&random)
            func factor(_ least: Int64) -> Int64 {
                max(least, Int64(random.next() >> UInt64.random(in: 30..<63, using: &random)))
            }
            let offset = Bool.random(using: &random) ? -factor(0) : factor(0)
            let conversion = UnitConversion(
                from: "a", to: "b", type: to, numerator: factor(1), denominator: factor(1), offsetNumerator: offset,
                offsetDenominator: Int64.random(in: 1...900, using: &random))
            let values = (0..<40).map { _ in Self.value(from, &random) }
            let batch = batch([Self.column(from, values)])
            let step = Step(
                operation: .unitConvert(conversion), inputs: [.name("a")], name: "r", onError: .quarantine)
            let executor: PlanExecutor
            do {
                executor = try PlanExecutor([Plan(target: "x", steps: [step], result: "r")], inputs: batch.schema)
            } catch { continue }
            let made = Self.made(try executor.run(batch), rows: 40)
            let expected = values.map { value -> String in
                guard let value else { return "null" }
                // (u·n·od + on·d·10^in) · 10^out / (d·od·10^in)
                let (n, d) = (SlowNumber(conversion.numerator), SlowNumber(conversion.denominator))
                let (on, od) = (SlowNumber(conversion.offsetNumerator), SlowNumber(conversion.offsetDenominator))
                let sum = SlowNumber(value) * n * od + (on * d).raised(DecimalMath.scale(from))
                let exact = SlowNumber.rounded(
                    sum.raised(DecimalMath.scale(to)), by: (d * od).raised(DecimalMath.scale(from)))
                return Self.fitted(exact, to)
            }
            #expect(made == expected, "\(conversion) of \(from), seed \(random.seed)")
        }
    }

    /// A number as people write it, sometimes wrong, and what the guard makes of it.
    static func written(_ cast: Cast, _ random: inout SeededRandom) -> String {
        func digits(_ least: Int, _ most: Int) -> String {
            (0..<Int.random(in: least...most, using: &random)).map { _ in
                ["0", "1", "4", "5", "9"].randomElement(using: &random) ?? "0"
            }.joined()
        }
        var text = ["", "", "-", "+"].randomElement(using: &random) ?? ""
        if Bool.random(using: &random) { text += cast.currency.randomElement(using: &random) ?? "" }
        if let grouping = cast.grouping, Bool.random(using: &random) {
            text += digits(1, 3)
            for _ in 0..<Int.random(in: 0...6, using: &random) { text += grouping + digits(3, 3) }
        } else {
            text += digits(1, Bool.random(using: &random) ? 6 : 21)
        }
        if Bool.random(using: &random) { text += cast.decimalMark + digits(1, 22) }
        guard Int.random(in: 0..<6, using: &random) == 0 else { return text }
        var scalars = Array(text.unicodeScalars)
        let place = Int.random(in: 0..<scalars.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: scalars.remove(at: place)
        case 1: scalars.insert([",", ".", " ", "-", "$", "0", "é"].randomElement(using: &random) ?? " ", at: place)
        default: scalars[place] = [",", ".", "x", "٤", "€"].randomElement(using: &random) ?? " "
        }
        return Slow.string(scalars)
    }

    static func read(_ text: String, _ cast: Cast) -> String {
        let refused = cast.type == .int64 ? "!NOT_INTEGER" : "!NOT_DECIMAL"
        var rest = Array(text.unicodeScalars).map(String.init)
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest.removeFirst() }
        if let sign = cast.currency.filter({ rest.joined().unicodeScalars.starts(with: $0.unicodeScalars) })
            .max(by: { $0.utf8.count < $1.utf8.count })
        {
            rest.removeFirst(sign.unicodeScalars.count)
        }
        let digits = Set("0123456789".unicodeScalars.map(String.init))
        var parts = rest.split(separator: cast.decimalMark, omittingEmptySubsequences: false).map(Array.init)
        guard parts.count <= 2 else { return refused }
        let fraction = parts.count == 2 ? parts.removeLast() : []
        guard rest.isEmpty || parts.count == 1, rest.contains(cast.decimalMark) == !fraction.isEmpty,
            fraction.allSatisfy(digits.contains)
        else { return refused }
        var whole = parts.first ?? []
        if let grouping = cast.grouping, whole.contains(grouping) {
            let groups = whole.split(separator: grouping, omittingEmptySubsequences: false)
            guard (1...3).contains(groups[0].count), groups.dropFirst().allSatisfy({ $0.count == 3 }) else {
                return refused
            }
            whole = groups.flatMap(\.self)
        }
        guard !whole.isEmpty, whole.count <= 19, whole.allSatisfy(digits.contains) else { return refused }
        let scale = DecimalMath.scale(cast.type)
        var number = SlowNumber(0)
        for digit in whole + fraction { number = number.raised(1) + SlowNumber(Int(digit) ?? 0) }
        if fraction.dropFirst(scale).contains(where: { $0 != "0" }), cast.rounding == .exact {
            return cast.type == .int64 ? refused : "!INEXACT"
        }
        let exact = SlowNumber.rounded(number.raised(scale), by: SlowNumber(1).raised(fraction.count))
        return fitted(negative ? -exact : exact, cast.type)
    }

    @Test func `numbers are read as their slow twin reads them`() throws {
        var random = SeededRandom()
        for _ in 0..<300 {
            let mark = Bool.random(using: &random) ? "." : ","
            let cast = Cast(
                to: Int.random(in: 0..<4, using: &random) == 0 ? .int64 : Self.type(&random),
                grouping: [nil, mark == "." ? "," : ".", " ", "'", "_"].randomElement(using: &random) ?? nil,
                decimalMark: mark,
                currency: [[], ["$"], ["€", "€€"], ["US$", "U"]].randomElement(using: &random) ?? [],
                rounding: Bool.random(using: &random) ? .exact : .halfAway)
            let guarded = NumberGuard(cast)
            for _ in 0..<60 {
                let text = Self.written(cast, &random)
                var value: Int64 = 0
                let reason = Array(text.utf8).withUnsafeBytes { guarded.read($0, &value) }
                let made = reason.map { "!" + $0.rawValue } ?? String(value)
                let expected = Self.read(text, cast)
                #expect(made == expected, "\(text) as \(cast), seed \(random.seed)")
            }
        }
    }

    @Test func `decimals become the nearest double`() {
        var random = SeededRandom()
        for _ in 0..<30_000 {
            let units =
                Int64(bitPattern: random.next() >> UInt64.random(in: 0..<64, using: &random))
                % 1_000_000_000_000_000_000
            let scale = UInt8.random(in: 0...18, using: &random)
            let made = DecimalMath.double(units, scale: scale)
            #expect(made == Double("\(units)e-\(scale)"), "\(units) \(scale), seed \(random.seed)")
        }
    }
}
