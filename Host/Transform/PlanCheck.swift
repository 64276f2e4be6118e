public import Columnar
public import Foundations

extension Plan {
    /// Type-checks the plan against the columns that it will read, and returns the type of the target.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected` with the JSON pointer and the nearest allowed form.
    public func check(inputs: Schema) throws(SluiceError) -> ColumnType {
        try checked(inputs: inputs, at: "").result
    }

    /// The type of every input column that is used and of every step, and of the result.
    ///
    /// - Parameter base: pointer of the plan in its document.
    func checked(
        inputs: Schema, at base: String
    ) throws(SluiceError) -> (types: [String: ColumnType], result: ColumnType) {
        let columns = Dictionary(inputs.fields.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let rules = TypeRules(target: target, base: base)
        func unknown(_ name: String, at pointer: String) -> SluiceError {
            rules.reject(
                pointer, "there is no step and no input column \(Rejection.quoted(name))",
                Rejection.nearest(name, of: inputs.fields.map(\.name)))
        }
        var types: [String: ColumnType] = [:]
        for (place, step) in steps.enumerated() {
            let pointer = "/steps/\(place)"
            var taken: [ColumnType] = []
            for (place, input) in step.inputs.enumerated() {
                switch input {
                case .name(let name):
                    guard let type = types[name] ?? columns[name] else {
                        throw unknown(name, at: "\(pointer)/in/\(place)")
                    }
                    types[name] = type
                    taken.append(type)
                case .integer: taken.append(.int64)
                case .decimal(let literal): taken.append(literal.type)
                }
            }
            guard columns[step.name] == nil else {
                throw rules.reject(
                    pointer + "/as", "\(Rejection.quoted(step.name)) is the name of an input column",
                    "Give the step a name that no column has.")
            }
            types[step.name] = try rules.type(of: step.operation, taking: taken, at: pointer)
        }
        guard let type = types[result] ?? (steps.isEmpty ? columns[result] : nil) else {
            throw unknown(result, at: "/result")
        }
        types[result] = type
        return (types, type)
    }
}

/// What types an op takes, and what it makes of them.
private struct TypeRules {
    let target: String
    let base: String

    func reject(_ pointer: String, _ what: String, _ allowed: String) -> SluiceError {
        Rejection.error(target, base + pointer, what, allowed: allowed)
    }

    private static let castFirst = #"Cast it first: {"op":"type_cast","in":[…],"to":"text","as":…}."#
    private static let copied = "A column of type binary can only be copied."

    func type(
        of operation: Operation, taking types: [ColumnType], at pointer: String
    ) throws(SluiceError) -> ColumnType {
        switch operation {
        case .trim, .collapseWhitespace, .changeCase, .regexExtract, .regexSplit, .concat, .mapDict:
            try checkText(types, operation, at: pointer)
            return .text
        case .dateParse(let parsing):
            try checkText(types, operation, at: pointer)
            return parsing.type
        case .dateFormat(let pattern, let zone): return try format(pattern, zone, types[0], at: pointer)
        case .unitConvert(let conversion): return try conversion.type(taking: types[0], rules: self, at: pointer)
        case .typeCast(let cast): return try self.cast(cast, from: types[0], at: pointer)
        case .safeMath(let function, let to): return try math(function, to, types, at: pointer)
        case .selectWhen:
            try checkText([types[0]], operation, at: pointer)
            guard types[1] != .binary else { throw reject(pointer + "/in/1", "this is binary", Self.copied) }
            guard types[1] == types[2] else {
                throw reject(
                    pointer + "/in/2", "it is \(types[2].name), and the value beside it \(types[1].name)",
                    "Cast one of them: both are of one type.")
            }
            return types[1]
        }
    }

    private func checkText(_ types: [ColumnType], _ operation: Operation, at pointer: String) throws(SluiceError) {
        for (place, type) in types.enumerated() where type != .text {
            throw reject(
                "\(pointer)/in/\(place)", "\(operation.name) takes text, and this is \(type.name)",
                type == .binary ? Self.copied : Self.castFirst)
        }
    }

    private func format(
        _ pattern: DatePattern, _ zone: String, _ type: ColumnType, at pointer: String
    ) throws(SluiceError) -> ColumnType {
        guard type == .date || type == .timestamp else {
            throw reject(
                pointer + "/in/0", "date_format takes a date or a timestamp, and this is \(type.name)",
                type == .text
                    ? #"Read it first: {"op":"date_parse","in":[…],"formats":[…],"to":"date","as":…}."#
                    : "Give it a date or a timestamp.")
        }
        guard type == .timestamp || !(pattern.hasTime || pattern.hasOffset) else {
            throw reject(
                pointer + "/format",
                "a date has no time of day, which the pattern "
                    + "\(Rejection.quoted(pattern.source)) writes", "Write a pattern of yyyy, MM and dd alone.")
        }
        guard type == .timestamp || zone == "UTC" else {
            throw reject(pointer + "/zone", "a date is in no zone", "Leave the zone out.")
        }
        return .text
    }

    // MARK: Casts

    private func cast(_ cast: Cast, from: ColumnType, at pointer: String) throws(SluiceError) -> ColumnType {
        let to = cast.type
        let allowed = Self.casts(from: from)
        guard from == to || allowed.contains(to.isDecimal ? "decimal(p,s)" : to.name) else {
            throw reject(
                pointer + "/to", "there is no cast from \(from.name) to \(to.name)",
                from == .binary ? Self.copied : "Allowed from \(from.name): \(allowed.joined(separator: ", ")).")
        }
        if cast.empty == .error, from != .text || to == .text {
            throw reject(
                pointer + "/empty", "an empty text is nothing special in a cast from \(from.name) to \(to.name)",
                "Leave it out; it goes with casts of text to other types.")
        }
        let form: [(String, Bool)] = [
            ("grouping", cast.grouping != nil), ("decimal_mark", cast.decimalMark != "."),
            ("currency", !cast.currency.isEmpty),
        ]
        if from != .text, let (key, _) = form.first(where: { $0.1 }) {
            throw reject(
                "\(pointer)/\(key)", "it says how texts are read, and this is \(from.name)",
                "Leave it out; it goes with casts of text.")
        }
        if cast.rounding == .halfAway, !(to.isDecimal && (from == .text || from.isDecimal)),
            !(to == .int64 && from.isDecimal)
        {
            throw reject(
                pointer + "/rounding", "nothing is rounded in a cast from \(from.name) to \(to.name)",
                "Leave it out; it goes with casts of text to decimals and of decimals to int64.")
        }
        return to
    }

    /// What a type may be cast to. A cast to the same type copies.
    static func casts(from type: ColumnType) -> [String] {
        switch type {
        case .text: Operation.types.map(\.name) + ["decimal(p,s)"]
        case .int64: ["text", "int64", "float64", "decimal(p,s)"]
        case .decimal: ["text", "decimal(p,s)", "int64", "float64"]
        case .float64, .bool, .date, .timestamp: ["text", type.name]
        case .binary: []
        }
    }

    // MARK: Numbers

    private func math(
        _ function: MathFunction, _ to: ColumnType?, _ types: [ColumnType], at pointer: String
    ) throws(SluiceError) -> ColumnType {
        for (place, type) in types.enumerated() where type != .int64 && !type.isDecimal {
            let hint =
                switch type {
                case .text: #"Cast it first: {"op":"type_cast","in":[…],"to":"decimal(12,2)","as":…}."#
                case .float64: "Floating point differs between engines: read the text as a decimal(p,s) instead."
                default: "Give it int64 or decimal(p,s)."
                }
            throw reject("\(pointer)/in/\(place)", "safe_math takes int64 and decimals, and this is \(type.name)", hint)
        }
        guard types.contains(where: \.isDecimal) else {
            guard to == nil else {
                throw reject(
                    pointer + "/to", "integers make an int64", "Leave it out, or cast one of the inputs to a decimal.")
            }
            return .int64
        }
        guard function != .modulo else {
            throw reject(
                pointer + "/function", "there is no modulo of decimals",
                "Cast them to int64 first, or use another function.")
        }
        guard let to else {
            throw reject(
                pointer, "the key \"to\" is missing, which decimals need",
                #"Name the type of the result, for example "to":"decimal(18,2)"."#)
        }
        return to
    }
}

extension UnitConversion {
    fileprivate func type(
        taking from: ColumnType, rules: TypeRules, at pointer: String
    ) throws(SluiceError) -> ColumnType {
        switch from {
        case .int64, .decimal:
            guard type != .float64 else {
                throw rules.reject(
                    pointer + "/type", "\(from.name) is converted exactly, which float64 cannot hold",
                    "Write \"type\":\"decimal(18,6)\" or \"int64\".")
            }
        case .float64:
            guard type == .float64 else {
                throw rules.reject(
                    pointer + "/type", "float64 is converted to float64 alone",
                    "Write \"type\":\"float64\", or read the text as a decimal(p,s) instead.")
            }
        default:
            throw rules.reject(
                pointer + "/in/0", "unit_convert takes int64, decimals and float64, and this is \(from.name)",
                from == .text
                    ? #"Cast it first: {"op":"type_cast","in":[…],"to":"decimal(12,2)","as":…}."#
                    : "Give it a number.")
        }
        return type
    }
}
