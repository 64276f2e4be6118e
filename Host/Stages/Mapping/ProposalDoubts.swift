internal import Columnar
internal import Transform

/// What a person should decide of a model's pipeline, whatever the sample says: found by walking its steps.
///
/// A sample tells that every row has a result, not that it is the right one: a day read as a month, a code that lost its
/// zeros and a number that was written anew all succeed.
struct ProposalDoubts {
    let input: MappingInput

    /// What a value on the way is made of.
    private struct Trace {
        var sources: [Int]
        var type: ColumnType
        /// The text of one source column, cleaned at most.
        var isPlain: Bool
        /// Whether a text was read as another type on the way.
        var wasRead = false

        mutating func cast(to other: ColumnType) {
            wasRead = wasRead || (type == .text && other != .text)
            isPlain = isPlain && other == .text && type == .text
            type = other
        }
    }

    static let bothOrders = "Its patterns take day and month in either order, so that one text may be two days."
    static let partsOfDate = "A date is made of more than the text of one column, whose order no value tells."

    static func rewritten(_ source: String) -> String {
        "A text of \(source) is read as another type and written anew, which need not be the same text."
    }

    /// The first doubt, in the order of the steps; nil when there is none.
    func first(of plan: Plan) -> String? {
        var traces: [String: Trace] = [:]
        for (place, source) in input.sources.enumerated() {
            traces[source.name] = Trace(sources: [place], type: source.type, isPlain: source.type == .text)
        }
        for step in plan.steps {
            let inputs = step.names.compactMap { traces[$0] }
            guard var made = inputs.first else { continue }
            switch step.operation {
            case .trim, .collapseWhitespace, .changeCase: break
            case .regexExtract, .regexSplit, .mapDict:
                made = Trace(sources: made.sources, type: .text, isPlain: false, wasRead: made.wasRead)
            case .unitConvert, .dateFormat, .safeMath, .selectWhen:
                made = Trace(sources: inputs.flatMap(\.sources), type: made.type, isPlain: false, wasRead: true)
            case .concat:
                made = Trace(
                    sources: inputs.flatMap(\.sources), type: .text, isPlain: false,
                    wasRead: inputs.contains(where: \.wasRead))
            case .typeCast(let cast):
                let type = cast.type
                if let doubt = doubt(casting: made, to: type) { return doubt }
                made.cast(to: type)
            case .dateParse(let parsing):
                let type = parsing.type
                if let doubt = doubt(reading: made, by: parsing.patterns.map(\.source), as: type) { return doubt }
                made.cast(to: type)
            }
            traces[step.name] = made
        }
        return nil
    }

    private func doubt(casting trace: Trace, to type: ColumnType) -> String? {
        guard trace.type == .text else {
            guard type == .text, trace.wasRead, let source = trace.sources.first else { return nil }
            return Self.rewritten(input.sources[source].name)
        }
        switch type {
        case .int64, .float64:
            let losing = texts(of: trace).first { ($0.profile?.leadingZeros ?? 0) > 0 }
            return losing.map { PipelineProposer.lostZeros(of: $0.name) }
        case .date, .timestamp:
            guard trace.sources.count == 1 else { return Self.partsOfDate }
            return texts(of: trace).first { order(of: $0, as: type).isAmbiguous }
                .map { PipelineProposer.unknownDayOrder(of: $0.name) }
        default: return nil
        }
    }

    private func doubt(reading trace: Trace, by patterns: [String], as type: ColumnType) -> String? {
        guard trace.sources.count == 1, let place = trace.sources.first, trace.isPlain || !isText(place) else {
            return Self.partsOfDate
        }
        let orders = Set(patterns.compactMap(Self.isDayFirst))
        guard orders.count < 2 else { return Self.bothOrders }
        let source = input.sources[place]
        let known = order(of: source, as: type)
        let unknown = PipelineProposer.unknownDayOrder(of: source.name)
        if known.isAmbiguous { return unknown }
        return orders.isEmpty || orders.first == known.isDayFirst ? nil : unknown
    }

    private func isText(_ source: Int) -> Bool { input.sources[source].type == .text }

    private func texts(of trace: Trace) -> [SourceColumn] {
        trace.sources.filter(isText).map { input.sources[$0] }
    }

    /// What the values of a column tell of the order of day and month, as the rules see it.
    private func order(of source: SourceColumn, as type: ColumnType) -> (isDayFirst: Bool?, isAmbiguous: Bool) {
        if type == .date, let days = source.daysToRead {
            return (days.patterns.compactMap(Self.isDayFirst).first, days.isAmbiguous)
        }
        guard source.type == .text, let profile = source.profile, profile.values > 0,
            let forms = DateForms.choose(profile, for: type)
        else { return (nil, false) }
        return (forms.patterns.compactMap(Self.isDayFirst).first, forms.isAmbiguous)
    }

    /// Whether a pattern has the day before the month; nil for year, month, day, which nobody writes otherwise, and where
    /// one of them is missing.
    static func isDayFirst(_ pattern: String) -> Bool? {
        var fields: [Character] = []
        var isQuoted = false
        for letter in pattern {
            if letter == "'" { isQuoted.toggle() }
            if !isQuoted, "yMd".contains(letter), !fields.contains(letter) { fields.append(letter) }
        }
        guard let day = fields.firstIndex(of: "d"), let month = fields.firstIndex(of: "M") else { return nil }
        if day < month { return true }
        return fields.first == "y" ? nil : false
    }
}
