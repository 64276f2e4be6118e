internal import Columnar
internal import Foundations

/// The arguments of the ops, as docs/dsl.md lists them.
extension PlanParser {
    /// The keys of an op's arguments: all, and those that must be there.
    static func argumentKeys(_ op: String) -> (all: [String], required: [String]) {
        switch op {
        case "case": (["to", "letters"], ["to"])
        case "regex_extract": (["pattern", "group"], ["pattern"])
        case "regex_split": (["pattern", "separator", "index", "join"], [])
        case "concat": (["separator", "nulls", "prefix", "suffix"], [])
        case "map_dict": (["map", "default", "null"], ["map", "default", "null"])
        case "unit_convert": (["from", "to", "type"], ["from", "to", "type"])
        case "date_parse": (["formats", "to", "empty", "pivot", "zone", "gap", "overlap"], ["formats", "to"])
        case "date_format": (["format", "zone"], ["format"])
        case "type_cast": (["to", "empty", "grouping", "decimal_mark", "currency", "rounding"], ["to"])
        case "safe_math": (["function", "to"], ["function"])
        case "select_when": (["pattern"], ["pattern"])
        default: ([], [])
        }
    }

    func operation(_ name: String, _ members: [String: JSON], at pointer: String) throws(SluiceError) -> Operation {
        switch name {
        case "trim": .trim
        case "collapse_whitespace": .collapseWhitespace
        case "case":
            .changeCase(
                try choice(members["to"], LetterCase.self, standard: nil, at: pointer + "/to"),
                try choice(members["letters"], CaseLetters.self, standard: .unicode, at: pointer + "/letters"))
        case "regex_extract": try extraction(members, at: pointer)
        case "regex_split": try split(members, at: pointer)
        case "concat":
            .concat(
                Concatenation(
                    separator: try text(members["separator"], at: pointer + "/separator"),
                    nulls: try choice(
                        members["nulls"], Concatenation.NullRule.self, standard: .propagate, at: pointer + "/nulls"),
                    prefix: try text(members["prefix"], at: pointer + "/prefix"),
                    suffix: try text(members["suffix"], at: pointer + "/suffix")))
        case "map_dict": .mapDict(try mapping(members, at: pointer))
        case "unit_convert": .unitConvert(try conversion(members, at: pointer))
        case "date_parse": .dateParse(try dateParsing(members, at: pointer))
        case "date_format":
            .dateFormat(
                try datePattern(members["format"], at: pointer + "/format") { source throws(DatePattern.Mistake) in
                    try DatePattern(formatting: source)
                },
                zone: try zone(members["zone"], at: pointer + "/zone"))
        case "type_cast": .typeCast(try cast(members, at: pointer))
        case "safe_math":
            .safeMath(
                try choice(members["function"], MathFunction.self, standard: nil, at: pointer + "/function"),
                to: try decimal(members["to"], at: pointer + "/to"))
        default: .selectWhen(try regex(members["pattern"], at: pointer + "/pattern"))
        }
    }

    // MARK: Patterns

    private func regex(_ json: JSON?, at pointer: String) throws(SluiceError) -> Regex {
        let source = try text(json, at: pointer, bytes: 1...Regex.maximumBytes)
        do { return try Regex(source) } catch {
            throw reject(
                pointer,
                "the pattern \(Rejection.quoted(source)) is not allowed: at character \(error.offset), \(error.reason)",
                error.hint)
        }
    }

    private func extraction(_ members: [String: JSON], at pointer: String) throws(SluiceError) -> Operation {
        let pattern = try regex(members["pattern"], at: pointer + "/pattern")
        let hasGroup = pattern.groupCount > 0
        guard let json = members["group"] else { return .regexExtract(pattern, group: hasGroup ? 1 : 0) }
        guard case .int(let group) = json, group == 0 || group == 1 else {
            throw reject(
                pointer + "/group", "it is neither 0 nor 1",
                "0 is the whole match, 1 the group. Left out, it is the group if the pattern has one.")
        }
        guard group == 0 || hasGroup else {
            throw reject(pointer + "/group", "the pattern has no group", "Put what is wanted into ( ), or write 0.")
        }
        return .regexExtract(pattern, group: Int(group))
    }

    private func split(_ members: [String: JSON], at pointer: String) throws(SluiceError) -> Operation {
        let separator: Separator
        switch (members["pattern"], members["separator"]) {
        case (let pattern?, nil):
            let regex = try regex(pattern, at: pointer + "/pattern")
            guard !regex.canMatchEmpty else {
                throw reject(
                    pointer + "/pattern", "it matches the empty text, which is no separator",
                    "Make one part of it necessary, for example + instead of *.")
            }
            separator = .pattern(regex)
        case (nil, let json?):
            separator = .text(try text(json, at: pointer + "/separator", bytes: 1...Self.maximumText))
        default:
            throw reject(
                pointer, "exactly one of \"pattern\" and \"separator\" says what to cut at",
                #"For example "separator":",", or "pattern":"[,;]"."#)
        }
        switch (members["index"], members["join"]) {
        case (.int(let index)?, nil) where index.magnitude <= Self.maximumIndex:
            return .regexSplit(separator, .index(Int(index)))
        case (_?, nil):
            throw reject(
                pointer + "/index", "it is not an integer from -\(Self.maximumIndex) to \(Self.maximumIndex)",
                "0 is the first piece, -1 the last.")
        case (nil, let json?): return .regexSplit(separator, .join(try text(json, at: pointer + "/join")))
        default:
            throw reject(
                pointer, "exactly one of \"index\" and \"join\" says what is made of the pieces",
                #""index":0 is the first piece, "index":-1 the last; "join":"" deletes the separators."#)
        }
    }

    /// Farthest piece from an end.
    static let maximumIndex: Int64 = 10_000

    // MARK: Dictionaries and units

    private func mapping(_ members: [String: JSON], at pointer: String) throws(SluiceError) -> Mapping {
        guard case .object(let entries)? = members["map"] else {
            throw reject(
                pointer + "/map", "it is not an object", #"For example "map":{"f":"female","m":"male","?":null}."#)
        }
        guard entries.count <= Mapping.maximumEntries else {
            throw reject(
                pointer + "/map", "there are \(entries.count) entries",
                "At most \(Mapping.maximumEntries) entries are allowed.")
        }
        var map: [String: String?] = [:]
        var bytes = 0
        for key in entries.keys.sorted() {
            let place = "\(pointer)/map/\(Rejection.token(key))"
            guard let value = try optionalText(entries[key], at: place) else { continue }
            guard !key.utf8.contains(0) else {
                throw reject(place, "the key contains U+0000", "Leave the entry out.")
            }
            map[key] = value
            bytes += key.utf8.count + (value?.utf8.count ?? 0)
        }
        guard bytes <= Mapping.maximumBytes else {
            throw reject(
                pointer + "/map", "keys and values have \(bytes) bytes",
                "At most \(Mapping.maximumBytes) bytes are allowed.")
        }
        return Mapping(
            map: map, otherwise: try otherwise(members["default"], at: pointer + "/default"),
            null: try optionalText(members["null"], at: pointer + "/null") ?? nil)
    }

    /// A text or null. The outer optional is nil only for a key that is not there.
    private func optionalText(_ json: JSON?, at pointer: String) throws(SluiceError) -> String?? {
        switch json {
        case nil: return nil
        case .null?: return .some(nil)
        case .string(let text)?:
            guard !text.utf8.contains(0) else {
                throw reject(
                    pointer, "it contains U+0000", "Write the text without it; not every engine has it in texts.")
            }
            guard text.utf8.count <= Mapping.maximumText else {
                throw reject(
                    pointer, "it has \(text.utf8.count) bytes", "At most \(Mapping.maximumText) bytes are allowed.")
            }
            return .some(text)
        default: throw reject(pointer, "it is neither a text nor null", "Write a text in quotes, or null.")
        }
    }

    private func otherwise(_ json: JSON?, at pointer: String) throws(SluiceError) -> Mapping.Otherwise {
        switch json {
        case .null?: return .null
        case .object(["keep": true])?: return .keep
        case .object(["error": true])?: return .error
        case .string?:
            // The outer optional is there: a text was given.
            return try optionalText(json, at: pointer).flatMap { $0 }.map(Mapping.Otherwise.text) ?? .null
        default:
            throw reject(
                pointer, "it says nothing that is known of texts which the dictionary has not",
                #"Allowed: null, a text, {"keep":true}, {"error":true}."#)
        }
    }

    private func conversion(_ members: [String: JSON], at pointer: String) throws(SluiceError) -> UnitConversion {
        let from = try text(members["from"], at: pointer + "/from")
        let to = try text(members["to"], at: pointer + "/to")
        let type = try type(members["type"], of: [.int64, .float64], decimals: true, at: pointer + "/type")
        do { return try UnitConversion(from: from, to: to, type: type) } catch {
            throw reject(pointer + (error.isTarget ? "/to" : "/from"), error.reason, error.allowed)
        }
    }

    // MARK: Dates

    private static let fields =
        "Fields: yyyy (or yy) MM dd HH mm ss SSS, M, d, XXX; letters that are meant literally in quotes: 'T'."

    private func datePattern(
        _ json: JSON?, at pointer: String, _ make: (String) throws(DatePattern.Mistake) -> DatePattern
    ) throws(SluiceError) -> DatePattern {
        guard case .string(let source)? = json else { throw reject(pointer, "it is not a text", Self.fields) }
        guard !source.utf8.contains(0) else {
            throw reject(
                pointer, "it contains U+0000", "Write the pattern without it; not every engine has it in texts.")
        }
        do { return try make(source) } catch {
            throw reject(
                pointer, "the pattern \(Rejection.quoted(source)) is not allowed: \(error.reason)", error.allowed)
        }
    }

    private func dateParsing(_ members: [String: JSON], at pointer: String) throws(SluiceError) -> DateParsing {
        let type = try type(members["to"], of: [.date, .timestamp], decimals: false, at: pointer + "/to")
        let patterns = try formats(members["formats"], to: type, at: pointer + "/formats")
        if type == .date, let key = ["gap", "overlap", "zone"].first(where: { members[$0] != nil }) {
            throw reject(
                "\(pointer)/\(key)", "a date has no time of day, and so no zone",
                "Leave it out, or write \"to\":\"timestamp\".")
        }
        return DateParsing(
            patterns, to: type,
            empty: try choice(members["empty"], EmptyRule.self, standard: .null, at: pointer + "/empty"),
            pivot: try pivot(members["pivot"], patterns, at: pointer + "/pivot"),
            zone: try zone(members["zone"], at: pointer + "/zone"),
            gap: try choice(members["gap"], DateParsing.FoldRule.self, standard: .error, at: pointer + "/gap"),
            overlap: try choice(
                members["overlap"], DateParsing.FoldRule.self, standard: .error, at: pointer + "/overlap"))
    }

    private func formats(_ json: JSON?, to type: ColumnType, at pointer: String) throws(SluiceError) -> [DatePattern] {
        guard case .array(let list)? = json, !list.isEmpty, list.count <= Self.maximumFormats else {
            throw reject(
                pointer, "it is not an array of 1 to \(Self.maximumFormats) patterns",
                #"For example ["MM/dd/yyyy","yyyy-MM-dd"]."#)
        }
        var patterns: [DatePattern] = []
        for (place, json) in list.enumerated() {
            let pattern = try datePattern(json, at: "\(pointer)/\(place)") { source throws(DatePattern.Mistake) in
                try DatePattern(source)
            }
            if type == .date, pattern.hasTime || pattern.hasOffset {
                throw reject(
                    "\(pointer)/\(place)",
                    "a date has no time of day, which the pattern \(Rejection.quoted(pattern.source)) reads",
                    #"Write "to":"timestamp", or a pattern of yyyy, MM and dd alone."#)
            }
            patterns.append(pattern)
        }
        return patterns
    }

    private func pivot(_ json: JSON?, _ patterns: [DatePattern], at pointer: String) throws(SluiceError) -> Int? {
        let isNeeded = patterns.contains(where: \.hasShortYear)
        guard let json else {
            guard !isNeeded else {
                throw reject(
                    pointer, "years of two digits need a pivot",
                    #""pivot":70 makes 70–99 of 1970–1999 and 00–69 of 2000–2069."#)
            }
            return nil
        }
        guard isNeeded else { throw reject(pointer, "no pattern has the field yy", "Leave the pivot out.") }
        guard case .int(let pivot) = json, (0...99).contains(pivot) else {
            throw reject(pointer, "it is not an integer from 0 to 99", "Years from the pivot on are 19yy.")
        }
        return Int(pivot)
    }

    private func zone(_ json: JSON?, at pointer: String) throws(SluiceError) -> String {
        guard let json else { return "UTC" }
        let name = try text(json, at: pointer, bytes: 1...64)
        do { return try Zone.named(name).name } catch { throw reject(pointer, error.reason, error.allowed) }
    }

    // MARK: Numbers

    /// A decimal type, or nil when none is given.
    private func decimal(_ json: JSON?, at pointer: String) throws(SluiceError) -> ColumnType? {
        guard let json else { return nil }
        return try type(json, of: [], decimals: true, at: pointer)
    }

    private func cast(_ members: [String: JSON], at pointer: String) throws(SluiceError) -> Cast {
        let type = try type(members["to"], of: Operation.types, decimals: true, at: pointer + "/to")
        let isNumber = type == .int64 || type.isDecimal
        for key in ["currency", "decimal_mark", "grouping", "rounding"] where members[key] != nil && !isNumber {
            throw reject(
                "\(pointer)/\(key)", "there is no \(key) where a \(type.name) is made",
                "It goes with \"to\":\"int64\" and \"to\":\"decimal(p,s)\" alone.")
        }
        guard type != .int64 || members["decimal_mark"] == nil else {
            throw reject(
                pointer + "/decimal_mark", "an int64 has no fraction",
                "Cast to a decimal(p,s), and that one to int64 with \"rounding\".")
        }
        let mark = try choice(
            members["decimal_mark"], DecimalMark.self, standard: .point, at: pointer + "/decimal_mark")
        let grouping =
            members["grouping"] == nil
            ? nil : try choice(members["grouping"], Grouping.self, standard: nil, at: pointer + "/grouping").rawValue
        // An int64 may be written 12.0, so that the point is its mark too.
        guard grouping != mark.rawValue else {
            let hint =
                type == .int64
                ? #"Cast to decimal(18,0) with "decimal_mark":",", and that one to int64."#
                : mark == .point
                    ? #"Write "decimal_mark":"," for numbers such as 1.234,50."# : "Leave one of them out."
            throw reject(pointer + "/grouping", "it is the decimal mark too", hint)
        }
        return Cast(
            to: type, empty: try choice(members["empty"], EmptyRule.self, standard: .null, at: pointer + "/empty"),
            grouping: grouping, decimalMark: mark.rawValue,
            currency: try currency(members["currency"], besides: [mark.rawValue, grouping], at: pointer + "/currency"),
            rounding: try choice(members["rounding"], Cast.Rounding.self, standard: .exact, at: pointer + "/rounding"))
    }

    private enum DecimalMark: String, CaseIterable {
        case point = "."
        case comma = ","
    }

    private enum Grouping: String, CaseIterable {
        case comma = ","
        case point = "."
        case space = " "
        case apostrophe = "'"
        case underscore = "_"
    }

    /// Signs of currencies: texts that cannot be taken for a part of the number.
    private func currency(_ json: JSON?, besides marks: [String?], at pointer: String) throws(SluiceError) -> [String] {
        guard let json else { return [] }
        guard case .array(let list) = json, !list.isEmpty, list.count <= Self.maximumFormats else {
            throw reject(
                pointer, "it is not an array of 1 to \(Self.maximumFormats) signs", #"For example ["$","€"]."#)
        }
        var signs: [String] = []
        for (place, json) in list.enumerated() {
            let pointer = "\(pointer)/\(place)"
            let sign = try text(json, at: pointer, bytes: 1...16)
            let isPlain = sign.utf8.allSatisfy { $0 &- 0x30 > 9 && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }
            guard isPlain, !marks.contains(where: { $0 == String(sign.prefix(1)) }) else {
                throw reject(
                    pointer, "the sign \(Rejection.quoted(sign)) could be taken for a part of the number",
                    "A sign has no digit, + or -, and does not begin with a mark or a separator.")
            }
            guard !signs.contains(sign) else { throw reject(pointer, "the sign stands twice", "Leave one out.") }
            signs.append(sign)
        }
        return signs
    }
}
