internal import Columnar
internal import Transform

/// Whether a source column's values can become a target column's type, by counts alone.
struct Feasibility: Sendable, Equatable {
    enum Kind: Sendable {
        /// As far as is known, every value can.
        case possible
        /// Nothing is known of the values.
        case unknown
        /// Many values can, but too many cannot.
        case partial
        /// Timestamps for a date: times of day would be lost, and no op drops them.
        case timed
        /// Values that cannot at all, though there is an op to try it with.
        case unlikely
        /// No op leads there.
        case impossible
    }

    let kind: Kind
    /// How well the types suit each other, in 0…1.
    let fit: Double
    /// Share of the values that have the target's type; nil when it was not counted.
    let rate: Double?

    /// At least this share must parse for a type to be called possible: what the profile calls nearly a type.
    static let possibleRate = 0.95
    /// The day is there, and more than that.
    private static let timedFit = 0.9
    /// Below this share the column is something else.
    static let partialRate = 0.5

    static func of(_ source: SourceColumn, to target: ColumnType) -> Feasibility {
        guard source.type == .text, target != .text else {
            guard CastRoute.hops(from: source.type, to: target) != nil else {
                return Feasibility(kind: .impossible, fit: 0, rate: nil)
            }
            let losesTime = source.type == .timestamp && target == .date && source.timedDays?.timed != 0
            return Feasibility(kind: losesTime ? .timed : .possible, fit: fit(of: source, as: target), rate: nil)
        }
        if target == .binary { return Feasibility(kind: .impossible, fit: 0, rate: nil) }
        guard let profile = source.profile, profile.values > 0 else {
            return Feasibility(kind: .unknown, fit: 0, rate: nil)
        }
        var rate = rate(profile, target)
        if target == .date, let days = source.daysToRead {
            rate = max(rate, days.rate)
            if days.timed > 0, days.timedRate + days.rate >= possibleRate {
                return Feasibility(kind: .timed, fit: timedFit, rate: rate)
            }
        }
        // A number that begins with zero is a code, and would lose the zero.
        let isCode = target == .int64 || target == .float64 ? profile.leadingZeros > 0 : false
        let fit = isCode ? rate * 0.6 : rate
        let kind: Kind = rate >= possibleRate ? .possible : rate >= partialRate ? .partial : .unlikely
        return Feasibility(kind: kind, fit: fit, rate: rate)
    }

    /// How usual it is that what is in one type is kept in the other.
    private static func fit(of source: SourceColumn, as target: ColumnType) -> Double {
        let held = source.type == .text ? source.profile?.inferredType ?? .text : source.type
        if held == target { return 1 }
        switch (held, target) {
        case (.int64, .float64), (.date, .timestamp), (.timestamp, .date): return 0.9
        // Phone numbers, codes and keys are numbers that are kept as text.
        case (.int64, .text): return 0.7
        case (_, .text): return 0.6
        default: return 0.5
        }
    }

    /// Share of a text column's values that have a type in some form that a plan can read.
    static func rate(_ profile: ColumnProfile, _ target: ColumnType) -> Double {
        var fits = profile.fits[target] ?? 0
        if target == .timestamp {
            // A day is the instant at which it begins.
            fits = max(fits, profile.fits[.date] ?? 0)
        }
        if target == .date || target == .timestamp {
            let choice = DateForms.choose(profile, for: target)
            fits = max(fits, choice.map(\.fits) ?? 0)
        }
        return min(1, Double(fits) / Double(profile.values))
    }
}

/// The casts that lead from one type to another, through text where Transform has no direct one.
enum CastRoute {
    enum Hop: Sendable, Equatable {
        case cast(ColumnType)
        /// By a pattern of what the DSL writes as a day, or as the instant at which it begins.
        case parse(String, to: ColumnType)
    }

    /// Nil when no route keeps the value; empty when the column can be copied.
    static func hops(from source: ColumnType, to target: ColumnType) -> [Hop]? {
        if source == target { return [] }
        switch (source, target) {
        case (.binary, _), (_, .binary): return nil
        case (_, .text), (.text, _), (.int64, .float64): return [.cast(target)]
        case (.int64, .bool), (.float64, .int64): return [.cast(.text), .cast(target)]
        case (.date, .timestamp): return [.cast(.text), .parse(DateForms.standardDate, to: .timestamp)]
        // Any other time of day is an error of its row.
        case (.timestamp, .date): return [.cast(.text), .parse("yyyy-MM-dd'T00:00:00.000000Z'", to: .date)]
        default: return nil
        }
    }
}

/// How the dates of a text column are to be read.
struct DateForms: Sendable, Equatable {
    /// Patterns in the order in which they are tried; empty when `type_cast` reads every form.
    let patterns: [String]
    /// Values that the chosen forms fit, at most.
    let fits: Int
    /// Whether the other order of day and month fits the values as well.
    let isAmbiguous: Bool

    /// The form in which `type_cast` reads dates.
    static let standardDate = "yyyy-MM-dd"
    /// The profile's name for what `type_cast` reads as a timestamp.
    private static let standardTimestamp = "type_cast"
    /// Each one costs time for the values that the ones before do not fit, and a plan takes no more than 16.
    private static let mostPatterns = 8
    /// A further pattern is tried when at least this share of the values has it.
    private static let furtherShare = 0.01

    /// Nil when the values have no form that leads to the type.
    ///
    /// The form that most values have comes first (of equals, the profile's strictest); further ones follow as long as
    /// they do not read the same text as another day. Month first is taken of an ambiguous order.
    static func choose(_ profile: ColumnProfile, for target: ColumnType) -> DateForms? {
        let order = Dictionary(profile.forms.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let ranked = profile.formFits.filter { $0.value > 0 && leads($0.key, to: target) }.sorted {
            if $0.value != $1.value { return $0.value > $1.value }
            let (a, b) = (order[$0.key] ?? .max, order[$1.key] ?? .max)
            return a != b ? a < b : rank($0.key) < rank($1.key)
        }
        guard let best = ranked.first else { return nil }
        var chosen = [best.key]
        var fits = best.value
        for form in ranked.dropFirst() {
            guard chosen.count < mostPatterns, fits < profile.values,
                Double(form.value) >= furtherShare * Double(profile.values)
            else { break }
            // type_cast reads timestamps of its own form alone, and a pattern reads what its wider twin reads.
            guard form.key != standardTimestamp, best.key != standardTimestamp,
                chosen.allSatisfy({ !readsApart($0, form.key) && narrow($0) != narrow(form.key) })
            else { continue }
            chosen.append(form.key)
            fits += form.value
        }
        // The other order is a doubt when it fits as well, and also when no order fits every value: then some of the
        // values that can be read both ways may have been written the other way.
        let twin = dayFirst(best.key).map { first in
            ranked.contains { form in
                dayFirst(form.key) == !first && (form.value == best.value || best.value < profile.values)
            }
        }
        return DateForms(
            patterns: isStandard(chosen, target) ? [] : chosen, fits: min(fits, profile.values),
            isAmbiguous: twin ?? false)
    }

    private static func isStandard(_ chosen: [String], _ target: ColumnType) -> Bool {
        chosen == [target == .date ? standardDate : standardTimestamp]
    }

    /// Whether two forms may take one text for two days.
    private static func readsApart(_ a: String, _ b: String) -> Bool {
        guard let a = dayFirst(a), let b = dayFirst(b) else { return false }
        return a != b
    }

    /// The form with days and months of one letter.
    private static func narrow(_ form: String) -> String {
        var out = ""
        for letter in form where !((letter == "M" || letter == "d") && out.last == letter) { out.append(letter) }
        return out
    }

    /// A date has no time of day; a timestamp may be read from both.
    private static func leads(_ form: String, to target: ColumnType) -> Bool {
        target == .timestamp ? true : form != standardTimestamp && !form.contains("H")
    }

    /// Nil for forms that begin with the year.
    private static func dayFirst(_ form: String) -> Bool? {
        switch form.first {
        case "d": true
        case "M": false
        default: nil
        }
    }

    /// Two digits before one or two, month first before day first; then by the alphabet.
    private static func rank(_ form: String) -> String {
        let width = form.hasPrefix("MM") || form.hasPrefix("dd") || form.hasPrefix("yyyy") ? "0" : "1"
        return width + (dayFirst(form) == true ? "1" : "0") + form
    }
}
