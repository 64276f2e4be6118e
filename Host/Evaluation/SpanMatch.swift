internal import Detection

/// What a detector found in one text, held against what is labelled in it.
///
/// Three ways to count, each one-to-one and of the same type: spans of which at least half of the characters that either
/// covers are covered by both; spans with the same two ends; and tokens, which are runs of letters, marks and digits.
struct SpanMatch {
    /// A span that was found; offsets in Unicode scalars.
    struct Found: Equatable {
        let type: EntityType
        let start: Int
        let end: Int
    }

    /// A label, with what it means here.
    struct Label {
        let span: LabelledText.Span
        let meaning: LabelMeaning?

        func isAnswered(by found: Found) -> Bool { meaning?.types.contains(found.type) ?? false }
        func overlap(_ found: Found) -> Int { max(0, min(span.end, found.end) - max(span.start, found.start)) }
    }

    /// A token: whether it lies in a label, and in what was found.
    struct Token: Equatable {
        /// The label that what was found answers, else the first one there; nil outside of labels.
        let label: Int?
        let found: Int?
        let isAnswered: Bool
    }

    /// Smallest share of the characters that either covers.
    static let leastOverlap = 0.5

    let labels: [Label]
    let found: [Found]
    /// For each label the find that answers it, by overlap.
    let answers: [Int?]
    /// For each label the find with the same ends and the same type.
    let exact: [Int?]

    /// - Parameters:
    ///   - labels: by start.
    ///   - found: by start.
    init(_ labels: [Label], _ found: [Found]) {
        self.labels = labels
        self.found = found
        var pairs: [(share: Double, label: Int, found: Int)] = []
        var exact = [Int?](repeating: nil, count: labels.count)
        var isTaken = [Bool](repeating: false, count: found.count)
        var first = 0
        for (place, label) in labels.enumerated() {
            while first < found.count, found[first].end <= label.span.start { first += 1 }
            for other in first..<found.count {
                if found[other].start >= label.span.end { break }
                let overlap = label.overlap(found[other])
                guard overlap > 0, label.isAnswered(by: found[other]) else { continue }
                let union = label.span.end - label.span.start + found[other].end - found[other].start - overlap
                let share = Double(overlap) / Double(union)
                if share >= Self.leastOverlap { pairs.append((share, place, other)) }
                if overlap == union, exact[place] == nil, !isTaken[other] {
                    exact[place] = other
                    isTaken[other] = true
                }
            }
        }
        // The best overlap first; of equal ones the earlier label, then the earlier find.
        pairs.sort { ($1.share, $0.label, $0.found) < ($0.share, $1.label, $1.found) }
        var answers = [Int?](repeating: nil, count: labels.count)
        var isUsed = [Bool](repeating: false, count: found.count)
        for pair in pairs where answers[pair.label] == nil && !isUsed[pair.found] {
            answers[pair.label] = pair.found
            isUsed[pair.found] = true
        }
        self.answers = answers
        self.exact = exact
    }

    /// The find of any type that shares most characters with a label; nil when none shares any.
    func nearest(toLabel place: Int) -> Int? {
        let shares = found.indices.map { (share: labels[place].overlap(found[$0]), found: $0) }
        guard let best = shares.max(by: { ($0.share, $1.found) < ($1.share, $0.found) }), best.share > 0 else {
            return nil
        }
        return best.found
    }

    /// Whether a find shares a character with any label.
    func touchesLabel(_ place: Int) -> Bool { labels.contains { $0.overlap(found[place]) > 0 } }

    /// The tokens of the text; one belongs to the spans that cover its first scalar.
    func tokens(of text: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var isInside = false
        var firstLabel = 0
        var firstFound = 0
        for (place, scalar) in String(decoding: text, as: UTF8.self).unicodeScalars.enumerated() {
            guard Self.isWord(scalar) else {
                isInside = false
                continue
            }
            if isInside { continue }
            isInside = true
            while firstLabel < labels.count, labels[firstLabel].span.end <= place { firstLabel += 1 }
            while firstFound < found.count, found[firstFound].end <= place { firstFound += 1 }
            let finding = firstFound < found.count && found[firstFound].start <= place ? firstFound : nil
            let covering = labels.indices[firstLabel...].prefix { labels[$0].span.start <= place }
                .filter { labels[$0].span.end > place }
            let answered = finding.flatMap { other in covering.first { labels[$0].isAnswered(by: found[other]) } }
            tokens.append(Token(label: answered ?? covering.first, found: finding, isAnswered: answered != nil))
        }
        return tokens
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (scalar.value | 0x20) &- 0x61 < 26 || scalar.value &- 0x30 < 10 }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
