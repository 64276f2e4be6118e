import Columnar
import Foundations
import Testing
import Transform

/// Plans at random over columns of every type: most steps fit the types of what they take.
struct RandomPlans {
    static let schema = Schema([
        Field("a", .text), Field("b", .text), Field("i", .int64), Field("f", .float64), Field("o", .bool),
        Field("d", .decimal(precision: 12, scale: 2)), Field("w", .decimal(precision: 18, scale: 0)), Field("t", .date),
        Field("s", .timestamp),
    ])

    private static let regexes = [
        "([0-9]+)", "[a-z]+", "^(.)", "a(b|c)?d", "([^ ,;]+)$", "[ ,;]+", "-", "(é|ß)+", "[\u{1F600}-\u{1F64F}]", "\\.",
        "^-?([0-9]{1,3})", "x*",
    ]
    private static let formats = [
        "yyyy-MM-dd", "MM/dd/yyyy", "M/d/yyyy", "dd.MM.yy", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd HH:mm:ss",
        "yyyyMMdd", "d MM yyyy",
    ]
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]
    private static let decimals = [
        "decimal(1,0)", "decimal(5,2)", "decimal(12,2)", "decimal(18,0)", "decimal(18,18)", "decimal(18,6)",
    ]

    var random: SeededRandom
    private var names: [String: [String]] = [:]
    private var types: [String: String] = [:]

    init(_ random: SeededRandom) { self.random = random }

    private mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }
    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func name(_ isFit: (String) -> Bool) -> String? {
        let fit = names.filter { isFit($0.key) }.flatMap(\.value).sorted()
        return fit.isEmpty ? nil : pick(fit)
    }

    private mutating func text() -> String { name { $0 == "text" } ?? "a" }

    /// A plan's JSON, whatever the checker says of it.
    mutating func plan(_ number: Int) -> JSON {
        names = [:]
        types = [:]
        for field in Self.schema.fields {
            names[field.type.name, default: []].append(field.name)
            types[field.name] = field.type.name
        }
        let count = Int.random(in: 1...8, using: &random)
        var steps: [JSON] = []
        for place in 0..<count {
            var (step, type) = self.step()
            let name = "x\(place)"
            step["as"] = .string(name)
            if chance(30) { step["on_error"] = "null" }
            steps.append(.object(step))
            names[type, default: []].append(name)
            types[name] = type
        }
        return ["target": .string("t\(number)"), "steps": .array(steps), "result": .string("x\(count - 1)")]
    }

    private mutating func step() -> (step: [String: JSON], type: String) {
        switch Int.random(in: 0..<13, using: &random) {
        case 0: return (["op": "trim", "in": [.string(text())]], "text")
        case 1: return (["op": "collapse_whitespace", "in": [.string(text())]], "text")
        case 2:
            return (
                [
                    "op": "case", "in": [.string(text())], "to": .string(pick(["upper", "lower"])),
                    "letters": .string(pick(["unicode", "basic", "ascii"])),
                ], "text"
            )
        case 3:
            return (["op": "regex_extract", "in": [.string(text())], "pattern": .string(pick(Self.regexes))], "text")
        case 4:
            var step: [String: JSON] = ["op": "regex_split", "in": [.string(text())]]
            if chance(50) {
                step["separator"] = .string(pick([",", " ", "ab", "é", "-"]))
            } else {
                step["pattern"] = .string(pick(Self.regexes))
            }
            if chance(60) {
                step["index"] = .int(Int64(pick([0, 1, 2, -1, -2, 100])))
            } else {
                step["join"] = .string(pick(["", "+", "😀"]))
            }
            return (step, "text")
        case 5:
            let inputs = (0..<Int.random(in: 2...4, using: &random)).map { _ in JSON.string(text()) }
            var step: [String: JSON] = [
                "op": "concat", "in": .array(inputs), "nulls": .string(pick(["propagate", "skip"])),
            ]
            if chance(60) { step["separator"] = .string(pick([" ", "'", "\"?1", "é"])) }
            if chance(30) { step["prefix"] = "<" }
            if chance(30) { step["suffix"] = "'>" }
            return (step, "text")
        case 6:
            return (
                [
                    "op": "map_dict", "in": [.string(text())],
                    "map": ["a": "x", "": "empty", "kg": .null, "é": "e\u{301}"],
                    "default": pick([.null, "other", ["keep": true], ["error": true]]),
                    "null": pick([.null, "was null"]),
                ], "text"
            )
        case 7:
            let (from, to) = pick([
                ("m", "km"), ("km", "m"), ("kg", "lb"), ("lb", "g"), ("in", "cm"), ("celsius", "fahrenheit"),
                ("fahrenheit", "kelvin"),
            ])
            let input = name { $0 == "int64" || $0 == "float64" || $0.hasPrefix("decimal") } ?? "i"
            let type = types[input] == "float64" ? "float64" : pick(Self.decimals + ["int64"])
            return (
                [
                    "op": "unit_convert", "in": [.string(input)], "from": .string(from), "to": .string(to),
                    "type": .string(type),
                ], type
            )
        case 8:
            let type = pick(["date", "timestamp"])
            var step: [String: JSON] = [
                "op": "date_parse", "in": [.string(text())], "to": .string(type),
                "formats": .array((0..<Int.random(in: 1...4, using: &random)).map { _ in .string(pick(Self.formats)) }),
            ]
            if chance(50) { step["pivot"] = 70 }
            if type == "timestamp", chance(50) {
                step["zone"] = .string(pick(Self.zones))
                step["gap"] = .string(pick(["error", "earlier", "later"]))
                step["overlap"] = .string(pick(["error", "earlier", "later"]))
            }
            if chance(30) { step["empty"] = "error" }
            return (step, type)
        case 9:
            let input = name { $0 == "date" || $0 == "timestamp" } ?? "t"
            var step: [String: JSON] = [
                "op": "date_format", "in": [.string(input)], "format": .string(pick(Self.formats)),
            ]
            if types[input] == "timestamp", chance(50) { step["zone"] = .string(pick(Self.zones)) }
            return (step, "text")
        case 10...11: return cast()
        default: return math()
        }
    }

    private mutating func cast() -> (step: [String: JSON], type: String) {
        let input = pick(types.keys.sorted())
        let from = types[input] ?? "text"
        let type: String
        switch from {
        case "text": type = pick(["int64", "float64", "bool", "date", "timestamp"] + Self.decimals)
        case "int64": type = pick(["text", "float64"] + Self.decimals)
        case "float64", "bool", "date", "timestamp": type = "text"
        default: type = pick(["text", "int64", "float64"] + Self.decimals)
        }
        var step: [String: JSON] = ["op": "type_cast", "in": [.string(input)], "to": .string(type)]
        if from == "text", type.hasPrefix("decimal") {
            if chance(40) { step["grouping"] = .string(pick([",", "'", " "])) }
            if chance(40) { step["currency"] = ["€", "$", "CHF "] }
            if chance(40) { step["rounding"] = "half_away" }
        }
        if from.hasPrefix("decimal"), type == "int64", chance(60) { step["rounding"] = "half_away" }
        if from == "text", chance(30) { step["empty"] = "error" }
        return (step, type)
    }

    private mutating func math() -> (step: [String: JSON], type: String) {
        let function = pick(["add", "subtract", "multiply", "divide", "modulo", "negate", "absolute"])
        var inputs: [JSON] = []
        var hasDecimal = false
        for _ in 0..<(function == "negate" || function == "absolute" ? 1 : 2) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1: inputs.append(.int(pick([0, 1, -1, 7, .max, .min, 1000])))
            case 2:
                inputs.append(["decimal": .string(pick(["0.92", "-0.5", "100", "0.00", "0.000000000000000001"]))])
                hasDecimal = true
            default:
                let input = name { $0 == "int64" || $0.hasPrefix("decimal") } ?? "i"
                if types[input] != "int64" { hasDecimal = true }
                inputs.append(.string(input))
            }
        }
        var step: [String: JSON] = ["op": "safe_math", "function": .string(function), "in": .array(inputs)]
        guard hasDecimal else { return (step, "int64") }
        let type = pick(Self.decimals)
        step["to"] = .string(type)
        return (step, type)
    }

    // MARK: Data

    private mutating func someText() -> String? {
        if chance(50) { return pick(`SQLite engine`.texts) }
        let letters: [Unicode.Scalar] = [
            "a", "b", "c", "d", "x", "A", "0", "1", "9", "-", ".", ",", ";", " ", " ", "\t", "é", "ß", "İ", "😀",
            "\u{301}",
            "\u{3000}", "\u{0}", "'", "€", "\n",
        ]
        var out = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...24, using: &random) { out.append(pick(letters)) }
        return String(out)
    }

    private mutating func number(_ bound: Int64) -> Int64 {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return pick([0, 1, -1, 5, -5, 49, 50, 150])
        case 1: return pick([bound, -bound, bound - 1])
        case 2: return Int64.random(in: -bound...bound, using: &random)
        default: return Int64.random(in: -10_000...10_000, using: &random)
        }
    }

    /// Rows of the schema.
    mutating func batch(_ rows: Int) -> Batch {
        let columns = Self.schema.fields.map { field -> Column in
            var builder = ColumnBuilder(field.type)
            for _ in 0..<rows {
                if chance(10) {
                    builder.appendNull()
                    continue
                }
                switch field.type {
                case .text: builder.append(text: someText())
                case .int64: builder.append(int64: chance(5) ? .min : number(.max))
                case .float64:
                    builder.append(
                        float64: chance(50)
                            ? pick([0, -0.0, 0.1, 1e308, -1e-308, 2.5, 1e21, .infinity, 123456789.125])
                            : Double(number(1_000_000)) / 8)
                case .bool: builder.append(bool: chance(50))
                case .decimal(let precision, _):
                    var bound: Int64 = 1
                    for _ in 0..<precision { bound *= 10 }
                    builder.append(int64: number(bound - 1))
                case .date:
                    builder.append(
                        date: pick([
                            -719_162, 2_932_896, 0, Int32.random(in: -719_162...2_932_896, using: &random), 19_780,
                        ]))
                case .timestamp:
                    builder.append(
                        int64: pick([
                            -62_135_596_800_000_000, 253_402_300_799_999_999, 0,
                            Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random),
                            Int64.random(in: 0...2_000_000_000, using: &random) * 1_000_000,
                        ]))
                case .binary: builder.append(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
                }
            }
            return builder.finish()
        }
        return Batch(schema: Self.schema, columns: columns, rowCount: rows)
    }
}

@Suite struct `SQLite equals the executor` {
    @Test func `on random plans over nasty data of every type`() throws {
        let seeded = SeededRandom()
        var plans = RandomPlans(seeded)
        var accepted = 0
        var ops: [String: Int] = [:]
        for _ in 0..<60 {
            let batch = plans.batch(40)
            var fit: [Transform.Plan] = []
            for number in 0..<12 {
                guard let plan = try? Plan(json: plans.plan(number)),
                    (try? PlanExecutor([plan], inputs: batch.schema)) != nil
                else { continue }
                fit.append(plan)
                for step in plan.steps { ops[step.operation.name, default: 0] += 1 }
            }
            accepted += fit.count
            try expectSame(fit, batch, "TRANSFORM_SEED=\(seeded.seed)")
        }
        #expect(accepted > 200, "TRANSFORM_SEED=\(seeded.seed)")
        for name in Transform.Operation.names { #expect(ops[name, default: 0] > 0, "\(name)") }
    }
}
