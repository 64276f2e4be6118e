public import Columnar
internal import Foundations

/// An op with its arguments (docs/dsl.md). Null gives null in every op that does not say otherwise, and an empty text
/// is not null.
public enum Operation: Sendable, Hashable {
    /// No white space at either end.
    case trim
    /// Every run of white space is one U+0020; the ends are trim's.
    case collapseWhitespace
    /// One-to-one by the pinned case table.
    case changeCase(LetterCase, CaseLetters)
    /// What a pattern, or its group, matches first; null where it does not match.
    case regexExtract(Regex, group: Int)
    /// A text cut at every separator; one of the pieces, or all of them joined anew.
    case regexSplit(Separator, PieceChoice)
    /// The texts in order, with a separator between them.
    case concat(Concatenation)
    /// A text for a text.
    case mapDict(Mapping)
    /// A number in another unit.
    case unitConvert(UnitConversion)
    /// A date or timestamp by the first of the patterns that fits.
    case dateParse(DateParsing)
    /// The text of a date or timestamp.
    case dateFormat(DatePattern, zone: String)
    /// Another type, through an anchored guard.
    case typeCast(Cast)
    /// Integers and decimals, checked.
    case safeMath(MathFunction, to: ColumnType?)
    /// The second input where the pattern matches somewhere in the first, otherwise the third. Behind a feature flag.
    case selectWhen(Regex)

    /// The twelve ops of the DSL.
    public static let names = [
        "trim", "case", "collapse_whitespace", "regex_extract", "regex_split", "concat", "map_dict", "unit_convert",
        "date_parse", "date_format", "type_cast", "safe_math",
    ]

    /// Types that steps take and make; decimals besides.
    static let types: [ColumnType] = [.text, .int64, .float64, .bool, .date, .timestamp]

    public var name: String {
        switch self {
        case .trim: "trim"
        case .collapseWhitespace: "collapse_whitespace"
        case .changeCase: "case"
        case .regexExtract: "regex_extract"
        case .regexSplit: "regex_split"
        case .concat: "concat"
        case .mapDict: "map_dict"
        case .unitConvert: "unit_convert"
        case .dateParse: "date_parse"
        case .dateFormat: "date_format"
        case .typeCast: "type_cast"
        case .safeMath: "safe_math"
        case .selectWhen: "select_when"
        }
    }

    /// Whether it looks for a pattern.
    var hasPattern: Bool {
        switch self {
        case .regexExtract, .selectWhen, .regexSplit(.pattern, _): true
        default: false
        }
    }

    /// Whether there are values that the op has no result for.
    public var canFail: Bool {
        switch self {
        case .trim, .collapseWhitespace, .changeCase, .regexExtract, .regexSplit, .concat, .selectWhen: false
        case .mapDict(let mapping): mapping.otherwise == .error
        case .unitConvert, .dateParse, .dateFormat, .typeCast, .safeMath: true
        }
    }
}

/// Which letters `case` knows.
public enum CaseLetters: String, Sendable, CaseIterable {
    /// The pinned table, whole. The default.
    case unicode
    /// The pinned table up to U+FFFF.
    case basic
    /// A–Z and a–z.
    case ascii
}

/// What `regex_split` cuts at.
public enum Separator: Sendable, Hashable {
    /// A pattern that does not match the empty text.
    case pattern(Regex)
    /// A text of at least one byte.
    case text(String)
}

/// What `regex_split` gives back.
public enum PieceChoice: Sendable, Hashable {
    /// The piece of a place, from 0; from the end when negative. Past the end: null.
    case index(Int)
    /// All pieces with this text between them.
    case join(String)
}

/// The arguments of `concat`.
public struct Concatenation: Sendable, Hashable {
    /// What `concat` makes of nulls.
    public enum NullRule: String, Sendable, CaseIterable {
        /// A null among the inputs makes the result null. The default.
        case propagate
        /// Nulls are left out together with their separator; only nulls make null.
        case skip
    }

    public let separator: String
    public let nulls: NullRule
    /// Before and behind every value that is not null.
    public let prefix: String
    public let suffix: String

    public init(separator: String = "", nulls: NullRule = .propagate, prefix: String = "", suffix: String = "") {
        self.separator = separator
        self.nulls = nulls
        self.prefix = prefix
        self.suffix = suffix
    }
}

/// The arguments of `map_dict`.
public struct Mapping: Sendable, Hashable {
    /// What becomes of a text that the dictionary has not.
    public enum Otherwise: Sendable, Hashable {
        case null
        case text(String)
        /// It stays as it is.
        case keep
        /// An error of reason NOT_IN_MAP.
        case error
    }

    /// Compared byte by byte; nil stands for null.
    public let map: [String: String?]
    public let otherwise: Otherwise
    /// What null becomes.
    public let null: String?

    public static let maximumEntries = 10_000
    /// Of a value, of what stands for null and of the default.
    public static let maximumText = 4096
    /// Of all keys and values together.
    public static let maximumBytes = 1 << 20

    public init(map: [String: String?], otherwise: Otherwise, null: String?) {
        self.map = map
        self.otherwise = otherwise
        self.null = null
    }
}

/// The arguments of `date_parse`.
public struct DateParsing: Sendable, Hashable {
    /// What becomes of a local time that a zone's clock skips (gap) or shows twice (overlap).
    public enum FoldRule: String, Sendable, CaseIterable {
        /// An error of reason TIME_GAP or TIME_OVERLAP. The default.
        case error
        /// The instant by the offset before the change for an overlap; for a gap, by the offset behind it.
        case earlier
        /// The later of the two instants.
        case later
    }

    public let patterns: [DatePattern]
    /// date or timestamp.
    public let type: ColumnType
    public let empty: EmptyRule
    /// Years of two digits from it on are 19yy, the others 20yy.
    public let pivot: Int?
    /// IANA name of the zone that texts without an offset are in.
    public let zone: String
    public let gap: FoldRule
    public let overlap: FoldRule

    public init(
        _ patterns: [DatePattern], to type: ColumnType, empty: EmptyRule = .null, pivot: Int? = nil,
        zone: String = "UTC", gap: FoldRule = .error, overlap: FoldRule = .error
    ) {
        self.patterns = patterns
        self.type = type
        self.empty = empty
        self.pivot = pivot
        self.zone = zone
        self.gap = gap
        self.overlap = overlap
    }
}

/// What an empty text is where another type is to be made of it.
public enum EmptyRule: String, Sendable, CaseIterable {
    /// Null. The default.
    case null
    /// An error of reason EMPTY.
    case error
}

/// The arguments of `type_cast`.
public struct Cast: Sendable, Hashable {
    public enum Rounding: String, Sendable, CaseIterable {
        /// A number with more digits than the type has is an error of reason INEXACT. The default.
        case exact
        /// To the nearest, halves away from zero.
        case halfAway = "half_away"
    }

    public let type: ColumnType
    public let empty: EmptyRule
    /// How numbers are written that are read of text, into int64 and decimals.
    public let grouping: String?
    public let decimalMark: String
    /// Signs of which one may stand before the digits, behind the sign.
    public let currency: [String]
    public let rounding: Rounding

    public init(
        to type: ColumnType, empty: EmptyRule = .null, grouping: String? = nil, decimalMark: String = ".",
        currency: [String] = [], rounding: Rounding = .exact
    ) {
        self.type = type
        self.empty = empty
        self.grouping = grouping
        self.decimalMark = decimalMark
        self.currency = currency
        self.rounding = rounding
    }
}

/// What `safe_math` computes.
public enum MathFunction: String, Sendable, CaseIterable {
    case add, subtract, multiply, divide, modulo, negate, absolute

    /// How many inputs it takes.
    public var inputCount: Int { self == .negate || self == .absolute ? 1 : 2 }
}

/// The arguments of `unit_convert`: y = (x · numerator / denominator) + offsetNumerator / offsetDenominator.
public struct UnitConversion: Sendable, Hashable {
    /// Ids of registry/units.json.
    public let from: String
    public let to: String
    /// What is made: a decimal, int64 or float64.
    public let type: ColumnType
    /// The factor in lowest terms, the denominator positive.
    public let numerator: Int64
    public let denominator: Int64
    public let offsetNumerator: Int64
    public let offsetDenominator: Int64

    public init(
        from: String, to: String, type: ColumnType, numerator: Int64, denominator: Int64, offsetNumerator: Int64 = 0,
        offsetDenominator: Int64 = 1
    ) {
        self.from = from
        self.to = to
        self.type = type
        self.numerator = numerator
        self.denominator = denominator
        self.offsetNumerator = offsetNumerator
        self.offsetDenominator = offsetDenominator
    }
}

/// A decimal number that stands in a plan.
public struct DecimalLiteral: Sendable, Hashable {
    public let units: Int64
    public let scale: UInt8
    public let precision: UInt8

    public init(units: Int64, precision: UInt8, scale: UInt8) {
        self.units = units
        self.precision = precision
        self.scale = scale
    }

    /// `-?digits[.digits]` of at most 18 digits, zeros in front not counted; nil for another text.
    public init?(_ text: String) {
        var digits = Substring(text)
        let negative = digits.first == "-"
        if negative { digits.removeFirst() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.count == 1 || !parts[1].isEmpty,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 <= 9 } }),
            parts.joined().drop(while: { $0 == "0" }).count <= ColumnType.maximumPrecision,
            parts.count == 1 || parts[1].utf8.count <= ColumnType.maximumPrecision,
            let units = Int64(parts.joined())
        else { return nil }
        self.units = negative ? -units : units
        scale = parts.count == 2 ? UInt8(parts[1].utf8.count) : 0
        precision = max(UInt8(String(units).utf8.count), max(scale, 1))
    }

    public var type: ColumnType { .decimal(precision: precision, scale: scale) }

    /// As ``type_cast`` writes a decimal.
    public var text: String {
        let digits = String(units.magnitude)
        let sign = units < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.count)) + digits
        return sign + padded.dropLast(Int(scale)) + "." + padded.suffix(Int(scale))
    }
}

extension Operation {
    /// The arguments that are not the default.
    var arguments: [String: JSON] {
        var members: [String: JSON] = [:]
        func put(_ key: String, _ value: String, unless standard: String) {
            if value != standard { members[key] = .string(value) }
        }
        switch self {
        case .trim, .collapseWhitespace: break
        case .changeCase(let to, let letters):
            members["to"] = .string(to.rawValue)
            put("letters", letters.rawValue, unless: CaseLetters.unicode.rawValue)
        case .regexExtract(let regex, let group):
            members["pattern"] = .string(regex.source)
            members["group"] = .int(Int64(group))
        case .regexSplit(let separator, let choice):
            switch separator {
            case .pattern(let regex): members["pattern"] = .string(regex.source)
            case .text(let text): members["separator"] = .string(text)
            }
            switch choice {
            case .index(let index): members["index"] = .int(Int64(index))
            case .join(let text): members["join"] = .string(text)
            }
        case .concat(let concat):
            put("separator", concat.separator, unless: "")
            put("nulls", concat.nulls.rawValue, unless: Concatenation.NullRule.propagate.rawValue)
            put("prefix", concat.prefix, unless: "")
            put("suffix", concat.suffix, unless: "")
        case .mapDict(let mapping):
            members["map"] = .object(mapping.map.mapValues { $0.map(JSON.string) ?? .null })
            members["null"] = mapping.null.map(JSON.string) ?? .null
            switch mapping.otherwise {
            case .null: members["default"] = .null
            case .text(let text): members["default"] = .string(text)
            case .keep: members["default"] = ["keep": true]
            case .error: members["default"] = ["error": true]
            }
        case .unitConvert(let conversion):
            members["from"] = .string(conversion.from)
            members["to"] = .string(conversion.to)
            members["type"] = .string(conversion.type.name)
        case .dateParse(let parsing):
            members["formats"] = JSON(parsing.patterns.map(\.source))
            members["to"] = .string(parsing.type.name)
            put("empty", parsing.empty.rawValue, unless: EmptyRule.null.rawValue)
            if let pivot = parsing.pivot { members["pivot"] = .int(Int64(pivot)) }
            put("zone", parsing.zone, unless: "UTC")
            put("gap", parsing.gap.rawValue, unless: DateParsing.FoldRule.error.rawValue)
            put("overlap", parsing.overlap.rawValue, unless: DateParsing.FoldRule.error.rawValue)
        case .dateFormat(let pattern, let zone):
            members["format"] = .string(pattern.source)
            put("zone", zone, unless: "UTC")
        case .typeCast(let cast):
            members["to"] = .string(cast.type.name)
            put("empty", cast.empty.rawValue, unless: EmptyRule.null.rawValue)
            if let grouping = cast.grouping { members["grouping"] = .string(grouping) }
            put("decimal_mark", cast.decimalMark, unless: ".")
            if !cast.currency.isEmpty { members["currency"] = JSON(cast.currency) }
            put("rounding", cast.rounding.rawValue, unless: Cast.Rounding.exact.rawValue)
        case .safeMath(let function, let type):
            members["function"] = .string(function.rawValue)
            if let type { members["to"] = .string(type.name) }
        case .selectWhen(let regex): members["pattern"] = .string(regex.source)
        }
        return members
    }
}
