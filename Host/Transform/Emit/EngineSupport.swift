internal import Columnar

/// What a program may ask of an engine: the rows of docs/dsl-matrix.md.
public enum EngineFeature: String, Sendable, CaseIterable {
    case trim
    case collapseWhitespace = "collapse_whitespace"
    case caseUnicode = "case, letters unicode"
    case caseBasic = "case, letters basic"
    case caseASCII = "case, letters ascii"
    case regexExtract = "regex_extract"
    case splitPattern = "regex_split at a pattern"
    case splitText = "regex_split at a text"
    case concat
    case mapDict = "map_dict"
    case unitExact = "unit_convert of int64 and decimals"
    case unitDouble = "unit_convert of float64"
    case parseDate = "date_parse"
    case parseZone = "date_parse in a zone"
    case formatDate = "date_format"
    case formatZone = "date_format in a zone"
    case textToInteger = "type_cast text → int64"
    case textToDecimal = "type_cast text → decimal"
    case textWithMarks = "type_cast text → int64 or decimal, with grouping, marks, currency or rounding"
    case textToDouble = "type_cast text → float64"
    case textToBool = "type_cast text → bool"
    case textToDate = "type_cast text → date"
    case textToTimestamp = "type_cast text → timestamp"
    case integerToText = "type_cast int64 → text"
    case integerToDecimal = "type_cast int64 → decimal"
    case integerToDouble = "type_cast int64 → float64"
    case decimalToText = "type_cast decimal → text"
    case decimalToInteger = "type_cast decimal → int64"
    case decimalToDecimal = "type_cast decimal → decimal"
    case decimalToDouble = "type_cast decimal → float64"
    case doubleToText = "type_cast float64 → text"
    case boolToText = "type_cast bool → text"
    case dateToText = "type_cast date → text"
    case timestampToText = "type_cast timestamp → text"
    case integerMath = "safe_math of int64"
    case decimalMath = "safe_math with decimals"
    case selectWhen = "select_when"
    case copy = "copy of a column"
    case copyBinary = "copy of a binary column"

    /// The op that it is about; empty for a column that is copied.
    public var op: String {
        let name = rawValue.prefix { $0 != " " && $0 != "," }
        return name == "copy" ? "" : String(name)
    }
}

/// The one table of what engines cannot do: emitters refuse by it, and docs/dsl-matrix.md is written from it.
public enum EngineSupport {
    /// What is refused, and why; the reason ends a sentence.
    public struct Mark: Sendable {
        public let engine: Engine
        public let feature: EngineFeature
        public let marker: Unsupported.Marker
        public let reason: String
    }

    public static let marks: [Mark] =
        [
            Mark(engine: .postgres, feature: .doubleToText, marker: .never, reason: formatter),
            Mark(engine: .duckdb, feature: .doubleToText, marker: .never, reason: formatter),
            Mark(engine: .spark, feature: .doubleToText, marker: .never, reason: formatter),
            Mark(engine: .polars, feature: .doubleToText, marker: .never, reason: formatter),
        ]

    private static let formatter =
        "the text of a float64 is made by Sluice's own formatter alone; run it in the executor or in SQLite"

    private static let table: [Engine: [EngineFeature: Mark]] = Dictionary(
        grouping: marks, by: \.engine
    ).mapValues { Dictionary($0.map { ($0.feature, $0) }, uniquingKeysWith: { first, _ in first }) }

    /// Nil where the engine can.
    public static func mark(_ feature: EngineFeature, in engine: Engine) -> Mark? { table[engine]?[feature] }

    /// Why the engine cannot run a node, if so.
    static func cause(of node: TypedProgram.Node, in engine: Engine) -> Unsupported.Cause? {
        mark(feature(of: node), in: engine).map { Unsupported.Cause(marker: $0.marker, reason: $0.reason) }
    }

    static func cause(copying type: ColumnType, in engine: Engine) -> Unsupported.Cause? {
        mark(type == .binary ? .copyBinary : .copy, in: engine)
            .map { Unsupported.Cause(marker: $0.marker, reason: $0.reason) }
    }

    /// What a node asks of its engine.
    static func feature(of node: TypedProgram.Node) -> EngineFeature {
        switch node.operation {
        case .trim: .trim
        case .collapseWhitespace: .collapseWhitespace
        case .changeCase(_, .unicode): .caseUnicode
        case .changeCase(_, .basic): .caseBasic
        case .changeCase(_, .ascii): .caseASCII
        case .regexExtract: .regexExtract
        case .regexSplit(.pattern, _): .splitPattern
        case .regexSplit(.text, _): .splitText
        case .concat: .concat
        case .mapDict: .mapDict
        case .unitConvert: node.sourceTypes.first == .float64 ? .unitDouble : .unitExact
        case .dateParse(let parsing):
            parsing.type == .date || parsing.zone.utf8.elementsEqual("UTC".utf8) ? .parseDate : .parseZone
        case .dateFormat(_, let zone): zone.utf8.elementsEqual("UTC".utf8) ? .formatDate : .formatZone
        case .typeCast(let cast): feature(of: cast, from: node.sourceTypes.first ?? .text)
        case .safeMath: node.sourceTypes.contains(where: \.isDecimal) ? .decimalMath : .integerMath
        case .selectWhen: .selectWhen
        }
    }

    private static func feature(of cast: Cast, from type: ColumnType) -> EngineFeature {
        switch (type, cast.type) {
        case (.text, .int64): cast.isPlain ? .textToInteger : .textWithMarks
        case (.text, .decimal): cast.isPlain ? .textToDecimal : .textWithMarks
        case (.text, .float64): .textToDouble
        case (.text, .bool): .textToBool
        case (.text, .date): .textToDate
        case (.text, .timestamp): .textToTimestamp
        case (.int64, .text): .integerToText
        case (.int64, .decimal): .integerToDecimal
        case (.int64, .float64): .integerToDouble
        case (.decimal, .text): .decimalToText
        case (.decimal, .int64): .decimalToInteger
        case (.decimal, .decimal): .decimalToDecimal
        case (.decimal, .float64): .decimalToDouble
        case (.float64, .text): .doubleToText
        case (.bool, .text): .boolToText
        case (.date, .text): .dateToText
        case (.timestamp, .text): .timestampToText
        default: .copy
        }
    }

    // MARK: The page

    /// The table as docs/dsl-matrix.md.
    public static var markdown: String {
        var out = """
            # What each engine runs

            This page is written by a test from the table by which emitters refuse (`Host/Transform/Emit/EngineSupport.swift`):
            run the tests with `RECORD_GOLDEN=1` after a change. The executor runs everything.

            - **yes**: the engine gives what the executor gives, every value and every reason.
            - **never**: it cannot; the number names the reason. `sluice dsl compile` refuses, and the planner uses the executor.
            - **notyet**: nobody has written it.

            What depends on a program's values, names or size stands in `docs/dsl-sql.md`, "Limits".

            | op | \(Engine.allCases.map(\.title).joined(separator: " | ")) |
            |---|\(Engine.allCases.map { _ in "---|" }.joined())

            """
        var reasons: [String] = []
        for feature in EngineFeature.allCases {
            let cells = Engine.allCases.map { engine -> String in
                guard let mark = mark(feature, in: engine) else { return "yes" }
                if !reasons.contains(mark.reason) { reasons.append(mark.reason) }
                return "\(mark.marker.rawValue) (\((reasons.firstIndex(of: mark.reason) ?? 0) + 1))"
            }
            out += "| \(feature.rawValue) | \(cells.joined(separator: " | ")) |\n"
        }
        if !reasons.isEmpty {
            out += "\n"
            for (place, reason) in reasons.enumerated() { out += "\(place + 1). \(reason)\n" }
        }
        return out
    }
}
