internal import Detection

/// The counts over the texts of one file, and what becomes of them when all labels of the file are known.
struct SpanTally {
    /// What is labelled, and what was found in its place; nil for nothing.
    struct Confusion: Hashable, Comparable {
        let labelled: String?
        let found: String?

        static func < (a: Confusion, b: Confusion) -> Bool {
            (a.labelled ?? "~", a.found ?? "~") < (b.labelled ?? "~", b.found ?? "~")
        }
    }

    private var labelled: [String: SpanFigures] = [:]
    private var meanings: [String: LabelMeaning] = [:]
    /// Finds that answer no label, in the three ways; `found` alone is counted.
    private var stray: [EntityType: SpanFigures] = [:]
    private(set) var confusion: [Confusion: Int] = [:]
    /// Labels that nothing of ours answers.
    private(set) var strangers: [String: Int] = [:]
    private(set) var documents = 0
    /// Tokens in labels of any meaning, and those of them in a find of any type.
    private(set) var hidden = Figures()

    /// Adds one text.
    mutating func add(_ match: SpanMatch, tokens: [SpanMatch.Token]) {
        documents += 1
        let answering = Set(match.answers.compactMap { $0 })
        let exact = Set(match.exact.compactMap { $0 })
        for (place, label) in match.labels.enumerated() {
            guard let meaning = label.meaning else {
                strangers[label.span.label, default: 0] += 1
                continue
            }
            meanings[meaning.name] = meaning
            let isFound = match.answers[place] != nil
            let isExact = match.exact[place] != nil
            let one = { (hit: Bool) in Figures(labelled: 1, found: hit ? 1 : 0, matched: hit ? 1 : 0) }
            labelled[meaning.name, default: SpanFigures()] += SpanFigures(spans: one(isFound), exact: one(isExact))
            if !isFound {
                let instead = match.nearest(toLabel: place).map { match.found[$0].type.rawValue }
                confusion[Confusion(labelled: meaning.name, found: instead), default: 0] += 1
            }
        }
        for (place, found) in match.found.enumerated() {
            if !answering.contains(place) {
                stray[found.type, default: SpanFigures()].spans.found += 1
                if !match.touchesLabel(place) {
                    confusion[Confusion(labelled: nil, found: found.type.rawValue), default: 0] += 1
                }
            }
            if !exact.contains(place) { stray[found.type, default: SpanFigures()].exact.found += 1 }
        }
        for token in tokens { add(token, of: match) }
    }

    private mutating func add(_ token: SpanMatch.Token, of match: SpanMatch) {
        if let place = token.label {
            hidden += Figures(labelled: 1, found: 1, matched: token.found == nil ? 0 : 1)
            if let meaning = match.labels[place].meaning {
                let hit = token.isAnswered ? 1 : 0
                labelled[meaning.name, default: SpanFigures()].tokens += Figures(
                    labelled: 1, found: hit, matched: hit)
            }
        }
        if let place = token.found, !token.isAnswered {
            stray[match.found[place].type, default: SpanFigures()].tokens.found += 1
        }
    }

    /// The name under which finds of a type are counted: the label that is the type itself, else the first that it
    /// answers; nil when the file labels nothing of the kind.
    private func row(of type: EntityType) -> String? {
        if meanings[type.rawValue] != nil { return type.rawValue }
        return meanings.values.filter { $0.types.contains(type) }.map(\.name).min()
    }

    /// The figures of each labelled name.
    var types: [String: SpanFigures] {
        var types = labelled
        for (type, figures) in stray {
            guard let row = row(of: type) else { continue }
            types[row, default: SpanFigures()] += figures
        }
        return types
    }

    /// Finds of types that the file labels nowhere: they are nobody's mistake, and nobody's merit.
    var unlabelled: [String: Int] {
        var counts: [String: Int] = [:]
        for (type, figures) in stray where row(of: type) == nil && figures.spans.found > 0 {
            counts[type.rawValue] = figures.spans.found
        }
        return counts
    }
}
