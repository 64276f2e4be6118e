internal import Columnar
internal import Foundations
internal import Transform

/// How a target column is made of source columns (ROADMAP §12).
enum MappingStrategy: String, Sendable, CaseIterable {
    /// One column of one column.
    case atomic
    /// One column of several.
    case compose
}

/// One pipeline for one target column, before it is tried on the sample.
struct MappingProposal: Sendable, Equatable {
    let target: Int
    let sources: [Int]
    let strategy: MappingStrategy
    let plan: Plan
    /// 0…1, rounded to four digits.
    let confidence: Double
    /// Why, in words; it holds no value.
    let rationale: String
    /// What a person should decide whatever the sample says; nil when there is nothing.
    let doubt: String?
    /// Why the pair cannot be migrated as it is, and what to do; nil when nothing is known to stand against it.
    let obstacle: String?
    /// The model that proposed it; nil when the rules did.
    var origin: ModelOrigin?
}

/// Proposes a pipeline for every target column that a source column serves.
///
/// Rows for which a step has no value go to quarantine, in nullable columns too: nothing is lost silently.
struct PipelineProposer {
    /// An order of day and month that the values do not tell is a guess between two.
    static let ambiguousFactor = 0.6
    /// A cast of values that nobody has looked at (metadata_only).
    static let unseenFactor = 0.85
    /// Numbers that begin with zero and lose it.
    static let lostZeroFactor = 0.8
    /// A lead of this much over the next best pair is beyond doubt.
    static let clearGap = 0.25
    /// What the lead over the next best pair decides of the confidence.
    static let gapShare = 0.1
    /// What is composed rests on more than one column.
    static let composedFactor = 0.95
    /// A part of a whole name may serve another column only if it is called nearly the same.
    static let partNameLikeness = 0.8

    let input: MappingInput
    private let matcher: ColumnMatcher

    init(_ input: MappingInput) {
        self.input = input
        matcher = ColumnMatcher(input)
    }

    /// The proposals, ascending by target.
    ///
    /// - Throws: `dsl.rejected` when a column cannot be named in a plan.
    func proposals() throws(SluiceError) -> [MappingProposal] {
        let composed = NameComposer(input: input, matcher: matcher).compositions()
        let parts = Set(composed.flatMap { [$0.first, $0.last] })
        let matches = matcher.matches(excluding: Set(composed.map(\.target))) { source, _, likeness in
            !parts.contains(source) || likeness.domain == .same || likeness.name >= Self.partNameLikeness
        }
        var proposals: [MappingProposal] = []
        for match in matches { proposals.append(try atomic(match)) }
        for composition in composed { proposals.append(try compose(composition)) }
        return proposals.sorted { $0.target < $1.target }
    }

    // MARK: One column

    private func atomic(_ match: ColumnMatch) throws(SluiceError) -> MappingProposal {
        let source = input.sources[match.source]
        let target = input.targets[match.target]
        var builder = builder(for: match.target)
        var words = Rationale(match: match, input: input)
        var factor = 1 - Self.gapShare + Self.gapShare * min(1, match.gap / Self.clearGap)
        let result: String
        var doubt: String?
        let obstacle = match.likeness.feasibility.kind == .timed ? timeOfDay(source, target) : nil
        words.add(obstacle)
        if source.type != .text {
            result = castTyped(source, match.target, &builder, &words)
            if match.likeness.feasibility.kind == .timed, obstacle == nil {
                doubt = "Only timestamps of \(source.name) that are midnight can be a day; no value was read."
                words.add(doubt)
            }
        } else if target.type == .text {
            let cleaning = TextCleaning.of(meaning(source, target))
            result = builder.clean(source.name, cleaning)
            words.add(cleaning.reason)
        } else {
            let parsed = parse(source, match.target, &builder, &words)
            result = parsed.result
            factor *= parsed.factor
            doubt = parsed.doubt
        }
        let plan = try builder.plan(result: result)
        try check(plan, makes: target)
        return MappingProposal(
            target: match.target, sources: [match.source], strategy: .atomic, plan: plan,
            confidence: Self.rounded(match.likeness.score * factor), rationale: words.text, doubt: doubt,
            obstacle: obstacle)
    }

    /// Why timestamps cannot be dates; nil when none were read.
    private func timeOfDay(_ source: SourceColumn, _ target: TargetColumn) -> String? {
        guard let days = source.timedDays else { return nil }
        return "\(days.timed) of \(days.values) values of \(source.name) have a time of day, which a DATE cannot keep; "
            + "declare \(target.name) as TIMESTAMP or TEXT."
    }

    /// The domain by which a text is cleaned: a sure one, or one that both columns have.
    private func meaning(_ source: SourceColumn, _ target: TargetColumn) -> String? {
        guard let domain = source.knownDomain?.domain else { return nil }
        return source.band == .high || target.knownDomain?.domain == domain ? domain : nil
    }

    private func castTyped(
        _ source: SourceColumn, _ target: Int, _ builder: inout PlanBuilder, _ words: inout Rationale
    ) -> String {
        let needsValue = input.needsValue(target)
        // The matcher pairs no columns between which there is no route.
        let hops = CastRoute.hops(from: source.type, to: input.targets[target].type) ?? []
        var name = source.name
        for hop in hops {
            switch hop {
            case .cast(let type): name = builder.cast(name, to: type, needsValue: needsValue && type != .text)
            case .parse(let pattern, let type):
                name = builder.parseDates(name, [pattern], to: type, needsValue: needsValue)
            }
        }
        if !hops.isEmpty { words.add("It is cast from \(source.type.name) to \(input.targets[target].type.name).") }
        return name
    }

    /// Text that becomes another type: trimmed, then cast or read by the patterns that its values have.
    private func parse(
        _ source: SourceColumn, _ target: Int, _ builder: inout PlanBuilder, _ words: inout Rationale
    ) -> (result: String, factor: Double, doubt: String?) {
        let type = input.targets[target].type
        let needsValue = input.needsValue(target)
        let trimmed = builder.clean(source.name, .trim)
        guard let profile = source.profile, profile.values > 0 else {
            words.add("No value was read, so the \(type.name) is expected in its standard form.")
            return (builder.cast(trimmed, to: type, needsValue: needsValue), Self.unseenFactor, nil)
        }
        if type == .date, let days = source.daysToRead {
            return parse(days, of: source, from: trimmed, needsValue: needsValue, &builder, &words)
        }
        if type == .date || type == .timestamp, let forms = DateForms.choose(profile, for: type) {
            guard !forms.patterns.isEmpty else {
                words.add("The values are in the standard form.")
                return (builder.cast(trimmed, to: type, needsValue: needsValue), 1, nil)
            }
            let result = builder.parseDates(trimmed, forms.patterns, to: type, needsValue: needsValue)
            let zone = type == .timestamp ? " in UTC" : ""
            words.add("The values are read as \(forms.patterns.joined(separator: ", then "))\(zone).")
            let (factor, doubt) = dayOrder(of: source, isAmbiguous: forms.isAmbiguous, &words)
            return (result, factor, doubt)
        }
        let losesZeros = (type == .int64 || type == .float64) && profile.leadingZeros > 0
        let doubt = losesZeros ? Self.lostZeros(of: source.name) : nil
        words.add(doubt)
        return (builder.cast(trimmed, to: type, needsValue: needsValue), losesZeros ? Self.lostZeroFactor : 1, doubt)
    }

    /// Timestamps that become dates: whole days alone, and everything else is an error of its row.
    private func parse(
        _ days: TimedDays, of source: SourceColumn, from trimmed: String, needsValue: Bool,
        _ builder: inout PlanBuilder, _ words: inout Rationale
    ) -> (result: String, factor: Double, doubt: String?) {
        let result = builder.parseDates(trimmed, days.patterns, to: .date, needsValue: needsValue)
        words.add(
            "The values are read as \(days.patterns.joined(separator: ", then ")); a row with another time of day goes "
                + "to quarantine.")
        let (factor, doubt) = dayOrder(of: source, isAmbiguous: days.isAmbiguous, &words)
        return (result, factor, doubt)
    }

    private func dayOrder(
        of source: SourceColumn, isAmbiguous: Bool, _ words: inout Rationale
    ) -> (factor: Double, doubt: String?) {
        guard isAmbiguous else { return (1, nil) }
        let doubt = Self.unknownDayOrder(of: source.name)
        words.add(doubt)
        return (Self.ambiguousFactor, doubt)
    }

    // MARK: Several columns

    private func compose(_ composition: NameComposition) throws(SluiceError) -> MappingProposal {
        var builder = builder(for: composition.target)
        let sources = [composition.first, composition.last]
        let names = sources.map { input.sources[$0].name }
        let parts = names.map { builder.clean($0, .spaces) }
        let result = builder.add("concat", parts, ["separator": " ", "nulls": "skip"])
        let plan = try builder.plan(result: result)
        try check(plan, makes: input.targets[composition.target])
        return MappingProposal(
            target: composition.target, sources: sources, strategy: .compose, plan: plan,
            confidence: Self.rounded(composition.score * Self.composedFactor),
            rationale: "No source column holds whole names; \(names[0]) and \(names[1]) hold their parts, which "
                + "are put together with a space. White space at their ends is dropped, and runs of it become one "
                + "space.",
            doubt: nil, obstacle: nil)
    }

    // MARK: Shared

    private func builder(for target: Int) -> PlanBuilder {
        PlanBuilder(target: input.targets[target].name, columns: input.sources.map(\.name))
    }

    private func check(_ plan: Plan, makes target: TargetColumn) throws(SluiceError) {
        let made = try plan.check(inputs: input.schema)
        guard made == target.type else {
            throw SluiceError(
                .dslRejected,
                "The pipeline for \(target.name) makes \(made.name), and the column is \(target.type.name).")
        }
    }

    /// What a person should decide of numbers that are codes.
    static func lostZeros(of source: String) -> String { "The numbers of \(source) that begin with zeros lose them." }

    /// What a person should decide of dates that can be read both ways.
    static func unknownDayOrder(of source: String) -> String {
        "The values of \(source) do not tell whether the day or the month comes first."
    }

    static func rounded(_ value: Double) -> Double { (min(1, max(0, value)) * 10_000).rounded() / 10_000 }
}

/// The sentences that say why a pair was formed and what is done to its values.
private struct Rationale {
    private(set) var text: String

    /// Below this lead another pair is named as nearly as good.
    private static let closeGap = 0.05

    init(match: ColumnMatch, input: MappingInput) {
        let source = input.sources[match.source]
        let target = input.targets[match.target]
        let likeness = match.likeness
        let alike =
            likeness.name >= 0.9995
            ? "the names say the same"
            : likeness.isSynonym ? "the names are synonyms" : "the names are \(Self.percent(likeness.name)) alike"
        var parts = [alike]
        switch likeness.domain {
        case .same: parts.append("both are \(source.knownDomain?.domain ?? "")")
        case .related, .different:
            parts.append("\(source.knownDomain?.domain ?? "") stands against \(target.knownDomain?.domain ?? "")")
        case .unknown: break
        }
        if let rate = likeness.feasibility.rate {
            parts.append("\(Self.percent(rate)) of the values can be \(target.type.name)")
        }
        text = "\(source.name) for \(target.name): " + parts.joined(separator: ", ") + "."
        if match.gap < Self.closeGap { add("Another pair is nearly as good.") }
    }

    mutating func add(_ sentence: String?) { if let sentence { text += " " + sentence } }

    /// Cut, not rounded: 99.9 % is not all of them.
    private static func percent(_ value: Double) -> String { "\(Int(value * 100 + 1e-9)) %" }
}
