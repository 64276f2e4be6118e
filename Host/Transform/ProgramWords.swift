public import Columnar
public import Foundations

extension Operation {
    /// What the op makes of its inputs, as a phrase.
    public func words(_ inputs: [String]) -> String {
        let first = inputs.first ?? ""
        switch self {
        case .trim: return "\(first) without white space at its ends"
        case .collapseWhitespace: return "\(first) with every run of white space as one blank"
        case .changeCase(let to, let letters):
            let table =
                switch letters {
                case .unicode: "letters of Unicode \(CaseTable.version), one to one"
                case .basic: "letters up to U+FFFF of Unicode \(CaseTable.version), one to one"
                case .ascii: "A to Z alone"
                }
            return "\(first) in \(to.rawValue) case (\(table))"
        case .regexExtract(let regex, let group):
            let what = group == 1 ? "the group of the first match" : "the first match"
            return "\(what) of \(Self.pattern(regex)) in \(first), null where there is none"
        case .regexSplit(let separator, let choice): return Self.split(first, separator, choice)
        case .concat(let concat): return Self.joined(inputs, concat)
        case .mapDict(let mapping): return Self.looked(first, mapping)
        case .unitConvert(let conversion): return Self.converted(first, conversion)
        case .dateParse(let parsing): return Self.parsed(first, parsing)
        case .dateFormat(let pattern, let zone):
            return "\(first) written as \(pattern.source)"
                + (zone == "UTC" ? "" : " on the clock of \(Self.pinned(zone))")
        case .typeCast(let cast): return Self.cast(first, cast)
        case .safeMath(let function, let to): return Self.computed(function, inputs, to)
        case .selectWhen(let regex):
            return "\(inputs[1]) where \(Self.pattern(regex)) matches in \(first), otherwise \(inputs[2])"
        }
    }

    private static func pattern(_ regex: Regex) -> String { "/\(regex.source)/" }

    private static func split(_ input: String, _ separator: Separator, _ choice: PieceChoice) -> String {
        let at =
            switch separator {
            case .pattern(let regex): pattern(regex)
            case .text(let text): Rejection.quoted(text)
            }
        switch choice {
        case .index(let index) where index >= 0:
            return "piece \(index) (from 0) of \(input) cut at \(at), null past the end"
        case .index(-1): return "the last piece of \(input) cut at \(at)"
        case .index(let index): return "piece \(-index) from the end of \(input) cut at \(at), null past the end"
        case .join(""): return "\(input) without every \(at)"
        case .join(let text): return "\(input) with \(Rejection.quoted(text)) for every \(at)"
        }
    }

    private static func joined(_ inputs: [String], _ concat: Concatenation) -> String {
        var words = inputs.joined(separator: ", ")
        if inputs.count > 1 {
            words += concat.separator.isEmpty ? " joined" : " joined by \(Rejection.quoted(concat.separator))"
        }
        let around = [concat.prefix, concat.suffix].map(Rejection.quoted)
        switch (concat.prefix.isEmpty, concat.suffix.isEmpty) {
        case (true, true): break
        case (false, true): words += " behind \(around[0])"
        case (true, false): words += " before \(around[1])"
        case (false, false): words += " between \(around[0]) and \(around[1])"
        }
        return words + (concat.nulls == .skip ? ", nulls left out" : ", null if one is null")
    }

    private static func looked(_ input: String, _ mapping: Mapping) -> String {
        let otherwise =
            switch mapping.otherwise {
            case .null: "null"
            case .text(let text): Rejection.quoted(text)
            case .keep: "kept"
            case .error: "an error"
            }
        let null = mapping.null.map(Rejection.quoted) ?? "null"
        let entries = mapping.map.count == 1 ? "1 entry" : "\(mapping.map.count) entries"
        return "\(input) by a dictionary of \(entries); other texts: \(otherwise); null: \(null)"
    }

    private static func converted(_ input: String, _ conversion: UnitConversion) -> String {
        func ratio(_ numerator: Int64, _ denominator: Int64) -> String {
            denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
        }
        var factor = "× \(ratio(conversion.numerator, conversion.denominator))"
        if conversion.offsetNumerator != 0 {
            let sign = conversion.offsetNumerator < 0 ? "−" : "+"
            let size = ratio(
                Int64(clamping: conversion.offsetNumerator.magnitude), conversion.offsetDenominator)
            factor += " \(sign) \(size)"
        }
        let rounding = conversion.type == .float64 ? "" : ", rounded half away from zero"
        return "\(input) from \(conversion.from) to \(conversion.to) (\(factor)\(rounding))"
    }

    /// A zone with the version that says what its clocks show.
    private static func pinned(_ zone: String) -> String {
        zone == "UTC" ? zone : "\(zone) of tzdata \(ZoneTable.version)"
    }

    private static func parsed(_ input: String, _ parsing: DateParsing) -> String {
        let patterns = parsing.patterns.map(\.source).joined(separator: " or ")
        var words = "\(input) read as a \(parsing.type.name) by \(patterns)"
        if let pivot = parsing.pivot { words += ", years from \(pivot) on in 19yy, the others in 20yy" }
        if parsing.type == .timestamp {
            words += ", local times in \(pinned(parsing.zone))"
            if parsing.gap != .error { words += ", skipped ones as the \(parsing.gap.rawValue)" }
            if parsing.overlap != .error { words += ", doubled ones as the \(parsing.overlap.rawValue)" }
        }
        return words + (parsing.empty == .error ? ", an empty text is an error" : ", an empty text is null")
    }

    private static func cast(_ input: String, _ cast: Cast) -> String {
        var words = "\(input) as \(cast.type.name)"
        if let grouping = cast.grouping { words += ", digits grouped by \(Rejection.quoted(grouping))" }
        if cast.decimalMark != "." { words += ", decimal mark \(Rejection.quoted(cast.decimalMark))" }
        if !cast.currency.isEmpty {
            words += ", signs " + cast.currency.map(Rejection.quoted).joined(separator: ", ") + " allowed"
        }
        if cast.rounding == .halfAway { words += ", rounded half away from zero" }
        return words + (cast.empty == .error ? ", an empty text is an error" : "")
    }

    private static func computed(_ function: MathFunction, _ inputs: [String], _ to: ColumnType?) -> String {
        let sign: String
        switch function {
        case .add: sign = "+"
        case .subtract: sign = "−"
        case .multiply: sign = "×"
        case .divide: sign = "÷"
        case .modulo: sign = "modulo"
        case .negate: return "−\(inputs[0])"
        case .absolute: return "\(inputs[0]) without its sign"
        }
        let rounding =
            to == nil
            ? function == .divide ? ", truncated" : "" : ", rounded half away from zero"
        return "\(inputs[0]) \(sign) \(inputs[1])\(rounding)"
    }

    /// Why a step of the op may have no value, from inputs of these types.
    public func reasons(taking types: [ColumnType]) -> [String] {
        switch self {
        case .mapDict where canFail: return ["NOT_IN_MAP"]
        case .unitConvert: return ["OVERFLOW"]
        case .dateParse(let parsing):
            var reasons = [parsing.type == .date ? "NOT_DATE" : "NOT_TIMESTAMP"]
            if parsing.empty == .error { reasons.append("EMPTY") }
            if parsing.type == .timestamp {
                if parsing.gap == .error { reasons.append("TIME_GAP") }
                if parsing.overlap == .error { reasons.append("TIME_OVERLAP") }
            }
            return reasons
        case .dateFormat(let pattern, _): return pattern.hasOffset ? ["INEXACT", "OVERFLOW"] : ["OVERFLOW"]
        case .typeCast(let cast): return Self.castReasons(cast, from: types.first ?? .text)
        case .safeMath(let function, _):
            return (function == .divide || function == .modulo)
                ? ["DIVISION_BY_ZERO", "OVERFLOW"] : ["OVERFLOW"]
        default: return []
        }
    }

    private static func castReasons(_ cast: Cast, from: ColumnType) -> [String] {
        guard from != cast.type else { return [] }
        guard from == .text else {
            switch (from, cast.type) {
            case (.float64, _): return ["NOT_NUMBER"]
            case (.decimal, .int64): return cast.rounding == .exact ? ["INEXACT"] : []
            case (.decimal, .decimal), (.int64, .decimal), (.int64, .float64), (.date, _), (.timestamp, _):
                return ["OVERFLOW"]
            default: return []
            }
        }
        let empty = cast.empty == .error ? ["EMPTY"] : []
        switch cast.type {
        case .int64: return ["NOT_INTEGER", "OVERFLOW"] + empty
        case .float64: return ["NOT_NUMBER", "OVERFLOW"] + empty
        case .decimal: return ["NOT_DECIMAL", "OVERFLOW"] + (cast.rounding == .exact ? ["INEXACT"] : []) + empty
        case .bool: return ["NOT_BOOLEAN"] + empty
        case .date: return ["NOT_DATE"] + empty
        case .timestamp: return ["NOT_TIMESTAMP"] + empty
        case .text, .binary: return []
        }
    }
}

extension TypedProgram {
    /// A step of a plan as people read it.
    public struct ExplainedStep: Sendable {
        public let step: Step
        public let type: ColumnType
        /// What it makes, as a phrase.
        public let words: String
        /// Why it may have no value.
        public let reasons: [String]
        /// Target and step that computes the same; nil where it is the first.
        public let same: (target: String, step: String)?

        public var json: JSON {
            var members = step.json.objectValue ?? [:]
            members["type"] = .string(type.name)
            members["means"] = .string(words)
            members["reasons"] = JSON(reasons)
            members["on_error"] = reasons.isEmpty ? nil : .string(step.onError.rawValue)
            if let same { members["same_as"] = ["target": .string(same.target), "step": .string(same.step)] }
            return .object(members)
        }
    }

    /// The steps of every plan with their types, in order.
    public func explained() throws(SluiceError) -> [[ExplainedStep]] {
        var seen: [[UInt8]: (String, String)] = [:]
        var explained: [[ExplainedStep]] = []
        for plan in plans {
            let types = try plan.checked(inputs: inputs, at: "").types
            // What a name stands for, in terms of columns alone: equal for steps that compute the same.
            var meaning: [String: JSON] = [:]
            var steps: [ExplainedStep] = []
            for step in plan.steps {
                var members = step.operation.arguments
                members["op"] = .string(step.operation.name)
                members["in"] = .array(
                    step.inputs.map { input in
                        input.name.map { meaning[$0] ?? ["column": .string($0)] } ?? input.json
                    })
                let key = SHA256.hash(JSON.object(members).canonicalBytes)
                meaning[step.name] = ["step": .string(key.hex)]
                let taken = step.inputs.map { input -> ColumnType in
                    switch input {
                    case .name(let name): types[name] ?? .text
                    case .integer: .int64
                    case .decimal(let literal): literal.type
                    }
                }
                let names = step.inputs.map { input -> String in
                    switch input {
                    case .name(let name): name
                    case .integer(let value): String(value)
                    case .decimal(let literal): literal.text
                    }
                }
                let same = seen[Array(key.hex.utf8)]
                if same == nil { seen[Array(key.hex.utf8)] = (plan.target, step.name) }
                steps.append(
                    ExplainedStep(
                        step: step, type: types[step.name] ?? .text, words: step.operation.words(names),
                        reasons: step.operation.reasons(taking: taken), same: same))
            }
            explained.append(steps)
        }
        return explained
    }
}
